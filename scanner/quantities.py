"""Amounts as Kubernetes writes them: `500m`, `1.5Gi`, `2e3`. Source: the API reference of `Quantity`."""

from __future__ import annotations

import re
from fractions import Fraction

from msgspec import Struct

from scanner.patterns import regex

_QUANTITY = regex(r"([+-]?)(\d*)(?:\.(\d*))?(?:([eE][+-]?\d+)|(Ki|Mi|Gi|Ti|Pi|Ei|[numkMGTPE]))?", re.ASCII)
_POWERS = {"n": -9, "u": -6, "m": -3, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY = {"Ki": 1, "Mi": 2, "Gi": 3, "Ti": 4, "Pi": 5, "Ei": 6}
_LONGEST, _STEEPEST = 200, 100
"""Characters and powers of ten; what is beyond them is no amount of anything, and would cost memory."""


class Amount(Struct, frozen=True):
    """An amount, exact."""

    value: Fraction
    whole: bool
    """Whether it was written as an integer. `1000m` was not, and Kubernetes does not make one of it."""


def amount(text: str) -> Amount | None:
    """The amount that a text says; None for what is no quantity. Raises `OverflowError` for one beyond counting."""
    found = _QUANTITY.fullmatch(text) if len(text) <= _LONGEST else None
    if found is None or not (found[2] or found[3]):
        return None
    sign, integer, decimals, exponent, suffix = found.groups(default="")
    power = int(exponent[1:]) if exponent else _POWERS.get(suffix, 0)
    if abs(power) > _STEEPEST:
        raise OverflowError
    value = Fraction(int(integer + decimals or "0"), 10 ** len(decimals)) * Fraction(10) ** power
    value *= 1024 ** _BINARY.get(suffix, 0)
    return Amount(-value if sign == "-" else value, power >= 0 and not decimals)
