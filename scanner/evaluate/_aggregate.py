"""Aggregate policies: group, measure, judge each group once everything has been seen.

A contribution that is not known makes its group an interval. The validations are asked at both ends, and wherever in
between they may answer otherwise: where all answers agree the verdict is theirs, otherwise it is unknown.

A group is measured before a change as well. Where it fails both times, the change introduces the failure if it makes
it worse: whoever adds to what is too much already is to be stopped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from scanner.evaluate._change import effect
from scanner.evaluate._ends import ENDLESS, Amount, amount, contribution, ends, points
from scanner.evaluate._evidence import cite, fill
from scanner.evaluate._judgement import FactView, Judgement, Read
from scanner.evaluate._match import is_about
from scanner.evaluate._subject import Roots
from scanner.model import (
    Aggregate,
    Citation,
    Effect,
    Past,
    Policy,
    Program,
    Resource,
    Unknown,
    Verdict,
    address_of,
    group_uid,
)

_SHOWN = 10
"""How many of the largest contributors a finding lists."""

Key = tuple[str | None, ...]
"""The group's values in the order of `group_by`; None where one is not known."""


class Side(Struct, frozen=True):
    """When a resource is there, and whether its source describes a change at all."""

    now: bool
    before: bool
    told: bool = True


BEFORE, AFTER = Side(now=False, before=True), Side(now=True, before=False)
_UNTOLD = Side(now=True, before=True, told=False)


def side(past: Past) -> Side:
    """That of the resources of a partition as it is now."""
    return _UNTOLD if past is Past.UNTOLD else Side(now=True, before=past is Past.SAME)


class _Part(Struct, frozen=True):
    """What one resource contributes: at least `low`, at most `high`."""

    amount: Amount
    low: float
    high: float
    uid: str
    place: Citation
    side: Side


class _Group(Struct):
    parts: list[_Part] = field(default_factory=list)
    floating: list[_Part] = field(default_factory=list)
    """Parts of groups that are only partly known, which may in truth belong here."""
    low: float = 0
    high: float = 0
    """What is measured, at least and at most."""

    @property
    def told(self) -> bool:
        """Whether any part comes from a source that describes a change."""
        return any(part.side.told for part in self.parts)


class Sums:
    """The groups of one aggregate policy, filled resource by resource."""

    def __init__(self, policy: Policy) -> None:
        if policy.aggregate is None:
            raise ValueError(policy.id)
        self.policy = policy
        self._aggregate: Aggregate = policy.aggregate
        self._groups: dict[Key, _Group] = {}

    def add(self, resource: Resource, roots: Roots, facts: FactView, side: Side = _UNTOLD) -> None:
        """Let a resource contribute, if the policy is about it."""
        if not is_about(self.policy.match, resource):
            return
        roots = {**roots, "params": self.policy.params}
        where = self.policy.match.where
        matched = where.evaluate(roots) if where else True
        if matched is False:
            return
        key = tuple(_word(program.evaluate(roots)) for program in self._aggregate.group_by.values())
        part = self._part(resource, roots, facts, side, certain=matched is True)
        self._groups.setdefault(key, _Group()).parts.append(part)

    def verdicts(self) -> Iterator[tuple[str, Verdict, Judgement | None]]:
        """Each group's uid and verdict, and what to report unless it passed."""
        before = self._measured(lambda part: part.side.before) if self._is_told() else {}
        for key, group in self._measured(lambda part: part.side.now).items():
            uid, verdict, judgement = self._verdict(key, group)
            was = before.get(key)
            told = group.told or (was is not None and was.told)
            yield uid, verdict, self._compared(judgement, key, group, was) if judgement and told else judgement

    def fixed(self) -> Iterator[Judgement]:
        """The failures of before that are over."""
        if not self._is_told():
            return
        now = self._measured(lambda part: part.side.now)
        for key, was in self._measured(lambda part: part.side.before).items():
            _, verdict, judgement = self._verdict(key, was)
            over = key not in now or self._verdict(key, now[key])[1] is Verdict.PASS
            if judgement and verdict is Verdict.FAIL and over:
                yield replace(judgement, effect=Effect.FIXED)

    def _is_told(self) -> bool:
        """Whether any source describes a change; where none does, there is nothing to compare."""
        return any(group.told for group in self._groups.values())

    def _measured(self, there: Callable[[_Part], bool]) -> dict[Key, _Group]:
        """The groups of one time, each with what it measures."""
        groups = {key: parts for key, group in self._groups.items() if (parts := list(filter(there, group.parts)))}
        found = {}
        for key, parts in groups.items():
            floating = [
                part
                for other, others in groups.items()
                if other != key and None in other and _may_be(other, key)
                for part in others
            ]
            perhaps = [replace(part.amount, counts=False) for part in floating]
            low, high = ends(self._aggregate.operator, [*(part.amount for part in parts), *perhaps])
            found[key] = _Group(parts, floating, low, high)
        return found

    def _compared(self, judgement: Judgement, key: Key, group: _Group, was: _Group | None) -> Judgement:
        """The judgement with what the change does to it, and by how much."""
        then = self._verdict(key, was) if was else None
        settled = then is None or then[2] is None
        found = effect(judgement.verdict, None if settled or then is None else then[1])
        if was and found is Effect.LEFT and judgement.verdict is Verdict.FAIL and self._is_worse(key, group, was):
            found = Effect.INTRODUCED
        message = judgement.message + _difference(group, was)
        former = then[2].message if then and then[2] and then[2].message != judgement.message else ""
        return replace(judgement, effect=found, message=message, was=former)

    def _is_worse(self, key: Key, group: _Group, was: _Group) -> bool:
        """Whether the measured value went the way in which the policy fails."""
        end = ENDLESS if group.low > was.low else 0
        return group.low != was.low and self._ask(self._values(key), end) is Verdict.FAIL

    def _part(self, resource: Resource, roots: Roots, facts: FactView, side: Side, *, certain: bool) -> _Part:
        measure = self._aggregate.measure
        value = measure.evaluate(roots) if measure else 1
        measured = amount(self._aggregate.operator, value, resource.uid, counts=certain)
        low, high = contribution(measured)
        return _Part(
            amount=measured,
            low=low,
            high=high,
            uid=resource.uid,
            place=_place(measure, resource, facts),
            side=side,
        )

    def _values(self, key: Key) -> dict[str, Any]:
        names = zip(self._aggregate.group_by, key, strict=True)
        return {name: Unknown(f"the {name} is not known") if word is None else word for name, word in names}

    def _verdict(self, key: Key, group: _Group) -> tuple[str, Verdict, Judgement | None]:
        names = dict(zip(self._aggregate.group_by, key, strict=True))
        values = self._values(key)
        texts = [validation.program.text for validation in self.policy.validations]
        answers = {self._ask(values, one) for one in points(group.low, group.high, texts, self.policy.params)}
        uid = group_uid({name: "?" if word is None else word for name, word in names.items()})
        if answers == {Verdict.PASS}:
            return uid, Verdict.PASS, None
        verdict = answers.pop() if len(answers) == 1 else self.policy.on_unknown
        return uid, verdict, self._judgement(uid, verdict, values, group)

    def _ask(self, group: Mapping[str, Any], measured: float) -> Verdict:
        roots = self._roots(group, measured)
        answers = [validation.program.evaluate(roots) for validation in self.policy.validations]
        if False in [answer for answer in answers if isinstance(answer, bool)]:
            return Verdict.FAIL
        if any(isinstance(answer, Unknown) for answer in answers):
            return Verdict.UNKNOWN
        return Verdict.PASS if all(answer is True for answer in answers) else Verdict.ERROR

    def _roots(self, group: Mapping[str, Any], measured: float) -> Roots:
        return {"group": dict(group), "measured": measured, "params": self.policy.params}

    def _judgement(self, uid: str, verdict: Verdict, values: Mapping[str, Any], group: _Group) -> Judgement:
        low, high = group.low, group.high
        largest = sorted(group.parts, key=lambda part: (-part.high, part.uid))[:_SHOWN]
        roots = self._roots(values, low)
        if verdict is Verdict.FAIL:
            message = "; ".join(fill(validation.message_parts, roots) for validation in self.policy.validations)
        else:
            bound = "at least" if high >= ENDLESS else f"at most {high:g}, at least"
            message = f"cannot be decided: the measured value is {bound} {low:g}{_left_open(group)}"
        return Judgement(
            policy_id=self.policy.id,
            uid=uid,
            verdict=verdict,
            message=message,
            reads=tuple(Read(address_of(part.uid), _shown(part), part.place) for part in largest),
            place=largest[0].place,
            related=tuple(part.place for part in largest[1:]),
        )


def _left_open(group: _Group) -> str:
    """Who is to blame for a value that is not known."""
    parts = (*(part for part in group.parts if part.low != part.high or not part.amount.counts), *group.floating)
    names = [address_of(part.uid) for part in parts]
    if not names:
        return ""
    others = f" and {len(names) - 1} more" if len(names) > 1 else ""
    return f"; what {names[0]}{others} would add is not known"


def _difference(group: _Group, was: _Group | None) -> str:
    """How a change moves what is measured, where both are known."""
    if was is None or group.low != group.high or was.low != was.high or group.low == was.low:
        return ""
    amount = group.low - was.low
    return f"; this change adds {amount:g} to {was.low:g}" if amount > 0 else f"; this change takes {-amount:g} away"


def _word(value: Any) -> str | None:
    """A group's value as text; None where it is not known or could not be computed."""
    return str(value) if isinstance(value, str | int | float | bool) else None


def _may_be(partly_known: Key, key: Key) -> bool:
    """Whether resources of a partly known group may in truth belong to `key`."""
    return all(one is None or one == other for one, other in zip(partly_known, key, strict=True))


def _place(measure: Program | None, resource: Resource, facts: FactView) -> Citation:
    """The line of the first value the measure reads, else the resource."""
    for path in sorted(measure.reads) if measure else ():
        citation = cite(tuple(path.split(".")), resource, facts)
        if citation.path:
            return citation
    return Citation(resource.origin, ())


def _shown(part: _Part) -> Any:
    if part.low == part.high:
        return part.high
    return f"at least {part.low:g}" if part.high >= ENDLESS else f"between {part.low:g} and {part.high:g}"
