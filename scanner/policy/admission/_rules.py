"""Reads the two kinds of object, compiles their expressions, and writes down everything that is wrong with them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from msgspec import Struct, field

from scanner import cel
from scanner.model import Citation, Document, Origin, Path
from scanner.patterns import regex
from scanner.policy._complaints import complaints
from scanner.policy.admission._matching import complaint_about_rule
from scanner.policy.admission._request import mapping
from scanner.policy.admission._selectors import complaint_about

_ROOTS = ("object", "oldObject", "request", "params", "namespaceObject", "variables")
_IDENTIFIER = regex(r"[A-Za-z_]\w*", re.ASCII)
_ACTIONS = ("Deny", "Warn", "Audit")


class Complaint(Struct, frozen=True):
    """One thing that is wrong with an object, and where in its file."""

    place: Citation
    message: str


class Rule(Struct, frozen=True):
    """One entry of `validations`."""

    program: cel.Program
    message: str
    message_program: cel.Program | None


class Rules(Struct, frozen=True):
    """A ValidatingAdmissionPolicy, compiled."""

    name: str
    origin: Origin
    ignores_errors: bool
    """`failurePolicy: Ignore`."""
    match: Mapping[str, Any]
    """`matchConstraints`."""
    conditions: tuple[cel.Program, ...]
    variables: Mapping[str, cel.Program]
    checks: tuple[Rule, ...]
    param_kind: tuple[str, str] | None
    """API version and kind of its params."""


class Binding(Struct, frozen=True):
    """A ValidatingAdmissionPolicyBinding."""

    name: str
    policy: str
    actions: tuple[str, ...]
    match: Mapping[str, Any]
    """`matchResources`; empty for everything."""
    param_ref: Mapping[str, Any] | None


class Reader(Struct):
    """Reads objects one by one; what is wrong is collected, not raised."""

    complaints: list[Complaint] = field(default_factory=list)
    _has_params: bool = False
    """Whether the policy at hand has a paramKind; without, its expressions see no params."""

    def rules(self, document: Document) -> Rules:
        """Read and compile a policy; what cannot be used is left out of it and complained about."""
        spec, origin = mapping(document.body.get("spec")), document.origin
        ignore = spec.get("failurePolicy", "Fail")
        if ignore not in ("Fail", "Ignore"):
            self._complain(origin, ("spec", "failurePolicy"), "failurePolicy must be Fail or Ignore")
        self._match(origin, ("spec", "matchConstraints"), spec.get("matchConstraints"))
        if not _list(mapping(spec.get("matchConstraints")).get("resourceRules")):
            self._complain(origin, ("spec",), "matchConstraints.resourceRules must name at least one resource")
        if not _list(spec.get("validations")) and not _list(spec.get("auditAnnotations")):
            self._complain(origin, ("spec",), "there must be validations or auditAnnotations")
        kind = mapping(spec.get("paramKind"))
        self._has_params = bool(kind)
        variables = self._variables(origin, spec)
        return Rules(
            name=_name(document),
            origin=origin,
            ignores_errors=ignore == "Ignore",
            match=mapping(spec.get("matchConstraints")),
            conditions=tuple(self._conditions(origin, spec)),
            variables=variables,
            checks=tuple(self._checks(origin, spec, variables)),
            param_kind=(str(kind.get("apiVersion")), str(kind.get("kind"))) if kind else None,
        )

    def binding(self, document: Document) -> Binding:
        """Read a binding."""
        spec, origin = mapping(document.body.get("spec")), document.origin
        actions = tuple(action for action in _list(spec.get("validationActions")) if action in _ACTIONS)
        if not actions or len(actions) != len(_list(spec.get("validationActions"))):
            self._complain(origin, ("spec", "validationActions"), "validationActions must be some of Deny, Warn, Audit")
        if {"Deny", "Warn"} <= {*actions}:
            self._complain(origin, ("spec", "validationActions"), "Deny and Warn may not be used together")
        self._match(origin, ("spec", "matchResources"), spec.get("matchResources"))
        reference = mapping(spec.get("paramRef"))
        if reference and ("name" in reference) == ("selector" in reference):
            self._complain(origin, ("spec", "paramRef"), "paramRef must have either a name or a selector")
        wrong = complaint_about(reference.get("selector"))
        if wrong:
            self._complain(origin, ("spec", "paramRef", "selector"), f"selector {wrong}")
        return Binding(
            name=_name(document),
            policy=str(spec.get("policyName", "")),
            actions=actions or _ACTIONS[:1],
            match=mapping(spec.get("matchResources")),
            param_ref=reference or None,
        )

    def twice(self, rules: Sequence[Rules]) -> None:
        """Complain about names that two policies share."""
        seen: set[str] = set()
        for one in rules:
            if one.name in seen:
                self._complain(one.origin, ("metadata", "name"), f"another admission policy is called {one.name} too")
            seen.add(one.name)

    def _variables(self, origin: Origin, spec: Mapping[str, Any]) -> dict[str, cel.Program]:
        """Each may use those before it."""
        found: dict[str, cel.Program] = {}
        for number, entry in enumerate(_list(spec.get("variables"))):
            place: Path = ("spec", "variables", number, "expression")
            name = str(mapping(entry).get("name", ""))
            if not _IDENTIFIER.fullmatch(name):
                self._complain(origin, place[:-1], f"a variable cannot be called '{name}'")
                continue
            program = self._program(origin, place, entry, found)
            if program:
                found[name] = program
        return found

    def _conditions(self, origin: Origin, spec: Mapping[str, Any]) -> Iterator[cel.Program]:
        """They come before everything else, so they have no variables."""
        for number, entry in enumerate(_list(spec.get("matchConditions"))):
            place: Path = ("spec", "matchConditions", number, "expression")
            program = self._program(origin, place, entry, (), "bool")
            if program:
                yield program

    def _checks(self, origin: Origin, spec: Mapping[str, Any], variables: Collection[str]) -> Iterator[Rule]:
        for number, entry in enumerate(_list(spec.get("validations"))):
            place: Path = ("spec", "validations", number)
            program = self._program(origin, (*place, "expression"), entry, variables, "bool")
            said = None
            if mapping(entry).get("messageExpression"):
                said = self._program(origin, (*place, "messageExpression"), entry, variables, "string")
                if said and any(path.split(".")[0] == "authorizer" for path in said.reads):
                    self._complain(origin, (*place, "messageExpression"), "a message cannot ask the authorizer")
            if program:
                yield Rule(program, str(entry.get("message") or "").strip(), said)

    def _program(
        self, origin: Origin, place: Path, entry: Any, variables: Collection[str], wanted: str = ""
    ) -> cel.Program | None:
        text = mapping(entry).get(str(place[-1]))
        if not isinstance(text, str):
            self._complain(origin, place, f"{place[-1]} must be a text")
            return None
        try:
            program = _environment().compile(text)
        except cel.CelError as error:
            for offset, told in complaints(error.mistakes, text, _ROOTS, lambda _: ""):
                self._complain(origin, place, f"{told} ({_where(text, offset)} of: {' '.join(text.split())})")
            return None
        for name in sorted(_names(program) - {*variables}):
            self._complain(origin, place, f"there is no variable '{name}' here, in: {' '.join(text.split())}")
        if not self._has_params and any(path.partition(".")[0] == "params" for path in program.reads):
            told = "there are no params, because the policy has no paramKind"
            self._complain(origin, place, f"{told}, in: {' '.join(text.split())}")
        if wanted and program.result_type not in {wanted, "dyn"}:
            self._complain(origin, place, f"is {program.result_type}, must be {wanted}: {text}")
        return program

    def _match(self, origin: Origin, place: Path, match: Any) -> None:
        known = mapping(match)
        for name in ("resourceRules", "excludeResourceRules"):
            rules = known.get(name) or []
            if not isinstance(rules, list):
                self._complain(origin, (*place, name), f"{name} must be a list")
            for number, rule in enumerate(_list(rules)):
                wrong = complaint_about_rule(rule)
                if wrong:
                    self._complain(origin, (*place, name, number), f"a rule {wrong}")
        for name in ("namespaceSelector", "objectSelector"):
            wrong = complaint_about(known.get(name))
            if wrong:
                self._complain(origin, (*place, name), f"{name} {wrong}")

    def _complain(self, origin: Origin, place: Path, message: str) -> None:
        self.complaints.append(Complaint(Citation(origin, place), message))


@cache
def _environment() -> cel.Environment:
    """What expressions see. One serves all policies, because making one takes longer than compiling a policy."""
    return cel.Environment(dict.fromkeys(_ROOTS, "dyn"), kubernetes=True)


def _where(text: str, offset: int) -> str:
    """One character of an expression, as an editor counts."""
    before = text[:offset]
    column = f"column {offset - before.rfind(chr(10))}"
    return f"line {before.count(chr(10)) + 1}, {column}" if "\n" in text.strip() else column


def _names(program: cel.Program) -> frozenset[str]:
    """The variables that an expression reads; an empty name where it does not say which."""
    paths = (path.split(".") for path in program.reads)
    return frozenset((path[1] if len(path) > 1 else "") for path in paths if path[0] == "variables")


def _name(document: Document) -> str:
    return str(mapping(document.body.get("metadata")).get("name", ""))


def _list(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else ()
