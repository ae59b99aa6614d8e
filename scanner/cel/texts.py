"""CEL's strings extension on known values. Indexes count code points. Each function raises `Fault` on an error."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from scanner.cel.format import formatted
from scanner.cel.operators import bounded, mismatch
from scanner.cel.values import Fault, kind

_SPACE = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
"""Unicode's White_Space property, which is not quite what Python strips."""
_LOWER = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}
_UPPER = {code: code - 32 for code in range(ord("a"), ord("z") + 1)}
_ESCAPES = {ord(char): "\\" + letter for char, letter in zip('\a\b\f\n\r\t\v\\"', 'abfnrtv\\"', strict=True)}


def typed(name: str, compute: Callable[..., Any], *shapes: str) -> Callable[..., Any]:
    """Check the arguments against one of the shapes, such as `ssi`: s text, i integer, l list."""

    def run(*values: Any) -> Any:
        shape = "".join(map(_letter, values))
        if shape not in shapes:
            raise mismatch(name, *values)
        return compute(*values)

    return run


def _letter(value: Any) -> str:
    if isinstance(value, str):
        return "s"
    if isinstance(value, list | tuple):
        return "l"
    return "i" if isinstance(value, int) and not isinstance(value, bool) else "?"


def char_at(text: str, at: int) -> str:
    """One character; empty just behind the last."""
    _check(at, len(text))
    return text[at : at + 1]


def index_of(text: str, part: str, start: int = 0) -> int:
    """Where `part` first begins, at `start` or later; -1 where it does not."""
    _check(start, len(text))
    return text.find(part, start)


def last_index_of(text: str, part: str, start: int | None = None) -> int:
    """Where `part` last begins, at `start` or earlier; -1 where it does not."""
    if start is None:
        return text.rfind(part)
    _check(start, len(text))
    return text.rfind(part, 0, start + len(part))


def substring(text: str, start: int, end: int | None = None) -> str:
    """From `start` up to, not including, `end`."""
    end = len(text) if end is None else end
    _check(start, len(text))
    _check(end, len(text))
    if start > end:
        raise Fault(f"invalid substring range: {start} to {end}")
    return text[start:end]


def replace(text: str, old: str, new: str, limit: int = -1) -> str:
    """Replace the first `limit` occurrences, or all where it is negative."""
    found = len(text) + 1 if limit < 0 else limit
    bounded(len(text) + min(found, text.count(old)) * len(new))
    return text.replace(old, new, max(limit, -1))


def split(text: str, separator: str, limit: int = -1) -> list[str]:
    """At most `limit` parts, or all where it is negative; an empty separator splits into characters."""
    if limit == 0:
        return []
    if separator:
        return text.split(separator, limit - 1 if limit > 0 else -1)
    if limit < 0 or limit >= len(text):
        return list(text)
    return [*text[: limit - 1], text[limit - 1 :]]


def join(parts: list[Any], separator: str = "") -> str:
    """The texts of a list in a row."""
    if any(kind(part) != "string" for part in parts):
        raise mismatch("join", parts)
    bounded(sum(map(len, parts)) + len(parts) * len(separator))
    return separator.join(parts)


def quote(text: str) -> str:
    """In double quotes, with special characters escaped."""
    return f'"{text.translate(_ESCAPES)}"'


def _check(at: int, last: int) -> None:
    if not 0 <= at <= last:
        raise Fault(f"index out of range: {at}")


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "charAt": typed("charAt", char_at, "si"),
    "indexOf": typed("indexOf", index_of, "ss", "ssi"),
    "lastIndexOf": typed("lastIndexOf", last_index_of, "ss", "ssi"),
    "lowerAscii": typed("lowerAscii", lambda text: text.translate(_LOWER), "s"),
    "upperAscii": typed("upperAscii", lambda text: text.translate(_UPPER), "s"),
    "replace": typed("replace", replace, "sss", "sssi"),
    "split": typed("split", split, "ss", "ssi"),
    "substring": typed("substring", substring, "si", "sii"),
    "trim": typed("trim", lambda text: text.strip(_SPACE), "s"),
    "join": typed("join", join, "l", "ls"),
    "strings.quote": typed("strings.quote", quote, "s"),
    "reverse": typed("reverse", lambda text: text[::-1], "s"),
    "format": typed("format", formatted, "sl"),
}
