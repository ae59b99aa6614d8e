"""The evaluator's values, with `Unknown` wherever they may not be believed, and the references behind them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from scanner.load._hcl.adapted import taken_out
from scanner.load._hcl.meant import meant
from scanner.load._hcl.modules import Module
from scanner.load._hcl.references import Over, described, references, went_over
from scanner.load._hcl.shapes import Bound
from scanner.load._hcl.syntax import Body, Expression, Nested
from scanner.load._hcl.trust import CANNOT, HOLE, Fields, Items, Known, Opaque, Shape, children, keys_known
from scanner.model import Unknown

META = frozenset({"count", "for_each", "provider", "depends_on", "lifecycle", "connection", "provisioner"})
"""What is said to Terraform about a resource, and not to the provider."""

_LARGEST = 2**63 - 1
"""What the evaluator makes of any whole number that is larger."""

Lookup = Callable[[str], Any]
"""The value that the evaluator has for `local.x` or `var.x`; None if it has none."""


def believed(shape: Shape, value: Any, path: str, lookup: Lookup) -> Any:
    """As much of a value as may be believed. None stands for null."""
    if isinstance(shape, Opaque):
        return Unknown(shape.reason, path, may_be_absent=shape.nullable)
    for _ in range(3):
        value = _looked_up(value, lookup)
    if isinstance(shape, Known):
        return _whole(shape, value, path)
    if isinstance(shape, Fields) and isinstance(value, dict):
        keys = dict.fromkeys((*shape.parts, *value)) if shape.rest else shape.parts
        rest = Known(nullable=True)
        return {key: believed(shape.parts.get(key, rest), value.get(key), f"{path}.{key}", lookup) for key in keys}
    if isinstance(shape, Items) and isinstance(value, list) and len(value) == len(shape.parts):
        parts = enumerate(zip(shape.parts, value, strict=True))
        return [believed(part, entry, f"{path}[{index}]", lookup) for index, (part, entry) in parts]
    return Unknown(_reason(shape), path)


def _reason(shape: Fields | Items) -> str:
    return next((part.reason for part in children(shape) if isinstance(part, Opaque)), CANNOT)


def _looked_up(value: Any, lookup: Lookup) -> Any:
    """The evaluator gives up on a name whose value is not known as a whole, but shows the value elsewhere."""
    value = taken_out(value)
    if isinstance(value, dict) and isinstance(name := value.get("__attribute__"), str):
        found = lookup(name)
        return value if found is None else found
    return value


def _whole(shape: Known, value: Any, path: str) -> Any:
    if value is HOLE:
        return Unknown(CANNOT, path)
    if value is None or (isinstance(value, dict) and "__attribute__" in value):
        return None if shape.nullable else Unknown(CANNOT, path)
    if isinstance(value, dict):
        return {key: _whole(shape, entry, f"{path}.{key}") for key, entry in value.items()}
    if isinstance(value, list):
        return [_whole(shape, entry, f"{path}[{index}]") for index, entry in enumerate(value)]
    return Unknown(CANNOT, path) if isinstance(value, int) and abs(value) >= _LARGEST else value


class Reader:
    """Reads the blocks of one module instance."""

    def __init__(self, module: Module, lookup: Lookup) -> None:
        self._module = module
        self._lookup = lookup

    def values(self, body: Body, found: Mapping[str, Any], bound: Bound, path: str = "") -> dict[str, Any]:
        """The arguments and nested blocks of a block, as a plan has them. What is null is left out."""
        values: dict[str, Any] = {}
        for name, expression in body.arguments.items():
            if path or name not in META:
                value = meant(name, self._argument(name, expression, found, bound, path + name))
                if value is not None:
                    values[name] = value
        for kind in dict.fromkeys(block.kind for block in body.blocks):
            if path or kind not in META:
                values[kind] = self._blocks(kind, body, found, bound, path + kind)
        return values

    def unknown(self, body: Body, reason: str) -> dict[str, Any]:
        """The same for a block that may have no instance at all."""
        names = dict.fromkeys((*body.arguments, *(block.kind for block in body.blocks)))
        return {name: Unknown(reason, name) for name in names if name not in META}

    def expressions(
        self, body: Body, values: Mapping[str, Any], over: Over = MappingProxyType({}), *, top: bool = True
    ) -> dict[str, Any]:
        """What arguments refer to, as a plan shows its configuration. `over`: see `references`."""
        written: dict[str, Any] = {
            name: _expression(expression, values.get(name), over)
            for name, expression in body.arguments.items()
            if not (top and name in META)
        }
        for kind in dict.fromkeys(block.kind for block in body.blocks):
            if not (top and kind in META):
                blocks = [block for block in body.blocks if block.kind == kind]
                written[kind] = list(self._nested_expressions(blocks, values.get(kind), over))
        return written

    def _nested_expressions(self, blocks: Sequence[Nested], values: Any, over: Over) -> Iterator[dict[str, Any]]:
        entries = values if isinstance(values, list) else []
        if all(block.each is None for block in blocks):
            for block, entry in zip(blocks, entries, strict=False):
                yield self.expressions(block.body, entry, over, top=False)
        elif len(blocks) == 1:
            for entry in entries or [{}]:
                yield self.expressions(blocks[0].body, entry, went_over(blocks[0], over), top=False)

    def _argument(self, name: str, expression: Expression, found: Mapping[str, Any], bound: Bound, path: str) -> Any:
        if expression.is_constant and name != "id" and found.get(name) is not None:
            return _whole(Known(), found[name], path)
        shape = self._module.shape(expression, bound)
        if name == "id" and not isinstance(shape, Opaque):
            # The evaluator puts an id of its own here.
            text = expression.literal
            return Unknown(CANNOT, path) if text is None else text
        if found.get(name) is None and expression.inner.type == "for_expr" and isinstance(shape, Known):
            return Unknown(CANNOT, path)  # there may be a null in it, but it is none
        return believed(shape, found.get(name), path, self._lookup)

    def _blocks(self, kind: str, body: Body, around: Mapping[str, Any], bound: Bound, path: str) -> Any:
        """A list as in a plan. Which of the written blocks an entry is from is told by its line."""
        by_line: dict[int, tuple[Nested, Bound]] = {}
        entries = _listed(around.get(kind))
        for block in (block for block in body.blocks if block.kind == kind):
            inside = bound
            if block.iterator:
                shape = self._module.shape(block.each, bound) if block.each else Opaque()
                if isinstance(length := keys_known(shape), Opaque):
                    return Unknown(length.reason, path)
                if isinstance(shape, Fields | Items) and _made(block, entries) < _least(shape):
                    # It passes over what it does not know, and what is null.
                    return Unknown(_reason(shape), path)
                inside = {**bound, block.iterator: shape}
            by_line[block.line] = (block, inside)
        return self._entries(by_line, entries, path)

    def _entries(self, by_line: Mapping[int, tuple[Nested, Bound]], entries: Sequence[Any], path: str) -> Any:
        values: list[Any] = []
        for index, entry in enumerate(entries):
            line = entry.get("__tfmeta", {}).get("line_start") if isinstance(entry, dict) else None
            if line is None or line not in by_line:
                return Unknown(CANNOT, path)
            block, bound = by_line[line]
            values.append(self.values(block.body, entry, bound, f"{path}[{index}]."))
        static = sum(not block.iterator for block, _ in by_line.values())
        return values if len(values) >= static else Unknown(CANNOT, path)


def _listed(found: Any) -> list[Any]:
    """The evaluator shows one block as itself, several as a list."""
    return found if isinstance(found, list) else [] if found is None else [found]


def _made(block: Nested, entries: Sequence[Any]) -> int:
    """How many entries come from a block."""
    return sum(
        isinstance(entry, dict) and entry.get("__tfmeta", {}).get("line_start") == block.line for entry in entries
    )


def _least(shape: Fields | Items) -> int:
    """How many parts a value has; what it is repeated over as a whole has at least none."""
    return 0 if isinstance(shape, Fields) and shape.parts.keys() == {""} else len(shape.parts)


def _expression(expression: Expression, value: Any, over: Over) -> dict[str, Any]:
    if not expression.is_constant and (found := references(expression, over)):
        return described(expression, found, over)
    return {} if isinstance(value, Unknown) else {"constant_value": value}
