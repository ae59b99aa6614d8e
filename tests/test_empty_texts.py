"""What nobody wrote is null before it is made, and an empty text once it stands: the AWS provider stores it so.

In every plan of the shipped policies' cases, each text that another case gives a resource of the type is empty.
"""

import copy
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from scanner._trial_plan import expand
from tests.shipped import Case, addresses, judged, plans

CASES = dict(plans())


def texts() -> dict[str, set[str]]:
    """The arguments of each type that are texts."""
    found: dict[str, set[str]] = defaultdict(set)
    for case in CASES.values():
        for kind, values, _ in resources(expand(case.given)):
            found[kind] |= {name for name, value in values.items() if isinstance(value, str) and name != "region"}
    return found


def resources(plan: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any], Mapping[str, Any]]]:
    """Type, values, and what is not known of them."""
    for entry in plan["resource_changes"]:
        change = entry["change"]
        for side in ("before", "after"):
            if entry["type"].startswith("aws_") and isinstance(values := change.get(side), dict):
                yield entry["type"], values, change.get("after_unknown") or {}


TEXTS = texts()


def standing(given: Mapping[str, Any]) -> dict[str, Any]:
    plan = copy.deepcopy(expand(given))
    for kind, values, unknown in resources(plan):
        for name in TEXTS[kind] - values.keys() - unknown.keys():
            values[name] = ""
    return plan


def has_aws(case: Case) -> bool:
    return any(True for _ in resources(expand(case.given)))


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if has_aws(case)])
def test_an_empty_text_says_nothing(name: str, tmp_path: Path) -> None:
    case, target = CASES[name], tmp_path / "plan.json"
    before = addresses(judged(case.policy, target, json.dumps(expand(case.given))))
    assert addresses(judged(case.policy, target, json.dumps(standing(case.given)))) == before
