"""Devices of dynamic resource allocation by other names: extended resources of a class, quotas of a class."""

from pathlib import Path
from typing import Any

import pytest

from tests.analyze.test_accelerators_odd_but_legal import claim, exactly, facts, gpus, pod

CLASS = (
    "---\napiVersion: resource.k8s.io/v1\nkind: DeviceClass\nmetadata: {name: %s}\nspec: {extendedResourceName: %s}\n"
)


@pytest.mark.parametrize(
    ("classes", "resource", "expected"),
    [
        (CLASS % ("gpu.nvidia.com", "acme.example/fast"), "acme.example/fast", (2, "nvidia-gpu")),
        (CLASS % ("h100.nvidia.com", "acme.example/fast"), "acme.example/fast", (2, "nvidia-h100")),
        (CLASS % ("rdma.acme.example", "acme.example/net"), "acme.example/net", (0, "")),
        (CLASS % ("h100.nvidia.com", "nvidia.com/gpu"), "nvidia.com/gpu", (2, "nvidia-h100")),
        ("", "acme.example/fast", (0, "")),
    ],
)
def test_a_class_may_serve_an_extended_resource(
    tmp_path: Path, classes: str, resource: str, expected: tuple[int, str]
) -> None:
    found = facts(tmp_path, pod(f"containers: [{{name: c, {gpus(2, resource)}}}]") + classes)["a/Pod/p"]
    assert (found["count"], found["model"]) == expected


QUOTA = "---\napiVersion: v1\nkind: ResourceQuota\nmetadata: {name: q, namespace: a}\nspec: {hard: {%s: %s}}\n"
USER = pod("resourceClaims: [{name: g, resourceClaimName: one}], containers: [{name: c}]")


@pytest.mark.parametrize(
    ("key", "granted", "expected"),
    [
        ("gpu.nvidia.com.deviceclass.resource.k8s.io/devices", 2, (2, 3)),
        ("mig.nvidia.com.deviceclass.resource.k8s.io/devices", 2, (2, 0)),
        ("requests.nvidia.com/gpu", 2, (2, 0)),
    ],
)
def test_a_quota_of_a_class(tmp_path: Path, key: str, granted: int, expected: Any) -> None:
    found = facts(tmp_path, USER + claim("one", exactly(3)) + QUOTA % (key, granted), "accelerator_quota")
    assert (found["a/ResourceQuota/q"]["granted"], found["a/ResourceQuota/q"]["demand"]) == expected


@pytest.mark.parametrize("partition", ["spx_nps1", "cpx_nps4", "dpx_nps1"])
def test_partitions_of_amd(tmp_path: Path, partition: str) -> None:
    found = facts(tmp_path, pod(f"containers: [{{name: c, {gpus(2, f'amd.com/{partition}')}}}]"))["a/Pod/p"]
    assert (found["count"], found["model"]) == (2, "amd-gpu")
