"""`"%s has %d".format([name, count])` of CEL's strings extension."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any

from scanner.cel import times
from scanner.cel.budget import BUDGET
from scanner.cel.functions import double_text
from scanner.cel.operators import bounded
from scanner.cel.types import CelType
from scanner.cel.values import Duration, Fault, Timestamp, kind
from scanner.patterns import regex

_CLAUSE = regex(r"%(?:%|(?:\.(\d{1,4}))?(.?))", re.DOTALL)
_DIGITS = 6
"""Of a fraction, where the clause says nothing."""


def formatted(template: str, values: list[Any]) -> str:
    """The template with every clause replaced by its value."""
    rest = iter(enumerate(values))

    def fill(found: re.Match[str]) -> str:
        if found.group() == "%%":
            return "%"
        write = _CLAUSES.get(found[2])
        if write is None:
            raise Fault(f"unrecognized formatting clause '{found.group()}'")
        _, value = next(rest, (0, _NOTHING))
        if value is _NOTHING:
            raise Fault(f"format has more clauses than its {len(values)} values")
        text = write(value, int(found[1]) if found[1] else _DIGITS)
        BUDGET.look_through((text,))
        return text

    text = _CLAUSE.sub(fill, template)
    bounded(len(text))
    return text


_NOTHING = object()


def _text(value: Any, _: int = 0) -> str:
    BUDGET.spend(1)
    BUDGET.look_through((value,))
    match value:
        case None | bool():
            return {None: "null", True: "true", False: "false"}[value]
        case str():
            return value
        case bytes():
            return value.decode(errors="replace")
        case int():
            return str(int(value))
        case float():
            return double_text(value)
        case list() | tuple():
            return f"[{', '.join(map(_text, value))}]"
        case Mapping():
            entries = sorted(f"{_text(key)}: {_text(entry)}" for key, entry in value.items())
            return f"{{{', '.join(entries)}}}"
        case Timestamp():
            return times.text(value)
        case CelType() | Duration():
            return str(value)
    raise Fault(f"%s does not take a {kind(value)}")


def _decimal(value: Any, _: int) -> str:
    if _is_integer(value):
        return str(int(value))
    if isinstance(value, float):
        return double_text(value)
    raise Fault(f"%d does not take a {kind(value)}")


def _real(letter: str) -> Callable[[Any, int], str]:
    def write(value: Any, digits: int) -> str:
        if not _is_integer(value) and not isinstance(value, float):
            raise Fault(f"%{letter} does not take a {kind(value)}")
        return double_text(value) if math.isinf(value) or math.isnan(value) else format(value, f".{digits}{letter}")

    return write


def _integer(letter: str) -> Callable[[Any, int], str]:
    def write(value: Any, _: int) -> str:
        if _is_integer(value) or (letter == "b" and isinstance(value, bool)):
            return format(int(value), letter)
        if letter in "xX" and isinstance(value, str | bytes):
            hexadecimal = (value.encode() if isinstance(value, str) else value).hex()
            return hexadecimal.upper() if letter == "X" else hexadecimal
        raise Fault(f"%{letter} does not take a {kind(value)}")

    return write


def _is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


_CLAUSES: Mapping[str, Callable[[Any, int], str]] = {
    "s": _text,
    "d": _decimal,
    "f": _real("f"),
    "e": _real("e"),
    **{letter: _integer(letter) for letter in "xXob"},
}
