"""Failures of one policy as a block of lines: the first in full, others on a line each, and how to fix them."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice

from scanner.model import Effect, Evidence, Finding, Origin, Policy, address_of, is_group
from scanner.report._code_frame import Row, rows
from scanner.report._terminal import Ink, clip, counted, shown

_MOST_EACH = 10
"""Findings in a block."""
_MOST_EVIDENCE, _MOST_RELATED, _MOST_ADVICE = 5, 3, 2
"""Lines of each that a block gets."""
_NARROWEST_MARGIN = 3


class Block:
    """One or more failures of one policy, at least one."""

    def __init__(self, findings: Sequence[Finding], policy: Policy, ink: Ink, width: int) -> None:
        self._findings = findings
        self._first = findings[0]
        self._policy = policy
        self._severity = policy.severity.value
        self._ink = ink
        self._margin = _margin(self._first)
        self._room = width - self._margin - 2

    def lines(self) -> Iterator[str]:
        """The block, closed by an empty line."""
        count = self._faint(f"  {len(self._findings):,} times") if len(self._findings) > 1 else ""
        count += self._faint(_effects(self._findings))
        yield f"{self._ink(self._severity, self._severity)}  {self._ink('strong', shown(self._policy.title))}{count}"
        yield f"{' ' * self._margin}{self._faint('╭─')} {self._place()}"
        yield from self._code()
        yield from (f"{' ' * self._margin}{self._faint('│')} {line}" for line in self._told())
        yield from self._others()
        yield from self._advice()
        yield ""

    def _place(self) -> str:
        """As editors and terminals recognize it, and what stands there. Never cut, so that it can be copied."""
        uid = self._first.resource_uid
        name = address_of(uid) if is_group(uid) else self._first.origin.address
        return f"{self._ink('strong', _spot(self._first.origin))}  {shown(name)}"

    def _code(self) -> Iterator[str]:
        if self._first.frame is None or not self._first.origin.line:
            return
        for row in rows(self._first.frame, self._first.origin, self._room):
            yield self._row(row)
            if row.underline:
                blank = " " * (len(row.underline) - len(row.underline.lstrip()))
                mark = self._ink(self._severity, row.underline.strip())
                yield f"{' ' * self._margin}{self._faint('│')} {blank}{mark}"

    def _row(self, row: Row) -> str:
        number = f"{row.number:>{self._margin - 1}} "
        if row.marked:
            return f"{self._ink(self._severity, number)}{self._faint('│')} {row.code}"
        return self._faint(f"{number}│ {row.code}".rstrip())

    def _told(self) -> Iterator[str]:
        """The message, the values that decided, and where else to look."""
        for paragraph in self._first.message.splitlines():
            yield from (self._ink(self._severity, line) for line in textwrap.wrap(shown(paragraph), self._room))
        yield from map(self._evidence, self._first.evidence[:_MOST_EVIDENCE])
        if len(self._first.evidence) > _MOST_EVIDENCE:
            yield self._faint(f"and {counted(len(self._first.evidence) - _MOST_EVIDENCE, 'more value')}")
        told = {_spot(self._first.origin), *(_spot(one.origin) for one in self._first.evidence if one.origin)}
        elsewhere = [origin for origin in self._first.related if _spot(origin) not in told]
        for origin in elsewhere[:_MOST_RELATED]:
            yield self._faint(clip(f"see {_spot(origin)}  {shown(origin.address)}", self._room))
        if len(elsewhere) > _MOST_RELATED:
            yield self._faint(f"and {counted(len(elsewhere) - _MOST_RELATED, 'more place')}")

    def _evidence(self, evidence: Evidence) -> str:
        here, there = self._first.origin, evidence.origin
        place = f"  ({_spot(there)})" if there and (there.uri, there.line) != (here.uri, here.line) else ""
        return self._faint(clip(f"{shown(evidence.path)} = {shown(evidence.value)}{place}", self._room))

    def _others(self) -> Iterator[str]:
        for finding in islice(self._findings, 1, _MOST_EACH):
            message = shown(finding.message) if finding.message != self._first.message else ""
            line = f"{_spot(finding.origin)}  {shown(finding.origin.address)}  {message}"
            yield f"{' ' * self._margin}{self._faint('├─')} {clip(line, self._room - 1)}"
        rest = self._findings[_MOST_EACH:]
        if rest:
            files = counted(len({finding.origin.uri for finding in rest}), "file")
            yield " " * self._margin + self._faint(f"│  and {len(rest):,} more in {files}")

    def _advice(self) -> Iterator[str]:
        """Which policy it was and what to do, on two lines at most."""
        name = shown(self._policy.id)
        text = f"{name}: {shown(' '.join(self._policy.remediation.split()))}"
        first, *more = textwrap.wrap(text, self._room - 1, max_lines=_MOST_ADVICE, placeholder=" …")
        yield f"{' ' * self._margin}{self._faint('╰─')} {first.replace(name, self._ink('advice', name), 1)}"
        yield from (f"{' ' * self._margin}   {line}" for line in more)

    def _faint(self, text: str) -> str:
        return self._ink("faint", text)


def _effects(findings: Sequence[Finding]) -> str:
    """What the change does to them, where one is described: `  introduced`, or `  2 introduced, 1 left` for several."""
    counted_effects = Counter[Effect](finding.effect for finding in findings if finding.effect is not Effect.NONE)
    if not counted_effects:
        return ""
    if len(findings) == 1:
        return f"  {findings[0].effect.value}"
    return f"  {', '.join(f'{counted_effects[one]:,} {one.value}' for one in Effect if counted_effects[one])}"


def _margin(finding: Finding) -> int:
    """Cells left of the bar: enough for the highest line number of the code frame."""
    last = finding.frame.first_line + len(finding.frame.lines) if finding.frame else 0
    return max(_NARROWEST_MARGIN, len(str(last)) + 1)


def _spot(origin: Origin) -> str:
    """`file`, `file:line` or `file:line:column`, whatever is known."""
    numbers = [number for number in (origin.line, origin.column if origin.line else 0) if number]
    return ":".join([shown(origin.uri), *map(str, numbers)])
