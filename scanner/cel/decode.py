"""CEL's serialized `CheckedExpr` -> our nodes.

Field numbers are those of google/cel-spec `proto/cel/expr/{checked,syntax}.proto`.
"""

from __future__ import annotations

import struct
from collections.abc import Collection
from typing import Any

from msgspec.structs import replace

from scanner.cel import wire
from scanner.cel.nodes import Bind, Call, Const, Entry, Has, Ident, ListExpr, Loop, MapExpr, Node, Select
from scanner.cel.types import CelType, names, type_text
from scanner.cel.values import Uint


class UnsupportedError(Exception):
    """A construct that the front end accepts and the back end does not know."""

    def __init__(self, message: str, at: int) -> None:
        super().__init__(message)
        self.at = at


def decode(serialized: bytes, variables: Collection[str]) -> tuple[Node, str]:
    """The tree and the type of its result as text. Raises `UnsupportedError` for messages and unknown macros."""
    checked = wire.message(wire.data(wire.message(serialized), 2))
    source = wire.message(wire.data(checked, 5))
    positions = {wire.number(entry, 1): wire.number(entry, 2) for entry in wire.messages(source, 4)}
    expression = wire.message(wire.data(checked, 4))
    root = _Decoder(positions, variables).node(expression, frozenset())
    kinds = {wire.number(entry, 1): wire.data(entry, 2) for entry in wire.messages(checked, 3)}
    return root, type_text(wire.message(kinds.get(wire.number(expression, 2), b"\n\x00")))


class _Decoder:
    """`bound` are the loop variables in reach of the node at hand."""

    def __init__(self, positions: dict[int, int], variables: Collection[str]) -> None:
        self._positions = positions
        self._variables = variables

    def node(self, fields: wire.Message, bound: frozenset[str]) -> Node:
        at = self._positions.get(wire.number(fields, 2), 0)
        for number, build in self._BUILDERS.items():
            if number in fields:
                return build(self, wire.message(wire.data(fields, number)), at, bound)
        return Const(at, None)

    def _constant(self, fields: wire.Message, at: int, _: frozenset[str]) -> Node:
        return Const(at, _constant(fields))

    def _ident(self, fields: wire.Message, at: int, bound: frozenset[str]) -> Node:
        name = wire.text(fields, 1)
        if name in bound:
            return Ident(at, name, local=True)
        name = name.removeprefix(".")
        if name in self._variables:
            return Ident(at, name, local=False)
        if name in names():
            return Const(at, CelType(name))
        raise UnsupportedError(f"'{name}' is no value", at)

    def _select(self, fields: wire.Message, at: int, bound: frozenset[str]) -> Node:
        operand = self.node(wire.message(wire.data(fields, 1)), bound)
        return (Has if wire.number(fields, 3) else Select)(at, operand, wire.text(fields, 2))

    def _call(self, fields: wire.Message, at: int, bound: frozenset[str]) -> Node:
        receiver = [*wire.messages(fields, 1), *wire.messages(fields, 3)]
        return Call(at, wire.text(fields, 2), tuple(self.node(part, bound) for part in receiver))

    def _list(self, fields: wire.Message, at: int, bound: frozenset[str]) -> Node:
        elements = tuple(self.node(part, bound) for part in wire.messages(fields, 1))
        return ListExpr(at, elements, frozenset(wire.packed(fields, 2)))

    def _map(self, fields: wire.Message, at: int, bound: frozenset[str]) -> Node:
        if wire.text(fields, 1):
            raise UnsupportedError("protobuf messages are not supported", at)
        return MapExpr(
            at,
            tuple(
                Entry(
                    self.node(wire.message(wire.data(entry, 3)), bound),
                    self.node(wire.message(wire.data(entry, 4)), bound),
                    optional=bool(wire.number(entry, 5)),
                )
                for entry in wire.messages(fields, 2)
            ),
        )

    def _comprehension(self, fields: wire.Message, at: int, bound: frozenset[str]) -> Node:
        variable, second, accumulator = (wire.text(fields, number) for number in (1, 8, 3))
        inside = bound | {variable, second, accumulator}
        start = self.node(wire.message(wire.data(fields, 4)), bound)
        if variable == "#unused":
            body = self.node(wire.message(wire.data(fields, 7)), bound | {accumulator})
            return Bind(at, accumulator, start, body)
        over = self.node(wire.message(wire.data(fields, 2)), bound)
        step = self.node(wire.message(wire.data(fields, 6)), inside)
        loop = _loop(at, variable, over, start, step)
        if loop is None:
            raise UnsupportedError("this macro is not supported", at)
        return replace(loop, second=second)

    _BUILDERS = {3: _constant, 4: _ident, 5: _select, 6: _call, 7: _list, 8: _map, 9: _comprehension}  # noqa: RUF012  # never changed


def _constant(fields: wire.Message) -> Any:
    """A literal's value. Field 1 is null; 8 and 9 (duration, timestamp) are no longer produced."""
    field, values = next(iter(fields.items()), (1, [0]))
    value = values[-1]
    if isinstance(value, int):
        return {1: None, 2: bool(value), 3: wire.signed(value), 4: Uint(value)}[field]
    if field == 5:  # noqa: PLR2004  # a double, eight bytes
        return struct.unpack("<d", value)[0]
    return value.decode() if field == 6 else value  # noqa: PLR2004  # text, else bytes


def _loop(at: int, variable: str, over: Node, start: Node, step: Node) -> Loop | None:
    """The macro that expands to this fold; see cel-spec, "Macros"."""
    match start, step:
        case Const(value=True), Call(function="_&&_", args=(_, test)):
            return Loop(at, "all", variable, over, test, None)
        case Const(value=False), Call(function="_||_", args=(_, test)):
            return Loop(at, "exists", variable, over, test, None)
        case Const(value=0), Call(function="_?_:_", args=(test, _, _)):
            return Loop(at, "exists_one", variable, over, test, None)
        case ListExpr(), Call(function="_?_:_", args=(test, Call(args=(_, ListExpr(elements=(result,)))), _)):
            return Loop(at, "map", variable, over, test, result)
        case ListExpr(), Call(function="_+_", args=(_, ListExpr(elements=(result,)))):
            return Loop(at, "map", variable, over, None, result)
        case MapExpr(), Call(function="_?_:_", args=(test, Call(function="cel.@mapInsert") as insert, _)):
            return Loop(at, "to_map", variable, over, test, _entries(insert))
        case MapExpr(), Call(function="cel.@mapInsert") as insert:
            return Loop(at, "to_map", variable, over, None, _entries(insert))
    return None


def _entries(insert: Call) -> Node:
    """What `transformMap` (a key and a value) and `transformMapEntry` (a map) add, as a map."""
    match insert.args:
        case (_, key, value):
            return MapExpr(insert.at, (Entry(key, value, optional=False),))
    return insert.args[-1]
