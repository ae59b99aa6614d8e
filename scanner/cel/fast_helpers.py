"""What fast forms may call. Each gives CEL's answer for known values of the common types, or raises `Ask`."""

from __future__ import annotations

import operator
from collections.abc import Callable, Collection, Mapping
from typing import Any

from scanner.cel import functions, maths, operators, texts
from scanner.cel.budget import BUDGET, FREE_LIST, FREE_TEXT, TOO_MUCH, Fault
from scanner.cel.values import MISSING, comparable, equal
from scanner.model import known

_SCALARS = frozenset({str, int, float})
_NUMBERS = frozenset({int, float})
_CONTAINERS = frozenset({dict, list, tuple})


class Ask(Exception):  # noqa: N818  # a signal, not an error
    """The fast form cannot say; the exact interpreter can."""


def _bool(value: Any) -> bool:
    if value is True or value is False:
        return bool(value)
    raise Ask


def _equal(left: Any, right: Any) -> bool:
    kind = type(left)
    if kind is type(right) and kind in _SCALARS:
        return bool(left == right)
    return known(equal(left, right))


def _ordering(compute: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def run(left: Any, right: Any) -> bool:
        kind, other = type(left), type(right)
        if kind is other and kind in _SCALARS:
            return compute(left, right)
        if kind in _NUMBERS and other in _NUMBERS:
            return compute(*comparable(left, right))
        raise Ask

    return run


def _items(value: Any, work: int) -> Collection[Any]:
    """What a loop goes over; `work` is what it costs for each element."""
    if type(value) in _CONTAINERS:
        BUDGET.left -= len(value) * work  # as `spend`, which it calls too often to be called
        if BUDGET.left < 0:
            raise Fault(TOO_MUCH)
        return value  # type: ignore[no-any-return]  # one of the three containers, as just tested
    raise Ask


def _pairs(value: Any, work: int) -> Collection[Any]:
    """What a loop with two variables goes over."""
    items = _items(value, work)
    return items.items() if type(items) is dict else tuple(enumerate(items))


def _in(item: Any, container: Any) -> bool:
    if type(item) is str and type(container) in _CONTAINERS:
        if len(container) >= FREE_LIST:
            BUDGET.look_through((container,))
        return item in container
    return bool(operators.contains(known(item), known(container)))


class _LookedInto:
    """Something that is no map, or not known, for Python's `in`."""

    __slots__ = ("_value",)

    def __init__(self, value: Any) -> None:
        self._value = value

    def __contains__(self, text: str) -> bool:
        return _in(text, self._value)


def _searched(value: Any) -> Any:
    """What Python's `in` may look for a text in: a map as it is, anything else by what `_in` does."""
    return value if type(value) is dict else _LookedInto(value)


def _index(container: Any, at: Any) -> Any:
    if type(container) is list and type(at) is int and at >= 0:
        return container[at]
    if type(container) is dict and type(at) is str:
        return container[at]
    return operators.index(known(container), known(at))


def _strict(compute: Callable[..., Any]) -> Callable[..., Any]:
    """The exact function, which must not meet unknowns."""

    def run(*values: Any) -> Any:
        BUDGET.look_through(values)
        result = compute(*map(known, values))
        BUDGET.look_through((result,))
        return result

    return run


def _optional(value: Any, steps: tuple[str, ...], default: Any) -> Any:
    """Walk down maps; `default` where a step is missing."""
    for step in steps:
        if type(value) is not dict:
            raise Ask
        value = value.get(step, MISSING)
        if value is MISSING:
            return default
    return value


def _has_value(value: Any) -> bool:
    return value is not MISSING


def _ascii(compute: Callable[[str], str]) -> Callable[[Any], str]:
    def run(value: Any) -> str:
        if type(value) is str and value.isascii():
            if len(value) >= FREE_TEXT:
                BUDGET.look_through((value,))
            return compute(value)
        raise Ask

    return run


def _text_test(compute: Callable[[str, str], bool]) -> Callable[[Any, Any], bool]:
    def run(value: Any, part: Any) -> bool:
        if type(value) is str and type(part) is str:
            if len(value) >= FREE_TEXT or len(part) >= FREE_TEXT:
                BUDGET.look_through((value, part))
            return compute(value, part)
        raise Ask

    return run


def helper_of(function: str) -> str:
    """The name under which forms call a strict function that has no form of its own."""
    return "f_" + function.replace(".", "_").replace("@", "")


STRICT: Mapping[str, Callable[..., Any]] = {
    **texts.FUNCTIONS,
    **maths.FUNCTIONS,
    **{name: functions.FUNCTIONS[name] for name in ("bool", "double", "int", "string")},
}
"""Strict functions that forms call as they are. Where Kubernetes has one for more types, these refuse those types."""
HELPERS: Mapping[str, Any] = {
    **{helper_of(name): _strict(compute) for name, compute in STRICT.items()},
    "_bool": _bool,
    "_equal": _equal,
    "_lt": _ordering(operator.lt),
    "_le": _ordering(operator.le),
    "_gt": _ordering(operator.gt),
    "_ge": _ordering(operator.ge),
    "_items": _items,
    "_pairs": _pairs,
    "_renew": BUDGET.renew_fast,
    "_in": _in,
    "_looked_into": _LookedInto,
    "_searched": _searched,
    "_index": _index,
    "_add": _strict(operators.add),
    "_subtract": _strict(operators.subtract),
    "_multiply": _strict(operators.multiply),
    "_divide": _strict(operators.divide),
    "_modulo": _strict(operators.modulo),
    "_matches": _strict(functions.matches),
    "_lower": _ascii(str.lower),
    "_upper": _ascii(str.upper),
    "_contains": _text_test(str.__contains__),
    "_starts": _text_test(str.startswith),
    "_ends": _text_test(str.endswith),
    "_optional": _optional,
    "_has_value": _has_value,
    "_missing": MISSING,
    "_all": all,
    "_any": any,
    "_len": len,
}
