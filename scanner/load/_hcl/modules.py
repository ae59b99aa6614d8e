"""A module as it is written: what it declares, and how far what its names stand for may be believed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct, field

from scanner.load import _files
from scanner.load._hcl.forms import Source
from scanner.load._hcl.meant import is_open
from scanner.load._hcl.shapes import Bound, Reading
from scanner.load._hcl.syntax import Body, Expression, Reference, Written
from scanner.load._hcl.trust import Fields, Known, Opaque, Shape, descended, iterated, keys_known, merged


class Module(Struct):
    """One module call (the root has none), with everything its folder declares."""

    folder: Path
    path: tuple[str, ...] = ()
    parent: Module | None = None
    call: Body = field(default_factory=Body)
    plain: bool = True
    """Whether its files are written as the evaluator reads them, see `written`."""
    valid: bool = True
    """Whether the evaluator would refuse none of them for the way they are laid out, nor the root's variable files."""
    files: Sequence[Source] = ()
    """They are, in the native syntax."""
    given: Mapping[str, Any] = {}
    """The root's variables that are set from outside, and what is written for them."""
    workspace: str = ""
    """The root's, if it is known."""
    blocks: dict[tuple[str, ...], Written] = field(default_factory=dict)
    """Kind and labels to the block."""
    providers: list[Written] = field(default_factory=list)
    required: dict[str, str] = field(default_factory=dict)
    """The versions it takes of its providers, by its own names of them, as constraints."""
    children: dict[str, Module] = field(default_factory=dict)
    absent: list[str] = field(default_factory=list)
    """Calls of modules that are not at hand."""
    unread: dict[str, int] = field(default_factory=dict)
    """Of the root: files of the whole tree that were understood in part only, with the first line that was not."""
    locals: dict[str, Expression] = field(default_factory=dict)
    base: Path = field(default_factory=Path)
    _known: dict[tuple[str, ...], Shape] = field(default_factory=dict)

    def root(self) -> Module:
        """The module at the top."""
        return self.parent.root() if self.parent else self

    def missing(self) -> Iterator[tuple[str, str]]:
        """The calls of modules that are not at hand, below it as well: address and source; none for a computed one."""
        for one in self.every():
            for name in one.absent:
                source = one.blocks["module", name].body.arguments.get("source")
                yield ".".join(f"module.{step}" for step in (*one.path, name)), (source and source.literal) or ""

    def every(self) -> Iterator[Module]:
        """It, and all modules that it calls."""
        yield self
        for child in self.children.values():
            yield from child.every()

    def kept_secret(self) -> Iterator[str]:
        """Its variables that are sensitive or ephemeral."""
        for key, block in self.blocks.items():
            own = block.body.arguments
            if key[0] == "variable" and (_says(own, "sensitive") or _says(own, "ephemeral")):
                yield key[1]

    def shape(self, expression: Expression, bound: Bound) -> Shape:
        """How far the value of an expression may be believed."""
        return Reading(self._reference, self._reads).shape(expression, bound)

    def instances(self, body: Body) -> Shape:
        """How far it is known how many instances a block has; `each` and `count` of its instances are of this shape."""
        for name in ("for_each", "count"):
            if name in body.arguments:
                return self._iteration(body.arguments[name])
        return Opaque("depends on its lifecycle, which only OpenTofu reads") if _may_be_off(body) else Known()

    def bound(self, body: Body) -> dict[str, Shape]:
        """What `each` stands for inside of a block."""
        return {"each": self.instances(body)} if "for_each" in body.arguments else {}

    def _iteration(self, expression: Expression) -> Shape:
        """Over a resource, there is an instance for each of its instances; what they are is not looked at."""
        block = self.repeats(expression)
        if block is None:
            return self.shape(expression, {})
        existence = keys_known(self._memoized(("the number of", block.kind, *block.labels)))
        refers = Opaque(f"refers to {expression.references[0]}")
        return Fields({"": refers}) if isinstance(existence, Known) else existence

    def repeats(self, expression: Expression) -> Written | None:
        """The block that an expression is all instances of, such as `aws_x.y`."""
        references = expression.references
        if len(references) != 1 or expression.inner.type != "expression" or not references[0].whole:
            return None
        parts = references[0].parts
        return self.blocks.get(parts if parts[0] == "module" else ("resource", *parts))

    def _reference(self, reference: Reference, bound: Bound) -> Shape:
        first, *rest = reference.parts
        if first in bound:
            return iterated(bound[first], tuple(rest))
        if first in {"count", "each"}:
            return Known() if first == "count" else Opaque(f"{reference} is not known")
        if first == "path" and rest != ["cwd"]:
            return Known()
        if first == "terraform" and rest == ["workspace"] and self.root().workspace:
            return Known()
        if first in {"terraform", "path", "self", "data", "ephemeral"} or not rest:
            return Opaque(f"comes from {reference}, which only a plan can tell")
        found = self._named(reference)
        if reference.whole:
            return found
        return merged([found])

    def _named(self, reference: Reference) -> Shape:
        first, name, *rest = reference.parts
        if first in {"var", "local"}:
            return descended(self._memoized((first, name)), rest)
        if rest[:1] and rest[0].startswith("["):
            rest = rest[1:]
        if first == "module":
            return descended(self._memoized((first, name, *rest[:1])), rest[1:])
        if not rest or not reference.whole:
            return Opaque(f"refers to {reference}, known after apply")
        return descended(self._memoized(("resource", first, name, rest[0])), rest[1:])

    def _memoized(self, key: tuple[str, ...]) -> Shape:
        if key not in self._known:
            self._known[key] = Opaque(f"{'.'.join(key)} refers to itself")
            self._known[key] = self._found(*key)
        return self._known[key]

    def _found(self, kind: str, name: str, *rest: str) -> Shape:
        if kind == "var":
            return self._variable(name)
        if kind == "local":
            return self._local(name)
        if kind == "the number of":
            return self.instances(self.blocks[name, *rest].body)
        return self._output(name, *rest) if kind == "module" else self._attribute(name, *rest)

    def local(self, name: str) -> Shape:
        """How far a local value may be believed."""
        return self._memoized(("local", name))

    def _local(self, name: str) -> Shape:
        found = self.locals.get(name)
        return self.shape(found, {}) if found else Opaque(f"local.{name} is not declared")

    def _variable(self, name: str) -> Shape:
        block = self.blocks.get(("variable", name))
        if block is None:
            return Opaque(f"var.{name} is not declared")
        own = block.body.arguments
        for word in ("sensitive", "ephemeral"):
            if _says(own, word):
                return Opaque(f"comes from var.{name}, which is {word}")
        optional = "optional(" in own["type"].text if "type" in own else False
        if self.parent and name in self.call.arguments:
            shape = self.parent.shape(self.call.arguments[name], self.parent.bound(self.call))
            if "nullable" in own and isinstance(shape, Known) and shape.nullable and own["nullable"].text == "false":
                return Opaque(f"comes from var.{name}, which is its default if it is given null")
            return _loosened(shape, optional)
        if name in self.given:
            return Known(nullable=True)
        if "default" not in own:
            return Opaque(f"comes from var.{name}, which has no default")
        if own["default"].references:
            return Opaque(f"comes from var.{name}, whose default is not a constant")
        return Known(nullable=optional or "null" in own["default"].text)

    def _output(self, call: str, *names: str) -> Shape:
        child = self.children.get(call)
        if child is None:
            where = "is not downloaded" if call in self.absent else "is not declared"
            return Opaque(f"comes from module.{call}, which {where}")
        block = child.blocks.get(("output", *names))
        if block is None or "value" not in block.body.arguments:
            return Opaque(f"refers to module.{call}")
        existence = keys_known(self.instances(child.call))
        return existence if isinstance(existence, Opaque) else child.shape(block.body.arguments["value"], {})

    def _attribute(self, kind: str, name: str, attribute: str) -> Shape:
        block = self.blocks.get(("resource", kind, name))
        if block is None:
            return Opaque(f"{kind}.{name} is not declared")
        existence = keys_known(self.instances(block.body))
        found = block.body.arguments.get(attribute)
        if isinstance(existence, Opaque) or found is None or attribute in {"id", "arn"}:
            reason = f"refers to {kind}.{name}.{attribute}, known after apply"
            return existence if isinstance(existence, Opaque) else Opaque(reason)
        if is_open(found.literal):
            return Opaque(
                f"refers to {kind}.{name}.{attribute}, which its provider may take for something else than a text"
            )
        return self.shape(found, self.bound(block.body))

    def _reads(self, words: str) -> bool:
        """Whether a path, as it is written, leads to a file of the base folder."""
        for prefix, folder in (("${path.module}/", self.folder), ("${path.root}/", self.root().folder)):
            if words.startswith(prefix):
                return self._is_inside(folder / words.removeprefix(prefix))
        return self._is_inside(self.root().folder / words)

    def _is_inside(self, path: Path) -> bool:
        real = _files.real(path)
        return "${" not in str(path) and real.is_relative_to(self.base) and real.is_file()


def _may_be_off(body: Body) -> bool:
    """Whether a block may have no instance: https://opentofu.org/docs/language/meta-arguments/enabled/."""
    words = [block.body.arguments.get("enabled") for block in body.blocks if block.kind == "lifecycle"]
    return any(word is not None and word.text != "true" for word in words)


def _says(arguments: Mapping[str, Expression], name: str) -> bool:
    return name in arguments and arguments[name].text != "false"


def _loosened(shape: Shape, optional: bool) -> Shape:  # noqa: FBT001  # one word about the type
    """A type with optional attributes adds keys to an object."""
    if optional and isinstance(shape, Known):
        return Known(nullable=True)
    if optional and isinstance(shape, Fields):
        return Fields({key: _loosened(part, optional) for key, part in shape.parts.items()}, rest=True)
    return shape
