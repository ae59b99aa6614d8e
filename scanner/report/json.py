"""Everything in a result, as versioned JSON for programs. Its schema is `result.schema.json`, beside this file.

Each field is written by name: changing an internal type cannot change what is published. Within version 1,
fields are only added.
"""

from __future__ import annotations

from typing import Any

from scanner.model import (
    Aggregate,
    Evidence,
    Finding,
    Frame,
    Origin,
    Policy,
    Problem,
    ResourceCard,
    ScanResult,
    Tally,
    Verdict,
)
from scanner.report._document import dump
from scanner.report._summary import summarize

EXTENSION = ".json"
DOC = "everything in the result, for programs"
SCHEMA = "urn:govscan:schema:result:1"


def render(result: ScanResult) -> bytes:
    """The whole result as one JSON object, in UTF-8."""
    return dump(
        {
            "$schema": SCHEMA,
            "version": "1",
            "tool": {"name": "govscan", "version": result.version},
            "targets": list(result.targets),
            "summary": _summary(result),
            "policies": [_policy(policy) for policy in result.policies.values()],
            "disabled": [_disabled(policy) for policy in result.disabled],
            "resources": [_resource(card) for card in result.resources.values()],
            "findings": [_finding(finding) for finding in result.findings],
            "fixed": [_finding(finding) for finding in result.fixed],
            "tallies": {policy_id: _tally(tally) for policy_id, tally in result.tallies.items()},
            "problems": [_problem(problem) for problem in result.problems],
        }
    )


def _summary(result: ScanResult) -> dict[str, Any]:
    summary = summarize(result)
    return {
        "files": summary.files,
        "files_by_source": dict(result.files),
        "resources": summary.resources,
        "policies": summary.policies,
        "judgements": summary.judgements,
        "verdicts": {verdict.value: count for verdict, count in summary.verdicts.items()},
        "failures_by_severity": {severity.value: count for severity, count in summary.failures.items()},
        "skipped": summary.skipped,
        "skipped_by_reason": dict(result.skipped),
        "problems": summary.problems,
        "failures_by_effect": {effect.value: count for effect, count in summary.effects.items()},
    }


def _policy(policy: Policy) -> dict[str, Any]:
    return {
        "id": policy.id,
        "title": policy.title,
        "severity": policy.severity.value,
        "family": policy.family,
        "pack": policy.pack,
        "types": list(policy.match.types),
        "native_types": list(policy.match.native_types),
        "sources": list(policy.match.sources),
        "changes": list(policy.match.changes),
        "where": policy.match.where.text if policy.match.where else None,
        "when": policy.when.text if policy.when else None,
        "validations": [{"expression": v.program.text, "message": v.message} for v in policy.validations],
        "aggregate": _aggregate(policy.aggregate) if policy.aggregate else None,
        "rationale": policy.rationale,
        "remediation": policy.remediation,
        "controls": list(policy.controls),
        "params": dict(policy.params),
        "on_unknown": policy.on_unknown.value,
        "aliases": list(policy.aliases),
        "deprecated": policy.deprecated,
        "path": policy.file,
    }


def _disabled(policy: Policy) -> dict[str, Any]:
    return {
        "id": policy.id,
        "title": policy.title,
        "severity": policy.severity.value,
        "pack": policy.pack,
        "reason": policy.disabled,
    }


def _aggregate(aggregate: Aggregate) -> dict[str, Any]:
    return {
        "group_by": {name: program.text for name, program in aggregate.group_by.items()},
        "operator": aggregate.operator,
        "measure": aggregate.measure.text if aggregate.measure else None,
    }


def _resource(card: ResourceCard) -> dict[str, Any]:
    return {
        "uid": card.uid,
        "type": card.type,
        "native_type": card.native_type,
        "provider": card.provider,
        "name": card.name,
        "region": card.region,
        "team": card.team,
        "source": card.source,
        "origin": _origin(card.origin),
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "policy": finding.policy_id,
        "resource": finding.resource_uid,
        "verdict": finding.verdict.value,
        "message": finding.message,
        "origin": _origin(finding.origin),
        "evidence": [_evidence(evidence) for evidence in finding.evidence],
        "related": [_origin(origin) for origin in finding.related],
        "frame": _frame(finding.frame) if finding.frame else None,
        "fingerprint": finding.fingerprint,
        "effect": finding.effect.value,
        "was": finding.was,
    }


def _evidence(evidence: Evidence) -> dict[str, Any]:
    return {
        "path": evidence.path,
        "value": evidence.value,
        "origin": _origin(evidence.origin) if evidence.origin else None,
    }


def _frame(frame: Frame) -> dict[str, Any]:
    return {"first_line": frame.first_line, "lines": list(frame.lines)}


def _origin(origin: Origin) -> dict[str, Any]:
    return {
        "uri": origin.uri,
        "source": origin.source,
        "pointer": list(origin.pointer),
        "address": origin.address,
        "line": origin.line,
        "column": origin.column,
        "end_line": origin.end_line,
        "end_column": origin.end_column,
    }


def _tally(tally: Tally) -> dict[str, list[str]]:
    return {verdict.value: list(tally.get(verdict, ())) for verdict in Verdict}


def _problem(problem: Problem) -> dict[str, Any]:
    return {
        "stage": problem.stage,
        "where": problem.where,
        "message": problem.message,
        "hint": problem.hint,
        "incomplete": problem.incomplete,
    }
