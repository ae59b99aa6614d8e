"""An expression with parameters written into it, for the fast form: less is left to do for each resource.

Loops over parameters are written out, `params.required.all(name, name in resource.tags)` as
`"owner" in resource.tags && "team" in resource.tags`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from msgspec.structs import replace

from scanner.cel.nodes import Bind, Call, Const, Has, Ident, ListExpr, Loop, Node, Select

_PLAIN = frozenset({bool, int, float, str})
_MOST = 24
"""Tests that one loop is written out to; loops inside of it share them."""
_OPEN = object()
"""Stands for a value that only the resource has."""

Known = Mapping[str, Any]
"""`params.x` and loop variables to their values."""


def bound(tree: Node, params: Mapping[str, Any]) -> Node:
    """The tree with plain parameters and loops over parameters written out; the rest stays as it is."""
    return _bound(tree, {f"params.{name}": value for name, value in params.items()}, _MOST)


def _bound(node: Node, known: Known, room: int) -> Node:
    value = _value(node, known)
    if type(value) in _PLAIN:
        return Const(node.at, value)
    inside = partial(_bound, known=known, room=room)
    match node:
        case Call(function="@in", args=(item, container)) if _is_texts(among := _value(container, known)):
            texts = tuple(Const(node.at, text) for text in among)
            return replace(node, args=(inside(item), ListExpr(node.at, texts, frozenset())))
        case Call(args=args):
            return replace(node, args=tuple(map(inside, args)))
        case Select(operand=operand) | Has(operand=operand):
            return replace(node, operand=inside(operand))
        case ListExpr(elements=elements):
            return replace(node, elements=tuple(map(inside, elements)))
        case Loop():
            return _loop(node, known, room)
        case Bind(variable=variable, value=start, body=body):
            hidden = {**known, variable: _OPEN}
            return replace(node, value=inside(start), body=_bound(body, hidden, room))
    return node


def _loop(node: Loop, known: Known, room: int) -> Node:
    over = _value(node.over, known)
    if node.kind in {"all", "exists"} and node.test and not node.second and _is_texts(over) and len(over) <= room:
        tests = [_bound(node.test, {**known, node.variable: text}, room // len(over)) for text in over]
        whole = Const(node.at, node.kind == "all")  # keeps the answer a bool where there is but one test
        return Call(node.at, "_&&_" if node.kind == "all" else "_||_", (*tests, whole))
    hidden = {**known, node.variable: _OPEN, node.second: _OPEN}
    return replace(
        node,
        over=_bound(node.over, known, room),
        test=_bound(node.test, hidden, room) if node.test else None,
        result=_bound(node.result, hidden, room) if node.result else None,
    )


def _value(node: Node, known: Known) -> Any:
    """What a node is whatever the resource is; `_OPEN` where that cannot be told."""
    match node:
        case Ident(name=name):
            return known.get(name, _OPEN)
        case Const(value=value):
            return value
        case Select(operand=operand, field=field):
            return _inside(_value(operand, known), field)
        case Call(function="_[_]", args=(operand, key)):
            return _inside(_value(operand, known), _value(key, known))
    return _OPEN


def _inside(value: Any, key: Any) -> Any:
    return value.get(key, _OPEN) if type(value) is dict and type(key) is str else _OPEN


def _is_texts(value: Any) -> bool:
    """A list, or a map's keys. An empty one is left alone: nothing would then be compared with what is not known."""
    return type(value) in {list, dict} and bool(value) and all(type(text) is str for text in value)
