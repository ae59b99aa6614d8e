"""Kubernetes' resource quantities: `500m`, `1.5Gi`, `2e3`."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, ClassVar

from scanner.cel.kubernetes._shapes import member, readable
from scanner.cel.operators import mismatch
from scanner.cel.values import Fault, Opaque
from scanner.patterns import regex

_QUANTITY = regex(r"([+-]?)(\d*)(?:\.(\d*))?(?:([eE][+-]?\d+)|(Ki|Mi|Gi|Ti|Pi|Ei|[numkMGTPE]))?", re.ASCII)
_POWERS = {"n": -9, "u": -6, "m": -3, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY = {"Ki": 1, "Mi": 2, "Gi": 3, "Ti": 4, "Pi": 5, "Ei": 6}
_NANO = 10**9
_LONGEST, _STEEPEST = 200, 100
"""Characters and powers of ten; what is beyond them is no amount of anything, and would cost memory."""
_LARGEST = 2**63 - 1


@dataclass(frozen=True, slots=True, order=True)
class Quantity(Opaque):
    """An amount, exact to a billionth."""

    type_name: ClassVar[str] = "kubernetes.Quantity"
    amount: Fraction
    whole: bool = field(default=False, compare=False)
    """Whether it was written as an integer. `1000m` was not, and Kubernetes does not make one of it."""


def parsed(text: Any) -> Quantity:
    """`quantity(text)`; finer parts than a billionth are rounded away from zero, as Kubernetes does."""
    if not isinstance(text, str):
        raise mismatch("quantity", text)
    found = _QUANTITY.fullmatch(text) if len(text) <= _LONGEST else None
    if found is None or not (found[2] or found[3]):
        raise Fault(f"'{text}' is no quantity")
    sign, integer, decimals, exponent, suffix = found.groups(default="")
    power = int(exponent[1:]) if exponent else _POWERS.get(suffix, 0)
    if abs(power) > _STEEPEST:
        raise Fault(f"'{text}' is no quantity that can be counted with")
    amount = Fraction(int(integer + decimals or "0"), 10 ** len(decimals)) * Fraction(10) ** power
    amount *= 1024 ** _BINARY.get(suffix, 0)
    rounded = Fraction(math.ceil(amount * _NANO), _NANO)
    return Quantity(-rounded if sign == "-" else rounded, power >= 0 and not decimals)


def _is_integer(value: Quantity) -> bool:
    return value.whole and abs(value.amount) <= _LARGEST


def _integer(value: Quantity) -> int:
    if not _is_integer(value):
        raise Fault("cannot convert value to integer")
    return int(value.amount)


def _sum(name: str, sign: int) -> Callable[[Any, Any], Quantity]:
    def run(left: Any, right: Any) -> Quantity:
        other = right
        if isinstance(right, int) and not isinstance(right, bool):
            other = Quantity(Fraction(right), whole=True)
        if isinstance(left, Quantity) and isinstance(other, Quantity):
            return Quantity(left.amount + sign * other.amount, left.whole and other.whole)
        raise mismatch(name, left, right)

    return run


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "quantity": parsed,
    "isQuantity": readable(parsed),
    "isInteger": member("isInteger", Quantity, _is_integer),
    "asInteger": member("asInteger", Quantity, _integer),
    "asApproximateFloat": member("asApproximateFloat", Quantity, lambda value: float(value.amount)),
    "sign": member("sign", Quantity, lambda value: (value.amount > 0) - (value.amount < 0)),
    "add": _sum("add", 1),
    "sub": _sum("sub", -1),
}
