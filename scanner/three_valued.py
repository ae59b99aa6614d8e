"""`and` and `or` over three values: an `Unknown` counts only where no other answer decides."""

from __future__ import annotations

from collections.abc import Iterable

from scanner.model import Unknown


def every(answers: Iterable[bool | Unknown]) -> bool | Unknown:
    """`and` over three values."""
    return _settled(answers, decisive=False)


def some(answers: Iterable[bool | Unknown]) -> bool | Unknown:
    """`or` over three values."""
    return _settled(answers, decisive=True)


def _settled(answers: Iterable[bool | Unknown], *, decisive: bool) -> bool | Unknown:
    result: bool | Unknown = not decisive
    for answer in answers:
        if answer is decisive:
            return decisive
        if isinstance(answer, Unknown):
            result = answer
    return result
