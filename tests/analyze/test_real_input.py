"""Facts of real estates written by others, from file to fact."""

import re
from pathlib import Path

import pytest

from scanner import analyze, load, normalize
from scanner.model import Ledger, Resource

FACTS = ("region", "tags", "owner", "accelerators")
Known = list[tuple[Resource, dict[str, dict[str, object]]]]


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
