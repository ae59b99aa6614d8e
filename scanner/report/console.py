"""Findings for people at a terminal: where, what, why and how to fix it; then what was seen and what was not.

Few failures are shown one by one, file by file in the order of lines. Many are shown policy by policy, the first
of each in full and some of the others on one line; the other formats hold them all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from scanner.model import Finding, ScanResult, Verdict
from scanner.report._console_finding import Block
from scanner.report._console_summary import fixed, summary, undecided
from scanner.report._terminal import Ink

EXTENSION = ".txt"
DOC = "what the terminal shows, without color"

_MANY = 30
"""Failures that are still shown one by one."""
_NARROWEST = 40


def render(result: ScanResult, *, color: bool = False, width: int = 100, only_introduced: bool = False) -> bytes:
    """The result as UTF-8 text, `width` cells wide where it can be. Color is for terminals only.

    With `only_introduced`, failures that were there before the change are counted and not shown.
    """
    ink, width = Ink(color), max(width, _NARROWEST)
    lines = [
        *(line for block in _blocks(result, ink, width, only_introduced) for line in block.lines()),
        *undecided(result, ink, width),
        *fixed(result, ink, width),
        *summary(result, ink, width, only_introduced=only_introduced),
    ]
    return "".join(f"{line.rstrip()}\n" for line in lines).encode("utf-8", "replace")


def _blocks(result: ScanResult, ink: Ink, width: int, only_introduced: bool) -> Iterator[Block]:  # noqa: FBT001  # passed down
    failed = [
        finding
        for finding in result.findings
        if finding.verdict is Verdict.FAIL and (finding.effect.gates or not only_introduced)
    ]
    if len(failed) > _MANY:
        for group in _grouped(failed, by_policy=True):
            yield Block(group, result.policies[group[0].policy_id], ink, width)
        return
    for group in _grouped(failed, by_policy=False):
        for finding in sorted(group, key=lambda one: (one.origin.line, one.origin.column)):
            yield Block([finding], result.policies[finding.policy_id], ink, width)


def _grouped(findings: Iterable[Finding], *, by_policy: bool) -> Iterable[list[Finding]]:
    """Groups in order of their first, and so of their worst, finding."""
    groups: dict[str, list[Finding]] = {}
    for finding in findings:
        groups.setdefault(finding.policy_id if by_policy else finding.origin.uri, []).append(finding)
    return groups.values()
