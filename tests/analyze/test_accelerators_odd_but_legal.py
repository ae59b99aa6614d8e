"""What Kubernetes accepts though nobody expects it: each is counted as the scheduler and the controllers count it."""

from pathlib import Path
from typing import Any

import orjson
import pytest
from click.testing import CliRunner

from scanner.cli import cli


def facts(folder: Path, text: str, fact: str = "accelerators") -> dict[str, dict[str, Any]]:
    """Address to the values of a fact, as `govscan inspect` tells them; what is not known as its reason."""
    (folder / "all.yaml").write_text(text)
    shown = CliRunner().invoke(cli, ["inspect", "--format", "json", str(folder / "all.yaml")])
    assert shown.exit_code == 0, shown.output
    return {
        one["resource"]["uid"].partition("#")[2]: {key: _plain(value) for key, value in one["facts"][fact].items()}
        for one in orjson.loads(shown.stdout)
    }


def _plain(value: Any) -> Any:
    return f"unknown: {value['unknown']}" if isinstance(value, dict) and set(value) == {"unknown"} else value


PACK = """
id: any-accelerator
title: Any accelerator at all
severity: low
family: accelerators
match: {types: [workload]}
validations:
  - expression: facts.accelerators.count < 1
    message: "has {facts.accelerators.count}"
rationale: This policy is there to see where findings point to.
remediation: Nothing is to be done about it.
controls: [nist-800-53-r5/SC-6]
"""


def counted_at(folder: Path, text: str) -> int:
    """The line on which a finding about the accelerators of the object `x` stands."""
    (folder / "pack").mkdir()
    (folder / "pack/pack.yaml").write_text("title: For a test\ndescription: There to see where findings point to.\n")
    (folder / "pack/any-accelerator.yaml").write_text(PACK)
    (folder / "all.yaml").write_bytes(text.encode())
    words = [str(folder / "all.yaml"), "--pack", str(folder / "pack"), "--report", str(folder / "o.json")]
    CliRunner().invoke(cli, ["scan", *words])
    findings = orjson.loads((folder / "o.json").read_bytes())["findings"]
    (line,) = (one["origin"]["line"] for one in findings if one["resource"].endswith("/x"))
    return int(line)


def gpus(amount: Any, name: str = "nvidia.com/gpu") -> str:
    return f"resources: {{limits: {{{name}: {amount}}}}}"


def pod(spec: str) -> str:
    return f"apiVersion: v1\nkind: Pod\nmetadata: {{name: p, namespace: a}}\nspec: {{{spec}}}\n"


def deployment(replicas: Any, amount: Any = 1) -> str:
    return (
        f"apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: d, namespace: a}}\nspec:\n  replicas: {replicas}\n"
        f"  template: {{spec: {{containers: [{{name: c, {gpus(amount)}}}]}}}}\n"
    )


@pytest.mark.parametrize(
    ("amount", "count"),
    [
        ("1e1", 10), ('"1e1"', 10), ("2k", 2000), ("8000m", 8), ("1.0", 1), ('"+8"', 8), ('"2Ki"', 2048), ('"1E0"', 1),
        ("0.5", "unknown: not a whole number of devices"), ("500m", "unknown: not a whole number of devices"),
        ('"8 "', "unknown: not a whole number of devices"), ('"1e"', "unknown: not a whole number of devices"),
    ],
)  # fmt: skip
def test_a_number_of_devices_is_any_quantity_that_is_whole(tmp_path: Path, amount: str, count: Any) -> None:
    found = facts(tmp_path, pod(f"containers: [{{name: c, {gpus(amount)}}}]"))
    assert found["a/Pod/p"]["count"] == count


@pytest.mark.parametrize("replicas", ["3.0", "3e0", "0b11", "+3"])
def test_a_number_of_replicas_is_any_number_that_is_whole(tmp_path: Path, replicas: str) -> None:
    assert facts(tmp_path, deployment(replicas, 2))["a/Deployment/d"]["count"] == 6


@pytest.mark.parametrize(
    ("started", "count"),
    [
        (f"{{name: s, restartPolicy: Always, {gpus(1)}}}, {{name: i, {gpus(4)}}}", 5),
        (f"{{name: i, {gpus(4)}}}, {{name: s, restartPolicy: Always, {gpus(1)}}}", 4),
        (f"{{name: s, restartPolicy: Always, {gpus(6)}}}, {{name: i, {gpus(1)}}}", 7),
    ],
)
def test_an_init_container_runs_beside_the_sidecars_before_it(tmp_path: Path, started: str, count: int) -> None:
    found = facts(tmp_path, pod(f"initContainers: [{started}], containers: [{{name: c, {gpus(1)}}}]"))
    assert found["a/Pod/p"]["count"] == count


def test_a_device_class_may_be_asked_for_as_an_extended_resource(tmp_path: Path) -> None:
    asked = gpus(2, "deviceclass.resource.kubernetes.io/gpu.nvidia.com")
    card = gpus(2, "deviceclass.resource.kubernetes.io/rdma.acme.example")
    found = facts(tmp_path, pod(f"containers: [{{name: c, {asked}}}, {{name: n, {card}}}]"))["a/Pod/p"]
    assert (found["count"], found["model"]) == (2, "nvidia-gpu")


def claim(name: str, requests: str) -> str:
    return (
        f"---\napiVersion: resource.k8s.io/v1\nkind: ResourceClaim\nmetadata: {{name: {name}, namespace: a}}\n"
        f"spec: {{devices: {{requests: [{requests}]}}}}\n"
    )


def exactly(count: int, more: str = "") -> str:
    return f"{{name: r{count}, exactly: {{deviceClassName: gpu.nvidia.com, count: {count}{more}}}}}"


RAY = """
apiVersion: ray.io/v1
kind: RayCluster
metadata: {name: ray, namespace: a}
spec:
  headGroupSpec: {template: {spec: {resourceClaims: [{name: g, resourceClaimName: %s}], containers: [{name: c}]}}}
  workerGroupSpecs: [{replicas: 3, template: {spec: {resourceClaims: [{name: n, resourceClaimName: other}, {name: g, resourceClaimName: %s}], containers: [{name: c}]}}}]
"""


@pytest.mark.parametrize(("head", "worker", "count"), [("one", "two", 13), ("one", "one", 6)])
def test_claims_that_pods_share_are_counted_once_each(tmp_path: Path, head: str, worker: str, count: int) -> None:
    claims = claim("one", f"{exactly(2)}, {exactly(3)}") + claim("two", exactly(7)) + claim("other", exactly(1))
    assert facts(tmp_path, RAY % (head, worker) + claims)["a/RayCluster/ray"]["count"] == count


USER = pod("resourceClaims: [{name: g, resourceClaimName: one}], containers: [{name: c}]")


def test_of_alternatives_the_largest_may_be_the_one(tmp_path: Path) -> None:
    both = "{name: g, firstAvailable: [{name: a, deviceClassName: gpu.nvidia.com, count: 1}, {name: b, deviceClassName: gpu.nvidia.com, count: 8}]}"
    assert facts(tmp_path, USER + claim("one", both))["a/Pod/p"]["count"] == 8


def test_whoever_only_watches_a_device_does_not_take_it(tmp_path: Path) -> None:
    assert facts(tmp_path, USER + claim("one", exactly(2, ", adminAccess: true")))["a/Pod/p"]["kind"] == ""


def test_a_model_counts_only_where_every_choice_of_nodes_has_it(tmp_path: Path) -> None:
    terms = "{matchExpressions: [{key: nvidia.com/gpu.product, operator: In, values: [NVIDIA-L4]}]}, {matchExpressions: [{key: zone, operator: In, values: [z]}]}"
    affinity = f"affinity: {{nodeAffinity: {{requiredDuringSchedulingIgnoredDuringExecution: {{nodeSelectorTerms: [{terms}]}}}}}}"
    found = facts(tmp_path, pod(f"{affinity}, containers: [{{name: c, {gpus(1)}}}]"))
    assert found["a/Pod/p"]["model"] == "nvidia-gpu"


def test_a_selector_narrows_what_an_affinity_allows(tmp_path: Path) -> None:
    terms = (
        "{matchExpressions: [{key: nvidia.com/gpu.product, operator: In, values: [NVIDIA-L4, NVIDIA-H100-80GB-HBM3]}]}"
    )
    affinity = f"affinity: {{nodeAffinity: {{requiredDuringSchedulingIgnoredDuringExecution: {{nodeSelectorTerms: [{terms}]}}}}}}"
    chosen = "nodeSelector: {nvidia.com/gpu.product: NVIDIA-L4}"
    found = facts(tmp_path, pod(f"{chosen}, {affinity}, containers: [{{name: c, {gpus(1)}}}]"))
    assert found["a/Pod/p"]["model"] == "nvidia-l4"


OPEN = "unknown: it or its autoscaler names no namespace, so whether they belong together is not known"
SCALER = "---\napiVersion: {api}\nkind: {kind}\nmetadata: {{name: s{namespace}}}\nspec: {{{bounds}, scaleTargetRef: {{kind: {target}, name: {name}}}}}\n"


def hpa(bounds: str, target: str = "Deployment", name: str = "d", namespace: str = ", namespace: a") -> str:
    return SCALER.format(
        api="autoscaling/v2",
        kind="HorizontalPodAutoscaler",
        namespace=namespace,
        bounds=bounds,
        target=target,
        name=name,
    )


def keda(bounds: str) -> str:
    return hpa(bounds).replace("autoscaling/v2", "keda.sh/v1alpha1").replace("HorizontalPodAutoscaler", "ScaledObject")


GROUPS = """
apiVersion: leaderworkerset.x-k8s.io/v1
kind: LeaderWorkerSet
metadata: {name: d, namespace: a}
spec:
  replicas: 1
  leaderWorkerTemplate:
    size: 4
    leaderTemplate: {spec: {containers: [{name: c, %s}]}}
    workerTemplate: {spec: {containers: [{name: c, %s}]}}
"""
ROLES = """
apiVersion: kubeflow.org/v1
kind: PyTorchJob
metadata: {name: d, namespace: a}
spec:
  pytorchReplicaSpecs:
    Master: {template: {spec: {containers: [{name: c, %s}]}}}
    Worker: {replicas: 2, template: {spec: {containers: [{name: c, %s}]}}}
"""


@pytest.mark.parametrize(
    ("text", "most", "fewest"),
    [
        (GROUPS % (gpus(1), gpus(8)) + hpa("minReplicas: 2, maxReplicas: 5", "LeaderWorkerSet"), 125, 50),
        (ROLES % (gpus(1), gpus(1)) + hpa("minReplicas: 2, maxReplicas: 6", "PyTorchJob"), 7, 3),
        (deployment(0) + hpa("minReplicas: 1, maxReplicas: 6"), 0, 0),
        (deployment(0) + hpa("minReplicas: 0, maxReplicas: 6"), 6, 0),
        (deployment(0) + keda("maxReplicaCount: 6"), 6, 0),
        (deployment(0) + keda("minReplicaCount: 2, idleReplicaCount: 0, maxReplicaCount: 6"), 6, 0),
        (deployment(2) + keda("minReplicaCount: 2, maxReplicaCount: 6"), 6, 2),
        (deployment(1) + hpa("maxReplicas: 6", namespace=""), OPEN, OPEN),
        (deployment(1).replace(", namespace: a", "") + hpa("maxReplicas: 6"), OPEN, OPEN),
        (deployment(1).replace(", namespace: a", "") + hpa("maxReplicas: 6", namespace=""), 6, 1),
        (deployment(1) + hpa("maxReplicas: 6", namespace=", namespace: b"), 1, 1),
    ],
)  # fmt: skip
def test_autoscalers_scale_what_their_target_repeats(tmp_path: Path, text: str, most: Any, fewest: Any) -> None:
    found = next(fact for address, fact in facts(tmp_path, text).items() if address.endswith("/d"))
    assert (found["count"], found["minimum"]) == (most, fewest)


@pytest.mark.parametrize(
    ("group", "count"),
    [
        ("suspend: true, replicas: 3", 0),
        ("replicas: 3, maxReplicas: 2147483647", 3),
        ("replicas: 3, numOfHosts: 2", 6),
    ],
)
def test_groups_of_ray_workers(tmp_path: Path, group: str, count: int) -> None:
    worker = f"{{{group}, template: {{spec: {{containers: [{{name: c, {gpus(1)}}}]}}}}}}"
    text = f"apiVersion: ray.io/v1\nkind: RayCluster\nmetadata: {{name: r, namespace: a}}\nspec: {{workerGroupSpecs: [{worker}]}}\n"
    assert facts(tmp_path, text)["a/RayCluster/r"]["count"] == count


def test_the_most_that_fits_a_number_is_no_limit_of_ray(tmp_path: Path) -> None:
    worker = (
        f"{{minReplicas: 1, maxReplicas: 2147483647, template: {{spec: {{containers: [{{name: c, {gpus(1)}}}]}}}}}}"
    )
    text = f"apiVersion: ray.io/v1\nkind: RayCluster\nmetadata: {{name: r, namespace: a}}\nspec: {{enableInTreeAutoscaling: true, workerGroupSpecs: [{worker}]}}\n"
    found = facts(tmp_path, text)["a/RayCluster/r"]
    assert (found["count"], found["minimum"]) == (
        "unknown: Ray scales a group without a limit where maxReplicas is not set",
        1,
    )


@pytest.mark.parametrize(
    "text",
    [
        deployment(-100),
        deployment(1, -100),
        f"apiVersion: batch/v1\nkind: Job\nmetadata: {{name: d, namespace: a}}\nspec: {{parallelism: -100, template: {{spec: {{containers: [{{name: c, {gpus(1)}}}]}}}}}}\n",
        deployment(2) + hpa("minReplicas: -5, maxReplicas: -100"),
    ],
)
def test_nobody_has_less_than_none(tmp_path: Path, text: str) -> None:
    found = next(fact for address, fact in facts(tmp_path, text).items() if address.endswith("/d"))
    assert all(isinstance(value, str) or value >= 0 for value in (found["count"], found["minimum"]))
