"""Notes which answers the validations of a policy gave, so that it can be said which no case ever exercised."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from scanner.model import Explanation, Path, Policy, Program, Tally, Verdict


class Watched:
    """A `Program` that remembers the truth values it gave when it was asked exactly."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self.answers: set[bool] = set()

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
        """See `Program`. The fast form is tried as in every scan; a pass in it is noted by `answers`."""
        return self._program.fast(params)

    def evaluate(self, roots: Mapping[str, Any]) -> Any:
        """See `Program`."""
        value = self._program.evaluate(roots)
        if isinstance(value, bool):
            self.answers.add(value)
        return value

    def explain(self, roots: Mapping[str, Any]) -> Explanation:
        """See `Program`."""
        return self._program.explain(roots)


def watched(policy: Policy) -> tuple[Policy, list[Watched]]:
    """The same policy, and its validations' programs as they will remember."""
    programs = [Watched(validation.program) for validation in policy.validations]
    validations = zip(policy.validations, programs, strict=True)
    return replace(policy, validations=tuple(replace(one, program=program) for one, program in validations)), programs


def answers(policy: Policy, programs: list[Watched], tally: Tally) -> tuple[frozenset[bool], ...]:
    """What each validation was seen to say.

    Decided without the exact form are passes, where all are true, and failures of a policy with one validation.
    """
    seen = {True} if tally.get(Verdict.PASS) and not policy.aggregate else set()
    if tally.get(Verdict.FAIL) and not policy.aggregate and len(programs) == 1:
        seen |= {False}
    return tuple(frozenset(program.answers | seen) for program in programs)
