"""Label selectors, three-valued: labels may be partly unknown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from scanner.model import Unknown

OPERATORS = ("In", "NotIn", "Exists", "DoesNotExist")


@dataclass(frozen=True, slots=True)
class Labels:
    """The labels of an object."""

    known: Mapping[str, Any]
    rest: Unknown | None = None
    """Why there may be labels that are not in `known`; None where there are none."""


def every(answers: Iterable[bool | Unknown]) -> bool | Unknown:
    """`and` over three values."""
    result: bool | Unknown = True
    for answer in answers:
        if answer is False:
            return False
        if isinstance(answer, Unknown):
            result = answer
    return result


def some(answers: Iterable[bool | Unknown]) -> bool | Unknown:
    """`or` over three values."""
    result: bool | Unknown = False
    for answer in answers:
        if answer is True:
            return True
        if isinstance(answer, Unknown):
            result = answer
    return result


def selects(selector: Any, labels: Labels) -> bool | Unknown:
    """Whether a selector (`matchLabels`, `matchExpressions`) selects the labels; an empty one selects everything."""
    if not isinstance(selector, dict):
        return True
    equal = (selector.get("matchLabels") or {}).items()
    written = selector.get("matchExpressions") or ()
    wanted = [
        *((key, "In", [value]) for key, value in equal),
        *((entry.get("key"), entry.get("operator"), entry.get("values") or []) for entry in written),
    ]
    return every(_holds(labels, *one) for one in wanted)


def _holds(labels: Labels, key: str, operator: str, values: list[str]) -> bool | Unknown:
    value = labels.known.get(key, labels.rest)
    if isinstance(value, Unknown):
        return value
    if operator == "Exists":
        return value is not None
    if operator == "DoesNotExist":
        return value is None
    return (value in values) == (operator == "In")
