"""Terraform's functions of lists and objects, and the table of all that are worked out without the evaluator.

https://developer.hashicorp.com/terraform/language/functions
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from scanner.load._hcl import plain_conversions as conversions
from scanner.load._hcl.plain_texts import BeyondError, FailedError
from scanner.load._hcl.plain_types import a_kind, a_set, entries, is_uniform


def merge(*objects: Any) -> dict[str, Any]:
    """https://developer.hashicorp.com/terraform/language/functions/merge."""
    found: dict[str, Any] = {}
    for one in objects:
        found |= {} if one is None else a_kind(dict, one)
    return dict(sorted(found.items()))


def concat(*lists: Any) -> list[Any]:
    """https://developer.hashicorp.com/terraform/language/functions/concat."""
    return [entry for one in lists for entry in a_kind(list, one)]


def tolist(value: Any) -> list[Any] | None:
    """https://developer.hashicorp.com/terraform/language/functions/tolist, of texts alone."""
    return None if value is None else _texts(value)


def _texts(value: Any) -> list[str]:
    return [a_kind(str, entry) for entry in a_kind(list, value)]


def flatten(value: Any) -> list[Any]:
    """https://developer.hashicorp.com/terraform/language/functions/flatten."""
    parts = (flatten(one) if isinstance(one, list) else [one] for one in a_kind(list, value))
    return [entry for part in parts for entry in part]


def keys(value: Any) -> list[str]:
    """https://developer.hashicorp.com/terraform/language/functions/keys."""
    return sorted(a_kind(dict, value))


def values(value: Any) -> list[Any]:
    """https://developer.hashicorp.com/terraform/language/functions/values."""
    return [entry for _, entry in entries(a_kind(dict, value))]


def length(value: Any) -> int:
    """https://developer.hashicorp.com/terraform/language/functions/length."""
    return len(conversions.ascii_only(value) if isinstance(value, str) else a_kind((list, dict), value))


def lookup(found: Any, key: Any, *otherwise: Any) -> Any:
    """https://developer.hashicorp.com/terraform/language/functions/lookup."""
    others = a_kind(dict, found).values() if None not in otherwise else ()
    if not all(is_uniform([*otherwise, one]) for one in others):
        raise BeyondError
    if a_kind(str, key) not in found and not otherwise:
        raise FailedError
    return found[key] if key in found else otherwise[0]


def element(found: Any, index: Any) -> Any:
    """https://developer.hashicorp.com/terraform/language/functions/element: it begins anew at the end."""
    if not a_kind(list, found) or a_kind(int, index) < 0:
        raise FailedError
    return found[index % len(found)]


def coalesce(*found: Any) -> Any:
    """https://developer.hashicorp.com/terraform/language/functions/coalesce, of values of one type."""
    if not is_uniform(found):
        raise BeyondError
    return _first(one for one in found if one is not None and one != "")


def coalescelist(*lists: Any) -> list[Any]:
    """https://developer.hashicorp.com/terraform/language/functions/coalescelist."""
    return list(_first(one for one in lists if a_kind(list, one)))


def compact(texts: Any) -> list[str]:
    """https://developer.hashicorp.com/terraform/language/functions/compact."""
    return [one for one in a_kind(list, texts) if one is not None and a_kind(str, one)]


def distinct(texts: Any) -> list[str]:
    """https://developer.hashicorp.com/terraform/language/functions/distinct, of texts alone."""
    return list(dict.fromkeys(_texts(texts)))


def contains(texts: Any, text: Any) -> bool:
    """https://developer.hashicorp.com/terraform/language/functions/contains, of texts alone."""
    return a_kind(str, text) in _texts(texts)


def slice_(found: Any, start: Any, end: Any) -> list[Any]:
    """https://developer.hashicorp.com/terraform/language/functions/slice."""
    if not 0 <= a_kind(int, start) <= a_kind(int, end) <= len(a_kind(list, found)):
        raise FailedError
    return list(found[start:end])


def largest(*numbers: Any) -> int:
    """https://developer.hashicorp.com/terraform/language/functions/max, of whole numbers."""
    return int(max(a_kind(int, one) for one in numbers))


def smallest(*numbers: Any) -> int:
    """https://developer.hashicorp.com/terraform/language/functions/min, of whole numbers."""
    return int(min(a_kind(int, one) for one in numbers))


def _first(found: Iterable[Any]) -> Any:
    for one in found:
        return one
    raise FailedError


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "cidrsubnet": conversions.cidrsubnet,
    "coalesce": coalesce,
    "coalescelist": coalescelist,
    "compact": compact,
    "concat": concat,
    "contains": contains,
    "distinct": distinct,
    "element": element,
    "flatten": flatten,
    "format": conversions.formatted,
    "join": conversions.join,
    "jsondecode": conversions.jsondecode,
    "jsonencode": conversions.jsonencode,
    "keys": keys,
    "length": length,
    "lookup": lookup,
    "lower": conversions.lower,
    "max": largest,
    "merge": merge,
    "min": smallest,
    "replace": conversions.replace,
    "slice": slice_,
    "split": conversions.split,
    "title": conversions.title,
    "tobool": conversions.tobool,
    "tolist": tolist,
    "tonumber": conversions.tonumber,
    "toset": a_set,
    "tostring": conversions.tostring,
    "upper": conversions.upper,
    "values": values,
}
"""By the names that they are called by."""


def called(name: str, arguments: Sequence[Any]) -> Any:
    """What a function gives for these arguments."""
    try:
        return FUNCTIONS[name](*arguments)
    except (TypeError, ValueError):  # too many of them, too few, or none at all
        raise BeyondError from None
