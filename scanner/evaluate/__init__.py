"""The judging room: policies x resources -> verdicts. It alone decides them.

A `Judge` is made once from the policies and fed one partition after the other. Every verdict ends up in its
tallies; those that somebody must look at come back as `Judgement`s, whose places the spine then looks up. Where a
partition was another estate before, both are judged, and each judgement says what the change does to it (`_change`).
`trace` shows how one verdict comes about; only those who explain import it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from scanner.evaluate import _aggregate, _change, _evidence
from scanner.evaluate._clean import renamed, without_secrets
from scanner.evaluate._judge import Common, Panel, Told, failed, judge
from scanner.evaluate._judgement import FactView, Judgement, finish
from scanner.evaluate._match import Matcher
from scanner.evaluate._remembered import remembered
from scanner.evaluate._secrets import secrets
from scanner.evaluate._subject import Roots, subject
from scanner.model import Effect, Inventory, Past, Policy, Resource, Tally, Verdict

__all__ = ["FactView", "Judge", "Judgement", "finish", "renamed", "secrets", "subject", "without_secrets"]

_SETTLED = frozenset({Verdict.PASS, Verdict.NOT_APPLICABLE})
_Estate = tuple[Inventory, FactView]


class Judge:
    """Judges partitions one by one; aggregate policies are judged at the end, over all of them."""

    def __init__(self, policies: Sequence[Policy]) -> None:
        self._policies = policies = tuple(map(remembered, policies))
        self._losing = frozenset(policy.id for policy in policies if policy.match.changes)
        """Policies about what a change destroys, which is looked for in the estate before."""
        self._matcher = Matcher([policy for policy in policies if policy.id not in self._losing])
        self._sums = {policy.id: _aggregate.Sums(policy) for policy in policies if policy.aggregate}
        self._tallies: dict[str, dict[Verdict, list[str]]] = {policy.id: defaultdict(list) for policy in policies}
        self._common: Common = {}
        self._told = Told()
        self._outcomes: dict[Panel, dict[tuple[Any, ...], _Outcome]] = defaultdict(dict)

    @property
    def tallies(self) -> Mapping[str, Tally]:
        """Policy id to verdict to uids, of everything judged so far."""
        for outcome in [one for of_panel in self._outcomes.values() for one in of_panel.values()]:
            for uids in outcome.tallies:
                uids.extend(outcome.uids)
            outcome.uids.clear()
        return self._tallies

    def partition(self, inventory: Inventory, facts: FactView, past: Past = Past.UNTOLD) -> Iterator[Judgement]:
        """Judge every resource of a partition; yields what is not a pass."""
        judged = self._judged(inventory, facts, _aggregate.side(past))
        if past is Past.UNTOLD:
            return judged
        return (replace(judgement, effect=_change.EFFECTS[past]) for judgement in judged)

    def changed(self, now: _Estate, before: _Estate) -> Iterator[Judgement]:
        """Judge a partition that was another estate before; yields what is not a pass, and what it fixes."""
        earlier = self._earlier()
        was = list(earlier._judged(*before, _aggregate.BEFORE))  # noqa: SLF001  # another of its own kind
        for policy_id in self._losing:
            for verdict, uids in earlier.tallies[policy_id].items():
                self._tallies[policy_id][verdict] += uids
        lost = (judgement for judgement in was if judgement.policy_id in self._losing)
        yield from (replace(judgement, effect=Effect.INTRODUCED) for judgement in lost)
        kept = [judgement for judgement in was if judgement.policy_id not in self._losing]
        yield from _change.compared(self._judged(*now, _aggregate.AFTER), kept, before[0])

    def _earlier(self) -> Judge:
        """One for an estate before: it judges what is destroyed as well, and adds to the same sums."""
        judge = Judge(self._policies)
        judge._matcher = Matcher(self._policies)  # another of its own kind
        judge._sums = self._sums  # likewise
        return judge

    def _judged(self, inventory: Inventory, facts: FactView, side: _aggregate.Side) -> Iterator[Judgement]:
        if facts.common is not self._common:
            self._common, self._told = facts.common, Told()
        alike = Counter(resource.type for resource in inventory)
        for resource in inventory:
            panel, known = self._matcher.panel_for(resource), facts.values_for(resource.uid)
            codes = panel.codes(resource, known, alike[resource.type], self._common, self._told)
            outcome = self._outcomes[panel].get(codes) or self._outcome(panel, codes)
            outcome.uids.append(resource.uid)
            if outcome.failed or outcome.open or panel.aggregates:
                roots = {**subject(resource, known), "inventory": inventory}
                for policy in outcome.failed:
                    found = failed(policy, roots)
                    yield _evidence.judgement(policy, Verdict.FAIL, found, resource, roots, facts)
                yield from self._exactly(outcome.open, resource, roots, facts)
                for policy in panel.aggregates:
                    self._sums[policy.id].add(resource, roots, facts, side)

    def totals(self) -> Iterator[Judgement]:
        """Judge the aggregate policies over everything seen; yields what is not a pass, and what changes fix."""
        for sums in self._sums.values():
            for uid, verdict, judgement in sums.verdicts():
                self._tallies[sums.policy.id][verdict].append(uid)
                if judgement:
                    yield judgement
            yield from sums.fixed()

    def _outcome(self, panel: Panel, codes: tuple[Any, ...]) -> _Outcome:
        """What to do after these codes; most resources share theirs with others."""
        decided, failing, left_open = panel.sorted(codes)
        verdicts = [*decided, *((policy, Verdict.FAIL) for policy in failing)]
        tallies = [self._tallies[policy.id][verdict] for policy, verdict in verdicts]
        found = self._outcomes[panel][codes] = _Outcome([], tuple(tallies), tuple(failing), tuple(left_open))
        return found

    def _exactly(
        self, policies: Iterable[Policy], resource: Resource, roots: Roots, facts: FactView
    ) -> Iterator[Judgement]:
        for policy in policies:
            verdict, answers = judge(policy, roots)
            if verdict is None:
                continue
            self._tallies[policy.id][verdict].append(resource.uid)
            if verdict not in _SETTLED:
                yield _evidence.judgement(policy, verdict, answers, resource, roots, facts)


class _Outcome(Struct, frozen=True):
    """What the same codes mean for every resource: which policies fail, and which have to be asked exactly."""

    uids: list[str]
    """Of resources that are still to be noted in the tallies."""
    tallies: tuple[list[str], ...]
    failed: tuple[Policy, ...]
    open: tuple[Policy, ...]
