"""Why a policy says what it says about a resource, step by step, as text for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from scanner import cel, evaluate, load
from scanner.authoring.look import View
from scanner.authoring.text import hanging, row
from scanner.evaluate.trace import Asked, Seen, Trace, trace
from scanner.model import Citation, Origin, Policy, ScanResult, Unknown, Verdict
from scanner.report._terminal import Ink, clip, counted, shown

_MOST = 3
"""Resources explained in full where none is named; the others are listed."""
_ORDER = (Verdict.FAIL, Verdict.ERROR, Verdict.UNKNOWN, Verdict.PASS, Verdict.NOT_APPLICABLE)
_STYLES = {Verdict.FAIL: "bad", Verdict.ERROR: "bad", Verdict.UNKNOWN: "warning", Verdict.PASS: "good"}
_LABEL = 15
"""Cells for the name of a step, and the space behind it; a longer name makes all wider."""


class Explanation:
    """One policy, the targets it was asked about, and the verdicts a scan gave."""

    def __init__(self, policy: Policy, view: View, result: ScanResult, options: load.Options) -> None:
        self._policy = policy
        self._view = view
        self._options = options
        self._verdicts = {uid: verdict for verdict, uids in result.tallies[policy.id].items() for uid in uids}
        self._names = evaluate.renamed([one.uid for one, _ in view.resources()], view.redactor)
        self._label = _label(policy)
        self._messages = {found.resource_uid: found.message for found in result.findings}

    def lines(self, wanted: str, ink: Ink, width: int) -> Iterator[str]:
        """The explanation for the resources called `wanted`, or for those that matter most."""
        policy = self._policy
        yield f"{ink('strong', policy.id)}  {shown(policy.title)}"
        yield ""
        seen = self._view.resources(wanted, before=bool(policy.match.changes))
        traces = [trace(policy, one, facts) for one, facts in seen]
        chosen = traces if wanted else sorted(filter(self._is_about, traces), key=self._rank)
        for one in chosen[: None if wanted else _MOST]:
            yield from self._resource(one, ink, width)
            yield ""
        yield from self._groups(ink, width)
        rest = [] if wanted else chosen[_MOST:]
        for one in rest:
            yield clip(f"{self._word(one, ink)}  {self._name(one.resource.origin.address)}", width + 10)
        away = counted(len(traces) - len(chosen), "resource")
        yield from [""] if rest else []
        yield ink("faint", f"{counted(len(chosen), 'resource')} explained or listed; {away} it is not about")

    def _is_about(self, one: Trace) -> bool:
        return one.matched and not (one.asked and one.asked[0].name == "where" and one.asked[0].value is False)

    def _rank(self, one: Trace) -> tuple[int, str]:
        verdict = self._verdict(one)
        return _ORDER.index(verdict) if verdict else len(_ORDER), one.resource.uid

    def _verdict(self, one: Trace) -> Verdict | None:
        return self._verdicts.get(self._uid(one))

    def _uid(self, one: Trace) -> str:
        """As the scan calls it, whose result has no secrets in names."""
        return self._names.get(one.resource.uid, one.resource.uid)

    def _word(self, one: Trace, ink: Ink) -> str:
        verdict = self._verdict(one)
        word = verdict.value if verdict else "counted" if self._policy.aggregate else "not about it"
        return ink(_STYLES[verdict], word) if verdict in _STYLES else word

    def _resource(self, one: Trace, ink: Ink, width: int) -> Iterator[str]:
        """The resource and its verdict, what matched, each expression with its parts, and what was said."""
        places = self._places(one)
        resource = one.resource
        where = places.get(Citation(resource.origin, ()), resource.origin)
        name = ink("strong", self._name(resource.origin.address))
        yield f"{self._word(one, ink)}  {name}  {ink('faint', _spot(where))}"
        yield from self._matched(one, ink, width)
        for asked in one.asked:
            yield from self._asked(asked, places, ink, width)
        message = self._messages.get(self._uid(one))
        if message:
            yield from hanging(f"  {'so':<{self._label}}", message, width)

    def _matched(self, one: Trace, ink: Ink, width: int) -> Iterator[str]:
        match, resource = self._policy.match, one.resource
        pairs = (
            ("types", match.types, resource.type),
            ("native_types", match.native_types, resource.native_type),
            ("sources", match.sources, resource.origin.source),
            ("changes", match.changes, resource.change),
        )
        for name, patterns, word in pairs:
            if patterns:
                text = f"{word} in {', '.join(patterns)}"
                yield clip(f"  {f'match.{name}  ':<{self._label}}{shown(text)}", width)
        if not one.matched:
            yield f"  {ink('warning', 'does not match: the policy is not about this resource')}"

    def _asked(self, asked: Asked, places: Mapping[Citation, Origin], ink: Ink, width: int) -> Iterator[str]:
        for seen in asked.parts:
            whole = seen.step.depth == 0
            head = f"  {asked.name:<{self._label}}" if whole else " " * (self._label + 2 * seen.step.depth + 2)
            if seen.step.value is ...:
                yield ink("faint", f"{head}{seen.step.text}")
                continue
            value = clip(self._value(seen), width - len(head))
            place = _spot(places[seen.place]) if seen.place else self._elsewhere(seen)
            yield from row(
                head, seen.step.text, ink(_style(asked), value) if whole else value, ink("faint", place), width
            )

    def _name(self, address: str) -> str:
        return shown(self._view.redactor.name(address))

    def _elsewhere(self, seen: Seen) -> str:
        """Where a value comes from that no target holds."""
        return "parameter" if seen.step.place and seen.step.place[0] == "params" else ""

    def _value(self, seen: Seen) -> str:
        value = seen.step.value
        if isinstance(value, Unknown):
            return shown(f"unknown: {self._view.redactor.text(value.reason)}")
        if isinstance(value, cel.Failure):
            return shown(f"error: {self._view.redactor.text(value.message)}")
        return shown(self._view.redactor.value(value, sensitive=seen.sensitive))

    def _places(self, one: Trace) -> Mapping[Citation, Origin]:
        """Every place the steps point to, looked up."""
        cited = [part.place for asked in one.asked for part in asked.parts if part.place]
        wanted = [Citation(one.resource.origin, ()), *cited]
        found = load.locate(wanted, self._options)
        return {citation: place.origin for citation, place in zip(wanted, found, strict=True)}

    def _groups(self, ink: Ink, width: int) -> Iterator[str]:
        """The verdicts of an aggregate policy, which are those of groups."""
        if not self._policy.aggregate:
            return
        for uid, verdict in self._verdicts.items():
            word = ink(_STYLES.get(verdict, "faint"), verdict.value)
            message = self._messages.get(uid, "")
            yield f"{word}  {self._name(uid)}"
            yield from hanging("         ", message, width) if message else []
        yield ""


def _label(policy: Policy) -> int:
    one = policy.aggregate
    names = [*(f"group_by.{name}" for name in one.group_by), f"measure.{one.operator}"] if one else []
    return max([_LABEL, *(len(name) + 1 for name in names)])


def _spot(origin: Origin) -> str:
    return shown(f"{origin.uri}:{origin.line}" if origin.line else origin.uri)


def _style(asked: Asked) -> str:
    if not isinstance(asked.value, bool):
        return "strong" if isinstance(asked.value, int | float | str) else "warning"
    return "good" if asked.value else "bad"
