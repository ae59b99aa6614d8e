"""Quotas, queues and pools of nodes in the shapes that nobody expects."""

from pathlib import Path
from typing import Any

import pytest

from tests.analyze.test_accelerators_odd_but_legal import deployment, facts, gpus

QUOTA = "---\napiVersion: v1\nkind: ResourceQuota\nmetadata: {name: q, namespace: a}\nspec: {hard: {%s}}\n"


@pytest.mark.parametrize(
    ("hard", "granted", "demand"),
    [
        ("requests.nvidia.com/gpu: 8, requests.google.com/tpu: 0", 8, 4),
        ("requests.google.com/tpu: 0, requests.nvidia.com/gpu: 2", 2, 4),
        ("requests.nvidia.com/gpu: 2, requests.amd.com/gpu: 100", 2, 4),
        ("requests.google.com/tpu: 8", 8, 0),
        ("requests.nvidia.com/gpu: 1k", 1000, 4),
    ],
)
def test_a_quota_is_held_against_what_asks_for_the_same_resource(
    tmp_path: Path, hard: str, granted: int, demand: int
) -> None:
    found = facts(tmp_path, deployment(4) + QUOTA % hard, "accelerator_quota")["a/ResourceQuota/q"]
    assert (found["granted"], found["demand"]) == (granted, demand)


def test_cores_are_granted_as_the_devices_they_are(tmp_path: Path) -> None:
    text = deployment(4, 2).replace("nvidia.com/gpu", "aws.amazon.com/neuroncore")
    found = facts(tmp_path, text + QUOTA % "requests.aws.amazon.com/neuroncore: 8", "accelerator_quota")
    assert (found["a/ResourceQuota/q"]["granted"], found["a/ResourceQuota/q"]["demand"]) == (4, 4)


LOCAL = "---\napiVersion: kueue.x-k8s.io/v1beta2\nkind: LocalQueue\nmetadata: {name: %s, namespace: a}\nspec: {clusterQueue: all}\n"
QUEUE = "---\napiVersion: kueue.x-k8s.io/v1beta2\nkind: ClusterQueue\nmetadata: {name: all}\nspec: {resourceGroups: [{flavors: [{name: f, resources: [%s]}]}]}\n"
JOB = f"apiVersion: batch/v1\nkind: Job\nmetadata: {{name: j, namespace: a%s}}\nspec: {{template: {{metadata: {{labels: {{%s}}}}, spec: {{containers: [{{name: c, {gpus(3)}}}]}}}}}}\n"
CRON = f"apiVersion: batch/v1\nkind: CronJob\nmetadata: {{name: j, namespace: a}}\nspec: {{jobTemplate: {{metadata: {{labels: {{kueue.x-k8s.io/queue-name: mine}}}}, spec: {{template: {{spec: {{containers: [{{name: c, {gpus(3)}}}]}}}}}}}}}}\n"
NAMED = "kueue.x-k8s.io/queue-name: mine"


@pytest.mark.parametrize(
    ("job", "local", "demand", "limits"),
    [
        (JOB % (f", labels: {{{NAMED}}}", ""), "mine", 3, ["a/LocalQueue/mine"]),
        (JOB % (f", annotations: {{{NAMED}}}", ""), "mine", 3, ["a/LocalQueue/mine"]),
        (CRON, "mine", 3, ["a/LocalQueue/mine"]),
        (JOB % ("", ""), "default", 3, ["a/LocalQueue/default"]),
        (JOB % ("", ""), "mine", 0, "unknown: namespace a is not among the files, so its quotas are not known"),
    ],
)
def test_a_job_is_in_a_queue(tmp_path: Path, job: str, local: str, demand: int, limits: Any) -> None:
    text = job + LOCAL % local + QUEUE % "{name: nvidia.com/gpu, nominalQuota: 4}"
    found = facts(tmp_path, text, "accelerator_quota")
    assert found["ClusterQueue/all"]["demand"] == demand
    assert next(fact for address, fact in found.items() if address.endswith("Job/j"))["limited_by"] == limits


POOL = "apiVersion: karpenter.sh/v1\nkind: NodePool\nmetadata: {name: p}\nspec:\n  %s\n  template: {spec: {requirements: [%s]}}\n"
ANY = "unknown: its limits name no accelerators, so Karpenter starts as many as its pods ask for"


@pytest.mark.parametrize(
    ("limits", "requirement", "expected"),
    [
        ("limits: {cpu: 9}", "{key: eks.amazonaws.com/instance-family, operator: In, values: [p5]}", (ANY, "nvidia-h100")),
        ("limits: {cpu: 9}", "{key: eks.amazonaws.com/instance-gpu-count, operator: Gt, values: ['0']}", (ANY, "nvidia-gpu")),
        ("limits: {cpu: 9}", "{key: eks.amazonaws.com/instance-category, operator: In, values: [p]}", (ANY, "nvidia-gpu")),
        ("limits: {cpu: 9}", "{key: eks.amazonaws.com/instance-gpu-manufacturer, operator: In, values: [nvidia]}", (ANY, "nvidia-gpu")),
        ("limits: {nvidia.com/gpu: 8, amd.com/gpu: 16}", "", (24, "mixed")),
        ("limits: {nvidia.com/gpu: 1k}", "", (1000, "nvidia-gpu")),
        ("replicas: 3", "{key: node.kubernetes.io/instance-type, operator: In, values: [p5.48xlarge]}", (24, "nvidia-h100")),
        ("limits: {cpu: 9}", "{key: karpenter.azure.com/sku-family, operator: In, values: [N]}", (ANY, "nvidia-gpu")),
        ("limits: {cpu: 9}", "{key: karpenter.azure.com/sku-family, operator: In, values: [D]}", (0, "")),
    ],
)  # fmt: skip
def test_a_pool_of_nodes(tmp_path: Path, limits: str, requirement: str, expected: Any) -> None:
    found = facts(tmp_path, POOL % (limits, requirement))["NodePool/p"]
    assert (found["count"], found["model"]) == expected


COHORT = "apiVersion: kueue.x-k8s.io/v1beta2\nkind: Cohort\nmetadata: {name: all}\nspec: {%sresourceGroups: [{flavors: [{name: f, resources: [{name: nvidia.com/gpu, nominalQuota: 40%s}]}]}]}\n"


@pytest.mark.parametrize(
    ("parent", "limit", "borrows"), [("", "", False), ("parentName: up, ", "", True), ("parent: up, ", ", borrowingLimit: 1", False)]
)  # fmt: skip
def test_a_cohort_grants_beside_its_queues(tmp_path: Path, parent: str, limit: str, borrows: bool) -> None:
    text = COHORT % (parent, limit) + QUEUE % "{name: nvidia.com/gpu, nominalQuota: 4}" + LOCAL % "mine"
    found = facts(tmp_path, text + "---\n" + JOB % (f", labels: {{{NAMED}}}", ""), "accelerator_quota")
    cohort, queue = found["Cohort/all"], found["ClusterQueue/all"]
    assert (cohort["granted"], cohort["demand"], cohort["borrows"]) == (40, 0, borrows)
    assert (queue["granted"], queue["demand"]) == (4, 3)


PROFILE = "apiVersion: kubeflow.org/v1\nkind: Profile\nmetadata: {name: a}\nspec:\n  owner: {kind: User, name: x}\n  resourceQuotaSpec: {hard: {requests.nvidia.com/gpu: 2}}\n---\n"


def test_a_profile_of_kubeflow_is_the_quota_of_its_namespace(tmp_path: Path) -> None:
    found = facts(tmp_path, PROFILE + deployment(4), "accelerator_quota")
    assert (found["Profile/a"]["granted"], found["Profile/a"]["demand"]) == (2, 4)
    assert found["a/Deployment/d"]["limited_by"] == ["Profile/a"]


NOTEBOOK = f"apiVersion: kubeflow.org/v1\nkind: Notebook\nmetadata: {{name: j, namespace: a}}\nspec: {{template: {{spec: {{containers: [{{name: c, {gpus(3)}}}]}}}}}}\n"
LABELED = deployment(1, 3).replace("template: {", f"template: {{metadata: {{labels: {{{NAMED}}}}}, ")


@pytest.mark.parametrize(
    ("text", "local", "queue"),
    [(NOTEBOOK, "default", ""), (LABELED, "mine", "mine"), (deployment(1, 3), "default", "")],
)
def test_what_kueue_does_not_manage_is_in_no_queue(tmp_path: Path, text: str, local: str, queue: str) -> None:
    found = facts(tmp_path, text + LOCAL % local, "accelerator_quota")
    assert next(iter(found.values()))["queue"] == queue
