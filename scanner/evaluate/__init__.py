"""The judging room: policies x resources -> verdicts. It alone decides them.

A `Judge` is made once from the policies and fed one partition after the other. Every verdict ends up in its
tallies; those that somebody must look at come back as `Judgement`s, whose places the spine then looks up.
`trace` shows how one verdict comes about; only those who explain import it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from scanner.evaluate import _aggregate, _evidence
from scanner.evaluate._judge import judge
from scanner.evaluate._judgement import FactView, Judgement, finish
from scanner.evaluate._match import Matcher
from scanner.evaluate._secrets import secrets
from scanner.evaluate._subject import subject
from scanner.model import Inventory, Policy, Tally, Verdict

__all__ = ["FactView", "Judge", "Judgement", "finish", "secrets", "subject"]


class Judge:
    """Judges partitions one by one; aggregate policies are judged at the end, over all of them."""

    def __init__(self, policies: Sequence[Policy]) -> None:
        self._matcher = Matcher([policy for policy in policies if not policy.aggregate])
        self._sums = [_aggregate.Sums(policy) for policy in policies if policy.aggregate]
        self._tallies: dict[str, dict[Verdict, list[str]]] = {policy.id: defaultdict(list) for policy in policies}

    @property
    def tallies(self) -> Mapping[str, Tally]:
        """Policy id to verdict to uids, of everything judged so far."""
        return self._tallies

    def partition(self, inventory: Inventory, facts: FactView) -> Iterator[Judgement]:
        """Judge every resource of a partition; yields what is not a pass."""
        for resource in inventory:
            roots = {**subject(resource, facts.values_for(resource.uid)), "inventory": inventory}
            for prepared in self._matcher.policies_for(resource):
                verdict, answers = judge(prepared, roots)
                if verdict is None:
                    continue
                self._tallies[prepared.policy.id][verdict].append(resource.uid)
                if verdict not in (Verdict.PASS, Verdict.NOT_APPLICABLE):
                    yield _evidence.judgement(prepared.policy, verdict, answers, resource, roots, facts)
            for sums in self._sums:
                sums.add(resource, roots, facts)

    def totals(self) -> Iterator[Judgement]:
        """Judge the aggregate policies over everything seen; yields what is not a pass."""
        for sums in self._sums:
            for uid, verdict, judgement in sums.verdicts():
                self._tallies[sums.policy.id][verdict].append(uid)
                if judgement:
                    yield judgement
