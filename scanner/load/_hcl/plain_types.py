"""Values of simple types: what operators make of them, what texts show of them, and what the types of variables ask.

Whatever is not plain to see, such as a number that becomes a text, is `BeyondError`.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from scanner.load._hcl.plain_texts import BeyondError, FailedError
from scanner.load._hcl.trust import HOLE
from scanner.patterns import regex

_SIMPLE: Mapping[str, tuple[type, ...]] = {"string": (str,), "number": (int, float), "bool": (bool,)}
_SMALL = (1e-4, 1e15)
"""Numbers between these are written alike by all who write JSON."""


_DECIMAL = regex(r"-?[0-9]+(\.[0-9]+)?")
_NO_NUMBER = regex(r"[a-hj-zA-HJ-Z][a-zA-Z _.-]*")
"""Texts that surely are no numbers, unlike `1e3`, `.5` and `inf`."""


class Set(list[Any]):
    """A set: texts in order, each once."""


def number(text: str) -> int | float:
    """A number as it is written."""
    found = float(text)
    if found and not _SMALL[0] < abs(found) < _SMALL[1]:
        raise BeyondError
    return int(found) if found.is_integer() else found


def shown(value: Any) -> str:
    """What stands in a text for a value that is put there."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int):
        return str(value)
    raise BeyondError


def simple(kind: str, value: Any) -> Any:
    """A value as a text, a number or a truth value."""
    if kind not in _SIMPLE:
        raise BeyondError
    if _is(kind, value):
        return value
    match kind, value:
        case "string", bool() | int():
            return shown(value)
        case "bool", "true" | "false" | "1" | "0":
            return value in {"true", "1"}
        case "number", str() if _DECIMAL.fullmatch(value):
            return number(value)
        case "bool", str():
            raise FailedError
        case "number", str() if not value or _NO_NUMBER.fullmatch(value):
            raise FailedError
    raise BeyondError


def a_set(value: Any) -> Set | None:
    """The texts of a list, in order, each once."""
    return None if value is None else Set(sorted({a_kind(str, entry) for entry in a_kind(list, value)}))


def a_kind(kind: type | tuple[type, ...], value: Any) -> Any:
    """The value, if it is of this type. Functions take no null."""
    if value is None:
        raise FailedError
    if not isinstance(value, kind) or value is HOLE or isinstance(value, bool) != (kind is bool):
        raise BeyondError
    return value


def _is(kind: str, value: Any) -> bool:
    return isinstance(value, _SIMPLE[kind]) and isinstance(value, bool) == (kind == "bool")


def entries(over: Any) -> Sequence[tuple[Any, Any]]:
    """What is gone through one by one, as keys and values: an object, a list or a set."""
    if isinstance(over, Set):
        return list(zip(over, over, strict=True))
    return list(enumerate(over)) if isinstance(over, list) else sorted(a_kind(dict, over).items())


def unique(pairs: Sequence[Sequence[Any]]) -> dict[str, Any]:
    """An object of keys and values, none of the keys twice."""
    found = {simple("string", key): value for key, value in pairs}
    if len(found) < len(pairs):
        raise BeyondError
    return dict(sorted(found.items()))


def is_true(value: Any) -> bool:
    """What a condition comes to."""
    return bool(a_kind(bool, value))


def chosen(value: Any, other: Any) -> Any:
    """What a conditional gives whose other side is not chosen; it may become something else for the other's sake."""
    if value is None or other is None or HOLE in (value, other):
        return value
    is_text = isinstance(value, str) and not isinstance(other, list | dict)  # which nothing else is made into
    if not is_text and not is_uniform([value, other]):
        raise BeyondError
    return value


def is_uniform(values: Sequence[Any]) -> bool:
    """Whether values are of one type, so that none of them becomes something else by standing beside the others."""
    kinds = [_kind(value) for value in values if value is not None]
    return all(_are_alike(kinds[0], kind) for kind in kinds[1:])


def _kind(value: Any) -> Any:
    """`bool`, `number` or `string`; of lists and objects, the one kind that is in them, if there is one."""
    match value:
        case bool():
            return "bool"
        case int() | float():
            return "number"
        case str():
            return "string"
        case list() if is_uniform(value):
            return ["list", *(_kind(one) for one in value if one is not None)][:2]
        case dict() if value is not HOLE and all(isinstance(one, str) for one in value.values()):
            return ["map", *("string" for _ in [*value][:1])]
        case dict() if value is not HOLE:
            return {key: _kind(one) for key, one in value.items()}
    raise BeyondError


def _are_alike(one: Any, other: Any) -> bool:
    """Whether kinds are the same, or one is of an empty collection."""
    if isinstance(one, list) and isinstance(other, list):
        return one[0] == other[0] and (len(one) < len(other) or len(other) < len(one) or one == other)
    return bool(one == other)


def unary(sign: str, value: Any) -> Any:
    """`-value` or `!value`."""
    if sign == "!" and isinstance(value, bool):
        return not value
    if sign == "-" and _is("number", value) and value:  # Terraform has a zero below zero, too
        return -value
    raise BeyondError


def binary(sign: str, one: Any, other: Any) -> Any:
    """Two values of one simple type, or one of them null, and what an operator makes of them."""
    if sign in _EQUALITY and (one is None or other is None):
        return (one is other) == (sign == "==")
    kinds = {type(one), type(other)}
    for signs, allowed in _OPERATORS:
        if sign in signs and kinds <= allowed and len(kinds) == 1:
            return _small(signs[sign](one, other))
    raise BeyondError


def _small(value: Any) -> Any:
    if abs(value) > _SMALL[1]:
        raise BeyondError
    return value


_EQUALITY: Mapping[str, Callable[[Any, Any], Any]] = {"==": operator.eq, "!=": operator.ne}
_OPERATORS: tuple[tuple[Mapping[str, Callable[[Any, Any], Any]], frozenset[type]], ...] = (
    (_EQUALITY, frozenset({str, int, bool})),
    ({"&&": operator.and_, "||": operator.or_}, frozenset({bool})),
    ({"+": operator.add, "-": operator.sub, "*": operator.mul}, frozenset({int})),
    ({"<": operator.lt, ">": operator.gt, "<=": operator.le, ">=": operator.ge}, frozenset({int})),
)
