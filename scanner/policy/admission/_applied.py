"""A policy applied through a binding: what comes out for one object, all programs of a `model.Policy` share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import takewhile
from typing import Any

from msgspec import Struct

from scanner import cel
from scanner.model import Unknown
from scanner.policy.admission._cluster import Cluster, Given, cluster_of, nowhere
from scanner.policy.admission._matching import Matching
from scanner.policy.admission._quick import NOT_ASKED, PASSES, Quick
from scanner.policy.admission._request import Request, labels_of, mapping
from scanner.policy.admission._rules import Binding, Rules
from scanner.policy.admission._selectors import selects

Object = Mapping[str, Any]

_DEEP = 8
"""Variables inside variables, each a few of Python's frames."""


class Variables(Mapping[str, Any]):
    """`variables.x`: computed when first asked, and at most once.

    Where they ask for each other very deeply, those declared before are computed in order, not one inside another.
    """

    def __init__(self, programs: Mapping[str, cel.Program], roots: Mapping[str, Any]) -> None:
        self._programs = programs
        self._roots = roots
        self._known: dict[str, Any] = {}
        self._depth = 0

    def __getitem__(self, name: str) -> Any:
        if name not in self._known:
            program = self._programs[name]
            if self._depth == _DEEP:
                for earlier in takewhile(lambda one: one != name, self._programs):
                    self._compute(earlier, self._programs[earlier])
            self._compute(name, program)
        return self._known[name]

    def _compute(self, name: str, program: cel.Program) -> None:
        if name not in self._known:
            self._depth += 1
            self._known[name] = program.evaluate(self._roots)
            self._depth -= 1

    def __iter__(self) -> Iterator[str]:
        return iter(self._programs)

    def __len__(self) -> int:
        return len(self._programs)


class Case(Struct, frozen=True):
    """The policy with one set of params."""

    roots: Mapping[str, Any]
    """What its expressions see."""
    condition: Any
    """All `matchConditions` in one: a bool, `Unknown`, or a `cel.Failure`."""
    answers: tuple[Any, ...]
    """Of the validations, in order; empty where the conditions keep them from being asked."""

    def answer(self, number: int) -> Any:
        """Of one validation. Under a condition that is not known it is not known either, unless it is true anyway."""
        if not self.answers or self.answers[number] is True:
            return True
        return self.answers[number] if self.condition is True else self.condition


class Outcome(Struct, frozen=True):
    """What comes out for one object."""

    request: Request
    matched: bool | Unknown
    cases: tuple[Case, ...]

    def worst(self, number: int) -> Any:
        """The answer of one validation over all cases: false, else a failure, else unknown, else true."""
        answers = [case.answer(number) for case in self.cases]
        for kind in (bool, cel.Failure, Unknown):
            found = next((one for one in answers if isinstance(one, kind) and one is not True), None)
            if found is not None:
                return found
        return True


class Applied:
    """Remembers the outcome for the last object, because every program of the policy is asked about it in turn."""

    def __init__(self, rules: Rules, binding: Binding, given: Given) -> None:
        self.rules = rules
        self.binding = binding
        self._given = given
        self._matching = Matching((rules.match, binding.match))
        self._quick = Quick(rules)
        self._last: tuple[Any, Outcome] | None = None

    def outcome(self, roots: Mapping[str, Any]) -> Outcome:
        """What comes out for the resource in these roots."""
        body = roots["resource"]["native"]
        if self._last is None or self._last[0] is not body:
            self._last = (body, self._outcome(body, cluster_of(roots.get("inventory") or nowhere(), self._given)))
        return self._last[1]

    def _outcome(self, body: Object, cluster: Cluster) -> Outcome:
        request = cluster.request(body)
        matched = self._matching(request)
        params = self._params(request, cluster) if matched is not False else ()
        return Outcome(request, matched, tuple(self._case(request, one) for one in params))

    def _case(self, request: Request, params: Any) -> Case:
        roots: dict[str, Any] = {**request.roots, "params": params}
        roots["variables"] = Variables(self.rules.variables, roots)
        quickly = self._quick(roots)
        if quickly == PASSES:
            return Case(roots, True, (True,) * len(self.rules.checks))  # noqa: FBT003  # an answer, not a switch
        if quickly == NOT_ASKED:
            return Case(roots, False, ())  # noqa: FBT003  # likewise
        condition = _all([program.evaluate(roots) for program in self.rules.conditions])
        asked = condition is True or isinstance(condition, Unknown)
        answers = tuple(_verdict(check.program.evaluate(roots)) for check in self.rules.checks) if asked else ()
        return Case(roots, condition, answers)

    def _params(self, request: Request, cluster: Cluster) -> Sequence[Any]:
        """The params that the binding refers to; null where the policy or the binding asks for none."""
        kind, reference = self.rules.param_kind, self.binding.param_ref
        if kind is None or reference is None:
            return (None,)
        namespace = self._param_namespace(kind, reference, request, cluster)
        if isinstance(namespace, Unknown | cel.Failure):
            return (namespace,)
        found = [one for one in cluster.objects(*kind) if _is_meant(one, reference, namespace)]
        if not found:
            named = reference.get("name") or "that the selector selects"
            return (Unknown(f"the {kind[1]} {named} is not among the files", "params"),)
        return found if "name" not in reference else found[:1]

    @staticmethod
    def _param_namespace(
        kind: tuple[str, str], reference: Object, request: Request, cluster: Cluster
    ) -> str | Unknown | cel.Failure:
        """Where the params live: where the reference says, else with the object; empty for params of the cluster."""
        namespaced = cluster.is_namespaced(*kind)
        if reference.get("namespace"):
            return str(reference["namespace"])
        if namespaced is False or (isinstance(namespaced, Unknown) and request.namespaced is False):
            return ""
        if request.namespaced is False and request.kind != "Namespace":
            return cel.Failure(f"the binding takes the {kind[1]} from the object's namespace, and this object has none")
        if isinstance(namespaced, Unknown) and isinstance(request.namespace, Unknown):
            return ""
        return request.namespace


def _is_meant(body: Object, reference: Object, namespace: str) -> bool:
    metadata = mapping(body.get("metadata"))
    if metadata.get("namespace") and namespace and metadata["namespace"] != namespace:
        return False
    if "name" in reference:
        return bool(metadata.get("name") == reference["name"])
    return selects(reference.get("selector"), labels_of(body)) is True


def _all(answers: list[Any]) -> Any:
    """Any condition that is false decides; else a failure, else what is unknown."""
    verdicts = [_verdict(answer) for answer in answers]
    if any(verdict is False for verdict in verdicts):
        return False
    failure = next((verdict for verdict in verdicts if isinstance(verdict, cel.Failure)), None)
    return failure or next((verdict for verdict in verdicts if verdict is not True), True)


def _verdict(answer: Any) -> Any:
    """A bool, an unknown or a failure; what is neither is one."""
    if isinstance(answer, bool | Unknown | cel.Failure):
        return answer
    return cel.Failure("the expression gives no bool")
