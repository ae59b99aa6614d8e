"""Whether a policy can ever be asked, and can ever give more than one answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from scanner import normalize, registry
from scanner.checked_yaml import nearest
from scanner.model import Path, Policy, Program

Complaint = tuple[Path, str]
"""A place in the policy file, and what is wrong there."""

_OTHER = "other"


def complaints(policy: Policy) -> Iterator[Complaint]:
    """Everything in a policy that no resource of any source can ever reach, or that is the same for all of them."""
    sources = _sources()
    unknown = [(number, one) for number, one in enumerate(policy.match.sources) if not _fits(one, sources)]
    for number, pattern in unknown:
        yield ("match", "sources", number), f"no source is '{pattern}'{nearest(pattern, sources)}"
    types = _types(policy, {name: dialect for name, dialect in sources.items() if _any(policy.match.sources, name)})
    if not types:
        if not unknown:
            yield ("match",), "no source produces a resource of these types and native types: the policy is never asked"
        return
    yield from _constant(policy, types)


def _constant(policy: Policy, types: list[str]) -> Iterator[Complaint]:
    """Expressions that are decided before anything is known about a resource but its type."""
    where, when = policy.match.where, policy.when
    if where and _answers(where, types) == {False}:
        yield ("match", "where"), "is never true: the policy is never asked"
    elif when and _answers(when, types) == {False}:
        yield ("when",), "is never true: the verdict is always not_applicable"
    for number, validation in enumerate(policy.validations):
        answer = _answers(validation.program, types)
        place: Path = ("validations", number, "expression")
        if answer == {True}:
            yield place, "is always true: it can never fail"
        if answer == {False}:
            yield place, "is always false: nothing can ever pass"
        if answer == {None} and {path.partition(".")[0] for path in validation.program.reads} == {"params"}:
            yield place, "names nothing but parameters: the answer is the same for every resource"
        before = [" ".join(one.program.text.split()) for one in policy.validations[:number]]
        if (text := " ".join(validation.program.text.split())) in before:
            yield place, f"is the same as that of validation {before.index(text) + 1}"


def _answers(program: Program, types: list[str]) -> set[bool | None]:
    """What the expression says for each type; None where it depends on more than that."""
    values = (program.evaluate({"resource": {"type": kind}}) for kind in types)
    return {value if isinstance(value, bool) else None for value in values}


def _sources() -> Mapping[str, str]:
    """Source name to the dialect it speaks."""
    room = "scanner.load"
    return {name: registry.module(room, name).DIALECT for name in registry.names(room)}


def _types(policy: Policy, sources: Mapping[str, str]) -> list[str]:
    """The canonical types that the policy matches and that one of these sources produces."""
    catalogue = normalize.catalogue()
    dialects = set(sources.values())
    words = {
        kind: [word for dialect in sorted(dialects) for word in row["native"].get(dialect, ())]
        for kind, row in catalogue.items()
    }
    found = [kind for kind in words if _any(policy.match.types, kind) and _some(policy.match.native_types, words[kind])]
    return [*found, *([_OTHER] if _other(policy, words) and dialects else [])]


def _other(policy: Policy, words: Mapping[str, Any]) -> bool:
    """Whether it may match what the table does not name: any native word that the table does not know."""
    known = {word for own in words.values() for word in own}
    natives = policy.match.native_types
    return _any(policy.match.types, _OTHER) and (not natives or any(one not in known for one in natives))


def _any(patterns: tuple[str, ...], word: str) -> bool:
    return not patterns or any(fnmatchcase(word, pattern) for pattern in patterns)


def _some(patterns: tuple[str, ...], words: list[str]) -> bool:
    return any(_any(patterns, word) for word in words)


def _fits(pattern: str, words: Mapping[str, str]) -> bool:
    return any(fnmatchcase(word, pattern) for word in words)
