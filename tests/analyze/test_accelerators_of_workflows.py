"""Accelerators in the corners of Argo Workflows, and in what wraps other workloads."""

import time
from pathlib import Path
from typing import Any

import pytest

from tests.analyze.test_accelerators_odd_but_legal import facts, gpus

FLOW = (
    "apiVersion: argoproj.io/v1alpha1\nkind: Workflow\nmetadata: {name: w, namespace: a}\nspec:\n  entrypoint: main\n"
)
INLINE = f"inline: {{container: {{image: i, {gpus(4)}}}}}"
LEAF = f"  - {{name: leaf, container: {{image: i, {gpus(4)}}}}}\n"
PATCH = '{"containers": [{"name": "main", "resources": {"limits": {"nvidia.com/gpu": "4"}}}]}'
OPEN = "unknown: its podSpecPatch is known once it runs"
CHILD = "apiVersion: batch/v1, kind: Job, spec: {parallelism: 3, template: {spec: {containers: [{name: c, resources: {limits: {nvidia.com/gpu: %s}}}]}}}"


@pytest.mark.parametrize(
    ("templates", "expected"),
    [
        (f"  templates:\n  - {{name: main, steps: [[{{name: x, {INLINE}}}, {{name: y, {INLINE}}}]]}}\n", 8),
        (f"  templates:\n  - {{name: main, steps: [[{{name: x, withItems: [1, 2, 3], {INLINE}}}]]}}\n", 12),
        (f"  templates:\n  - {{name: main, dag: {{tasks: [{{name: x, {INLINE}}}, {{name: y, depends: x, {INLINE}}}]}}}}\n", 4),
        (f"  templateDefaults: {{container: {{{gpus(4)}}}}}\n  templates:\n  - {{name: main, container: {{image: i}}}}\n", 4),
        (f"  templateDefaults: {{container: {{{gpus(4)}}}}}\n  templates:\n  - {{name: main, container: {{image: i, {gpus(2)}}}}}\n", 2),
        (f"  templates:\n  - {{name: main, podSpecPatch: '{PATCH}', container: {{image: i}}}}\n", 4),
        (f"  podSpecPatch: '{PATCH}'\n  templates:\n  - {{name: main, container: {{image: i, {gpus(2)}}}}}\n", 4),
        ("  templates:\n  - {name: main, podSpecPatch: '{{inputs.parameters.p}}', container: {image: i}}\n", OPEN),
        ("  templates:\n  - {name: main, steps: [[{name: x, template: leaf, withSequence: {start: '1', end: '5'}}]]}\n" + LEAF, 20),
        ("  templates:\n  - {name: main, steps: [[{name: x, template: leaf, withSequence: {start: '5', end: '1'}}]]}\n" + LEAF, 20),
        (f"  templates:\n  - {{name: main, resource: {{action: create, manifest: '{{{CHILD % 2}}}'}}}}\n", 6),
        ("  templates:\n  - {name: main, resource: {action: create, manifest: '{" + CHILD % "{{gpus}}" + "}'}}\n", "unknown: the manifest it creates is known once it runs"),
        (f"  templates:\n  - {{name: main, resource: {{action: delete, manifest: '{{{CHILD % 2}}}'}}}}\n", 0),
    ],
)  # fmt: skip
def test_corners_of_a_workflow(tmp_path: Path, templates: str, expected: Any) -> None:
    assert facts(tmp_path, FLOW + templates)["a/Workflow/w"]["count"] == expected


def test_a_workflow_that_doubles_at_every_level_is_read_at_once(tmp_path: Path) -> None:
    levels = "".join(
        f"  - {{name: {'main' if n == 0 else f't{n}'}, steps: [[{{name: a, template: t{n + 1}}}, {{name: b, template: t{n + 1}}}]]}}\n"
        for n in range(30)
    )
    leaf = f"  - {{name: t30, container: {{image: i, {gpus(1)}}}}}\n"
    began = time.monotonic()
    assert facts(tmp_path, FLOW + "  templates:\n" + levels + leaf)["a/Workflow/w"]["count"] == 2**30
    assert time.monotonic() - began < 5


OUT = "unknown: its trials are in the ConfigMap t"


def graph(*dependencies: str) -> str:
    tasks = ", ".join(
        f"{{name: t{n}, template: leaf, dependencies: [{needs}]}}" for n, needs in enumerate(dependencies)
    )
    return f"  templates:\n  - {{name: main, dag: {{tasks: [{tasks}]}}}}\n" + LEAF


@pytest.mark.parametrize(
    ("dependencies", "count"),
    [
        (["", *(f"t{n}" for n in range(20))], 4),
        ([""] * 20, 80),
        (["", *(["t0"] * 19), ", ".join(f"t{n}" for n in range(1, 20))], 76),
        ([*([""] * 2), *(f"t{n}" for n in range(18))], 8),
    ],
)
def test_a_large_graph_counts_at_its_widest_too(tmp_path: Path, dependencies: list[str], count: int) -> None:
    assert facts(tmp_path, FLOW + graph(*dependencies))["a/Workflow/w"]["count"] == count


JOB = f"{{apiVersion: batch/v1, kind: Job, spec: {{parallelism: 2, template: {{spec: {{containers: [{{name: c, {gpus(2)}}}]}}}}}}}}"


def wrapped(api: str, kind: str, spec: str) -> str:
    return f"apiVersion: {api}\nkind: {kind}\nmetadata: {{name: x, namespace: a}}\nspec: {spec}\n"


@pytest.mark.parametrize(
    ("api", "kind", "spec", "expected"),
    [
        ("kubeflow.org/v1beta1", "Experiment", f"{{parallelTrialCount: 5, trialTemplate: {{trialSpec: {JOB}}}}}", (20, 20, "training")),
        ("kubeflow.org/v1beta1", "Experiment", f"{{trialTemplate: {{trialSpec: {JOB}}}}}", (12, 12, "training")),
        ("kubeflow.org/v1beta1", "Experiment", f"{{maxTrialCount: 2, trialTemplate: {{trialSpec: {JOB}}}}}", (8, 8, "training")),
        ("kubeflow.org/v1beta1", "Experiment", "{trialTemplate: {configMap: {configMapName: t}}}", (OUT, OUT, "training")),
        ("workload.codeflare.dev/v1beta2", "AppWrapper", f"{{components: [{{template: {JOB}}}, {{template: {JOB}}}]}}", (8, 8, "general")),
        ("sparkoperator.k8s.io/v1beta2", "SparkApplication", "{driver: {gpu: {name: nvidia.com/gpu, quantity: 1}}, executor: {instances: 4, gpu: {name: nvidia.com/gpu, quantity: 2}}}", (9, 9, "general")),
        ("sparkoperator.k8s.io/v1beta2", "SparkApplication", "{executor: {instances: 4, gpu: {name: amd.com/gpu, quantity: 2}}, dynamicAllocation: {enabled: true, minExecutors: 0, maxExecutors: 10}}", (20, 0, "general")),
        ("sparkoperator.k8s.io/v1beta2", "ScheduledSparkApplication", "{template: {executor: {gpu: {name: nvidia.com/gpu, quantity: 2}}}}", (2, 2, "general")),
        ("apps.kruise.io/v1alpha1", "CloneSet", f"{{replicas: 4, template: {{spec: {{containers: [{{name: c, {gpus(2)}}}]}}}}}}", (8, 8, "general")),
        ("batch.volcano.sh/v1alpha1", "CronJob", f"{{jobTemplate: {{spec: {{tasks: [{{replicas: 3, template: {{spec: {{containers: [{{name: c, {gpus(2)}}}]}}}}}}]}}}}}}", (6, 6, "training")),
        ("serving.knative.dev/v1", "Configuration", f"{{template: {{metadata: {{annotations: {{autoscaling.knative.dev/max-scale: '3'}}}}, spec: {{containers: [{{{gpus(2)}}}]}}}}}}", (6, 0, "serving")),
    ],
)  # fmt: skip
def test_what_wraps_pods_is_a_workload(
    tmp_path: Path, api: str, kind: str, spec: str, expected: tuple[Any, Any, str]
) -> None:
    found = facts(tmp_path, wrapped(api, kind, spec))[f"a/{kind}/x"]
    assert (found["count"], found["minimum"], found["role"]) == expected
