"""Texts as SARIF wants them: one line for the eye, ended by a period, and free of SARIF's own markup."""

from __future__ import annotations

from scanner.patterns import regex
from scanner.report._visible import visible

_LINK = regex(r"\](?=\()")
_HOLE = regex(r"\{(\d+)\}")


def plain(text: str) -> str:
    """Text that SARIF viewers show as it is: no embedded link (section 3.11.6) and no placeholder (section 3.11.5)."""
    return _HOLE.sub(r"{{\1}}", _LINK.sub("] ", visible(text)))


def sentence(text: str) -> str:
    """The same, ended by a period."""
    stripped = plain(text.strip())
    return stripped if stripped.endswith((".", "!", "?")) else f"{stripped}."


def clipped(text: str, most: int) -> str:
    """At most so many characters, cut between words."""
    if len(text) <= most:
        return text
    return f"{text[: most - 3].rsplit(' ', 1)[0]}..."
