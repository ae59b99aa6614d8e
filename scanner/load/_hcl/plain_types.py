"""Values of simple types: what operators make of them, what texts show of them, and what the types of variables ask.

Whatever is not plain to see, such as a number that becomes a text, is `BeyondError`.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from scanner.load._hcl.plain_texts import BeyondError
from scanner.load._hcl.trust import HOLE
from scanner.patterns import regex

_TYPE = regex(r'"?(?:(list|map|set)\s*\(\s*)?"?(string|number|bool)"?\s*\)?"?')
_SIMPLE: Mapping[str, tuple[type, ...]] = {"string": (str,), "number": (int, float), "bool": (bool,)}
_SMALL = (1e-4, 1e15)
"""Numbers between these are written alike by all who write JSON."""


class Set(list[Any]):
    """A set: texts in order, each once."""


def number(text: str) -> int | float:
    """A number as it is written."""
    found = float(text)
    if found and not _SMALL[0] < found < _SMALL[1]:
        raise BeyondError
    return int(found) if found.is_integer() else found


def shown(value: Any) -> str:
    """What stands in a text for a value that is put there."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int):
        return str(value)
    raise BeyondError


def typed(kind: str, value: Any) -> Any:
    """A value that a variable is given, as one of the type that it has."""
    if value is None or value is HOLE or kind.strip('"') == "any":
        return value
    match = _TYPE.fullmatch(kind)
    outer, inner = match.groups() if match else ("", "")
    parts = _parts(outer, value)
    if not match or not all(part is HOLE or _is(inner, part) for part in parts):
        raise BeyondError
    return a_set(value) if outer == "set" else value


def a_set(value: Any) -> Set:
    """The texts of a list, in order, each once."""
    return Set(sorted({a_kind(str, entry) for entry in a_kind(list, value)}))


def a_kind(kind: type | tuple[type, ...], value: Any) -> Any:
    """The value, if it is of this type."""
    if not isinstance(value, kind) or value is HOLE:
        raise BeyondError
    return value


def _parts(outer: str | None, value: Any) -> Sequence[Any]:
    if not outer:
        return [value]
    return list(a_kind(dict, value).values()) if outer == "map" else list(a_kind(list, value))


def _is(kind: str, value: Any) -> bool:
    return isinstance(value, _SIMPLE[kind]) and isinstance(value, bool) == (kind == "bool")


def entries(over: Any) -> Sequence[tuple[Any, Any]]:
    """What is gone through one by one, as keys and values: an object, a list or a set."""
    if isinstance(over, Set):
        return list(zip(over, over, strict=True))
    return list(enumerate(over)) if isinstance(over, list) else sorted(a_kind(dict, over).items())


def unique(pairs: Sequence[Sequence[Any]]) -> dict[str, Any]:
    """An object of keys and values, none of the keys twice."""
    found = {a_kind(str, key): value for key, value in pairs}
    if len(found) < len(pairs):
        raise BeyondError
    return found


def is_true(value: Any) -> bool:
    """What a condition comes to."""
    return bool(a_kind(bool, value))


def chosen(condition: Any, one: Any, other: Any) -> Any:
    """What a conditional gives; both are of one simple type, or one of them is null or an empty list."""
    if not (one is None or other is None or (type(one) is type(other) and _is_uniform([*_flat(one), *_flat(other)]))):
        raise BeyondError
    return one if is_true(condition) else other


def _flat(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _is_uniform(values: Sequence[Any]) -> bool:
    """Whether none of them becomes something else by standing beside the others."""
    kinds = {type(value) for value in values}
    return len(values) <= 1 or (len(kinds) == 1 and kinds <= {str, int, bool})


def unary(sign: str, value: Any) -> Any:
    """`-value` or `!value`."""
    if sign == "!" and isinstance(value, bool):
        return not value
    if sign == "-" and _is("number", value):
        return -value
    raise BeyondError


def binary(sign: str, one: Any, other: Any) -> Any:
    """Two values of one simple type, or one of them null, and what an operator makes of them."""
    kinds = {type(one), type(other)}
    for signs, allowed in _OPERATORS:
        if sign in signs and kinds <= allowed and (len(kinds) == 1 or type(None) in kinds):
            return _small(signs[sign](one, other))
    raise BeyondError


def _small(value: Any) -> Any:
    if abs(value) > _SMALL[1]:
        raise BeyondError
    return value


_OPERATORS: tuple[tuple[Mapping[str, Callable[[Any, Any], Any]], frozenset[type]], ...] = (
    ({"==": operator.eq, "!=": operator.ne}, frozenset({str, int, bool, type(None)})),
    ({"&&": operator.and_, "||": operator.or_}, frozenset({bool})),
    ({"+": operator.add, "-": operator.sub, "*": operator.mul}, frozenset({int})),
    ({"<": operator.lt, ">": operator.gt, "<=": operator.le, ">=": operator.ge}, frozenset({int})),
)
