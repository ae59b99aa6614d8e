"""What a group measures, at least and at most, where not everything about its resources is known.

Two things may be open: what a resource measures, and whether it counts at all (it is not known whether the policy is
about it, or whose it is). What perhaps does not count adds nothing for certain; and the least or the most of a group
must not be taken from it, because the others may be all there is. No measure is taken to be below zero.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice, pairwise
from typing import Any

from msgspec import Struct

from scanner.patterns import regex

_NUMBER = regex(r"\d+(?:\.\d+)?")
"""A number in the text of an expression. Text is enough: what stands in quotes only costs a question too many."""
_MOST = 200
"""Numbers of an expression and its parameters that are looked at."""
ENDLESS = 2**53
"""Stands for "no upper bound is known"; still exact as a double."""


class Amount(Struct, frozen=True):
    """What one resource measures where it counts: at least `low`, at most `high`."""

    value: Any
    """What `distinct` compares; something of its own where it is not known."""
    low: float
    high: float
    counts: bool
    """Whether it counts for certain."""


def amount(operator: str, value: Any, uid: str, *, counts: bool) -> Amount:
    """What a measured value means for this operator."""
    if operator == "distinct":
        known = isinstance(value, int | float | str)
        return Amount(value if known else f"?{uid}", 1 if known else 0, 1, counts)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return Amount(value, value, value, counts)
    return Amount(f"?{uid}", 0, ENDLESS, counts)


def contribution(one: Amount) -> tuple[float, float]:
    """What it adds to the group, at least and at most."""
    return (one.low, one.high) if one.counts else (min(one.low, 0), max(one.high, 0))


def ends(operator: str, amounts: Sequence[Amount]) -> tuple[float, float]:
    """What the group measures, at least and at most."""
    sure = [one for one in amounts if one.counts]
    lows, highs = [one.low for one in amounts], [one.high for one in amounts]
    match operator:
        case "min":
            return min(lows), min(one.high for one in sure) if sure else max(highs)
        case "max":
            return max(one.low for one in sure) if sure else min(lows), max(highs)
        case "distinct":
            return len({one.value for one in sure if one.low}), len({one.value for one in amounts})
    low, high = zip(*map(contribution, amounts), strict=True)
    return _sum(low), _sum(high)


def _sum(numbers: Sequence[float]) -> float:
    """Rounded once, so that ten times 12.3 is 123.0."""
    return math.fsum(numbers) if any(isinstance(one, float) for one in numbers) else sum(numbers)


def points(low: float, high: float, texts: Iterable[str], params: Mapping[str, Any]) -> list[float]:
    """The values between the ends for which validations may answer otherwise than at the ends.

    They change their answer at the numbers that they name, or between two of these: `measured == 8` is false at both
    ends and true in between.
    """
    if low == high:
        return [low]
    named = islice(_named(texts, params), _MOST)
    near = {point for number in named for point in (number - 1, number, number + 1) if low < point < high}
    found = sorted({low, high, *near})
    between = [
        (one + other) // 2 if isinstance(one + other, int) else (one + other) / 2 for one, other in pairwise(found)
    ]
    return sorted({*found, *between})


def _named(texts: Iterable[str], params: Mapping[str, Any]) -> Iterator[float]:
    for text in texts:
        for word in _NUMBER.findall(text):
            yield float(word) if "." in word else int(word)
    yield from _numbers(params)


def _numbers(value: Any) -> Iterator[float]:
    if isinstance(value, int | float):
        yield value
    inner = value.values() if isinstance(value, Mapping) else value if isinstance(value, list | tuple) else ()
    for one in inner:
        yield from _numbers(one)
