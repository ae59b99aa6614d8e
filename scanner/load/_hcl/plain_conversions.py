"""Terraform's functions that make texts, numbers and truth values of others, as far as it is plain to see.

https://developer.hashicorp.com/terraform/language/functions
"""

from __future__ import annotations

import ipaddress
from typing import Any

import orjson

from scanner.load._hcl.plain_texts import BeyondError, FailedError
from scanner.load._hcl.plain_types import a_kind, shown, simple
from scanner.load._hcl.trust import HOLE
from scanner.patterns import regex

_ODD = regex(r"[^\x20-\x7e\n\r\t]")
_ESCAPED = (("&", "\\u0026"), ("<", "\\u003c"), (">", "\\u003e"))
_PLAIN_WORDS = regex(r"[A-Za-z0-9 ]*")
_FORMAT = regex(r"%(.)")
_LARGE = regex(r"[0-9]{16}|[0-9][eE]")
_PREFIX = regex(r"[0-9.]+/[0-9]+|[1-9a-f][0-9a-f]{0,3}(:[0-9a-f]{0,4})+/[0-9]+")
"""Networks whose first part tells apart those of IPv6 from those of IPv4 in its form."""


def lower(text: Any) -> str:
    """https://developer.hashicorp.com/terraform/language/functions/lower."""
    return ascii_only(text).lower()


def upper(text: Any) -> str:
    """https://developer.hashicorp.com/terraform/language/functions/upper."""
    return ascii_only(text).upper()


def title(text: Any) -> str:
    """https://developer.hashicorp.com/terraform/language/functions/title, of letters, digits and spaces."""
    if not _PLAIN_WORDS.fullmatch(ascii_only(text)):
        raise BeyondError
    return " ".join(word[:1].upper() + word[1:] for word in str(text).split(" "))


def formatted(pattern: Any, *values: Any) -> str:
    """https://developer.hashicorp.com/terraform/language/functions/format, with `%s` alone."""
    verbs = _FORMAT.findall(a_kind(str, pattern))
    if verbs != ["s"] * len(values):
        raise BeyondError
    return str(pattern) % tuple(map(shown, values))


def join(separator: Any, *lists: Any) -> str:
    """https://developer.hashicorp.com/terraform/language/functions/join, of texts alone."""
    return str(a_kind(str, separator)).join(a_kind(str, entry) for one in lists for entry in a_kind(list, one))


def split(separator: Any, text: Any) -> list[str]:
    """https://developer.hashicorp.com/terraform/language/functions/split."""
    if not a_kind(str, separator):
        raise BeyondError
    return str(a_kind(str, text)).split(separator)


def replace(text: Any, old: Any, new: Any) -> str:
    """https://developer.hashicorp.com/terraform/language/functions/replace, where it is no pattern."""
    if str(a_kind(str, old)).startswith("/") or not old:
        raise BeyondError
    return str(a_kind(str, text)).replace(old, a_kind(str, new))


def tobool(value: Any) -> Any:
    """https://developer.hashicorp.com/terraform/language/functions/tobool."""
    return None if value is None else simple("bool", value)


def tostring(value: Any) -> Any:
    """https://developer.hashicorp.com/terraform/language/functions/tostring."""
    return None if value is None else simple("string", value)


def tonumber(value: Any) -> Any:
    """https://developer.hashicorp.com/terraform/language/functions/tonumber."""
    return None if value is None else simple("number", value)


def jsonencode(value: Any) -> str:
    """https://developer.hashicorp.com/terraform/language/functions/jsonencode."""
    text = orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
    if _ODD.search(text) or "\\u" in text or "\\b" in text or "\\f" in text or _has_hole(value):
        raise BeyondError
    for plain, escaped in _ESCAPED:
        text = text.replace(plain, escaped)
    return text


def jsondecode(text: Any) -> Any:
    """https://developer.hashicorp.com/terraform/language/functions/jsondecode."""
    if not isinstance(text, str):
        raise FailedError if text is None or isinstance(text, list | dict) else BeyondError
    if _LARGE.search(text):
        raise BeyondError  # it may be a number
    try:
        return orjson.loads(orjson.dumps(orjson.loads(text), option=orjson.OPT_SORT_KEYS))  # as Terraform has it
    except ValueError:
        raise BeyondError from None  # Terraform takes some that are none


def cidrsubnet(prefix: Any, new_bits: Any, number: Any) -> str:
    """https://developer.hashicorp.com/terraform/language/functions/cidrsubnet."""
    if not _PREFIX.fullmatch(a_kind(str, prefix)) or a_kind(int, number) < 0:
        raise BeyondError
    try:
        network = ipaddress.ip_network(prefix, strict=False)
        length = network.prefixlen + a_kind(int, new_bits)
        if number >= 1 << (length - network.prefixlen) or length > network.max_prefixlen:
            raise FailedError
        start = int(network.network_address) + (number << (network.max_prefixlen - length))
        return str(type(network)((start, length)))
    except ValueError:
        raise BeyondError from None


def _has_hole(value: Any) -> bool:
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return value is HOLE or any(map(_has_hole, inside))


def ascii_only(text: Any) -> str:
    """A text in which every character is one byte, whatever is done to it."""
    if not a_kind(str, text).isascii():
        raise BeyondError
    return str(text)
