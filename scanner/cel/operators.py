"""CEL's operators on known values. Each raises `Fault` where CEL has an error, or no such operator for the types."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping
from typing import Any

from scanner.cel.values import (
    MISSING,
    NONE,
    NUMBERS,
    Duration,
    Fault,
    Optional,
    Timestamp,
    Uint,
    comparable,
    equal,
    kind,
    kind_name,
    lookup,
)
from scanner.model import Unknown

_INT_MIN, _INT_MAX, _UINT_MAX = -(2**63), 2**63 - 1, 2**64 - 1
_TIME_MIN, _TIME_MAX = -62135596800 * 10**9, 253402300800 * 10**9 - 1
"""0001-01-01T00:00:00Z to the last nanosecond of the year 9999, as protobuf's Timestamp has it."""
_DURATION_MAX = 2**63
"""Nanoseconds in 64 bits, some 292 years, as cel-spec has it."""
_LARGEST = 10_000_000
"""Elements of a list, or characters of a text, that one operator may build; keeps memory bounded."""


def signed(value: int) -> int:
    """The value, if it fits in 64 bits."""
    if _INT_MIN <= value <= _INT_MAX:
        return value
    raise Fault("integer overflow")


def unsigned(value: int) -> Uint:
    """The value, if it fits in 64 bits without a sign."""
    if 0 <= value <= _UINT_MAX:
        return Uint(value)
    raise Fault("unsigned integer overflow")


def timestamp(nanos: int) -> Timestamp:
    """A moment of the years 1 to 9999."""
    if _TIME_MIN <= nanos <= _TIME_MAX:
        return Timestamp(nanos)
    raise Fault("timestamp out of range")


def duration(nanos: int) -> Duration:
    """A span whose nanoseconds fit in 64 bits."""
    if -_DURATION_MAX <= nanos < _DURATION_MAX:
        return Duration(nanos)
    raise Fault("duration out of range")


def bounded(size: int) -> None:
    """Refuse to build something of this size."""
    if size > _LARGEST:
        raise Fault(f"the result would have more than {_LARGEST:,} elements")


def mismatch(name: str, *values: Any) -> Fault:
    """The error for operands of types that an operator or function does not take."""
    return Fault(f"no such overload: {name}({', '.join(map(kind_name, values))})")


def add(left: Any, right: Any) -> Any:
    """`+` on numbers, texts, bytes, lists, times."""
    match kinds := (kind(left), kind(right)):
        case ("string", "string") | ("bytes", "bytes"):
            bounded(len(left) + len(right))
            return left + right
        case ("list", "list"):
            bounded(len(left) + len(right))
            return [*left, *right]
        case ("google.protobuf.Timestamp", "google.protobuf.Duration"):
            return timestamp(left.nanos + right.nanos)
        case ("google.protobuf.Duration", "google.protobuf.Timestamp"):
            return timestamp(left.nanos + right.nanos)
        case ("google.protobuf.Duration", "google.protobuf.Duration"):
            return duration(left.nanos + right.nanos)
    return _number("_+_", kinds, left, right, operator.add)


def subtract(left: Any, right: Any) -> Any:
    """`-` on numbers and times."""
    match kinds := (kind(left), kind(right)):
        case ("google.protobuf.Timestamp", "google.protobuf.Timestamp"):
            return duration(left.nanos - right.nanos)
        case ("google.protobuf.Timestamp", "google.protobuf.Duration"):
            return timestamp(left.nanos - right.nanos)
        case ("google.protobuf.Duration", "google.protobuf.Duration"):
            return duration(left.nanos - right.nanos)
    return _number("_-_", kinds, left, right, operator.sub)


def multiply(left: Any, right: Any) -> Any:
    """`*` on two numbers of one type."""
    return _number("_*_", (kind(left), kind(right)), left, right, operator.mul)


def divide(left: Any, right: Any) -> Any:
    """`/`: integers towards zero, doubles by IEEE 754."""
    return _number("_/_", (kind(left), kind(right)), left, right, _quotient)


def modulo(left: Any, right: Any) -> Any:
    """`%` on integers; the sign is that of the dividend."""
    kinds = (kind(left), kind(right))
    if "double" in kinds:
        raise mismatch("_%_", left, right)
    if kinds == ("int", "int") and right == -1:
        signed(-left)  # where the division is an error of CEL, its remainder is one, too
    return _number("_%_", kinds, left, right, _remainder)


def _number(name: str, kinds: tuple[str, str], left: Any, right: Any, compute: Callable[[Any, Any], Any]) -> Any:
    if kinds == ("int", "int"):
        return signed(compute(left, right))
    if kinds == ("double", "double"):
        return compute(left, right)
    if kinds == ("uint", "uint"):
        return unsigned(compute(int(left), int(right)))
    raise mismatch(name, left, right)


def _quotient(left: Any, right: Any) -> Any:
    if isinstance(left, float):
        if right:
            return left / right
        nowhere = left == 0 or math.isnan(left) or math.isnan(right)
        return math.nan if nowhere else math.copysign(math.inf, left) * math.copysign(1.0, right)
    if right == 0:
        raise Fault("division by zero")
    size = abs(left) // abs(right)
    return size if (left < 0) == (right < 0) else -size


def _remainder(left: int, right: int) -> int:
    if right == 0:
        raise Fault("modulo by zero")
    size = abs(left) % abs(right)
    return -size if left < 0 else size


def negate(value: Any) -> Any:
    """Unary `-`."""
    if kind(value) == "int":
        return signed(-value)
    if kind(value) == "double":
        return -value
    raise mismatch("-_", value)


def compare(name: str, compute: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    """`<`, `<=`, `>` or `>=`: numbers by value whatever their type, everything else within its own type."""

    def run(left: Any, right: Any) -> bool:
        one, other = kind(left), kind(right)
        if one in NUMBERS and other in NUMBERS:
            return compute(*comparable(left, right))
        if one == other and one in _ORDERED:
            return compute(left, right)
        raise mismatch(name, left, right)

    return run


_ORDERED = frozenset(
    {"bool", "string", "bytes", "google.protobuf.Timestamp", "google.protobuf.Duration"},
)


def contains(item: Any, container: Any) -> bool | Unknown:
    """`in`: an element of a list, a key of a map."""
    match kind(container), kind(item):
        case "map", "bool" | "int" | "uint" | "string" | "double":
            return lookup(container, item) is not MISSING
        case "list", _:
            answers = [equal(item, element) for element in container]
            if any(answer is True for answer in answers):
                return True
            return next((answer for answer in answers if answer is not False), False)
    raise mismatch("@in", item, container)


def index(container: Any, at: Any) -> Any:
    """`container[at]`; within an optional, what is there or nothing."""
    if isinstance(container, Optional):
        return optional_index(container, at)
    found = _find(container, at)
    if found is not MISSING:
        return found
    if isinstance(container, Mapping):
        raise Fault(f"no such key: {at}")
    raise Fault(f"index {at} is out of range: the list has {len(container)} elements")


def optional_index(container: Any, at: Any) -> Optional:
    """`container[?at]`: an optional, empty where nothing is there."""
    if isinstance(container, Optional):
        return optional_index(container.value, at) if container.present else NONE
    found = _find(container, at)
    return NONE if found is MISSING else Optional(present=True, value=found)


def _find(container: Any, at: Any) -> Any:
    match kind(container), kind(at):
        case "map", "bool" | "int" | "uint" | "string" | "double":
            return lookup(container, at)
        case "list", "int" | "uint":
            return container[at] if 0 <= at < len(container) else MISSING
        case "list", "double" if at == math.floor(at):
            return container[int(at)] if 0 <= at < len(container) else MISSING
    raise mismatch("_[_]", container, at)


OPERATORS: Mapping[str, Callable[..., Any]] = {
    "_+_": add,
    "_-_": subtract,
    "_*_": multiply,
    "_/_": divide,
    "_%_": modulo,
    "-_": negate,
    "_<_": compare("_<_", operator.lt),
    "_<=_": compare("_<=_", operator.le),
    "_>_": compare("_>_", operator.gt),
    "_>=_": compare("_>=_", operator.ge),
    "_==_": equal,
    "_[_]": index,
    "_[?_]": optional_index,
    "@in": contains,
}
