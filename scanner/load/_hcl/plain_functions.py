"""Terraform's commonest functions, as far as it is plain to see what they give.

https://developer.hashicorp.com/terraform/language/functions
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import orjson

from scanner.load._hcl.plain_texts import BeyondError
from scanner.load._hcl.plain_types import a_kind, a_set, entries, shown
from scanner.load._hcl.trust import HOLE
from scanner.patterns import regex

_ODD = regex(r"[^\x20-\x7e\n\r\t]")
_ESCAPED = (("&", "\\u0026"), ("<", "\\u003c"), (">", "\\u003e"))
_FORMAT = regex(r"%(.)")


def merge(*objects: Any) -> dict[str, Any]:
    """https://developer.hashicorp.com/terraform/language/functions/merge."""
    found: dict[str, Any] = {}
    for one in objects:
        found |= a_kind(dict, one or {})
    return dict(sorted(found.items()))


def concat(*lists: Any) -> list[Any]:
    """https://developer.hashicorp.com/terraform/language/functions/concat."""
    return [entry for one in lists for entry in a_kind(list, one)]


def tolist(value: Any) -> list[Any]:
    """https://developer.hashicorp.com/terraform/language/functions/tolist, of texts alone."""
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


def join(separator: Any, *lists: Any) -> str:
    """https://developer.hashicorp.com/terraform/language/functions/join, of texts alone."""
    return str(a_kind(str, separator)).join(a_kind(str, entry) for one in lists for entry in a_kind(list, one))


def lower(text: Any) -> str:
    """https://developer.hashicorp.com/terraform/language/functions/lower."""
    return _ascii(text).lower()


def upper(text: Any) -> str:
    """https://developer.hashicorp.com/terraform/language/functions/upper."""
    return _ascii(text).upper()


def length(value: Any) -> int:
    """https://developer.hashicorp.com/terraform/language/functions/length."""
    return len(_ascii(value) if isinstance(value, str) else a_kind((list, dict), value))


def formatted(pattern: Any, *values: Any) -> str:
    """https://developer.hashicorp.com/terraform/language/functions/format, with `%s` alone."""
    verbs = _FORMAT.findall(a_kind(str, pattern))
    if verbs != ["s"] * len(values):
        raise BeyondError
    return str(pattern) % tuple(map(shown, values))


def jsonencode(value: Any) -> str:
    """https://developer.hashicorp.com/terraform/language/functions/jsonencode."""
    text = orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
    if _ODD.search(text) or "\\u" in text or "\\b" in text or "\\f" in text or _has_hole(value):
        raise BeyondError
    for plain, escaped in _ESCAPED:
        text = text.replace(plain, escaped)
    return text


def _has_hole(value: Any) -> bool:
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return value is HOLE or any(map(_has_hole, inside))


def _ascii(text: Any) -> str:
    if not a_kind(str, text).isascii():
        raise BeyondError
    return str(text)


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "concat": concat,
    "flatten": flatten,
    "format": formatted,
    "join": join,
    "jsonencode": jsonencode,
    "keys": keys,
    "length": length,
    "lower": lower,
    "merge": merge,
    "tolist": tolist,
    "toset": a_set,
    "upper": upper,
    "values": values,
}
"""By the names that they are called by."""


def called(name: str, arguments: Sequence[Any]) -> Any:
    """What a function gives for these arguments."""
    try:
        return FUNCTIONS[name](*arguments)
    except TypeError:  # too many of them, or too few
        raise BeyondError from None
