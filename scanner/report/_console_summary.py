"""The lower part of the console report: what could not be decided, what could not be read, and the figures."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping

from msgspec import Struct, field

from scanner.model import Effect, ScanResult, Verdict, address_of
from scanner.report._summary import Summary, summarize
from scanner.report._terminal import Ink, clip, counted, shown

_MOST_GROUPS = 10
_MOST_LINES = 2
_LABEL = 9


class _Group(Struct):
    """Things that happened for the same reason."""

    first: str
    """Where it happened first."""
    hint: str = ""
    count: int = 0


class _Groups(Struct):
    """Reasons in order of appearance."""

    by_reason: dict[str, _Group] = field(default_factory=dict)

    def add(self, reason: str, where: str, hint: str = "") -> None:
        """Count one more thing that happened for this reason."""
        self.by_reason.setdefault(reason, _Group(where, hint)).count += 1


def undecided(result: ScanResult, ink: Ink, width: int) -> Iterator[str]:
    """Judgements without an answer and inputs that could not be read, each reason once."""
    for verdict, title in ((Verdict.UNKNOWN, "unknown"), (Verdict.ERROR, "not judged")):
        groups = _Groups()
        for finding in result.findings:
            if finding.verdict is verdict:
                where = f"{finding.policy_id}, {finding.origin.address or finding.resource_uid}"
                groups.add(finding.message, where)
        yield from _section(title, groups, ink, width)
    for incomplete, title in ((True, "not read"), (False, "left out")):
        groups = _Groups()
        for problem in result.problems:
            if problem.incomplete is incomplete:
                groups.add(problem.message, problem.where, problem.hint)
        yield from _section(title, groups, ink, width)


def fixed(result: ScanResult, ink: Ink, width: int) -> Iterator[str]:
    """What failed before the change and does not any more, policy by policy."""
    by_policy: dict[str, list[str]] = {}
    for finding in result.fixed:
        by_policy.setdefault(finding.policy_id, []).append(address_of(finding.resource_uid))
    if by_policy:
        yield ink("good", "fixed")
    for policy_id, names in by_policy.items():
        more = f" and {len(names) - 1:,} more" if len(names) > 1 else ""
        yield clip(f"   {shown(policy_id)}  {shown(names[0])}{more}", width)
    yield from [""] if by_policy else []


def _section(title: str, groups: _Groups, ink: Ink, width: int) -> Iterator[str]:
    if not groups.by_reason:
        return
    yield ink("warning", title)
    ordered = sorted(groups.by_reason.items(), key=lambda entry: -entry[1].count)
    for reason, group in ordered[:_MOST_GROUPS]:
        yield from _reason(reason, group, ink, width)
    if len(ordered) > _MOST_GROUPS:
        rest = sum(group.count for _, group in ordered[_MOST_GROUPS:])
        yield ink("faint", f"   and {rest:,} more for {len(ordered) - _MOST_GROUPS:,} other reasons")
    yield ""


def _reason(reason: str, group: _Group, ink: Ink, width: int) -> Iterator[str]:
    times = f" and {group.count - 1:,} more" if group.count > 1 else ""
    wrapped = textwrap.wrap(shown(reason), width - 5, max_lines=_MOST_LINES, placeholder=" …", break_on_hyphens=False)
    yield from (f"{'     ' if number else '   '}{line}" for number, line in enumerate(wrapped))
    yield ink("faint", clip(f"     {shown(group.first)}{times}", width))
    if group.hint:
        yield ink("faint", clip(f"     hint: {shown(group.hint)}", width))


def summary(result: ScanResult, ink: Ink, width: int, *, only_introduced: bool) -> Iterator[str]:
    """Seven lines that are always there, one for a change, and one for each disabled policy: nothing is left out."""
    counts = summarize(result)
    verdicts = counts.verdicts
    failed, unknown = verdicts[Verdict.FAIL], verdicts[Verdict.UNKNOWN]
    left_out = sum(not problem.incomplete for problem in result.problems)
    broken = verdicts[Verdict.ERROR] + counts.problems - left_out
    if not result.resources:
        yield ink("warning", clip(f"Nothing to scan was found in {', '.join(map(shown, result.targets))}.", width))
    yield ink("faint", "─" * min(width, 72))
    yield _line(ink, "Seen", _seen(result, counts))
    yield _line(ink, "Judged", _judged(counts))
    yield _line(ink, "Passed", f"{verdicts[Verdict.PASS]:,}", "good" if verdicts[Verdict.PASS] else "")
    yield _line(ink, "Failed", _failed(counts), "bad" if failed else "")
    if changed := _changed(counts, only_introduced=only_introduced):
        yield _line(ink, "Change", changed)
    yield _line(ink, "Unknown", f"{unknown:,}", "warning" if unknown else "")
    yield _line(ink, "Skipped", _skipped(result, counts))
    yield _line(ink, "Broken", _broken(counts, left_out), "warning" if broken else "")
    for number, one in enumerate(result.disabled):
        yield clip(_line(ink, "" if number else "Disabled", f"{one.id}: {shown(one.disabled)}"), width)


def _line(ink: Ink, label: str, text: str, style: str = "") -> str:
    return f"{ink('strong', f'{label:<{_LABEL}}')}{ink(style, text) if style else text}"


def _seen(result: ScanResult, counts: Summary) -> str:
    sources = f" ({_listed(result.files)})" if result.files else ""
    return f"{counted(counts.files, 'file')}{sources}, {counted(counts.resources, 'resource')}"


def _judged(counts: Summary) -> str:
    away = counts.verdicts[Verdict.NOT_APPLICABLE]
    times = counted(counts.judgements - away, "time")
    return f"{times} by {counted(counts.policies, 'policy')}; {away:,} not applicable"


def _failed(counts: Summary) -> str:
    by_severity = {severity.value: count for severity, count in counts.failures.items()}
    return _parts(f"{counts.verdicts[Verdict.FAIL]:,}", by_severity)


def _changed(counts: Summary, *, only_introduced: bool) -> str:
    """Of the failures, what the change does to them; empty where no change is described."""
    effects = counts.effects
    if not any(effects[one] for one in Effect if one is not Effect.NONE):
        told = only_introduced and effects[Effect.NONE]
        return "no plan among what failed, so there is no before, and all of it counts as introduced" if told else ""
    hidden = " (not shown)" if only_introduced and effects[Effect.LEFT] else ""
    parts = [
        f"{effects[Effect.INTRODUCED]:,} introduced",
        f"{effects[Effect.LEFT]:,} left{hidden}",
        f"{effects[Effect.FIXED]:,} fixed",
        *([f"{effects[Effect.UNCLEAR]:,} unclear"] if effects[Effect.UNCLEAR] else []),
        *([f"{effects[Effect.NONE]:,} without a before"] if effects[Effect.NONE] else []),
    ]
    return ", ".join(parts)


def _skipped(result: ScanResult, counts: Summary) -> str:
    return _parts(counted(counts.skipped, "file"), result.skipped)


def _broken(counts: Summary, left_out: int) -> str:
    errors, unread = counts.verdicts[Verdict.ERROR], counts.problems - left_out
    told = _parts(f"{errors + unread:,}", {"not read": unread, "not judged": errors})
    return f"{told}; {left_out:,} left out" if left_out else told


def _parts(total: str, parts: Mapping[str, int]) -> str:
    return f"{total}: {_listed(parts)}" if any(parts.values()) else total


def _listed(parts: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} {shown(name)}" for name, count in parts.items() if count)
