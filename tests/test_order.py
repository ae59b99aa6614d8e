"""Neither the order of things in a file nor what else stands in it changes a verdict."""

import json
import random
from pathlib import Path
from typing import Any

import pytest
import ryaml

from scanner._trial_plan import expand
from tests.shipped import Case, addresses, judged, manifests, plans

STRANGERS = ryaml.loads_all("""
apiVersion: v1
kind: ConfigMap
metadata: {name: stranger, namespace: strangers}
data: {a: b}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: stranger, namespace: strangers}
spec:
  selector: {matchLabels: {app: stranger}}
  template: {metadata: {labels: {app: stranger}}, spec: {containers: [{name: c, image: "registry.example/c:1"}]}}
""")
STRANGE_RESOURCES = [
    {"address": "aws_s3_bucket.stranger", "values": {"bucket": "stranger", "tags": {"team": "strangers"}}},
    {"address": "aws_db_instance.stranger", "values": {"identifier": "stranger", "engine": "postgres"}},
    {"address": "google_storage_bucket.stranger", "values": {"name": "stranger", "location": "EU"}},
    {"address": "azurerm_storage_account.stranger", "values": {"name": "stranger", "location": "westeurope"}},
]


CASES = {**dict(plans()), **dict(manifests())}


def verdicts(path: Path, text: str, target: Path) -> dict[str, str]:
    """Of single things; sums are over everything, strangers included."""
    told = addresses(judged(path, target, text))
    return {address: verdict for address, verdict in told.items() if "stranger" not in address}


def shuffled(value: Any, dice: random.Random) -> Any:
    """Keys in another order, however deep; lists as they are, because their order may say something."""
    if isinstance(value, dict):
        return {key: shuffled(value[key], dice) for key in dice.sample(list(value), len(value))}
    return [shuffled(one, dice) for one in value] if isinstance(value, list) else value


def written(given: Any) -> str:
    return json.dumps(expand(given)) if isinstance(given, dict) else "\n---\n".join(map(json.dumps, given))


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_order_and_strangers_change_no_verdict(case: Case, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    path, given = case
    dice = random.Random(request.node.name)  # noqa: S311  # the same in every run
    things = given.get("resources", []) if isinstance(given, dict) else given
    mixed = shuffled(dice.sample(things, len(things)), dice)
    more = [*things, *(STRANGE_RESOURCES if isinstance(given, dict) else STRANGERS)]
    forms = [{**given, "resources": one} if isinstance(given, dict) else one for one in (things, mixed, more)]
    as_it_is, *others = (verdicts(path, written(form), tmp_path / "given.yaml") for form in forms)
    assert others == [as_it_is, as_it_is]
