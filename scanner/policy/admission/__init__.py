"""Kubernetes' own policies: ValidatingAdmissionPolicy objects and their bindings become policies of a scan.

A policy together with one binding is one `model.Policy` of the family `admission`. Its expressions see what the API
server shows them when the object is created, as far as files can tell; what only a cluster knows is unknown. See
docs/decisions/0007-admission-policies-are-judged-as-a-create.md and
https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Mapping, Sequence

from msgspec import Struct

from scanner.model import Document, Match, Policy, Program, Severity, Validation
from scanner.policy.admission._applied import Applied
from scanner.policy.admission._cluster import Given
from scanner.policy.admission._kinds import group_of
from scanner.policy.admission._programs import Check, Conditions, Guard, Message, Scope
from scanner.policy.admission._rules import Binding, Complaint, Reader, Rules

__all__ = ["Admission", "Complaint", "admission"]

_GROUP = "admissionregistration.k8s.io"
_POLICY, _BINDING = "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"
_UNBOUND = "admission policy without a binding, which has no effect in a cluster"
_ORPHAN = "binding of an admission policy that is not among the files"
_SEVERITIES = {"Deny": Severity.HIGH, "Warn": Severity.MEDIUM, "Audit": Severity.LOW}
"""What a cluster refuses, warns about, and only writes down."""
_DOES = {"Deny": "Refused", "Warn": "Warned about", "Audit": "Put on record"}


class Admission(Struct, frozen=True):
    """What the given objects make."""

    policies: tuple[Policy, ...]
    complaints: tuple[Complaint, ...]
    """Everything that is wrong with them, each with the place in its file."""
    notes: Mapping[str, int]
    """What was left out, and how often."""
    found: int
    """Policies among the objects, usable or not."""


def admission(documents: Sequence[Document]) -> Admission:
    """The policies among these objects, which are also where their params are looked for."""
    reader, notes = Reader(), Counter[str]()
    rules = [reader.rules(document) for document in _of_kind(documents, _POLICY)]
    bindings = [reader.binding(document) for document in _of_kind(documents, _BINDING)]
    given = Given(tuple(document.body for document in documents))
    known = {one.name: one for one in rules}
    reader.twice(rules)
    bound = [(known[one.policy], one) for one in bindings if one.policy in known]
    notes[_ORPHAN] = len(bindings) - len(bound)
    notes[_UNBOUND] = len({*known} - {one.policy for one in bindings})
    policies: dict[str, Policy] = {}
    for one, binding in bound:
        policy = _policy(one, binding, given, policies)
        policies[policy.id] = policy
    return Admission(tuple(policies.values()), tuple(reader.complaints), +notes, len(rules))


def _of_kind(documents: Sequence[Document], kind: str) -> list[Document]:
    return [one for one in documents if one.body.get("kind") == kind and group_of(one.body) == _GROUP]


def _policy(rules: Rules, binding: Binding, given: Given, taken: Mapping[str, Policy]) -> Policy:
    worst = next(action for action in _SEVERITIES if action in binding.actions)
    applied = Applied(rules, binding, given)
    checks = [(Check(applied, number), Message(applied, number)) for number in range(len(rules.checks))]
    guards = [(Guard(applied), Message(applied, -1))] if rules.conditions else []
    asked: list[tuple[Program, Message]] = [*guards, *checks]
    return Policy(
        id=_id(rules.name, binding.name, taken),
        title=f"{_DOES[worst]} by the admission policy {rules.name} ({binding.name})",
        severity=_SEVERITIES[worst],
        family="admission",
        pack="admission",
        match=Match(sources=("kubernetes_*",), where=Scope(applied)),
        when=Conditions(applied),
        validations=tuple(Validation(check, message.text, (message,)) for check, message in asked),
        aggregate=None,
        rationale=f"The binding {binding.name} applies the admission policy {rules.name} to this object, with the "
        f"actions {', '.join(binding.actions)}. What is found here is what a cluster with both would do.",
        remediation="Change the object so that the expression holds, or agree on an exception in the binding.",
        controls=(),
        params={},
        path=rules.origin.uri,
    )


def _id(policy: str, binding: str, taken: Mapping[str, Policy]) -> str:
    """`vap-<policy>-by-<binding>`, with dashes for what is no letter or digit."""
    plain = re.sub(r"[^a-z0-9]+", "-", f"vap-{policy}-by-{binding}".lower()).strip("-")
    if plain not in taken:
        return plain
    return f"{plain}-{hashlib.sha256(f'{policy} {binding}'.encode()).hexdigest()[:8]}"
