"""Kubernetes' named formats: `format.dns1123Label().validate("my-name")` gives what is wrong with a text, if anything.

The shapes are those of the API conventions (RFC 1123 and 1035 names, label values) and of OpenAPI's string formats.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from scanner.cel.kubernetes import urls
from scanner.cel.operators import mismatch
from scanner.cel.values import NONE, Fault, Opaque, Optional

_LABEL, _SUBDOMAIN = 63, 253
"""The longest names, in characters."""
_DNS_LABEL = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_WORD = r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"
_TIME = r"([Tt ])([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?([Zz]|[+-]\d{2}:?\d{2})"
_SHAPES: Mapping[str, tuple[str, int]] = {
    "dns1123Label": (_DNS_LABEL, _LABEL),
    "dns1123Subdomain": (rf"{_DNS_LABEL}(\.{_DNS_LABEL})*", _SUBDOMAIN),
    "dns1035Label": (r"[a-z]([-a-z0-9]*[a-z0-9])?", _LABEL),
    "labelValue": (rf"({_WORD})?", _LABEL),
    "uuid": (r"[0-9A-Fa-f]{8}-?[0-9A-Fa-f]{4}-?[0-9A-Fa-f]{4}-?[0-9A-Fa-f]{4}-?[0-9A-Fa-f]{12}", 36),
    "byte": (r"([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})", 2**31),
}


@dataclass(frozen=True, slots=True)
class Format(Opaque):
    """One format, by its name."""

    type_name: ClassVar[str] = "kubernetes.NamedFormat"
    name: str


def _validate(one: Any, text: Any) -> Optional:
    """Nothing where the text has the format, else a list of what is wrong."""
    if not (isinstance(one, Format) and isinstance(text, str)):
        raise mismatch("validate", one, text)
    wrong = [] if _has(one.name, text) else [f"must be a valid {one.name}"]
    return Optional(present=True, value=wrong) if wrong else NONE


def _has(name: str, text: str) -> bool:
    shape = _SHAPES.get(name.removesuffix("Prefix"))
    if shape:
        # A prefix may end in the dash that joins it to what the API server makes up.
        whole = f"{text[:-2]}a" if name.endswith("Prefix") and len(text) > 1 and text[-1] == "-" else text
        return len(text) <= shape[1] and re.fullmatch(shape[0], whole) is not None
    if name == "qualifiedName":
        return _is_qualified(text)
    if name == "uri":
        return _parses(urls.parsed, text)
    day, time = text[:10], text[10:]
    timed = not time if name == "date" else re.fullmatch(_TIME, time, re.ASCII) is not None
    return timed and _parses(dt.date.fromisoformat, day) and len(day) == len("2000-01-01")


def _is_qualified(text: str) -> bool:
    prefix, slash, name = text.rpartition("/")
    named = len(name) <= _LABEL and re.fullmatch(_WORD, name) is not None
    return named and (not slash or _has("dns1123Subdomain", prefix))


def _parses(read: Callable[[str], Any], text: str) -> bool:
    try:
        read(text)
    except (Fault, ValueError):
        return False
    return True


def _named(name: Any) -> Optional:
    if not isinstance(name, str):
        raise mismatch("format.named", name)
    return Optional(present=True, value=Format(name)) if name in NAMES else NONE


NAMES = (
    *(name for name in _SHAPES),
    *("dns1123LabelPrefix", "dns1123SubdomainPrefix", "dns1035LabelPrefix"),
    *("qualifiedName", "uri", "date", "datetime"),
)


def _constant(name: str) -> Callable[[], Format]:
    return lambda: Format(name)


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "validate": _validate,
    "format.named": _named,
    **{f"format.{name}": _constant(name) for name in NAMES},
}
