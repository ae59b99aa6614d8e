"""Modules as the evaluator has to be shown them, where it would not see in their files what Terraform does.

tfparse 0.6.22 forgets a local value that is null, and with it every expression that it is a part of; so it is put into
an object, of which nothing is forgotten. Where a block is repeated over another one, it may come to it before there are
instances of that, and makes none; so both are repeated over the same. For nested blocks see `_hcl_dynamic`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tree_sitter import Node  # noqa: TC002  # whoever imports this parses

from scanner.load._hcl_dynamic import opened
from scanner.load._hcl_edits import Edit, edited
from scanner.load._hcl_forms import Source
from scanner.load._hcl_modules import Module
from scanner.load._hcl_nodes import body_of, head, parse, statements, text_of, walk
from scanner.load._hcl_syntax import Expression, arguments
from scanner.load._hcl_trust import Known

_OBJECTS = frozenset({"collection_value", "object", "tuple", "for_expr"})
"""Kinds of expressions that are not null themselves, only what is in them."""
_HEREDOC = "<<"
INSIDE = "govscan_value"
"""The attribute of an object that holds a value which may be null."""


def adapted(root: Module) -> Mapping[Path, Sequence[Source]]:
    """The files of each folder that the evaluator cannot be shown as it is."""
    callers: dict[Path, list[Module]] = defaultdict(list)
    for module in root.every():
        callers[module.folder].append(module)
    found = ((modules[0], _Adapting(modules).files()) for modules in callers.values())
    return {module.folder: files for module, files in found if not module.plain or files != list(module.files)}


def taken_out(value: Any) -> Any:
    """A value that was put into an object, or any other."""
    return value[INSIDE] if isinstance(value, dict) and value.keys() == {INSIDE} else value


class _Adapting:
    """One folder, as all that call it need it."""

    def __init__(self, modules: Sequence[Module]) -> None:
        self._module = modules[0]
        self._null = {name for module in modules for name in _null(module)}
        self._over: dict[str, bytes] = {}
        """Local values that are added: what blocks are repeated over."""

    def files(self) -> list[Source]:
        """Its files, changed where they have to be."""
        files = [Source(file.name, file.path, self._edited(file)) for file in self._module.files]
        if self._over:
            added = b"".join(b"%s = %s\n" % (name.encode(), text) for name, text in self._over.items())
            files[0] = Source(files[0].name, files[0].path, b"%s\nlocals {\n%s}\n" % (files[0].data, added))
        return files

    def _edited(self, file: Source) -> bytes:
        root = parse(file.data.decode(errors="replace"))
        return edited(file.data, [*opened(root), *self._edits(root)])

    def _edits(self, root: Node) -> Iterator[Edit]:
        yield from self._references(root)
        for block in statements(root):
            found = arguments(body_of(block)) if block.type == "block" else {}
            if head(block)[0] == "locals":
                for name in found.keys() & self._null:
                    yield from _into_object(found[name].node)
            elif "for_each" in found and (name := self._repeated(found["for_each"])):
                node = found["for_each"].node
                yield Edit(node.start_byte, node.end_byte, f"local.{name}".encode())

    def _references(self, node: Node) -> Iterator[Edit]:
        """Take the values that may be null out of their objects again, wherever they are used."""
        for found in walk(node) if self._null else ():
            name = found.next_named_sibling if found.type == "variable_expr" and text_of(found) == "local" else None
            if name and name.type == "get_attr" and text_of(name).lstrip(". ") in self._null:
                yield Edit(name.end_byte, name.end_byte, f".{INSIDE}".encode())

    def _repeated(self, expression: Expression) -> str:
        """The local value for what another block is repeated over, if an expression is all instances of that."""
        block = self._module.repeats(expression)
        over = block.body.arguments.get("for_each") if block else None
        if block is None or over is None:
            return ""
        name = "_".join(("govscan", block.kind, *block.labels))
        if name not in self._over:
            self._over[name] = b"{}"  # for two that are repeated over each other
            further = self._repeated(over)
            self._over[name] = f"local.{further}".encode() if further else self._text(over.node)
        return name

    def _text(self, node: Node) -> bytes:
        start = node.start_byte
        edits = [Edit(edit.start - start, edit.end - start, edit.text) for edit in self._references(node)]
        return edited(node.text or b"", edits)


def _null(module: Module) -> Iterator[str]:
    """The local values of a module that may be null."""
    for name, expression in module.locals.items():
        shape = None if expression.inner.type in _OBJECTS else module.local(name)
        if isinstance(shape, Known) and shape.nullable and _HEREDOC not in expression.text:
            yield name


def _into_object(node: Node) -> Iterator[Edit]:
    yield Edit(node.start_byte, node.start_byte, f"{{ {INSIDE} = ".encode())
    yield Edit(node.end_byte, node.end_byte, b" }")
