"""An expression that is compiled when it is first asked.

For the packs govscan ships, whose expressions its own tests hold to be right: one scan asks a fraction of them.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

from scanner.model import Explanation, Path, Program


class Deferred:
    """A `Program` known by its text. `compile_now` may raise `PolicyError`, and so may everything but the text."""

    def __init__(self, text: str, compile_now: Callable[[], Program]) -> None:
        self.text = text
        """The expression as its author wrote it."""
        self._compile_now = compile_now

    @cached_property
    def _program(self) -> Program:
        return self._compile_now()

    @property
    def reads(self) -> frozenset[str]:
        """See `Program`."""
        return self._program.reads

    @property
    def inputs(self) -> frozenset[Path] | None:
        """See `Program`."""
        return self._program.inputs

    def fast(self, params: Mapping[str, Any] | None = None) -> ast.expr | None:
        """See `Program`."""
        return self._program.fast(params)

    def evaluate(self, roots: Mapping[str, Any]) -> Any:
        """See `Program`."""
        return self._program.evaluate(roots)

    def explain(self, roots: Mapping[str, Any]) -> Explanation:
        """See `Program`."""
        return self._program.explain(roots)
