"""Sums and products of accelerators, in which an unknown number hides nothing but what depends on it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from msgspec import Struct

from scanner.analyze._guard import guarded
from scanner.model import Unknown

MIXED = "mixed"


class Holding(Struct, frozen=True):
    """Accelerators of one model. Any value may be `Unknown`."""

    most: Any
    fewest: Any
    model: Any


def summed(holdings: Sequence[Holding]) -> Holding:
    """All of them together."""
    return Holding(
        guarded(lambda: sum(holding.most for holding in holdings)),
        guarded(lambda: sum(holding.fewest for holding in holdings)),
        one(lambda: {holding.model for holding in holdings}),
    )


def times(each: Any, machines: Any) -> Any:
    """None of something is none, however many machines there may be."""
    return 0 if not isinstance(each, Unknown) and each == 0 else guarded(lambda: each * machines)


def one(values: Callable[[], set[str]]) -> Any:
    """The one value, `mixed` if they differ."""
    found = guarded(values)
    if isinstance(found, Unknown):
        return found
    return found.pop() if len(found) == 1 else MIXED
