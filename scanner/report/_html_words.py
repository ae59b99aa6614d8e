"""The sentences at the top of the HTML page: what a manager reads, and perhaps the only thing that is read."""

from __future__ import annotations

from collections import Counter

from scanner.model import Effect, ScanResult, Severity, Verdict
from scanner.report._html_counts import Counts


def number(count: int, one: str, several: str = "") -> str:
    """A count with its noun: `1 failure`, `1,234 failures`."""
    return f"{count:,} {one if count == 1 else several or one + 's'}"


def mood(result: ScanResult, counts: Counts) -> str:
    """One of `fail`, `unknown` or `pass`: the color of the whole page. Green only if all was seen and all passes."""
    if counts[Verdict.FAIL]:
        return "fail"
    return "unknown" if not counts.judged or counts.undecided or result.problems else "pass"


def headline(result: ScanResult, counts: Counts) -> str:
    """The verdict in one sentence."""
    if counts[Verdict.FAIL]:
        broken = sum(bool(tally.get(Verdict.FAIL)) for tally in result.tallies.values())
        return f"{number(broken, 'policy is', 'policies are')} broken, {number(counts[Verdict.FAIL], 'time')} in all."
    if not counts.judged:
        return "Nothing was judged, so nothing is proven."
    if mood(result, counts) == "unknown":
        return "Nothing that could be judged fails, but not everything could be judged."
    return "Every policy that applies is met."


def detail(result: ScanResult, counts: Counts) -> str:
    """Two or three sentences of figures under the headline."""
    return " ".join(filter(None, (_failures(result, counts), _changed(result), _passes(counts), _open(result, counts))))


def _failures(result: ScanResult, counts: Counts) -> str:
    if not counts[Verdict.FAIL]:
        return ""
    worst = next(s for s in Severity if _failed(result, s))
    failing = {uid for tally in result.tallies.values() for uid in tally.get(Verdict.FAIL, ())}
    bad = _failed(result, worst)
    which = "every failure is" if bad == counts[Verdict.FAIL] else number(bad, "failure is", "failures are")
    return f"{number(len(failing), 'resource is', 'resources are')} affected; {which} of {worst.value} severity."


def _changed(result: ScanResult) -> str:
    """What the change does to the failures; empty where no source describes one."""
    effects = Counter(found.effect for found in result.findings if found.verdict is Verdict.FAIL)
    told = {
        "introduced by the change": effects[Effect.INTRODUCED],
        "perhaps introduced": effects[Effect.UNCLEAR],
        "left as before": effects[Effect.LEFT],
    }
    parts = [f"{count:,} {words}" for words, count in told.items() if count]
    fixed = f"{number(len(result.fixed), 'failure')} of before {'is' if len(result.fixed) == 1 else 'are'} fixed."
    return " ".join([f"Of these, {', '.join(parts)}."] * bool(parts) + [fixed] * bool(result.fixed))


def _failed(result: ScanResult, severity: Severity) -> int:
    chosen = (key for key, policy in result.policies.items() if policy.severity is severity)
    return sum(len(result.tallies.get(key, {}).get(Verdict.FAIL, ())) for key in chosen)


def _passes(counts: Counts) -> str:
    if not counts.judged:
        return ""
    return f"{counts[Verdict.PASS]:,} of {number(counts.judged, 'judgement')} pass ({counts.rate})."


def _open(result: ScanResult, counts: Counts) -> str:
    parts = []
    if counts.undecided:
        parts.append(f"{number(counts.undecided, 'judgement')} could not be decided")
    if result.problems:
        parts.append(f"{number(len(result.problems), 'problem')} kept something out of sight")
    return f"{' and '.join(parts)}." if parts else ""
