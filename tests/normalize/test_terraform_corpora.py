"""Real plans: golden values, and what an unknown value may never do to any of them."""

import copy
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from scanner import normalize
from scanner.load import terraform_plan
from scanner.load._files import File
from scanner.model import Document, Inventory, Ledger, Partition, Unknown

GOLDEN: Mapping[str, Mapping[str, Mapping[str, Any]]] = {
    "tam_s3_complete.json": {
        "module.simple_bucket.aws_s3_bucket.this[0]": {
            "region": "eu-west-1",
            "public": False,
            "encryption": "provider",
            "versioned": False,
            "tls_required": False,
        },
        "module.s3_bucket.aws_s3_bucket.this[0]": {
            "tags": {"Owner": "Anton"},
            "public": False,
            "encryption": None,
            "versioned": True,
            "tls_required": None,
        },
    },
    "doeks_jark-stack_subset.json": {
        'module.eks.module.eks_managed_node_group["gpu1"].aws_eks_node_group.this[0]': {
            "region": "us-west-2",
            "machine_type": "g5.12xlarge",
            "minimum": 0,
            "maximum": 1,
            "spot": None,
        },
        "module.eks.aws_eks_cluster.this[0]": {
            "public_endpoint": True,
            "secrets_encryption": True,
            "cost_allocation": None,
        },
    },
    "tam_eks20_tests_eks-managed-node-group.json": {
        'module.eks.module.eks_managed_node_group["complete"].aws_eks_node_group.this[0]': {
            "machine_type": "m6i.large",
            "minimum": 1,
            "maximum": 7,
            "spot": True,
        },
    },
    "google_full_container_cluster.json": {
        "google_container_cluster.full_list_default_1/default-pool": {
            "region": "us-central1",
            "accelerators": [{"model": "test-type1", "count": 1}, {"model": "test-type2", "count": 1}],
            "maximum": 42,
            "spot": True,
        },
    },
    "google_full_sql_database_instance.json": {
        "google_sql_database_instance.main": {"engine": "postgres", "tls_required": True, "public": True},
    },
    "google_tf1_0plan.applied.json": {
        "google_storage_bucket.my-bucket": {"region": "us", "tags": {"foo": "bar"}, "encryption": "provider"},
    },
}
"""Plan to address to expected values; None stands for what must be unknown."""


def documents(path: Path) -> list[Document]:
    return list(terraform_plan.documents(File(path.name, path.read_bytes()), Ledger()))


def inventory(found: list[Document]) -> Inventory:
    ledger = Ledger()
    result = normalize.inventory(Partition("plan", found), ledger)
    assert ledger.problems == []
    return result


@pytest.mark.parametrize("plan", GOLDEN)
def test_golden(corpora: Path, plan: str) -> None:
    found = inventory(documents(corpora / "plans" / plan))
    for address, expected in GOLDEN[plan].items():
        resource = found.get(f"{plan}#{address}")
        assert resource is not None, address
        for name, value in expected.items():
            actual = getattr(resource, name) if name in {"region", "tags"} else resource.attributes[name]
            assert isinstance(actual, Unknown) if value is None else actual == value, (address, name)


def test_every_plan_is_understood_without_a_problem(corpora: Path) -> None:
    for path in sorted((corpora / "plans").glob("*.json")):
        found = inventory(documents(path))
        raw = json.loads(path.read_text())
        leaving = [change for change in raw["resource_changes"] if change["change"]["actions"] == ["delete"]]
        managed = [change for change in raw["resource_changes"] if change.get("mode", "managed") == "managed"]
        things = {resource.origin.address for resource in found if resource.type != "secret.setting"}
        assert len(things) == len(managed) - len(leaving), path.name


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_one_more_unknown_never_turns_one_known_value_into_another(corpora: Path, data: st.DataObject) -> None:
    plan = data.draw(st.sampled_from(sorted(GOLDEN)))
    before = _judged(inventory(documents(corpora / "plans" / plan)))
    found = documents(corpora / "plans" / plan)
    spoiled = data.draw(st.sampled_from([index for index, document in enumerate(found) if _typed(document)]))
    path = data.draw(st.sampled_from(sorted(_plantable(found[spoiled]), key=repr)))
    found[spoiled] = _with_unknown(found[spoiled], path)
    for key, value in _judged(inventory(found)).items():
        if key in before and not isinstance(before[key], Unknown) and not _has_unknown(value):
            assert value == before[key], (key, path)


def _plantable(document: Document) -> Iterator[tuple[Any, ...]]:
    """Where Terraform may leave a value open: anywhere but a written block as a whole, which it opens up."""
    values, written = document.body["values"], document.body["expressions"]
    for path in _paths(values):
        value: Any = values
        for step in path:
            value = value[step]
        is_block = isinstance(value, dict) or (isinstance(value, list) and any(isinstance(one, dict) for one in value))
        if not is_block or (len(path) == 1 and path[0] in written):
            yield path


def _typed(document: Document) -> bool:
    """What is judged, and what is folded into it."""
    words = ("bucket", "node_group", "cluster", "template", "sql", "policy_document", "disk")
    return bool(document.body["values"]) and any(word in document.body["type"] for word in words)


def _judged(found: Inventory) -> dict[tuple[str, str], Any]:
    values: dict[tuple[str, str], Any] = {}
    for resource in found:
        values[resource.uid, "region"] = resource.region
        values[resource.uid, "tags"] = resource.tags
        values |= {(resource.uid, name): value for name, value in resource.attributes.items()}
    return values


def _has_unknown(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_has_unknown(entry) for entry in value.values())
    if isinstance(value, list):
        return any(_has_unknown(entry) for entry in value)
    return isinstance(value, Unknown)


def _paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, entry in steps:
        yield from _paths(entry, (*path, step))


def _with_unknown(document: Document, path: tuple[Any, ...]) -> Document:
    values = copy.deepcopy(document.body["values"])
    inside = values
    for step in path[:-1]:
        inside = inside[step]
    inside[path[-1]] = Unknown("planted", ".".join(map(str, path)))
    return replace(document, body={**document.body, "values": values})
