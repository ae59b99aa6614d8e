"""Verdicts counted for the HTML page: by family, severity, team, source, policy and control."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping

from msgspec import Struct, field

from scanner.model import Policy, ResourceCard, ScanResult, Severity, Tally, Verdict, address_of
from scanner.report._visible import visible

NO_TEAM = "no team"
SEVERAL = "several"
"""Provider or source of a group of resources, which need not have one."""

_SHOWN = (Verdict.PASS, Verdict.FAIL, Verdict.UNKNOWN, Verdict.ERROR)
_LEAST_WIDTH = 1.5
"""Percent of a bar that a single failure among thousands still gets, so that it can be seen."""


class Counts(Counter[Verdict]):
    """How often each verdict was given."""

    @property
    def judged(self) -> int:
        """Judgements that ended in an answer; the rate of passes is taken among these."""
        return self[Verdict.PASS] + self[Verdict.FAIL]

    @property
    def undecided(self) -> int:
        """Judgements that applied and ended in no answer."""
        return self[Verdict.UNKNOWN] + self[Verdict.ERROR]

    @property
    def rate(self) -> str:
        """Passes among the judged, rounded down: it says 100 % only where nothing fails."""
        if not self.judged:
            return "n/a"
        thousandths = 1000 * self[Verdict.PASS] // self.judged
        return f"{thousandths // 10}.{thousandths % 10}\u00a0%".replace(".0", "")

    @property
    def bar(self) -> list[tuple[str, float, float]]:
        """Verdict, start and width of each piece of a bar that is 100 wide."""
        total = self.judged + self.undecided
        widths = {
            verdict: max(_LEAST_WIDTH, 100 * self[verdict] / total)
            for verdict in (Verdict.FAIL, Verdict.ERROR, Verdict.UNKNOWN)
            if self[verdict]
        }
        if self[Verdict.PASS]:
            widths[Verdict.PASS] = max(_LEAST_WIDTH, 100 - sum(widths.values()))
        return list(_placed(widths))


def _placed(widths: Mapping[Verdict, float]) -> Iterator[tuple[str, float, float]]:
    scale, start = 100 / (sum(widths.values()) or 1), 0.0
    for verdict, width in widths.items():
        yield verdict.value, round(start, 2), round(width * scale, 2)
        start += width * scale


class Row(Struct):
    """One line of a breakdown. `key` is what the page's filter is set to when it is clicked."""

    key: str
    counts: Counts = field(default_factory=Counts)


class Control(Row, Struct):
    """One control of a framework, and the policies that speak for it."""

    policies: list[str] = field(default_factory=list)

    @property
    def status(self) -> str:
        """Met only if something passed and nothing failed or stayed open."""
        if self.counts[Verdict.FAIL]:
            return "not met"
        if self.counts.undecided:
            return "open"
        return "met" if self.counts[Verdict.PASS] else "not assessed"


class Framework(Struct):
    """The controls of one framework that some policy of this scan speaks for."""

    name: str
    controls: list[Control]

    def having(self, status: str) -> int:
        """How many controls have this status."""
        return sum(control.status == status for control in self.controls)


class PolicyRow(Struct, frozen=True):
    """One policy with its counts."""

    policy: Policy
    counts: Counts


def total(result: ScanResult) -> Counts:
    """All judgements of the scan."""
    return _sum(_counts(tally) for tally in result.tallies.values())


def by_policy(result: ScanResult) -> list[PolicyRow]:
    """All policies, those with most failures first."""
    rows = [PolicyRow(policy, _counts(result.tallies.get(key, {}))) for key, policy in result.policies.items()]
    order = list(Severity)
    return sorted(rows, key=lambda row: (-row.counts[Verdict.FAIL], order.index(row.policy.severity), row.policy.id))


def by_family(result: ScanResult) -> list[Row]:
    """Families, worst first."""
    return _worst_first(_by_policy_word(result, lambda policy: policy.family))


def by_severity(result: ScanResult) -> list[Row]:
    """Severities in their own order, those without a policy left out."""
    order = list(Severity)
    rows = _by_policy_word(result, lambda policy: policy.severity.value)
    return sorted(rows, key=lambda row: order.index(Severity(row.key)))


def by_resource(result: ScanResult, word: Callable[[str], str]) -> list[Row]:
    """Judgements grouped by a word for the resource's uid, worst first."""
    rows: dict[str, Row] = {}
    for tally in result.tallies.values():
        for verdict in _SHOWN:
            for uid in tally.get(verdict, ()):
                key = word(uid)
                rows.setdefault(key, Row(key)).counts[verdict] += 1
    return _worst_first(rows.values())


def team(uid: str, card: ResourceCard | None) -> str:
    """Who owns it. A group of an aggregate policy names its team in its uid: `group:team=research,model=h100`."""
    if card is not None:
        return visible(card.team) or NO_TEAM
    pairs = (pair.partition("=") for pair in address_of(uid).split(","))
    return next((visible(value) for name, _, value in pairs if name == "team" and value), NO_TEAM)


def frameworks(result: ScanResult) -> list[Framework]:
    """Every framework that a policy names, with its controls, in alphabetical order."""
    controls: dict[str, dict[str, Control]] = {}
    for row in by_policy(result):
        for name in sorted(set(row.policy.controls)):
            framework, _, key = name.partition("/")
            control = controls.setdefault(framework, {}).setdefault(key, Control(key))
            control.counts.update(row.counts)
            control.policies.append(row.policy.id)
    return [Framework(name, [found[key] for key in sorted(found)]) for name, found in sorted(controls.items())]


def _counts(tally: Tally) -> Counts:
    return Counts({verdict: len(uids) for verdict, uids in tally.items()})


def _sum(parts: Iterable[Counts]) -> Counts:
    whole = Counts()
    for part in parts:
        whole.update(part)
    return whole


def _by_policy_word(result: ScanResult, word: Callable[[Policy], str]) -> list[Row]:
    rows: dict[str, Row] = {}
    for key, policy in result.policies.items():
        rows.setdefault(word(policy), Row(word(policy))).counts.update(_counts(result.tallies.get(key, {})))
    return list(rows.values())


def _worst_first(rows: Iterable[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: (-row.counts[Verdict.FAIL], -row.counts.undecided, row.key))
