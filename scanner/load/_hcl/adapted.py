"""Modules as the evaluator has to be shown them, where it would not see in their files what Terraform does.

tfparse 0.6.22 forgets a local value that is null, and with it every expression that it is a part of; so it is put into
an object, of which nothing is forgotten. So is what a block is repeated over: where that is null, there is no instance.
Where a block is repeated over another one, it may come to it before there are instances of that, and makes none; so
both are repeated over the same. For nested blocks see `dynamic`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tree_sitter import Node  # noqa: TC002  # whoever imports this parses

from scanner.load._hcl.dynamic import opened
from scanner.load._hcl.edits import Edit, edited
from scanner.load._hcl.forms import Source
from scanner.load._hcl.modules import Module
from scanner.load._hcl.nodes import body_of, collection, head, parse, statements, text_of, walk
from scanner.load._hcl.syntax import Expression, arguments
from scanner.load._hcl.trust import Fields, Known, Shape

_OBJECTS = frozenset({"collection_value", "object", "tuple", "for_expr"})
"""Kinds of expressions that are not null themselves, only what is in them."""
_HEREDOC = "<<"
_REPEATED = "for_each"
INSIDE = "govscan_value"
"""The attribute of an object that holds a value which may be null."""
_ALL = "{ for key, value in "
_EACH = f" : key => {{ {INSIDE} = value }} }}"


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
        self._modules = modules
        self._null = {name for module in modules for name in _null(module)}
        self._over: dict[str, str] = {}
        """Local values that are added: what blocks are repeated over."""

    def files(self) -> list[Source]:
        """Its files, changed where they have to be."""
        files = [Source(file.name, file.path, self._edited(file)) for file in self._module.files]
        if self._over:
            added = "".join(f"{name} = {text}\n" for name, text in self._over.items())
            files[0] = Source(files[0].name, files[0].path, files[0].data + f"\nlocals {{\n{added}}}\n".encode())
        return files

    def _edited(self, file: Source) -> bytes:
        root = parse(file.data.decode(errors="replace"))
        return edited(file.data, [*opened(root), *self._edits(root)])

    def _edits(self, root: Node) -> Iterator[Edit]:
        if not self._null and _REPEATED.encode() not in (root.text or b""):
            return  # nothing is lost of what is written in this file
        yield from self._references(root)
        for block in statements(root):
            found = arguments(body_of(block)) if block.type == "block" else {}
            if head(block)[0] == "locals":
                for name in found.keys() & self._null:
                    yield from _into_object(found[name].node)
            elif _REPEATED in found:
                yield from self._repeating(block, found[_REPEATED])

    def _repeating(self, block: Node, over: Expression) -> Iterator[Edit]:
        """Let a block be repeated over the same, but over nothing that is not there yet, or is null."""
        node = over.node
        if name := self._repeated(over):
            yield Edit(node.start_byte, node.end_byte, f"local.{name}".encode())
            return
        if text := self._written_out(over):
            yield Edit(node.start_byte, node.end_byte, text.encode())
        if self._may_hold_null(over):
            yield Edit(node.start_byte, node.start_byte, _ALL.encode())
            yield Edit(node.end_byte, node.end_byte, _EACH.encode())
            yield from _taken(block, "each", {"value"})

    def _written_out(self, over: Expression) -> str:
        """The object that a local value is, on one line, if an expression is that value and there is a null in it.

        Over such a value the evaluator repeats nothing, however deep the null is. Empty for any other expression.
        """
        found = self._object(over)
        return _on_one_line(found, self._text) if found and "null" in found.text else ""

    def _object(self, over: Expression) -> Expression | None:
        name = over.references[0].parts[1:] if len(over.references) == 1 and over.inner.type == "expression" else ()
        found = self._module.locals.get(name[0]) if len(name) == 1 and over.references[0].parts[0] == "local" else None
        return found if found and found.inner.type in _OBJECTS else None

    def _may_hold_null(self, over: Expression) -> bool:
        if _HEREDOC in over.text:
            return False
        shapes = [module.shape(over, {}) for module in self._modules]
        return any(
            shape.nullable if isinstance(shape, Known) else shape.rest or any(map(_may_be_null, shape.parts.values()))
            for shape in shapes
            if isinstance(shape, Known | Fields)
        )

    def _references(self, node: Node) -> Iterator[Edit]:
        return _taken(node, "local", self._null) if self._null else iter(())

    def _repeated(self, expression: Expression) -> str:
        """The local value for what another block is repeated over, if an expression is all instances of that."""
        block = self._module.repeats(expression)
        over = block.body.arguments.get("for_each") if block else None
        if block is None or over is None:
            return ""
        name = "_".join(("govscan", block.kind, *block.labels))
        if name not in self._over:
            self._over[name] = "{}"  # for two that are repeated over each other
            further = self._repeated(over)
            text = f"local.{further}" if further else self._text((self._object(over) or over).node)
            self._over[name] = f"{_ALL}{text} : key => key }}"
        return name

    def _text(self, node: Node) -> str:
        start = node.start_byte
        edits = [Edit(edit.start - start, edit.end - start, edit.text) for edit in self._references(node)]
        return edited(node.text or b"", edits).decode()


def _null(module: Module) -> Iterator[str]:
    """The local values of a module that may be null."""
    for name, expression in module.locals.items():
        shape = None if expression.inner.type in _OBJECTS else module.local(name)
        if isinstance(shape, Known) and shape.nullable and _HEREDOC not in expression.text:
            yield name


def _on_one_line(expression: Expression, text: Callable[[Node], str]) -> str:
    """An expression without line breaks; empty if it has any that are not between the parts of objects and lists."""
    inner = collection(expression.inner)
    if inner.type not in {"object", "tuple"}:
        written = text(expression.node)
        return "" if "\n" in written else written
    parts = []
    for child in inner.named_children:
        if child.type in {"object_elem", "expression"}:
            *key, value = child.named_children if child.type == "object_elem" else (child,)
            parts.append([*map(text_of, key), _on_one_line(Expression(value), text)])
    joined = ", ".join(" = ".join(part) for part in parts)
    opening, closing = "{}" if inner.type == "object" else "[]"
    return f"{opening} {joined} {closing}" if all(part[-1] for part in parts) else ""


def _may_be_null(shape: Shape) -> bool:
    return isinstance(shape, Known) and shape.nullable


def _taken(node: Node, first: str, names: Container[str]) -> Iterator[Edit]:
    """Take values out of their objects again wherever they are used: `local.x`, `each.value`."""
    for found in walk(node):
        name = found.next_named_sibling if found.type == "variable_expr" and text_of(found) == first else None
        if name and name.type == "get_attr" and text_of(name).lstrip(". ") in names:
            yield Edit(name.end_byte, name.end_byte, f".{INSIDE}".encode())


def _into_object(node: Node) -> Iterator[Edit]:
    yield Edit(node.start_byte, node.start_byte, f"{{ {INSIDE} = ".encode())
    yield Edit(node.end_byte, node.end_byte, b" }")
