"""An expression that is compiled when it is first asked.

For the packs govscan ships, whose expressions its own tests hold to be right: one scan asks a fraction of them.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

from scanner.model import Program
from scanner.programs import Relay


class Deferred(Relay):
    """A `Program` known by its text. `compile_now` may raise `PolicyError`, and so may everything but the text."""

    def __init__(self, text: str, compile_now: Callable[[], Program]) -> None:
        self._text = text
        self._compile_now = compile_now

    @property
    def text(self) -> str:
        """The expression as its author wrote it."""
        return self._text

    @cached_property
    def _program(self) -> Program:  # type: ignore[override]  # what is asked for the first time is made then
        return self._compile_now()
