"""What a change does to a finding: the verdict on what stood before against the verdict on what will stand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec.structs import replace

from scanner.evaluate._judgement import Judgement
from scanner.model import Effect, Inventory, Past, Verdict

EFFECTS: Mapping[Past, Effect] = {
    Past.UNTOLD: Effect.NONE,
    Past.SAME: Effect.LEFT,
    Past.EMPTY: Effect.INTRODUCED,
}
"""The effect of what needs no comparison."""


def effect(now: Verdict, was: Verdict | None) -> Effect:
    """The effect on a finding. `was` is None for what was in order before, or was not there.

    What could not be decided before may have been a failure already, or not.
    """
    if was is None:
        return Effect.INTRODUCED
    if now is Verdict.FAIL and was is not Verdict.FAIL:
        return Effect.UNCLEAR
    return Effect.LEFT


def compared(now: Iterable[Judgement], was: Sequence[Judgement], before: Inventory) -> Iterator[Judgement]:
    """The judgements of now, each with the effect on it; then the failures of then that are over."""
    known = {(one.policy_id, one.uid): one for one in was}
    for judgement in now:
        former = known.pop((judgement.policy_id, judgement.uid), None)
        told = former.message if former and former.message != judgement.message else ""
        yield replace(judgement, effect=effect(judgement.verdict, former.verdict if former else None), was=told)
    forgotten = {one.uid for one in before if one.change == "forget"}
    for former in known.values():
        if former.verdict is Verdict.FAIL and former.uid not in forgotten:
            yield replace(former, effect=Effect.FIXED)
