"""The syntax tree of a checked expression, with CEL's macros read back into the loops their authors wrote.

Every node has `at`: the code point offset into the expression's text that the parser gave it (an operator's own
place, the dot of a selection, the opening bracket of a call).
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct


class Const(Struct, frozen=True):
    """A literal, or the name of a type."""

    at: int
    value: Any


class Ident(Struct, frozen=True):
    """A variable: declared, with its whole dotted name, or of an enclosing loop."""

    at: int
    name: str
    local: bool


class Select(Struct, frozen=True):
    """`operand.field`."""

    at: int
    operand: Node
    field: str


class Has(Struct, frozen=True):
    """`has(operand.field)`."""

    at: int
    operand: Node
    field: str


class Call(Struct, frozen=True):
    """A function or operator by CEL's internal name (`_&&_`, `size`); a receiver is the first argument."""

    at: int
    function: str
    args: tuple[Node, ...]


class ListExpr(Struct, frozen=True):
    """`[a, ?b]`; `optional` holds the indexes of the elements with a question mark."""

    at: int
    elements: tuple[Node, ...]
    optional: frozenset[int]


class Entry(Struct, frozen=True):
    """`key: value` or `?key: value` of a map."""

    key: Node
    value: Node
    optional: bool


class MapExpr(Struct, frozen=True):
    """`{key: value}`."""

    at: int
    entries: tuple[Entry, ...]


class Loop(Struct, frozen=True):
    """A macro that goes over a list or a map.

    `all`, `exists`, `exists_one` have a test, `map` (and `filter`) a result and perhaps a test; `to_map` puts together
    the maps that are its result. With a `second` variable (empty where there is none) the first is the index or key,
    the second what is there.
    """

    at: int
    kind: str
    variable: str
    over: Node
    test: Node | None
    result: Node | None
    second: str = ""

    def bind(self, item: Any) -> dict[str, Any]:
        """The variables for one element, or one pair of index or key and value."""
        return {self.variable: item[0], self.second: item[1]} if self.second else {self.variable: item}


class Bind(Struct, frozen=True):
    """`cel.bind(variable, value, body)`; `optMap` and `optFlatMap` become one too."""

    at: int
    variable: str
    value: Node
    body: Node


Node = Const | Ident | Select | Has | Call | ListExpr | MapExpr | Loop | Bind


def children(node: Node) -> tuple[Node, ...]:
    """The direct sub-expressions, in the order of the text."""
    match node:
        case Select() | Has():
            return (node.operand,)
        case Call():
            return node.args
        case ListExpr():
            return node.elements
        case MapExpr():
            return tuple(part for entry in node.entries for part in (entry.key, entry.value))
        case Loop():
            return (node.over, *(part for part in (node.test, node.result) if part))
        case Bind():
            return (node.value, node.body)
    return ()
