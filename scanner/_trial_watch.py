"""Notes which answers the validations of a policy gave, so that it can be said which no case ever exercised."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from scanner.model import Policy, Program, Tally, Verdict
from scanner.programs import Relay


class Watched(Relay):
    """A `Program` that remembers the truth values it gave when asked exactly. `answers` tells of other passes."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self.answers: set[bool] = set()

    def evaluate(self, roots: Mapping[str, Any]) -> Any:
        """See `Program`."""
        value = self._program.evaluate(roots)
        if isinstance(value, bool):
            self.answers.add(value)
        return value


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
