"""One policy asked about one resource, with everything shown: each expression, each part of it, each value read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from msgspec import Struct

from scanner import cel
from scanner.cel.steps import Step, steps
from scanner.evaluate._evidence import cite, is_sensitive
from scanner.evaluate._judgement import FactView
from scanner.evaluate._match import is_about
from scanner.evaluate._subject import Roots, subject
from scanner.model import Citation, Path, Policy, Program, Resource, Unknown


class Seen(Struct, frozen=True):
    """One part of an expression: what it came out as, and where that was written."""

    step: Step
    place: Citation | None
    """None for what was computed, and for what stands in the policy or its configuration."""
    sensitive: bool


class Asked(Struct, frozen=True):
    """One expression of the policy, answered."""

    name: str
    """`where`, `when`, `validation 2`, `group_by.team`, `measure`."""
    value: Any
    """A plain value, `Unknown` or a `cel.Failure`."""
    parts: tuple[Seen, ...]
    """The whole expression first."""


class Trace(Struct, frozen=True):
    """How the verdict on one resource came about."""

    resource: Resource
    matched: bool
    """Whether the resource's type and source are the policy's business at all; if not, nothing was asked."""
    asked: tuple[Asked, ...]
    """As far as the policy went. Behind a gate that is not known the rest is asked: it may not matter."""


def trace(policy: Policy, resource: Resource, facts: FactView) -> Trace:
    """Ask a policy, compiled on the spot, about a resource."""
    if not is_about(policy.match, resource):
        return Trace(resource, matched=False, asked=())
    roots: Roots = {**subject(resource, facts.values_for(resource.uid)), "params": policy.params}
    return Trace(resource, matched=True, asked=tuple(_asked(policy, resource, facts, roots)))


def _asked(policy: Policy, resource: Resource, facts: FactView, roots: Roots) -> Iterator[Asked]:
    for name, gate in (("where", policy.match.where), ("when", policy.when)):
        if gate:
            answer = _answer(name, gate, resource, facts, roots)
            yield answer
            if answer.value is not True and not isinstance(answer.value, Unknown):
                return
    for name, program in _questions(policy):
        yield _answer(name, program, resource, facts, roots)


def _questions(policy: Policy) -> Iterator[tuple[str, Program]]:
    """The validations; of an aggregate policy, what the resource contributes to its group."""
    if policy.aggregate:
        yield from ((f"group_by.{name}", program) for name, program in policy.aggregate.group_by.items())
        if policy.aggregate.measure:
            yield f"measure.{policy.aggregate.operator}", policy.aggregate.measure
        return
    several = len(policy.validations) > 1
    for number, validation in enumerate(policy.validations, start=1):
        yield f"validation {number}" if several else "validation", validation.program


def _answer(name: str, program: Program, resource: Resource, facts: FactView, roots: Roots) -> Asked:
    if not isinstance(program, cel.Program):
        raise TypeError(program)
    taken = steps(program, roots)
    secrets = (*resource.sensitive, *facts.sensitive(resource.uid))
    tainted = any(_touches(step.place, secrets) for step in taken if step.place)
    seen = (_seen(step, resource, facts, tainted=tainted) for step in taken)
    return Asked(name, program.evaluate(roots), tuple(seen))


def _seen(step: Step, resource: Resource, facts: FactView, *, tainted: bool) -> Seen:
    """What is computed from a secret may be another spelling of it, which no redactor recognizes."""
    place = step.place
    if place is None:
        return Seen(step, None, sensitive=tainted and isinstance(step.value, str | bytes | list | tuple | dict))
    if place[0] not in {"resource", "facts"}:
        return Seen(step, None, sensitive=False)
    return Seen(step, cite(place, resource, facts), sensitive=is_sensitive(place, resource))


def _touches(place: Path, secrets: Iterable[Path]) -> bool:
    """Whether a secret was read, or something that holds one."""
    path = place[2:]
    return place[:2] == ("resource", "native") and any(
        path[: len(secret)] == secret or secret[: len(path)] == path for secret in secrets
    )
