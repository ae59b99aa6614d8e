"""Facts of real estates written by others, from file to fact."""

import re
from pathlib import Path
from typing import Any

import pytest

from scanner import analyze, load, normalize
from scanner.model import Ledger, Resource, Unknown

FACTS = ("region", "tags", "owner", "accelerators")
Known = list[tuple[Resource, dict[str, dict[str, Any]]]]


def estate(target: Path) -> Known:
    ledger = Ledger()
    found: Known = []
    for partition in load.partitions((str(target),), load.Options(target.parent), ledger):
        inventory = normalize.inventory(partition, ledger)
        facts = analyze.facts(inventory, ledger, FACTS)
        found += [(resource, facts.values_for(resource.uid)) for resource in inventory]
    assert [problem for problem in ledger.problems if problem.stage == "analyze"] == []
    assert found
    return found


@pytest.mark.parametrize(
    ("file", "count", "model"),
    [
        ("ray-cluster.tpu-v4-multihost.yaml", 8, "tpu-v4"),
        ("ray-cluster.tpu-v6e-16-multihost.yaml", 16, "tpu-v6e"),
        ("ray-cluster.tpu-v6e-256-multihost.yaml", 256, "tpu-v6e"),
        ("ray-service.high-throughput-llm.yaml", 4, "nvidia-l4"),
        ("ray-cluster.sample.yaml", 0, ""),
    ],
)
def test_ray_clusters(corpora: Path, file: str, count: int, model: str) -> None:
    known = estate(corpora / "manifests" / "kuberay-samples" / file)
    rays = [facts["accelerators"] for resource, facts in known if re.match("ray.io/", resource.native_type)]
    assert [(fact["count"], fact["model"]) for fact in rays] == [(count, model)]


def test_gpu_node_pools_of_a_real_plan(corpora: Path) -> None:
    known = estate(corpora / "plans" / "doeks_jark-stack_subset.json")
    pools = {resource.origin.address: facts for resource, facts in known if resource.type == "kubernetes.node_pool"}
    holding = {re.findall(r'"(.*?)"', name)[0]: facts["accelerators"] for name, facts in pools.items()}
    assert {name: (fact["count"], fact["minimum"], fact["model"]) for name, fact in holding.items()} == {
        "core_node_group": (0, 0, ""),
        "gpu1": (4, 0, "nvidia-a10g"),
    }


def test_what_a_plan_does_not_tell_about_its_region_is_unknown_and_never_guessed(corpora: Path) -> None:
    known = estate(corpora / "plans" / "azurerm_issue294.json")
    regions = [facts["region"] for _, facts in known]
    hidden = [fact for fact in regions if isinstance(fact["name"], Unknown)]
    assert hidden
    assert all(isinstance(fact["jurisdiction"], Unknown) for fact in hidden)
    told = [fact["jurisdiction"] for fact in regions if isinstance(fact["name"], str)]
    assert set(told) == {"EU", ""}


def test_satellites_of_a_bucket_cannot_be_tagged_and_the_bucket_can(corpora: Path) -> None:
    known = estate(corpora / "plans" / "tam_s3_complete.json")
    can = {resource.native_type: facts["tags"]["taggable"] for resource, facts in known}
    assert can["aws_s3_bucket"] is True
    assert can["aws_iam_role"] is True
    assert can["aws_s3_bucket_policy"] is False


def test_default_tags_name_the_owner(corpora: Path) -> None:
    known = estate(corpora / "plans" / "tam_vpc_complete__update_replace_delete.json")
    teams = {facts["owner"]["team"] for _, facts in known if facts["tags"]["taggable"]}
    assert teams == {"ml-platform"}
