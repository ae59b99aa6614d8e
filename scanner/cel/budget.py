"""How much work one evaluation may do, so that no expression and no data can hold up a scan.

Work is counted, not timed, so that the same scan always gives the same verdicts. A unit is about one node evaluated,
one pair of values compared, 64 characters or 8 elements looked through or built; a million take about a second.
Evaluations do not overlap, so there is one budget, renewed at the start of each.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

_EXACT = 1_000_000
"""Units of one exact evaluation: far more than a sane policy needs."""
_FAST = 100_000
"""Units of one fast form: a few milliseconds, then the exact form is asked."""
_DISTRUSTED = 20_000
"""Units of one exact evaluation of an expression that has run out often."""
_STRIKES = 3
"""So often is often."""
FREE_TEXT, FREE_LIST = 64, 8
"""Characters and elements too few to be paid for. Who knows that there are fewer need not call `look_through`."""
_TEXTS, _LISTS = (str, bytes), (list, tuple)
TOO_MUCH = "the evaluation takes too many steps"


class Fault(Exception):  # noqa: N818  # becomes a `Failure`, which is the word users know
    """Raised by functions; the interpreter turns it into a `Failure`."""


class Budget:
    """What is left of the evaluation at hand."""

    __slots__ = ("_strikes", "_text", "left")

    def __init__(self) -> None:
        self.left = _EXACT
        self._text = ""
        self._strikes: Counter[str] = Counter()

    def renew(self, text: str) -> None:
        """Start an exact evaluation of the expression with this text."""
        if self.left < 0:
            self._strikes[self._text] += 1
        self._text = text
        self.left = _EXACT if self._strikes[text] < _STRIKES else _DISTRUSTED

    def renew_fast(self) -> None:
        """Start a fast form."""
        if self.left < 0:
            self.renew("")
        self._text = ""
        self.left = _FAST

    def spend(self, work: int) -> None:
        """Raises `Fault` when nothing is left."""
        self.left -= work
        if self.left < 0:
            raise Fault(TOO_MUCH)

    def look_through(self, values: Iterable[Any]) -> None:
        """Pay for what a function does with values of these sizes."""
        for value in values:
            if isinstance(value, _TEXTS):
                self.left -= len(value) >> 6
            elif isinstance(value, _LISTS):
                self.left -= len(value) >> 3
        if self.left < 0:
            raise Fault(TOO_MUCH)


BUDGET = Budget()
