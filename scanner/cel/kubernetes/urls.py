"""Kubernetes' URLs, read as Go's `url.ParseRequestURI` reads them: absolute, or an absolute path."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import parse_qs, quote, unquote

from scanner.cel.kubernetes._shapes import member, readable
from scanner.cel.operators import mismatch
from scanner.cel.values import Fault, Opaque
from scanner.patterns import regex

_URL = regex(
    r"(?:(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*):)?"
    r"(?:(?P<opaque>[^/?#][^?#]*)|(?://(?:(?P<user>[^/?#]*)@)?(?P<host>[^/?#]*))?(?P<path>/[^?#]*)?)"
    r"(?:\?(?P<query>[^#]*))?(?:#.*)?"
)
_HOST = regex(r"(\[[0-9A-Fa-f:.%\w~-]*\]|[^\[\]\s<>\"\\^`{|}:]*)(?::(\d*))?")
_BROKEN_ESCAPE = regex(r"%(?![0-9A-Fa-f]{2})")
_AS_IS = regex(r"[A-Za-z0-9\-_.~!$&'()*+,;=:@\[\]/%]*")
"""What may stand in an escaped path."""


@dataclass(frozen=True, slots=True)
class Url(Opaque):
    """A URL, taken apart."""

    type_name: ClassVar[str] = "kubernetes.URL"
    scheme: str
    host: str
    path: str
    query: str


def parsed(text: Any) -> Url:
    """`url(text)`."""
    if not isinstance(text, str):
        raise mismatch("url", text)
    found = _URL.fullmatch(text)
    absolute = found and (found["scheme"] or (found["path"] and not text.startswith("//")) or found["host"])
    if not found or not absolute or (found["opaque"] and not found["scheme"]) or _is_odd(text, found):
        raise Fault(f"'{text}' is no absolute URL")
    return Url((found["scheme"] or "").lower(), found["host"] or "", found["path"] or "", found["query"] or "")


def _is_odd(text: str, found: re.Match[str]) -> bool:
    control = any(ord(char) < ord(" ") or char == "\x7f" for char in text)
    broken = any(_BROKEN_ESCAPE.search(found[part] or "") for part in ("path", "host", "user"))
    return control or broken or not _HOST.fullmatch(found["host"] or "")


def _part(host: str, number: int) -> str:
    found = _HOST.fullmatch(host)
    return (found[number] or "") if found else ""


def _escaped(url: Url) -> str:
    return url.path if _AS_IS.fullmatch(url.path) else quote(unquote(url.path), safe="/$&+,:;=@~")


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "url": parsed,
    "isURL": readable(parsed),
    "getScheme": member("getScheme", Url, lambda url: url.scheme),
    "getHost": member("getHost", Url, lambda url: url.host),
    "getHostname": member("getHostname", Url, lambda url: _part(url.host, 1).strip("[]")),
    "getPort": member("getPort", Url, lambda url: _part(url.host, 2)),
    "getEscapedPath": member("getEscapedPath", Url, _escaped),
    "getQuery": member("getQuery", Url, lambda url: parse_qs(url.query, keep_blank_values=True)),
}
