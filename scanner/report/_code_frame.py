"""A few lines of code with the offending columns underlined, as compilers show them."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from scanner.model import Frame, Origin
from scanner.redact import MARK
from scanner.report._terminal import cells, clip, shown

_BEFORE, _AFTER = 2, 1
"""Lines shown around the offending ones."""
_LONGEST = 6
"""Offending lines shown; a block that is longer is cut."""


class Row(Struct, frozen=True):
    """One line to show. `underline` is as wide as the code before it and the mark itself; empty on other lines."""

    number: int
    code: str
    marked: bool
    underline: str = ""


def rows(frame: Frame, origin: Origin, room: int) -> Iterator[Row]:
    """The lines around the origin, none wider than `room` cells. Long lines are cut around the mark."""
    last = min(max(origin.end_line, origin.line), origin.line + _LONGEST - 1)
    skip = _skipped(frame, origin, room)
    for number, line in enumerate(frame.lines, start=frame.first_line):
        if origin.line - _BEFORE <= number <= last + _AFTER:
            code = clip(shown(f"…{line[skip:]}" if skip and len(line) > skip else line if not skip else "…"), room)
            underline = _underline(line, origin, skip, room) if number == origin.line else ""
            yield Row(number, code, origin.line <= number <= last, underline)


def _skipped(frame: Frame, origin: Origin, room: int) -> int:
    """Characters left out at the start of each line so that the mark can be seen."""
    line = _line(frame, origin)
    if cells(shown(line[: max(origin.end_column, origin.column)])) <= room:
        return 0
    return max(0, origin.column - 1 - room // 3)


def _line(frame: Frame, origin: Origin) -> str:
    index = origin.line - frame.first_line
    return frame.lines[index] if 0 <= index < len(frame.lines) else ""


def _underline(line: str, origin: Origin, skip: int, room: int) -> str:
    start, end = _columns(line, origin)
    before = cells(shown(line[skip:start])) + (1 if skip else 0)
    width = max(1, min(cells(shown(line[start:end])), room - before))
    return " " * before + "━" * width if before < room else ""


def _columns(line: str, origin: Origin) -> tuple[int, int]:
    """Start and end of the mark, from 0. Without a column it is the whole line; a secret removed moves the end."""
    if not origin.column:
        return len(line) - len(line.lstrip()), len(line.rstrip())
    start = min(origin.column - 1, len(line))
    end = origin.end_column - 1 if origin.end_line == origin.line and origin.end_column else len(line.rstrip())
    hidden = line.find(MARK, start)
    if hidden != -1:
        end = max(end, hidden + len(MARK))
    return start, min(max(end, start + 1), max(len(line), start + 1))
