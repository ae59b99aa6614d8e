"""SARIF 2.1.0 (https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html), as GitHub code scanning reads it.

Only failures are results, so that nothing unknown becomes an alert. What could not be read or judged is a
notification of the invocation, and all counts are in the properties of the run.

What the change of a plan does to a failure is its `baselineState` (section 3.27.24): `new`, `unchanged`, or `updated`
where it failed before with another message. GitHub does not read it, and would show what is `absent` as an open alert;
an alert that no result mentions any more it closes by itself. So what is fixed is counted, not listed.

Three things are left out on purpose. `automationDetails`: GitHub's upload action fills it from the workflow's
`category`, and does so only where it is absent. `primaryLocationLineHash`: it is computed from the whole text of a
file, and a finding carries a few redacted lines; the upload action computes it from the checkout. `suppressions`:
GitHub does not read them.

GitHub rejects files that are above 10 MB after gzip, and runs with more than 25,000 results
(https://docs.github.com/en/code-security/reference/code-scanning/sarif-files); only the second is held here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scanner.model import Effect, Finding, ScanResult, Verdict
from scanner.report import _sarif_places as places
from scanner.report import _sarif_rules as rules
from scanner.report._document import dump
from scanner.report._sarif_words import plain, sentence
from scanner.report._summary import summarize

EXTENSION = ".sarif"
DOC = "failures for code scanning: GitHub, GitLab, Azure DevOps, editors"

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_HOME = "https://github.com/govscan/govscan"
_MOST_RESULTS = 25_000


def render(result: ScanResult) -> bytes:
    """One run, in UTF-8. Of more than 25,000 failures the worst are kept, and a notification says so."""
    return dump({"$schema": _SCHEMA, "version": "2.1.0", "runs": [_run(result)]})


def _run(result: ScanResult) -> dict[str, Any]:
    failures = [finding for finding in result.findings if finding.verdict is Verdict.FAIL]
    order = {policy_id: index for index, policy_id in enumerate(result.policies)}
    return {
        "tool": {"driver": _driver(result)},
        "invocations": [{"executionSuccessful": True, "toolExecutionNotifications": list(_notes(result, failures))}],
        "originalUriBaseIds": places.BASES,
        "results": [_result(finding, order, result) for finding in failures[:_MOST_RESULTS]],
        "columnKind": "unicodeCodePoints",
        "properties": _figures(result),
    }


def _driver(result: ScanResult) -> dict[str, Any]:
    version = {"version": result.version, "semanticVersion": result.version} if result.version else {}
    return {
        "name": "govscan",
        "informationUri": _HOME,
        **version,
        "rules": [rules.rule(policy) for policy in result.policies.values()],
    }


def _result(finding: Finding, order: dict[str, int], result: ScanResult) -> dict[str, Any]:
    card = result.resources.get(finding.resource_uid)
    policy = result.policies[finding.policy_id]
    related, omitted = places.related(finding)
    return {
        "ruleId": finding.policy_id,
        "ruleIndex": order[finding.policy_id],
        "level": rules.level(policy.severity),
        "message": {"text": sentence(finding.message or policy.title)},
        "locations": [places.primary(finding)],
        **({"relatedLocations": related} if related else {}),
        **({"partialFingerprints": {"govscan/v1": finding.fingerprint}} if finding.fingerprint else {}),
        **_baseline(finding),
        "properties": {
            "resource": finding.resource_uid,
            **({"type": card.type, "team": card.team, "region": card.region} if card else {}),
            "evidence": [{"path": one.path, "value": one.value} for one in finding.evidence],
            **({"relatedOmitted": omitted} if omitted else {}),
            "effect": finding.effect.value,
        },
    }


def _baseline(finding: Finding) -> dict[str, str]:
    """Nothing is said where it is not known what was before."""
    if finding.effect is Effect.INTRODUCED:
        return {"baselineState": "new"}
    if finding.effect is Effect.LEFT:
        return {"baselineState": "updated" if finding.was else "unchanged"}
    return {}


def _notes(result: ScanResult, failures: list[Finding]) -> Iterator[dict[str, Any]]:
    """What the reader must know about the scan itself. `error` is SARIF's word for an incomplete analysis."""
    if len(failures) > _MOST_RESULTS:
        left_out = len(failures) - _MOST_RESULTS
        yield _note(
            "warning",
            f"{left_out} of {len(failures)} failures are left out, the least severe ones: GitHub takes at most "
            f"{_MOST_RESULTS} results. The JSON and HTML reports hold them all.",
        )
    for one in result.disabled:
        yield _note("note", f"The policy {one.id} is disabled: {sentence(one.disabled)}")
    for problem in result.problems:
        level = "error" if problem.incomplete else "warning"
        yield _note(level, f"{plain(problem.where)}: {sentence(problem.message)} {sentence(problem.hint)}")
    for finding in result.findings:
        if finding.verdict is Verdict.ERROR:
            yield _broken(finding)


def _broken(finding: Finding) -> dict[str, Any]:
    text = f"{plain(finding.resource_uid)} could not be judged: {sentence(finding.message)}"
    return _note("error", text) | {
        "associatedRule": {"id": finding.policy_id},
        "locations": [places.primary(finding)],
    }


def _note(level: str, text: str) -> dict[str, Any]:
    return {"level": level, "message": {"text": text}}


def _figures(result: ScanResult) -> dict[str, Any]:
    summary = summarize(result)
    return {
        "files": dict(result.files),
        "resources": summary.resources,
        "judgements": summary.judgements,
        "verdicts": {verdict.value: count for verdict, count in summary.verdicts.items()},
        "skipped": dict(result.skipped),
        "problems": summary.problems,
        "effects": {effect.value: count for effect, count in summary.effects.items()},
    }
