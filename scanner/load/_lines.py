"""Where the lines of a text start. Only a line feed ends one. Lines count from 1, offsets from 0."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from itertools import accumulate

_FEW = 1 << 12
"""Lines of a text of which the start of each is kept. Of a longer one that would take more memory than the text."""
_STEP = 1 << 8
"""Characters, at least, between places whose line is kept in a longer one."""
_MOST_STEPS = 1 << 14


def lines_of(text: str) -> FewLines | ManyLines:
    """The lines of a text."""
    ended = text.count("\n")
    return FewLines(text, ended) if ended <= _FEW else ManyLines(text)


class FewLines:
    """The start of each line, such as of JSON that a machine has written into one."""

    def __init__(self, text: str, ended: int) -> None:
        self.ended = ended
        """How many lines end."""
        self._starts = [0]
        for _ in range(ended):
            self._starts.append(text.index("\n", self._starts[-1]) + 1)

    def around(self, offset: int) -> tuple[int, int]:
        """The line in which an offset lies, and where it starts."""
        line = bisect_right(self._starts, offset)
        return line, self._starts[line - 1]

    def start_of(self, line: int) -> int:
        """The offset at which a line starts."""
        return self._starts[line - 1]


class ManyLines:
    """How many lines end before each of some places, from where on they are counted."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._step = max(_STEP, len(text) // _MOST_STEPS)
        ends = (text.count("\n", start, start + self._step) for start in range(0, len(text), self._step))
        self._before = [*accumulate(ends, initial=0)]
        """How many lines end before each step, and before the end."""
        self.ended = self._before[-1]
        """How many lines end."""

    def around(self, offset: int) -> tuple[int, int]:
        """The line in which an offset lies, and where it starts."""
        step = min(offset // self._step, len(self._before) - 1)
        line = self._before[step] + self._text.count("\n", step * self._step, offset) + 1
        found = self._text.rfind("\n", step * self._step, offset)
        if found < 0 < self._before[step]:
            step = bisect_left(self._before, self._before[step]) - 1  # the last one before, in which a line ends
            found = self._text.rfind("\n", step * self._step, (step + 1) * self._step)
        return line, found + 1

    def start_of(self, line: int) -> int:
        """The offset at which a line starts."""
        step = bisect_left(self._before, line - 1) - 1
        if step < 0:
            return 0
        start = step * self._step
        for _ in range(line - 1 - self._before[step]):
            start = self._text.index("\n", start) + 1
        return start
