"""What a case expected, against what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from scanner.model import Finding, ScanResult, Verdict, address_of


def compare(policy_id: str, case: Mapping[str, Any], result: ScanResult) -> str:
    """What differs from the expectation, in one sentence; empty where nothing does."""
    verdict = Verdict(case["expect"])
    every = {kind: list(uids) for kind, uids in result.tallies[policy_id].items() if uids}
    got = _of(every, case["resource"]) if "resource" in case else every
    if verdict not in got:
        return f"expected {verdict}, got {_told(got) or _nothing(every, result, case)}"
    if "resource" not in case and "count" not in case and len(got) > 1:
        return f"expected only {verdict}, got {_told(got)}; name the resource or the count"
    if len(got[verdict]) != case.get("count", len(got[verdict])):
        return f"expected {case['count']} times {verdict}, got {_told(got)}"
    return _compare_findings(case, [found for found in result.findings if found.resource_uid in got[verdict]])


def _of(got: Mapping[Verdict, Sequence[str]], address: str) -> dict[Verdict, list[str]]:
    return {kind: mine for kind, uids in got.items() if (mine := [uid for uid in uids if _is(uid, address)])}


def _nothing(every: Mapping[Verdict, Sequence[str]], result: ScanResult, case: Mapping[str, Any]) -> str:
    """Why there is no verdict, as far as it shows: what is there instead."""
    problems = "".join(f"; problem: {problem.message}" for problem in result.problems)
    if every:
        return f"none for '{case['resource']}'; there is {_told(every)}{problems}"
    if result.resources:
        return f"no verdict at all; the policy matches none of {', '.join(map(address_of, result.resources))}{problems}"
    return f"no verdict at all; no resource was read from what is given{problems}"


def _compare_findings(case: Mapping[str, Any], findings: Sequence[Finding]) -> str:
    message, at = case.get("message", ""), case.get("at", "")
    if message and not any(message in found.message for found in findings):
        told = "; ".join(found.message for found in findings)
        return f"expected a message with '{message}', got: {told or 'none'}"
    lines = [_line(found) for found in findings]
    if at and not any(at in line for line in lines):
        return f"expected a finding at a line with '{at}', got: {'; '.join(lines) or 'none'}"
    return ""


def _line(found: Finding) -> str:
    if not found.frame:
        return ""
    return found.frame.lines[found.origin.line - found.frame.first_line].strip()


def _is(uid: str, address: str) -> bool:
    return address in {uid, address_of(uid)}


def _told(got: Mapping[Verdict, Sequence[str]]) -> str:
    return "; ".join(f"{kind} for {', '.join(map(address_of, uids))}" for kind, uids in got.items())
