"""A text with its lines, so that an offset becomes a line and a column. Lines and columns count from 1."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from scanner.load._lines import lines_of
from scanner.model import Frame

_AROUND = 3
_LONGEST = 400
"""A place beyond this column is shown without code: the line was written by a machine, and no reader would find it."""
_CARRIED = 16_000
"""Characters of a line that are passed on. More than are shown: what hides secrets must see them whole."""
_SHORT = 200


class Place(Struct, frozen=True):
    """A stretch of a text; `end_column` is one past its last character."""

    text: Text
    line: int
    column: int
    end_line: int
    end_column: int
    related: tuple[tuple[str, Place], ...] = ()
    """Where else to look, with the address of what stands there: the calls of the modules around, innermost first."""

    def frame(self) -> Frame | None:
        """A few lines around it, as they are; None where a line is too long to show the place."""
        if self.column > _LONGEST:
            return None
        first = max(1, self.line - _AROUND)
        last = min(self.text.line_count(), self.end_line + _AROUND)
        return Frame(first, tuple(line[:_CARRIED] for line in self.text.lines(first, last)))


class Text:
    """One file's text. Only a line feed ends a line, as editors and GitHub count."""

    def __init__(self, uri: str, text: str) -> None:
        self.uri = uri
        self.text = text
        self._lines = lines_of(text)

    def line_count(self) -> int:
        """The number of lines; what follows the last line feed counts only if it is there."""
        ended = self._lines.ended
        return ended + (ended == 0 or not self.text.endswith("\n"))

    def lines(self, first: int, last: int) -> Iterator[str]:
        """Lines without their ends."""
        start = self.line_start(first)
        for _ in range(first, last + 1):
            end = self.text.find("\n", start)
            end = len(self.text) if end < 0 else end
            yield self.text[start:end].rstrip("\r\n")
            start = end + 1

    def line(self, number: int) -> str:
        """A line without its end."""
        return next(self.lines(number, number))

    def line_start(self, number: int) -> int:
        """The offset at which a line starts."""
        return self._lines.start_of(number)

    def place(self, start: int, end: int) -> Place:
        """From an offset up to another one."""
        line, begins = self._lines.around(start)
        last, last_begins = self._lines.around(max(start, end - 1))
        return Place(self, line, start - begins + 1, last, end - last_begins + 1)

    def entry(self, start: int, label_end: int, end: int) -> Place:
        """A key with its value if both fit on one line of readable length; else the key (up to `label_end`)."""
        whole = self.place(start, end)
        if whole.line == whole.end_line and end - start <= _SHORT:
            return whole
        return self.place(start, label_end)

    def head(self, start: int, end: int) -> Place:
        """The first line of what stretches from `start` to `end`, without the blanks at its end, and not too long."""
        stop = min(end, start + _SHORT)
        line = self.text.find("\n", start, stop)
        stop = stop if line < 0 else line
        return self.place(start, start + max(1, len(self.text[start:stop].rstrip())))
