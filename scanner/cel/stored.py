"""A compiled expression as plain data (lists, texts, numbers), and back: what a cache may hold.

Only the node types of `scanner.cel.nodes` come back out, each checked, so data from anywhere makes a tree or an error.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from typing import Any

from scanner.cel.nodes import Bind, Call, Const, Entry, Has, Ident, ListExpr, Loop, MapExpr, Node, Select
from scanner.cel.program import Program
from scanner.cel.types import CelType
from scanner.cel.values import Uint

_LOOPS = frozenset({"all", "exists", "exists_one", "map", "to_map"})


def store(program: Program) -> list[Any]:
    """The program without its text, as JSON can hold it."""
    return [program.result_type, _stored(program.tree)]


def restore(text: str, data: Any) -> Program:
    """The program of this text. Raises ValueError for data that `store` did not make."""
    try:
        kind, tree = data
        return Program(text, _text(kind), _node(tree))
    except (TypeError, KeyError, RecursionError) as error:
        raise ValueError(str(error)) from None


def _stored(node: Node) -> list[Any]:
    match node:
        case Const(at=at, value=value):
            return ["const", at, *_constant(value)]
        case Ident(at=at, name=name, local=local):
            return ["ident", at, name, local]
        case Select(at=at, operand=operand, field=field):
            return ["select", at, _stored(operand), field]
        case Has(at=at, operand=operand, field=field):
            return ["has", at, _stored(operand), field]
        case Call(at=at, function=function, args=args):
            return ["call", at, function, [_stored(part) for part in args]]
        case ListExpr(at=at, elements=elements, optional=optional):
            return ["list", at, [_stored(part) for part in elements], sorted(optional)]
        case MapExpr(at=at, entries=entries):
            return ["map", at, [[_stored(one.key), _stored(one.value), one.optional] for one in entries]]
        case Loop(at=at, kind=kind, variable=variable, over=over, test=test, result=result, second=second):
            parts = [_stored(over), test and _stored(test), result and _stored(result)]
            return ["loop", at, kind, variable, *parts, second]
        case Bind(at=at, variable=variable, value=value, body=body):
            return ["bind", at, variable, _stored(value), _stored(body)]


def _constant(value: Any) -> tuple[str, Any]:
    """A literal's type and what makes it. A double is written in hexadecimal, which loses nothing."""
    match value:
        case None | bool() | str():
            return "plain", value
        case Uint():
            return "uint", int(value)
        case int():
            return "plain", value
        case float():
            return "double", value.hex()
        case bytes():
            return "bytes", base64.b64encode(value).decode()
        case CelType(name=name):
            return "type", name
    raise TypeError(f"a {type(value).__name__} is no literal")


_CONSTANTS: Mapping[str, Callable[[Any], Any]] = {
    "plain": lambda value: value if value is None else _one_of(value, bool, int, str),
    "uint": lambda value: Uint(_one_of(value, int)),
    "double": lambda value: float.fromhex(_text(value)),
    "bytes": lambda value: base64.b64decode(_text(value), validate=True),
    "type": lambda value: CelType(_text(value)),
}
_NODES: Mapping[str, Callable[..., Node]] = {
    "const": lambda at, kind, value: Const(at, _CONSTANTS[kind](value)),
    "ident": lambda at, name, local: Ident(at, _name(name), _one_of(local, bool)),
    "select": lambda at, operand, field: Select(at, _node(operand), _text(field)),
    "has": lambda at, operand, field: Has(at, _node(operand), _text(field)),
    "call": lambda at, function, args: Call(at, _text(function), tuple(map(_node, args))),
    "list": lambda at, elements, optional: ListExpr(
        at, tuple(map(_node, elements)), frozenset(_one_of(index, int) for index in optional)
    ),
    "map": lambda at, entries: MapExpr(
        at, tuple(Entry(_node(key), _node(value), _one_of(optional, bool)) for key, value, optional in entries)
    ),
    "loop": lambda at, kind, variable, over, test, result, second: Loop(
        at, _loop(kind), _name(variable), _node(over), _perhaps(test), _perhaps(result), second and _name(second)
    ),
    "bind": lambda at, variable, value, body: Bind(at, _name(variable), _node(value), _node(body)),
}


def _node(data: Any) -> Node:
    kind, at, *parts = data
    return _NODES[_text(kind)](_one_of(at, int), *parts)


def _perhaps(data: Any) -> Node | None:
    return None if data is None else _node(data)


def _one_of(value: Any, *kinds: type) -> Any:
    if type(value) not in kinds:
        raise TypeError(f"a {type(value).__name__} has no place here")
    return value


def _text(value: Any) -> str:
    return str(_one_of(value, str))


def _name(value: Any) -> str:
    """A name, with dots for a declared variable; `@` begins the names that the parser makes up."""
    if not all(part.removeprefix("@").isidentifier() for part in _text(value).split(".")):
        raise ValueError(f"{value!r} is no name")
    return str(value)


def _loop(value: Any) -> str:
    if value not in _LOOPS:
        raise ValueError(f"{value!r} is no loop")
    return str(value)
