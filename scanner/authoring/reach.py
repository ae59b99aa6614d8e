"""Whether a policy can ever be asked, and can ever give more than one answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

from scanner import cel, normalize, registry
from scanner.authoring import decide
from scanner.cel.nodes import Node
from scanner.cel.span import span
from scanner.checked_yaml import nearest
from scanner.model import Path, Policy, Program

Complaint = tuple[Path, str]
"""A place in the policy file, and what is wrong there."""

_OTHER = "other"
_WHERE: Path = ("match", "where")
_WHEN: Path = ("when",)
_NEVER: Mapping[Path, str] = {
    _WHERE: "is never true: the policy is never asked",
    _WHEN: "is never true: the verdict is always not_applicable",
}


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


def idle(policy: Policy) -> Iterator[Complaint]:
    """Gates that no resource gets through with the parameters that the policy comes with.

    For a policy whose cases use no others: then nobody has seen it at work.
    """
    types = _types(policy, _sources())
    trees: list[Node] = []
    for place, gate in _gates(policy):
        if isinstance(gate, cel.Program):
            open_before = _outcome(gate, [], types) is None
            tree = decide.with_params(gate.tree, policy.params)
            if open_before and decide.outcomes(tree, trees, types) == {False}:
                yield place, "is never true with these params: give them values that make it true, or a case that does"
                return
            trees.append(tree)


def _gates(policy: Policy) -> list[tuple[Path, Program]]:
    return [(place, gate) for place, gate in ((_WHERE, policy.match.where), (_WHEN, policy.when)) if gate]


def _constant(policy: Policy, types: list[str]) -> Iterator[Complaint]:
    """Expressions that are decided before anything is known about a resource but its type."""
    gates = _gates(policy)
    for number, (place, gate) in enumerate(gates):
        told = _gate(place, gate, [other for _, other in gates[:number]], types)
        if told:
            yield place, told
            return  # what comes after it is decided by this mistake
        yield from ((place, part) for part in _parts(gate, types))
    for number, validation in enumerate(policy.validations):
        place = ("validations", number, "expression")
        yield from ((place, told) for told in _validation(validation.program, [gate for _, gate in gates], types))
        answer = _answers(validation.program, types)
        if answer == {None} and {path.partition(".")[0] for path in validation.program.reads} == {"params"}:
            yield place, "names nothing but parameters: the answer is the same for every resource"
        before = [" ".join(one.program.text.split()) for one in policy.validations[:number]]
        if (text := " ".join(validation.program.text.split())) in before:
            yield place, f"is the same as that of validation {before.index(text) + 1}"


def _gate(place: Path, gate: Program, before: list[Program], types: list[str]) -> str:
    """What is wrong with a gate, if anything. One that is true for all types matched may be there for others."""
    if _outcome(gate, before, types) is False:
        return _NEVER[place]
    return "is always true: leave it out" if _outcome(gate, before, ()) is True else ""


def _validation(program: Program, gates: list[Program], types: list[str]) -> Iterator[str]:
    for given, where in (([], ""), (gates, " wherever match.where and when are true")):
        answer = _outcome(program, given, types)
        if answer is not None:
            yield f"is always true{where}: it can never fail" if answer else f"is always false{where}: nothing can pass"
            return
    yield from _parts(program, types)


def _parts(program: Program, types: list[str]) -> Iterator[str]:
    """What in an expression that can come out both ways cannot do so itself."""
    if isinstance(program, cel.Program):
        for part, answer in decide.settled(program.tree, types):
            yield f"the part `{span(program.text, part)}` is always {str(answer).lower()}"


def _outcome(program: Program, given: Sequence[Program], types: Sequence[str]) -> bool | None:
    """What an expression always comes out as where others are true; None where it can come out both ways."""
    found: set[bool | None] = {None} if given else _answers(program, types)
    if None in found and isinstance(program, cel.Program):
        trees = [one.tree for one in given if isinstance(one, cel.Program)]
        found = {*decide.outcomes(program.tree, trees, types)}
    (answer, *others) = found or {None}
    return None if others else answer


def _answers(program: Program, types: Sequence[str]) -> set[bool | None]:
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
