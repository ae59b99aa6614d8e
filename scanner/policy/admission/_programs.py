"""The parts of a `model.Policy` that ask an admission policy. Each answers for the resource in the roots.

What the answers mean together: where the policy is not about the object, `Scope` is false; where its conditions keep
it from being asked, or all that went wrong is an error that `failurePolicy: Ignore` forgives, `Conditions` is false
(not applicable). An error under `failurePolicy: Fail` makes its validation false, because the cluster refuses.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from typing import Any

from scanner import cel
from scanner.model import Explanation, ReadValue, Unknown
from scanner.policy.admission._applied import Applied, Case, Outcome
from scanner.policy.admission._provenance import Explained, Read, placed

_LONGEST = 5 * 1024
"""Bytes of a message that the API server takes from a messageExpression."""

Roots = Mapping[str, Any]


class _Part:
    """What all have in common; there is no fast form."""

    text = "true"
    reads: frozenset[str] = frozenset()
    inputs = None

    def __init__(self, applied: Applied) -> None:
        self._applied = applied

    def fast(self, params: Mapping[str, Any] | None = None) -> ast.expr | None:  # noqa: ARG002  # as `Program` has it
        """See `Program`."""
        return None

    def explain(self, roots: Roots) -> Explanation:  # noqa: ARG002  # the signature of `Program`
        """See `Program`; nothing is read but what the parts below say."""
        return Explained(())

    def evaluate(self, roots: Roots) -> Any:
        """See `Program`."""
        raise NotImplementedError


class Scope(_Part):
    """Whether the policy and the binding are about the object."""

    def evaluate(self, roots: Roots) -> Any:
        """See `Program`."""
        return self._applied.outcome(roots).matched


class _Gate(_Part):
    """A part whose text is that of the match conditions."""

    def __init__(self, applied: Applied) -> None:
        super().__init__(applied)
        self.text = _joined(applied)


class Conditions(_Gate):
    """False where nothing is asked of the object, or nothing but forgiven errors came out."""

    def evaluate(self, roots: Roots) -> Any:
        """See `Program`."""
        outcome = self._applied.outcome(roots)
        if all(case.condition is False for case in outcome.cases):
            return False
        if not self._applied.rules.ignores_errors:
            return True
        answers = [answer for case in outcome.cases for answer in (case.condition, *case.answers)]
        failed = any(isinstance(answer, cel.Failure) for answer in answers)
        decided = any(case.answers and _matters(answer) for case in outcome.cases for answer in case.answers)
        return decided or not failed


class Guard(_Gate):
    """True where the conditions could be evaluated, false where the cluster refuses because they could not."""

    def evaluate(self, roots: Roots) -> Any:
        """See `Program`."""
        return self._applied.rules.ignores_errors or not _broken(self._applied.outcome(roots))

    def explain(self, roots: Roots) -> Explanation:
        """See `Program`."""
        case = _broken(self._applied.outcome(roots))
        programs = self._applied.rules.conditions if case else ()
        return Explained(tuple(_reads(programs, case, self._applied) if case else ()))


class Check(_Part):
    """One entry of `validations`."""

    def __init__(self, applied: Applied, number: int) -> None:
        super().__init__(applied)
        self._number = number
        self._program = applied.rules.checks[number].program
        self.text = self._program.text
        self.reads = self._program.reads

    def evaluate(self, roots: Roots) -> Any:
        """An error is forgiven or a refusal."""
        worst = self._applied.outcome(roots).worst(self._number)
        return self._applied.rules.ignores_errors if isinstance(worst, cel.Failure) else worst

    def explain(self, roots: Roots) -> Explanation:
        """See `Program`."""
        outcome = self._applied.outcome(roots)
        case = _deciding(outcome, self._number)
        reads = tuple(_reads((self._program,), case, self._applied)) if case else ()
        return Explained((*reads, *_guess(outcome)))


class Message(_Part):
    """What to say about a validation, or about the conditions where the number is -1."""

    def __init__(self, applied: Applied, number: int) -> None:
        super().__init__(applied)
        self._number = number
        rule = applied.rules.checks[number] if number >= 0 else None
        said = "the match conditions could not be evaluated"
        self.text = (rule.message or _failed(rule.program)) if rule else said

    def evaluate(self, roots: Roots) -> Any:
        """As the API server words it: messageExpression, else message, else the expression."""
        outcome = self._applied.outcome(roots)
        case = _deciding(outcome, self._number) if self._number >= 0 else _broken(outcome)
        answer = (case.answer(self._number) if self._number >= 0 else case.condition) if case else None
        if isinstance(answer, cel.Failure):
            what = "the expression" if self._number >= 0 else "a match condition"
            return f"{what} fails ({answer.message}), and with failurePolicy Fail the cluster refuses the object"
        return (self._computed(case) if case and self._number >= 0 else "") or self.text

    def _computed(self, case: Case) -> str:
        program = self._applied.rules.checks[self._number].message_program
        said = program.evaluate(case.roots) if program else ""
        plain = said.strip() if isinstance(said, str) else ""
        return "" if "\n" in plain or len(plain.encode(errors="replace")) > _LONGEST else plain


def _joined(applied: Applied) -> str:
    return " && ".join(f"({program.text})" for program in applied.rules.conditions) or "true"


def _failed(program: cel.Program) -> str:
    return f"failed expression: {program.text.strip()}"


def _matters(answer: Any) -> bool:
    return answer is False or isinstance(answer, Unknown)


def _broken(outcome: Outcome) -> Case | None:
    return next((case for case in outcome.cases if isinstance(case.condition, cel.Failure)), None)


def _deciding(outcome: Outcome, number: int) -> Case | None:
    """The case whose answer is the worst."""
    worst = outcome.worst(number)
    return next((case for case in outcome.cases if case.answers and case.answer(number) is worst), None)


def _reads(programs: tuple[cel.Program, ...], case: Case, applied: Applied) -> Iterator[ReadValue]:
    for program in programs:
        yield from placed(program.explain(case.roots).reads, case.roots, applied.rules.variables)


def _guess(outcome: Outcome) -> Iterator[ReadValue]:
    """Own up to a plural that nothing confirms."""
    if outcome.request.guessed:
        said = f"{outcome.request.plural} (the usual plural; give the CustomResourceDefinition to be sure)"
        yield Read("request.resource.resource", ("request", "resource", "resource"), said)
