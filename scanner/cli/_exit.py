"""What each exit code means."""

from __future__ import annotations

from enum import IntEnum

from scanner.model import ScanResult, Severity, Verdict


class Exit(IntEnum):
    """What each exit code means; 1 wins over 4."""

    CLEAN = 0
    FINDINGS = 1
    USAGE = 2
    NOTHING = 3
    INCOMPLETE = 4
    INTERRUPTED = 130


def exit_code(
    result: ScanResult, fail_on: Severity, *, allow_nothing: bool = False, only_introduced: bool = False
) -> Exit:
    """What the result means for a gate; for one that is only about what a change introduces, where that is asked."""
    failed = (
        found
        for found in result.findings
        if found.verdict is Verdict.FAIL and (found.effect.gates or not only_introduced)
    )
    if any(result.policies[found.policy_id].severity.at_least(fail_on) for found in failed):
        return Exit.FINDINGS
    if any(problem.incomplete for problem in result.problems) or result.count(Verdict.ERROR):
        return Exit.INCOMPLETE
    if not result.resources or not result.policies:
        return Exit.CLEAN if allow_nothing else Exit.NOTHING
    return Exit.CLEAN
