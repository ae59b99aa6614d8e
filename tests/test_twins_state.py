"""Every case of a policy for plans that make something, judged once more as the state after the apply.

A state does not say who chose a value, so it may leave open what a plan tells; it never says the opposite.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from scanner._trial_plan import expand
from tests.shipped import Case, addresses, judged, plans

OPPOSITES = {("pass", "fail"), ("fail", "pass")}
IDENTITY = ("address", "mode", "type", "name", "provider_name", "index")


def is_settled(case: Case) -> bool:
    """Whether the plan knows all that there will be."""
    resources = case.given.get("resources", [])
    return all(entry.get("actions", ["create"]) == ["create"] and not entry.get("unknown") for entry in resources)


CASES = {name: case for name, case in plans() if is_settled(case)}


def state(plan: dict[str, Any]) -> dict[str, Any]:
    """As `terraform show -json` prints it."""
    resources = [
        {
            **{key: entry[key] for key in IDENTITY if key in entry},
            "values": entry["change"]["after"],
            "sensitive_values": entry["change"]["after_sensitive"] or {},
        }
        for entry in plan["resource_changes"]
    ]
    values = {"root_module": {"resources": resources}, "outputs": plan["planned_values"]["outputs"]}
    return {"format_version": "1.0", "terraform_version": "1.11.4", "values": values}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_state_never_says_the_opposite_of_its_plan(case: Case, tmp_path: Path) -> None:
    path, plan = case.policy, expand(case.given)
    before = addresses(judged(path, tmp_path / "plan.json", json.dumps(plan)))
    after = addresses(judged(path, tmp_path / "state.json", json.dumps(state(plan))))
    assert {one for one in before.keys() & after.keys() if (before[one], after[one]) in OPPOSITES} == set()
    assert after.keys() <= before.keys()
