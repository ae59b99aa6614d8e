"""Lines for a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from scanner.patterns import regex
from scanner.report._terminal import cells, shown

_FOLD = regex(r"\s*\n\s*")
_ESCAPE = regex(r"\x1b\[[0-9;]*m")


def row(head: str, text: str, value: str, place: str, width: int) -> Iterator[str]:
    """`text → value  place`, on two lines where one is not enough. `value` and `place` may be colored."""
    tail = f"{value}  {place}".rstrip()
    line = f"{head}{shown(text)} → {tail}"
    if bare(line) <= width:
        yield line
        return
    yield from hanging(head, text, width)
    yield f"{' ' * bare(head)}→ {tail}"


def hanging(head: str, text: str, width: int) -> Iterator[str]:
    """`text` after `head`, its further lines indented as far as the first. Line feeds become spaces."""
    indent = bare(head)
    room = max(width - indent, 20)
    lines = textwrap.wrap(shown(_FOLD.sub(" ", text)), room, break_long_words=False, break_on_hyphens=False) or [""]
    for number, line in enumerate(lines):
        yield f"{' ' * indent if number else head}{line}"


def bare(text: str) -> int:
    """Cells, without the sequences that color."""
    return cells(_ESCAPE.sub("", text))
