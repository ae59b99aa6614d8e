"""Text for terminals: cells, not characters, and color only where it is wanted."""

from __future__ import annotations

import unicodedata

from msgspec import Struct

from scanner.report._visible import visible

_TAB = "    "

STYLES = {
    "critical": "1;35",
    "high": "1;31",
    "medium": "1;33",
    "low": "1;36",
    "info": "1;34",
    "advice": "32",
    "good": "32",
    "bad": "1;31",
    "warning": "33",
    "strong": "1",
    "faint": "2",
}
"""Our words for the parameters of the escape sequence that selects a rendition (ECMA-48, section 8.3.117)."""


class Ink(Struct, frozen=True):
    """Colors text, or leaves it alone."""

    color: bool

    def __call__(self, style: str, text: str) -> str:
        """The text in one of `STYLES`."""
        return f"\x1b[{STYLES[style]}m{text}\x1b[0m" if self.color and text else text


def shown(text: str) -> str:
    """The text on one line, with control characters made visible: nothing in it can steer a terminal."""
    return visible(text.replace("\t", _TAB))


def cells(text: str) -> int:
    """How many columns of a terminal the shown text takes (East Asian wide characters take two)."""
    return len(text) if text.isascii() else sum(map(_width, text))


def clip(text: str, most: int) -> str:
    """At most so many cells; what is left out is an ellipsis."""
    if cells(text) <= most:
        return text
    taken, used = [], 1
    for character in text:
        used += _width(character)
        if used > most:
            break
        taken.append(character)
    return f"{''.join(taken)}…"


def counted(number: int, noun: str) -> str:
    """`1 file`, `2 files`, `1,200 policies`."""
    if number != 1:
        noun = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{number:,} {noun}"


def _width(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
