"""Why a verdict is what it is: the values that decided it, and the line where each was written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from scanner import cel
from scanner.evaluate._judge import Answer
from scanner.evaluate._judgement import FactView, Judgement, Read, within
from scanner.evaluate._subject import Roots
from scanner.model import Citation, Path, Policy, Program, Resource, Unknown, UnknownRead, Verdict


def judgement(  # noqa: PLR0913, PLR0917  # a verdict, and all it came from
    policy: Policy, verdict: Verdict, answers: list[Answer], resource: Resource, roots: Roots, facts: FactView
) -> Judgement:
    """Explain a verdict other than pass by the answers that led to it."""
    roots = {**roots, "params": policy.params}
    reads = _most_telling(_reads((program for program, _, _ in answers), resource, roots, facts))
    whole = Citation(resource.origin, ())
    place = next((read.citation for read in reads if read.citation.path), reads[0].citation if reads else whole)
    return Judgement(
        policy_id=policy.id,
        uid=resource.uid,
        verdict=verdict,
        message=_message(policy, verdict, answers, roots),
        reads=reads,
        place=place,
        related=() if place.origin is resource.origin else (whole,),
    )


def cite(steps: Path, resource: Resource, facts: FactView) -> Citation:
    """Where the value that an expression reads at `steps` (`("facts", "mesh_mtls", "mode")`) was written."""
    own = Citation(resource.origin, ())
    match steps:
        case ("resource", "native", *rest):
            return within(own, tuple(rest))
        case ("resource", "attributes", name, int(index), *_) if f"attributes.{name}.{index}" in resource.citations:
            return resource.citations[f"attributes.{name}.{index}"]
        case ("resource", "attributes", name, str(key), *_) if f"attributes.{name}" in resource.citations:
            around = within(resource.citations[f"attributes.{name}"], (key,))
            return resource.citations.get(f"attributes.{name}.{key}", around)
        case ("resource", "attributes", name, *_):
            return resource.citations.get(f"attributes.{name}", own)
        case ("resource", "tags", *rest) | ("facts", "tags", "all", *rest) if "tags" in resource.citations:
            return within(resource.citations["tags"], tuple(rest))
        case ("resource", name, *_):
            return resource.citations.get(str(name), own)
        case ("facts", fact, name, *_):
            return facts.citation(resource.uid, f"{fact}.{name}") or own
    return own


def fill(parts: Iterable[str | Program], roots: Roots) -> str:
    """A message with its holes filled in."""
    return "".join(part if isinstance(part, str) else _text(part.evaluate(roots)) for part in parts)


def _reads(programs: Iterable[Program], resource: Resource, roots: Roots, facts: FactView) -> Iterator[Read]:
    seen = set()
    for program in programs:
        for read in program.explain(roots).reads:
            if read.path in seen or read.path.startswith("params."):
                continue
            seen.add(read.path)
            yield Read(read.path, read.value, cite(read.steps, resource, facts), is_sensitive(read.steps, resource))


def _most_telling(reads: Iterable[Read]) -> tuple[Read, ...]:
    """The reads without those of which a part was read as well: the annotation, not all annotations."""
    known = list(reads)
    return tuple(
        read for read in known if not any(other.path.startswith((f"{read.path}.", f"{read.path}[")) for other in known)
    )


def is_sensitive(steps: Path, resource: Resource) -> bool:
    """Whether what was read is a secret, or a part of one. What holds a secret is cleaned by the redactor."""
    path = steps[2:]
    return steps[:2] == ("resource", "native") and any(path[: len(secret)] == secret for secret in resource.sensitive)


def _message(policy: Policy, verdict: Verdict, answers: list[Answer], roots: Roots) -> str:
    if verdict is Verdict.FAIL and answers[0][2] is False:
        said = (fill(policy.validations[number].message_parts, roots) for _, number, _ in answers)
        return "; ".join(dict.fromkeys(said))
    reasons = dict.fromkeys(_reason(value) for _, _, value in answers)
    return f"cannot be decided: {'; '.join(reasons)}"


def _reason(value: Any) -> str:
    if isinstance(value, Unknown):
        return f"{value.path} is not known ({value.reason})" if value.path else value.reason
    return f"the policy's expression failed ({value.message})" if isinstance(value, cel.Failure) else str(value)


def _text(value: Any) -> str:
    """A value in a sentence: lists without brackets, truth values as CEL writes them."""
    if type(value) is str:  # as most are
        return value
    try:
        if isinstance(value, Unknown):
            return f"unknown ({value.reason})"
        if isinstance(value, cel.Failure):
            return f"({value.message})"
        if isinstance(value, bool):
            return str(value).lower()
        return ", ".join(map(_text, value)) or "none" if isinstance(value, list | tuple) else str(value)
    except UnknownRead as read:
        return f"unknown ({read.unknown.reason})"
