"""Every case beside every shipped policy, through the same runner that users have."""

from pathlib import Path

import pytest

from scanner import policy, trial

ROOT = Path(__file__).resolve().parent.parent
PACKS = policy.packs(ROOT / "policies")


@pytest.mark.parametrize("pack", PACKS, ids=lambda pack: pack.name)
def test_cases_of_pack(pack: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    outcomes = list(trial.outcomes([pack]))
    assert outcomes
    assert [f"{one.policy_id}: {one.case}: {one.wrong}" for one in outcomes if one.wrong] == []
