"""The figures every report opens with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from msgspec import Struct

from scanner.model import Effect, ScanResult, Severity, Verdict


class Summary(Struct, frozen=True):
    """What was seen, how it was judged, and what could not be. A judgement is one policy about one resource."""

    files: int
    resources: int
    policies: int
    judgements: int
    verdicts: Mapping[Verdict, int]
    failures: Mapping[Severity, int]
    """Failed judgements by the severity of their policy."""
    skipped: int
    problems: int
    effects: Mapping[Effect, int]
    """Failures by what the change of a plan does to them; those that are fixed are over, and in no other figure."""


def summarize(result: ScanResult) -> Summary:
    """Count a result once; every verdict and severity is a key, in order of declaration."""
    verdicts = {verdict: result.count(verdict) for verdict in Verdict}
    return Summary(
        files=sum(result.files.values()),
        resources=len(result.resources),
        policies=len(result.policies),
        judgements=sum(verdicts.values()),
        verdicts=verdicts,
        failures=_failures(result),
        skipped=sum(result.skipped.values()),
        problems=len(result.problems),
        effects=_effects(result),
    )


def _effects(result: ScanResult) -> Mapping[Effect, int]:
    counted = Counter(finding.effect for finding in result.findings if finding.verdict is Verdict.FAIL)
    counted[Effect.FIXED] = len(result.fixed)
    return {effect: counted[effect] for effect in Effect}


def _failures(result: ScanResult) -> Mapping[Severity, int]:
    counted: Counter[Severity] = Counter()
    for policy_id, tally in result.tallies.items():
        counted[result.policies[policy_id].severity] += len(tally.get(Verdict.FAIL, ()))
    return {severity: counted[severity] for severity in Severity}
