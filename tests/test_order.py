"""Neither the order of things in a file nor what else stands in it changes a verdict."""

import json
import random
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import ryaml

from scanner import load, policy, trial
from scanner._trial_plan import expand
from scanner.model import Policy, Verdict
from scanner.scan import Request, policies_of, scan

ROOT = Path(__file__).resolve().parent.parent

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


def cases() -> Iterator[tuple[str, tuple[Path, Any]]]:
    for pack in policy.packs(ROOT / "policies"):
        for path in policy.files(pack):
            for case in trial.cases(path):
                given = case.get("given")
                if case["source"] == "kubernetes_manifest" and isinstance(given, str):
                    yield f"{path.stem}: {case['name']}", (path, [body for body in ryaml.loads_all(given) if body])
                elif case["source"] == "terraform_plan" and isinstance(given, dict):
                    yield f"{path.stem}: {case['name']}", (path, given)


CASES = dict(cases())


@cache
def shipped(pack: Path) -> Mapping[str, Policy]:
    return {one.id: one for one in policies_of(Request((), (pack,), load.Options(base=ROOT)))}


def verdicts(path: Path, text: str, target: Path) -> dict[str, Verdict]:
    """Resource to its verdict; sums are over everything, strangers included."""
    target.write_text(text)
    result = scan(
        Request((str(target),), (path.parent,), load.Options(target.parent)), [shipped(path.parent)[path.stem]]
    )
    told = ((uid, verdict) for verdict, uids in result.tallies[path.stem].items() for uid in uids)
    return {uid: verdict for uid, verdict in told if "stranger" not in uid and not uid.startswith("group:")}


def shuffled(value: Any, dice: random.Random) -> Any:
    """Keys in another order, however deep; lists as they are, because their order may say something."""
    if isinstance(value, dict):
        return {key: shuffled(value[key], dice) for key in dice.sample(list(value), len(value))}
    return [shuffled(one, dice) for one in value] if isinstance(value, list) else value


def written(given: Any) -> str:
    return json.dumps(expand(given)) if isinstance(given, dict) else "\n---\n".join(map(json.dumps, given))


@pytest.mark.parametrize("name", CASES)
def test_order_and_strangers_change_no_verdict(name: str, tmp_path: Path) -> None:
    path, given = CASES[name]
    dice = random.Random(name)  # noqa: S311  # the same in every run
    things = given.get("resources", []) if isinstance(given, dict) else given
    mixed = shuffled(dice.sample(things, len(things)), dice)
    more = [*things, *(STRANGE_RESOURCES if isinstance(given, dict) else STRANGERS)]
    forms = [{**given, "resources": one} if isinstance(given, dict) else one for one in (things, mixed, more)]
    as_it_is, *others = (verdicts(path, written(form), tmp_path / "given.yaml") for form in forms)
    assert others == [as_it_is, as_it_is]
