"""The judging room: policies x resources -> verdicts. It alone decides them.

A `Judge` is made once from the policies and fed one partition after the other. Every verdict ends up in its
tallies; those that somebody must look at come back as `Judgement`s, whose places the spine then looks up.
`trace` shows how one verdict comes about; only those who explain import it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from msgspec import Struct

from scanner.evaluate import _aggregate, _evidence
from scanner.evaluate._judge import Panel, judge
from scanner.evaluate._judgement import FactView, Judgement, finish
from scanner.evaluate._match import Matcher
from scanner.evaluate._secrets import secrets
from scanner.evaluate._subject import Roots, subject
from scanner.model import Inventory, Policy, Resource, Tally, Verdict

__all__ = ["FactView", "Judge", "Judgement", "finish", "secrets", "subject"]

_SETTLED = frozenset({Verdict.PASS, Verdict.NOT_APPLICABLE})


class Judge:
    """Judges partitions one by one; aggregate policies are judged at the end, over all of them."""

    def __init__(self, policies: Sequence[Policy]) -> None:
        self._matcher = Matcher(policies)
        self._sums = {policy.id: _aggregate.Sums(policy) for policy in policies if policy.aggregate}
        self._tallies: dict[str, dict[Verdict, list[str]]] = {policy.id: defaultdict(list) for policy in policies}
        self._outcomes: dict[tuple[Panel, tuple[int, ...]], _Outcome] = {}

    @property
    def tallies(self) -> Mapping[str, Tally]:
        """Policy id to verdict to uids, of everything judged so far."""
        return self._tallies

    def partition(self, inventory: Inventory, facts: FactView) -> Iterator[Judgement]:
        """Judge every resource of a partition; yields what is not a pass."""
        for resource in inventory:
            panel, known = self._matcher.panel_for(resource), facts.values_for(resource.uid)
            outcome = self._outcome(panel, panel.codes(resource, known))
            for append in outcome.appends:
                append(resource.uid)
            if outcome.open or panel.aggregates:
                roots = {**subject(resource, known), "inventory": inventory}
                yield from self._exactly(outcome.open, resource, roots, facts)
                for policy in panel.aggregates:
                    self._sums[policy.id].add(resource, roots, facts)

    def totals(self) -> Iterator[Judgement]:
        """Judge the aggregate policies over everything seen; yields what is not a pass."""
        for sums in self._sums.values():
            for uid, verdict, judgement in sums.verdicts():
                self._tallies[sums.policy.id][verdict].append(uid)
                if judgement:
                    yield judgement

    def _outcome(self, panel: Panel, codes: tuple[int, ...]) -> _Outcome:
        """What to do after these codes; most resources share theirs with others."""
        known = self._outcomes.get((panel, codes))
        if known is None:
            decided, left_open = panel.sorted(codes)
            appends = [self._tallies[policy.id][verdict].append for policy, verdict in decided]
            known = self._outcomes[panel, codes] = _Outcome(tuple(appends), tuple(left_open))
        return known

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
    """Where to note the uid of a resource, and which policies have to be asked exactly."""

    appends: tuple[Callable[[str], None], ...]
    open: tuple[Policy, ...]
