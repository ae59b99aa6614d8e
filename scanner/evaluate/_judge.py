"""One policy, one resource, one verdict.

All policies that may be about a resource are first asked in their fast form, as one function: plain Python that is
right whenever it finishes. Where a policy's part raises (an unknown value, a missing key, a wrong type), the exact
interpreter decides; where it fails, that says which validations are false.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from scanner import cel
from scanner.evaluate._subject import SEEN, Roots
from scanner.model import Policy, Program, Resource, Unknown, Verdict

_NOT_MATCHED, _NOT_APPLICABLE, _PASS, _FAIL, _OPEN = range(5)
_PATIENCE = 16
"""Resources of which a policy is asked exactly before its function is made, which costs as much as some twenty."""
_MANY = 300
"""Resources for which the functions of a panel's policies are made into one, which pays off only then."""
_EACH = -1
"""Stands before the codes of policies that were asked one by one."""
Answer = tuple[Program, int, Any]
"""An expression, the number of its validation (-1 for a gate), and what it came out as."""

_VERDICTS = {_NOT_APPLICABLE: Verdict.NOT_APPLICABLE, _PASS: Verdict.PASS}


_RESOURCE = cel.Given(
    arguments=("resource", "facts"),
    attributes={("resource", name): tuple(path.split(".")) for name, path in SEEN.items()},
    sure=(("resource", "attributes", "*"), ("facts", "*"), ("facts", "*", "*")),
    common=("facts", "*"),
)
Common = Mapping[str, Mapping[str, Any]]
"""Fact name to the one object that it is for all resources it says nothing about."""
Told = dict["Panel", tuple[Any, ...]]
"""What each panel says of these objects, for the resources of one partition."""


class Forms:
    """The fast form of each policy, made when it is first asked for; panels share them."""

    def __init__(self) -> None:
        self._parts: dict[str, cel.Part] = {}
        self._asked: dict[str, int] = defaultdict(int)
        self._alone: dict[str, Callable[..., tuple[Any, ...]]] = {}
        """Functions of single policies."""

    def of(self, policy: Policy) -> cel.Part:
        """The form of a policy."""
        part = self._parts.get(policy.id)
        if part is None:
            form, own = _form(policy), {"params": policy.params}
            part = self._parts[policy.id] = cel.part(policy.id, form, own, _RESOURCE, raised=_OPEN)
        return part

    def code(self, policy: Policy, resource: Resource, facts: Mapping[str, Any]) -> Any:
        """The code of one policy for one resource, whatever panel it is asked in."""
        ask = self._alone.get(policy.id)
        if ask is None:
            self._asked[policy.id] += 1
            if self._asked[policy.id] <= _PATIENCE:
                return _OPEN
            ask = self._alone[policy.id] = cel.fuse_all([self.of(policy)], _RESOURCE)
        try:
            return ask(resource, facts)[0]
        except Exception:  # noqa: BLE001  # a resource or facts of another shape than promised
            return _OPEN


class Panel:
    """Policies asked together: one call gives each of them its code for one resource."""

    def __init__(self, policies: Sequence[Policy], forms: Forms) -> None:
        self.aggregates = tuple(policy for policy in policies if policy.aggregate)
        """Those that are not asked about one resource."""
        self._policies = tuple(policy for policy in policies if not policy.aggregate)
        self._forms = forms
        self._all_open = (_EACH, *(_OPEN,) * len(self._policies))
        self._fused: cel.Fused | None = None
        self._in_order: tuple[Policy, ...] = ()
        """Its policies, in the order of the function's answers."""
        self._asked = 0

    def codes(
        self, resource: Resource, facts: Mapping[str, Any], alike: int, common: Common, told: Told
    ) -> tuple[Any, ...]:
        """Codes for all policies, for `sorted`. `alike` resources, this one among them, may come to be judged.

        `told` is kept by the caller as long as `common` is the same.
        """
        if self._fused is None:
            self._asked += 1
            if max(self._asked, alike) <= _MANY:
                return (_EACH, *(self._forms.code(policy, resource, facts) for policy in self._policies))
            self._fused = self._made()
        try:
            known = told.get(self)
            if known is None:
                known = self._tell(self._fused, resource, facts, common, told)
            return self._fused.ask(resource, facts, known)
        except Exception:  # noqa: BLE001  # a resource or facts of another shape than promised
            return self._all_open

    def _made(self) -> cel.Fused:
        forms = {self._forms.of(policy).answer: policy for policy in self._policies}
        fused = cel.fuse_by_place([self._forms.of(policy) for policy in self._policies], _RESOURCE)
        self._in_order = tuple(forms[part.answer] for part in fused.parts)
        return fused

    def _tell(
        self, fused: cel.Fused, resource: Resource, facts: Mapping[str, Any], common: Common, told: Told
    ) -> tuple[Any, ...]:
        """Ask once what policies say that read nothing but a fact which says nothing."""
        asked = fused.ask(resource, {**facts, **common}, fused.unknown)
        known = told[self] = fused.known(asked, {("facts", name): fact for name, fact in common.items()})
        return known

    def sorted(self, codes: tuple[Any, ...]) -> tuple[list[tuple[Policy, Verdict]], list[Policy], list[Policy]]:
        """The policies that need no more, with their verdicts; those that fail; and those to be asked exactly."""
        if self._fused is None or codes[:1] == (_EACH,):
            pairs = list(zip(self._policies, codes[1:], strict=True))
        else:
            pairs = list(zip(self._in_order, self._fused.flat(codes), strict=True))
        decided = [(policy, _VERDICTS[code]) for policy, code in pairs if code in _VERDICTS]
        failed, left_open = ([policy for policy, code in pairs if code == wanted] for wanted in (_FAIL, _OPEN))
        return decided, failed, left_open


def _form(policy: Policy) -> ast.expr:
    """Code of a policy for the resource, where each of its expressions has a fast form; else always `_OPEN`."""
    gates = [
        gate.fast(policy.params) if gate else ast.Constant(value=True) for gate in (policy.match.where, policy.when)
    ]
    checks = [validation.program.fast(policy.params) for validation in policy.validations]
    forms = [form for form in (*gates, *checks) if form is not None]
    if len(forms) < len(gates) + len(checks):
        return _node(_OPEN)
    where, when, *rest = forms
    return _if(where, _gated(when, _all(rest)), _NOT_MATCHED)


def _gated(gate: ast.expr, checks: ast.expr) -> ast.expr:
    """Code behind `when`. That a gate which only reads a value is unknown does not matter where nothing is wrong."""
    match gate:
        case ast.Call(func=ast.Name(id="_bool"), args=[ast.Subscript() as value]):
            true, false = (cel.is_just(value, wanted=wanted) for wanted in (True, False))
            asked = ast.BoolOp(ast.Or(), [true, cel.is_unknown(value)])
            return _if(false, _NOT_APPLICABLE, _if(asked, _if(checks, _PASS, _if(true, _FAIL, _OPEN)), _OPEN))
    return _if(gate, _if(checks, _PASS, _FAIL), _NOT_APPLICABLE)


def judge(policy: Policy, roots: Roots) -> tuple[Verdict | None, list[Answer]]:
    """The exact verdict, None where the policy is not about this resource; and the answers that led to it.

    There are none for a pass and for what is not applicable.
    """
    roots = {**roots, "params": policy.params}
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


def failed(policy: Policy, roots: Roots) -> list[Answer]:
    """The answers that are false, of a policy that fails by its fast form."""
    if len(policy.validations) == 1:
        return [(policy.validations[0].program, 0, False)]
    answers = _answers(policy, {**roots, "params": policy.params})
    return [answer for answer in answers if answer[2] is False]


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
