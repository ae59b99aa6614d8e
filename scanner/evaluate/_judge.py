"""One policy, one resource, one verdict.

A policy is first asked in its fast form: plain Python that is right whenever it finishes. Where it raises
(an unknown value, a missing key, a wrong type), the exact interpreter decides.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from scanner import cel
from scanner.evaluate._subject import Roots
from scanner.model import Policy, Program, Unknown, Verdict

_NOT_MATCHED, _NOT_APPLICABLE, _PASS, _NOT_PASS = range(4)
Answer = tuple[Program, int, Any]
"""An expression, the number of its validation (-1 for a gate), and what it came out as."""

_VERDICTS = {_NOT_MATCHED: None, _NOT_APPLICABLE: Verdict.NOT_APPLICABLE, _PASS: Verdict.PASS}


@dataclass(frozen=True, slots=True)
class Prepared:
    """A policy ready to judge. `fast` takes resource, facts and params, and gives one of the four codes above."""

    policy: Policy
    fast: Callable[..., int] | None


def prepare(policy: Policy) -> Prepared:
    """Fuse the policy's expressions into one function, where each of them has a fast form."""
    gates = [gate.fast() if gate else ast.Constant(value=True) for gate in (policy.match.where, policy.when)]
    checks = [validation.program.fast() for validation in policy.validations]
    forms = [form for form in (*gates, *checks) if form is not None]
    if len(forms) < len(gates) + len(checks):
        return Prepared(policy, None)
    where, when, *rest = forms
    verdict = _if(_all(rest), _PASS, _NOT_PASS)
    body = _if(where, _if(when, verdict, _NOT_APPLICABLE), _NOT_MATCHED)
    return Prepared(policy, cel.fuse(policy.id, body, ("resource", "facts", "params")))


def judge(prepared: Prepared, roots: Roots) -> tuple[Verdict | None, list[Answer]]:
    """The verdict, None where the policy is not about this resource; and the answers that led to it.

    There are none for a pass and for what is not applicable.
    """
    if prepared.fast:
        try:
            code = prepared.fast(roots["resource"], roots["facts"], prepared.policy.params)
        except Exception:  # noqa: BLE001  # whatever the fast form stumbles over, the exact one explains
            code = _NOT_PASS
        if code != _NOT_PASS:
            return _VERDICTS[code], []
    return _exact(prepared.policy, {**roots, "params": prepared.policy.params})


def _exact(policy: Policy, roots: Roots) -> tuple[Verdict | None, list[Answer]]:
    for gate, otherwise in ((policy.match.where, None), (policy.when, Verdict.NOT_APPLICABLE)):
        value = gate.evaluate(roots) if gate else True
        if value is False:
            return otherwise, []
        if gate and value is not True:
            if isinstance(value, Unknown) and all(answer is True for _, _, answer in _answers(policy, roots)):
                return Verdict.PASS, []  # whatever the gate turns out to be, nothing is wrong
            return _undecided(policy, [value]), [(gate, -1, value)]
    answers = _answers(policy, roots)
    false = [answer for answer in answers if answer[2] is False]
    if false:
        return Verdict.FAIL, false
    verdict = _undecided(policy, [value for _, _, value in answers])
    return verdict, [answer for answer in answers if answer[2] is not True]


def _answers(policy: Policy, roots: Roots) -> list[Answer]:
    programs = [validation.program for validation in policy.validations]
    return [(program, number, program.evaluate(roots)) for number, program in enumerate(programs)]


def _undecided(policy: Policy, values: Sequence[Any]) -> Verdict:
    """The verdict where nothing is false: an error, not known, or all true."""
    if any(isinstance(value, Unknown) for value in values):
        return policy.on_unknown
    return Verdict.PASS if all(value is True for value in values) else Verdict.ERROR


def _if(test: ast.expr, then: ast.expr | int, otherwise: ast.expr | int) -> ast.expr:
    return ast.IfExp(test=test, body=_node(then), orelse=_node(otherwise))


def _all(forms: Sequence[ast.expr]) -> ast.expr:
    return forms[0] if len(forms) == 1 else ast.BoolOp(op=ast.And(), values=list(forms))


def _node(value: ast.expr | int) -> ast.expr:
    return ast.Constant(value=value) if isinstance(value, int) else value
