"""The syntax tree of a checked expression, with CEL's macros read back into the loops their authors wrote.

Every node has `at`: the code point offset into the expression's text that the parser gave it (an operator's own
place, the dot of a selection, the opening bracket of a call).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Const:
    """A literal, or the name of a type."""

    at: int
    value: Any


@dataclass(frozen=True, slots=True)
class Ident:
    """A variable: declared, with its whole dotted name, or of an enclosing loop."""

    at: int
    name: str
    local: bool


@dataclass(frozen=True, slots=True)
class Select:
    """`operand.field`."""

    at: int
    operand: Node
    field: str


@dataclass(frozen=True, slots=True)
class Has:
    """`has(operand.field)`."""

    at: int
    operand: Node
    field: str


@dataclass(frozen=True, slots=True)
class Call:
    """A function or operator by CEL's internal name (`_&&_`, `size`); a receiver is the first argument."""

    at: int
    function: str
    args: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class ListExpr:
    """`[a, ?b]`; `optional` holds the indexes of the elements with a question mark."""

    at: int
    elements: tuple[Node, ...]
    optional: frozenset[int]


@dataclass(frozen=True, slots=True)
class Entry:
    """`key: value` or `?key: value` of a map."""

    key: Node
    value: Node
    optional: bool


@dataclass(frozen=True, slots=True)
class MapExpr:
    """`{key: value}`."""

    at: int
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Loop:
    """`all`, `exists`, `exists_one` with a test; `map` (and `filter`) with a result and perhaps a test."""

    at: int
    kind: str
    variable: str
    over: Node
    test: Node | None
    result: Node | None


@dataclass(frozen=True, slots=True)
class Bind:
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
