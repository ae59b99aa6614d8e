"""What the interpreter does with values once it has them: reading variables and fields, calling strict functions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from scanner.cel import library
from scanner.cel.budget import BUDGET
from scanner.cel.operators import mismatch
from scanner.cel.values import MISSING, BoolMap, Doubt, Failure, Fault, Optional, kind, kind_name, lookup
from scanner.model import Unknown, UnknownRead

_OPEN = (Unknown, Failure)
"""What stops every strict function."""


def resolve(roots: Mapping[str, Any], name: str) -> Any:
    """The value of a declared variable; unknown where the roots do not hold it."""
    value: Any = roots
    for step in _steps(name):
        if type(value) is dict:
            value = value.get(step, MISSING)
        elif isinstance(value, Unknown):
            return value
        else:
            value = lookup(value, step) if isinstance(value, Mapping) else MISSING
        if value is MISSING:
            return Unknown(f"{name} is not provided by this source", name)
    return value


@cache
def _steps(name: str) -> list[str]:
    return name.split(".")


def select(operand: Any, field: str) -> Any:
    """`operand.field`; `MISSING` where a map has no such key."""
    if type(operand) is dict or isinstance(operand, Mapping):
        return operand.get(field, MISSING)
    if isinstance(operand, Unknown):
        return Doubt.of(operand)
    if isinstance(operand, Failure):
        return operand
    if isinstance(operand, Optional):
        return apply("_[?_]", (operand, field))
    return Failure(f"no such key: {field} (of a {kind_name(operand)})")


def has(operand: Any, field: str) -> Any:
    """`has(operand.field)`: whether a map has the key, whatever its value is."""
    if isinstance(operand, Optional):
        operand = operand.value if operand.present else {}
    found = select(operand, field)
    if isinstance(operand, Mapping):
        return found is not MISSING
    return found


def apply(function: str, values: Sequence[Any]) -> Any:
    """Call a strict function."""
    for value in values:
        if isinstance(value, _OPEN):
            return first_open(values, Unknown)
    compute = library.function(function)
    if compute is None:
        return Failure(f"there is no function '{function}'")
    try:
        BUDGET.look_through(values)
        result = compute(*values)
        BUDGET.look_through((result,))
    except Fault as fault:
        return Failure(str(fault))
    except UnknownRead as read:
        return Doubt.of(read.unknown)
    return result


def first_open(values: Iterable[Any], unknown: type[Unknown]) -> Any:
    """What stops a computation on these values: doubt at the first unknown of this class, else the first failure."""
    failure = None
    for value in values:
        if isinstance(value, unknown):
            return Doubt.of(value)
        if failure is None and isinstance(value, Failure):
            failure = value
    return failure


def undecided(answers: Sequence[Any], name: str) -> Any:
    """What answers that are neither true nor false leave open; values of other types are a failure."""
    stopped = first_open(answers, Unknown)
    return Failure(str(mismatch(name, *answers))) if stopped is None else stopped


def elements(values: Sequence[Any], optional: frozenset[int]) -> Any:
    """A list; those at the indexes in `optional` are left out where they are empty."""
    stopped = first_open(values, Doubt)
    if stopped is not None:
        return stopped
    result = []
    for number, value in enumerate(values):
        if number not in optional:
            result.append(value)
        elif not isinstance(value, Optional):
            return Failure("an element with a question mark must be optional")
        elif value.present:
            result.append(value.value)
    return result


def mapping(keys: Sequence[Any], values: Sequence[Any], optional: Sequence[bool]) -> Any:
    """A map; entries marked optional are left out where they are empty."""
    stopped = first_open(keys, Unknown)
    if stopped is None:
        stopped = first_open(values, Doubt)
    if stopped is not None:
        return stopped
    try:
        return _mapping(zip(keys, values, optional, strict=True))
    except Fault as fault:
        return Failure(str(fault))


def _mapping(entries: Iterable[tuple[Any, Any, bool]]) -> Mapping[Any, Any]:
    result = BoolMap()
    for key, value, optional in entries:
        if kind(key) not in {"bool", "int", "uint", "string"}:
            raise Fault(f"a {kind(key)} cannot be a key of a map")
        if optional and not isinstance(value, Optional):
            raise Fault("an entry with a question mark must be optional")
        if key in result:
            raise Fault(f"duplicate key: {key}")
        if not optional:
            result.add(key, value)
        elif value.present:
            result.add(key, value.value)
    return result if any(isinstance(key, bool) for key in result) else dict(result)


def merged(maps: Sequence[Any]) -> Any:
    """One map with the entries of all; a key that comes twice is a failure."""
    stopped = first_open(maps, Unknown)
    if stopped is not None:
        return stopped
    if not all(isinstance(one, Mapping) for one in maps):
        return Failure("only maps can be put together to a map")
    entries = [(key, value) for one in maps for key, value in one.items()]
    return mapping([key for key, _ in entries], [value for _, value in entries], [False] * len(entries))


def items(over: Any, *, in_pairs: bool) -> Any:
    """What a loop goes over: a list's elements, a map's keys; else an unknown or a failure.

    In pairs: a list's indexes and elements, a map's keys and values.
    """
    stopped = first_open((over,), Unknown)
    if stopped is not None:
        return stopped
    if isinstance(over, Mapping):
        return list(over.items() if in_pairs else over)
    if isinstance(over, list | tuple):
        return list(enumerate(over) if in_pairs else over)
    return Failure(f"cannot loop over a {kind_name(over)}")
