"""Kubernetes' resource quantities: `500m`, `1.5Gi`, `2e3`."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, ClassVar

from scanner.cel.kubernetes._shapes import member, readable
from scanner.cel.operators import mismatch
from scanner.cel.values import Fault, Opaque
from scanner.quantities import amount

_NANO = 10**9
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
    try:
        found = amount(text)
    except OverflowError:
        raise Fault(f"'{text}' is no quantity that can be counted with") from None
    if found is None:
        raise Fault(f"'{text}' is no quantity")
    rounded = Fraction(math.ceil(abs(found.value) * _NANO), _NANO)
    return Quantity(-rounded if found.value < 0 else rounded, found.whole)


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
