"""Label selectors of Kubernetes, as its own API machinery reads them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scanner.bodies import items, mapping, text
from scanner.model import Unknown


def selects(selector: Any, labels: Mapping[str, Any]) -> bool:
    """Whether a selector (`matchLabels`, `matchExpressions`) takes an object with these labels; an empty one takes all.

    Raises `UnknownRead` where a label that matters is not known.
    """
    wanted = mapping(mapping(selector).get("matchLabels"))
    return holds(wanted, labels) and all(
        _expression(mapping(one), labels) for one in items(mapping(selector).get("matchExpressions"))
    )


def holds(wanted: Mapping[Any, Any], labels: Mapping[str, Any]) -> bool:
    """Whether every wanted label is there with just this value.

    One that surely is not decides; raises `UnknownRead` only where a label that is not known does.
    """
    pairs = [(labels.get(str(key)), text(value)) for key, value in wanted.items()]
    sure = all(label is not None and text(label) == value for label, value in pairs if not isinstance(label, Unknown))
    return sure and all(text(label) == value for label, value in pairs)


def _expression(expression: Mapping[str, Any], labels: Mapping[str, Any]) -> bool:
    key, values = text(expression.get("key")), [text(value) for value in items(expression.get("values"))]
    match text(expression.get("operator")):
        case "In":
            return key in labels and text(labels[key]) in values
        case "NotIn":
            return key not in labels or text(labels[key]) not in values
        case "Exists":
            return key in labels
        case "DoesNotExist":
            return key not in labels
    return False  # the API server refuses any other operator
