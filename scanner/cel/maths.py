"""CEL's math extension on known values. Each function raises `Fault` on an error."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from scanner.cel.operators import mismatch, signed
from scanner.cel.values import NUMBERS, Fault, Uint, kind

_BITS = 64
_MASK = 2**64 - 1


def extreme(name: str, better: Callable[[Any, Any], bool]) -> Callable[..., Any]:
    """`math.greatest` and `math.least`, of several numbers or of one list of them; the first of equals."""

    def run(*values: Any) -> Any:
        numbers: Sequence[Any] = values
        if len(values) == 1 and isinstance(values[0], list | tuple):
            numbers = values[0]
        if not numbers or any(kind(number) not in NUMBERS for number in numbers):
            raise mismatch(name, *values)
        best = numbers[0]
        for number in numbers[1:]:
            best = number if better(number, best) else best
        return best

    return run


def of_double(name: str, compute: Callable[[float], Any]) -> Callable[[Any], Any]:
    """A function of one double."""

    def run(value: Any) -> Any:
        if isinstance(value, float):
            return compute(value)
        raise mismatch(name, value)

    return run


def whole(compute: Callable[[float], float]) -> Callable[[float], float]:
    """A rounding; what is not finite stays as it is, and a zero keeps its sign."""

    def run(value: float) -> float:
        return math.copysign(float(compute(value)), value) if math.isfinite(value) else value

    return run


def _round(value: float) -> float:
    """Halves away from zero. Adding one half to 0.49999999999999994 would give 1, so compare the rest instead."""
    size = math.floor(abs(value))
    return size + (abs(value) - size >= 0.5)  # noqa: PLR2004  # a half


def absolute(value: Any) -> Any:
    """`math.abs`."""
    match kind(value):
        case "int":
            return signed(abs(value))
        case "uint" | "double":
            return type(value)(abs(value))
    raise mismatch("math.abs", value)


def sign(value: Any) -> Any:
    """`math.sign`: -1, 0 or 1 of the number's own type."""
    if kind(value) not in NUMBERS:
        raise mismatch("math.sign", value)
    return value if value == 0 or value != value else type(value)(1 if value > 0 else -1)  # noqa: PLR0124  # NaN


def root(value: Any) -> float:
    """`math.sqrt`."""
    if kind(value) not in NUMBERS:
        raise mismatch("math.sqrt", value)
    return math.sqrt(value) if value >= 0 else math.nan


def of_bits(name: str, compute: Callable[[int, int], int]) -> Callable[[Any, Any], Any]:
    """A function of two integers of one type, bit by bit."""

    def run(left: Any, right: Any) -> Any:
        if kind(left) != kind(right) or kind(left) not in {"int", "uint"}:
            raise mismatch(name, left, right)
        return type(left)(compute(int(left), int(right)))

    return run


def complement(value: Any) -> Any:
    """`math.bitNot`."""
    match kind(value):
        case "int":
            return ~value
        case "uint":
            return Uint(~value & _MASK)
    raise mismatch("math.bitNot", value)


def shift(name: str, compute: Callable[[int, int], int]) -> Callable[[Any, Any], Any]:
    """A shift of the 64 bits, whose sign is a bit like the others."""

    def run(value: Any, by: Any) -> Any:
        if kind(value) not in {"int", "uint"} or kind(by) != "int":
            raise mismatch(name, value, by)
        if by < 0:
            raise Fault(f"{name}: negative offset {by}")
        bits = compute(value & _MASK, by) & _MASK if by < _BITS else 0
        return Uint(bits) if isinstance(value, Uint) else bits - (bits >> (_BITS - 1) << _BITS)

    return run


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "math.@max": extreme("math.greatest", lambda one, other: one > other),
    "math.@min": extreme("math.least", lambda one, other: one < other),
    "math.ceil": of_double("math.ceil", whole(math.ceil)),
    "math.floor": of_double("math.floor", whole(math.floor)),
    "math.round": of_double("math.round", whole(_round)),
    "math.trunc": of_double("math.trunc", whole(math.trunc)),
    "math.isNaN": of_double("math.isNaN", math.isnan),
    "math.isInf": of_double("math.isInf", math.isinf),
    "math.isFinite": of_double("math.isFinite", math.isfinite),
    "math.abs": absolute,
    "math.sign": sign,
    "math.sqrt": root,
    "math.bitAnd": of_bits("math.bitAnd", lambda one, other: one & other),
    "math.bitOr": of_bits("math.bitOr", lambda one, other: one | other),
    "math.bitXor": of_bits("math.bitXor", lambda one, other: one ^ other),
    "math.bitNot": complement,
    "math.bitShiftLeft": shift("math.bitShiftLeft", lambda bits, by: bits << by),
    "math.bitShiftRight": shift("math.bitShiftRight", lambda bits, by: bits >> by),
}
