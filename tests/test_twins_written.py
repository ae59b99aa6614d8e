"""Every case of a policy for plans, judged once more as the configuration that would make such a plan.

The configuration is in Terraform's JSON syntax, which says what a case says in the same words. What it cannot say is
left out: values that only a provider knows, resources that a change finds or destroys, and what a text was made from.
"""

import json
import zlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from scanner._trial_plan import expand
from scanner.model import ScanResult
from tests.shipped import ROOT, Case, addresses, judged, plans

COMPUTED = {"id", "arn", "tags_all", "self_link", "effective_labels", "terraform_labels"}
EVERY = 2
"""Each configuration is evaluated in a process of its own, so one in two has to do."""

ABOUT_CHANGES = {"accelerators-added-by-one-change"}
"""A configuration describes no change."""

Given = Mapping[str, Any]


def can_be_written(case: Case) -> bool:
    return case.policy.stem not in ABOUT_CHANGES and all(map(is_new, case.given.get("resources", [])))


def is_new(entry: Given) -> bool:
    values, address = entry.get("values") or {}, entry["address"]
    made = entry.get("actions", ["create"]) == ["create"] and not address.startswith("data.") and "[" not in address
    computed = COMPUTED & values.keys() or any(value is None for value in values.values())
    from_elsewhere = entry.get("references", {}).keys() - set(entry.get("unknown", ()))
    return made and not computed and not from_elsewhere


CASES = {name: case for name, case in plans() if zlib.crc32(name.encode()) % EVERY == 0 and can_be_written(case)}


def configuration(given: Given) -> dict[str, Any]:
    resources: dict[str, dict[str, Any]] = defaultdict(dict)
    for entry in given.get("resources", []):
        kind, _, name = entry["address"].partition(".")
        resources[kind][name] = written(entry)
    aws = {"region": given["provider_region"]} if "provider_region" in given else {}
    aws |= {"default_tags": {"tags": given["default_tags"]}} if "default_tags" in given else {}
    providers = {**given.get("providers", {}), **({"aws": aws} if aws else {})}
    outputs = {
        name: {"value": one["value"], "sensitive": one.get("sensitive", False)}
        for name, one in given.get("outputs", {}).items()
    }
    parts = {"resource": resources, "provider": providers, "variable": given.get("variables", {}), "output": outputs}
    return {name: part for name, part in parts.items() if part}


def written(entry: Given) -> dict[str, Any]:
    """The arguments; what is known only after apply refers to what the case says, or to something that tells nothing."""
    values: dict[str, Any] = json.loads(json.dumps(entry.get("values") or {}))
    for dotted in entry.get("unknown", ()):
        reference = next(iter(entry.get("references", {}).get(dotted, ())), "terraform_data.later.output")
        if dotted.rpartition(".")[2] not in COMPUTED:
            put(values, dotted.split("."), f"${{{reference}}}")
    return values


def put(holder: Any, path: Sequence[str], value: str) -> None:
    """Set a value, also in blocks that the case does not mention otherwise."""
    step: Any = int(path[0]) if isinstance(holder, list) else path[0]
    if isinstance(holder, list) and step == len(holder):
        holder.append({})
    if len(path) == 1:
        holder[step] = value
        return
    if isinstance(holder, dict):
        holder.setdefault(step, [] if path[1].isdecimal() else {})
    put(holder[step], path[1:], value)


def as_texts(value: Any) -> Any:
    """The same in the words of those who put everything in quotes; Terraform turns it into what a provider asks for."""
    if isinstance(value, dict):
        return {key: as_texts(one) for key, one in value.items()}
    if isinstance(value, list):
        return [as_texts(one) for one in value]
    return json.dumps(value) if isinstance(value, bool | int | float) else value


def verdicts(result: ScanResult) -> dict[str, str]:
    assert result.problems == ()
    return addresses(result)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_configuration_is_judged_as_its_plan(case: Case, tmp_path: Path) -> None:
    path, given = case
    (tmp_path / "plan").mkdir()
    before = verdicts(judged(path, tmp_path / "main.tf.json", json.dumps(configuration(given))))
    after = verdicts(judged(path, tmp_path / "plan" / "plan.json", json.dumps(expand(given))))
    told = {address: (before.get(address), after.get(address)) for address in {*before, *after}}
    assert {address: pair for address, pair in told.items() if pair[0] != pair[1] and "unknown" not in pair} == {}


QUOTED = {
    name: quoted
    for name, case in CASES.items()
    if (quoted := as_texts(configuration(case.given))) != configuration(case.given)
}


@pytest.mark.parametrize("name", QUOTED)
def test_what_stands_in_quotes_is_judged_as_what_does_not(name: str, tmp_path: Path) -> None:
    path, given = CASES[name]
    (tmp_path / "plan").mkdir()
    before = verdicts(judged(path, tmp_path / "main.tf.json", json.dumps(QUOTED[name])))
    after = verdicts(judged(path, tmp_path / "plan" / "plan.json", json.dumps(expand(given))))
    told = {address: (before.get(address), after.get(address)) for address in {*before, *after}}
    assert {address: pair for address, pair in told.items() if pair[0] != pair[1] and "unknown" not in pair} == {}


def test_most_cases_can_be_written() -> None:
    assert len(CASES) > 200


WRITTEN_DOWN = """resource "aws_db_instance" "clear" {
  password = sensitive("hunter2-Xy-99")
}
resource "aws_db_instance" "given" {
  password = sensitive(var.password)
}
resource "aws_db_instance" "maybe" {
  count    = data.aws_regions.here.names == [] ? 0 : 1
  password = "hunter2-Xy-99"
}
variable "password" {
}
"""


def test_of_a_password_that_is_not_worked_out_nobody_says_that_it_is_not_written_down(tmp_path: Path) -> None:
    found = addresses(judged(ROOT / "policies" / "secrets" / "inline-secret.yaml", tmp_path / "main.tf", WRITTEN_DOWN))
    names = ("clear", "given", "maybe")
    assert [found[f"aws_db_instance.{name}"] for name in names] == ["unknown", "pass", "unknown"]
