"""Label selectors, three-valued: labels may be partly unknown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from scanner.model import Unknown
from scanner.three_valued import every

_OPERATORS = ("In", "NotIn", "Exists", "DoesNotExist")


class Labels(Struct, frozen=True):
    """The labels of an object."""

    known: Mapping[str, Any]
    rest: Unknown | None = None
    """Why there may be labels that are not in `known`; None where there are none."""


def complaint_about(selector: Any) -> str:
    """What is wrong with a selector, for a sentence that begins with its name; empty where nothing is."""
    if selector is None:
        return ""
    if not isinstance(selector, dict) or not isinstance(selector.get("matchLabels") or {}, dict):
        return "must be a map, and so must its matchLabels"
    entries = selector.get("matchExpressions") or []
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        return "must have a list of matchExpressions"
    if any(entry.get("operator") not in _OPERATORS or not isinstance(entry.get("key"), str) for entry in entries):
        return f"must have a key in each of its matchExpressions, and as operator one of {', '.join(_OPERATORS)}"
    if any(not isinstance(entry.get("values") or [], list) for entry in entries):
        return "must have a list of values in each of its matchExpressions"
    return ""


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
