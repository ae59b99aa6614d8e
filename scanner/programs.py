"""What is common to programs that stand in front of another: they pass on what they are asked."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

from scanner.model import Explanation, Path, Program


class Relay:
    """A `Program` that gives the answers of another. Who wants more of some of them says so there."""

    _program: Program

    @property
    def text(self) -> str:
        """See `Program`."""
        return self._program.text

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
