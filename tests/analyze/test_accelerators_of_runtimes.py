"""Accelerators that a service or a job gets from another object: runtimes of KServe and Kubeflow, bases, templates."""

from pathlib import Path
from typing import Any

import pytest

from tests.analyze.test_accelerators_odd_but_legal import facts, gpus

RUNTIME = """
apiVersion: serving.kserve.io/v1alpha1
kind: ClusterServingRuntime
metadata: {name: many}
spec:
  supportedModelFormats: [{name: huggingface}]
  containers: [{name: kserve-container%s}, {name: helper%s}]
  workerSpec: {%scontainers: [{name: worker-container%s}]}
---
"""
SERVICE = """
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata: {name: s, namespace: a, annotations: {serving.kserve.io/deploymentMode: RawDeployment}}
spec: {predictor: {%smodel: {runtime: many, modelFormat: {name: huggingface}%s}%s}}
"""


def asks(count: int) -> str:
    return f", {gpus(count)}" if count else ""


@pytest.mark.parametrize(
    ("asked", "sizes", "service", "expected"),
    [
        ((1, 1), "pipelineParallelSize: 3, tensorParallelSize: 1, ", "", 3),
        ((1, 1), "pipelineParallelSize: 3, tensorParallelSize: 2, ", "", 6),
        ((2, 2), "pipelineParallelSize: 3, tensorParallelSize: 2, ", "", 6),
        ((0, 2), "pipelineParallelSize: 2, tensorParallelSize: 2, ", "", 4),
        ((0, 0), "pipelineParallelSize: 2, tensorParallelSize: 2, ", "", 4),
        ((1, 1), "", "pipelineParallelSize: 4, tensorParallelSize: 2", 8),
        ((1, 1), "", "", 2),
        ((1, 1), "", "containers: [{name: worker-container, resources: {limits: {nvidia.com/gpu: 2}}}], pipelineParallelSize: 5", 5),
    ],
)  # fmt: skip
def test_a_model_over_several_machines(
    tmp_path: Path, asked: tuple[int, int], sizes: str, service: str, expected: int
) -> None:
    head, worker = asked
    text = RUNTIME % (asks(head), "", sizes, asks(worker)) + SERVICE % ("", "", f", workerSpec: {{{service}}}")
    found = facts(tmp_path, text)["a/InferenceService/s"]
    assert (found["count"], found["minimum"], found["model"]) == (expected, expected, "nvidia-gpu")


def test_other_containers_of_a_serving_runtime_run_too(tmp_path: Path) -> None:
    text = RUNTIME % (asks(1), asks(2), "", "") + SERVICE % ("", "", "")
    assert facts(tmp_path, text)["a/InferenceService/s"]["count"] == 3


@pytest.mark.parametrize(
    ("service", "expected"),
    [
        (SERVICE % ("", "", ""), "unknown: its serving runtime many is not among the files"),
        (SERVICE % ("maxReplicas: 3, ", asks(2), ""), 6),
        (SERVICE.replace("runtime: many, ", "") % ("", "", ""), 0),
    ],
)
def test_a_serving_runtime_out_of_view_may_ask_for_some(tmp_path: Path, service: str, expected: Any) -> None:
    assert facts(tmp_path, service)["a/InferenceService/s"]["count"] == expected


def test_a_raw_deployment_never_scales_to_nothing(tmp_path: Path) -> None:
    service = SERVICE % ("minReplicas: 0, maxReplicas: 2, ", asks(2), "")
    scaled_by_keda = service.replace(
        "deploymentMode: Raw", "autoscalerClass: keda, serving.kserve.io/deploymentMode: Raw"
    )
    assert facts(tmp_path, service)["a/InferenceService/s"]["minimum"] == 2
    assert facts(tmp_path, scaled_by_keda)["a/InferenceService/s"]["minimum"] == 0


CONFIG = """
apiVersion: serving.kserve.io/v1alpha1
kind: LLMInferenceServiceConfig
metadata: {name: %s, namespace: %s}
spec: {%s}
---
"""
LANGUAGE = """
apiVersion: serving.kserve.io/v1alpha1
kind: LLMInferenceService
metadata: {name: l, namespace: a}
spec: {replicas: 3, baseRefs: [%s], %s}
"""
MAIN = f"template: {{containers: [{{name: main, {gpus(8)}}}]}}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (CONFIG % ("base", "a", MAIN) + LANGUAGE % ("{name: base}", "model: {uri: x}"), 24),
        (CONFIG % ("base", "kserve", MAIN) + LANGUAGE % ("{name: base}", "model: {uri: x}"), 24),
        (CONFIG % ("base", "b", MAIN) + LANGUAGE % ("{name: base}", ""), "unknown: its base base is not among the files"),
        (CONFIG % ("base", "a", MAIN) + LANGUAGE % ("{name: base}", "template: {containers: [{name: main, image: x}]}"), 24),
        (CONFIG % ("base", "a", MAIN) + LANGUAGE % ("{name: base}", f"template: {{containers: [{{name: main, {gpus(2)}}}]}}"), 6),
        (
            CONFIG % ("one", "a", MAIN) + CONFIG % ("two", "a", "parallelism: {pipeline: 2}, worker: {containers: [{name: main, resources: {limits: {nvidia.com/gpu: 4}}}]}")
            + LANGUAGE % ("{name: one}, {name: two}", ""), 36,
        ),
        (LANGUAGE % ("{name: gone}", MAIN), "unknown: its base gone is not among the files"),
    ],
)  # fmt: skip
def test_a_language_model_has_what_its_bases_say(tmp_path: Path, text: str, expected: Any) -> None:
    assert facts(tmp_path, text)["a/LLMInferenceService/l"]["count"] == expected


TRAINER = "metadata: {labels: {trainer.kubeflow.org/trainjob-ancestor-step: trainer}}, "
MPI = f"""
apiVersion: trainer.kubeflow.org/v1alpha1
kind: ClusterTrainingRuntime
metadata: {{name: mpi}}
spec:
  mlPolicy: {{numNodes: 1, mpi: {{runLauncherAsNode: %s}}}}
  template:
    spec:
      replicatedJobs:
      - {{name: launcher, template: {{{TRAINER}spec: {{template: {{spec: {{containers: [{{name: %s}}]}}}}}}}}}}
      - {{name: node, template: {{spec: {{template: {{spec: {{containers: [{{name: node, {gpus(1)}}}]}}}}}}}}}}
---
"""
JOB = """
apiVersion: trainer.kubeflow.org/v1alpha1
kind: TrainJob
metadata: {name: t, namespace: a}
spec: {runtimeRef: {%sname: %s}%s}
"""


@pytest.mark.parametrize(
    ("as_node", "launcher", "trainer", "count"),
    [
        ("true", "node", ", trainer: {numNodes: 4, resourcesPerNode: {limits: {nvidia.com/gpu: 8}}}", 32),
        ("true", "node", "", 1),
        ("true", "launcher", ", trainer: {numNodes: 4, resourcesPerNode: {limits: {nvidia.com/gpu: 8}}}", 32),
        ("false", "launcher", ", trainer: {numNodes: 4, resourcesPerNode: {limits: {nvidia.com/gpu: 8}}}", 32),
        ("false", "launcher", ", trainer: {numNodes: 4}", 4),
    ],
)
def test_a_training_job_of_mpi_has_a_launcher_and_nodes(
    tmp_path: Path, as_node: str, launcher: str, trainer: str, count: int
) -> None:
    text = MPI % (as_node, launcher) + JOB % ("", "mpi", trainer)
    assert facts(tmp_path, text)["a/TrainJob/t"]["count"] == count


def runtime(namespace: str, count: int) -> str:
    first = f"{{name: data, template: {{spec: {{template: {{spec: {{containers: [{{name: data, {gpus(1)}}}]}}}}}}}}}}"
    node = f"{{name: node, template: {{{TRAINER}spec: {{template: {{spec: {{containers: [{{name: node, {gpus(count)}}}]}}}}}}}}}}"
    return (
        f"apiVersion: trainer.kubeflow.org/v1alpha1\nkind: TrainingRuntime\nmetadata: {{name: torch, namespace: {namespace}}}\n"
        f"spec: {{mlPolicy: {{numNodes: 4}}, template: {{spec: {{replicatedJobs: [{first}, {node}]}}}}}}\n---\n"
    )


def test_a_training_runtime_is_that_of_its_namespace_and_only_the_trainer_has_nodes(tmp_path: Path) -> None:
    text = runtime("a", 2) + runtime("b", 8) + JOB % ("kind: TrainingRuntime, ", "torch", "")
    assert facts(tmp_path, text)["a/TrainJob/t"]["count"] == 9
    (tmp_path / "all.yaml").unlink()
    text = runtime("b", 8) + JOB % ("kind: TrainingRuntime, ", "torch", "")
    reason = "unknown: its training runtime torch is not among the files"
    assert facts(tmp_path, text)["a/TrainJob/t"]["count"] == reason


ROLLOUT = """
apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: {name: r, namespace: a}
spec: {replicas: 5, workloadRef: {apiVersion: apps/v1, kind: Deployment, name: d}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: d, namespace: %s}
spec: {replicas: 0, template: {spec: {containers: [{name: c, resources: {limits: {nvidia.com/gpu: 2}}}]}}}
"""


def test_a_rollout_runs_the_pods_of_the_deployment_it_names(tmp_path: Path) -> None:
    assert facts(tmp_path, ROLLOUT % "a")["a/Rollout/r"]["count"] == 10
    assert facts(tmp_path, ROLLOUT % "b")["a/Rollout/r"]["count"] == "unknown: its pod template is in d"


OVERRIDES = "podTemplateOverrides: [{targetJobs: [{name: node}], spec: {nodeSelector: {nvidia.com/gpu.product: NVIDIA-L4, cloud.google.com/gke-spot: 'true'}}}]"
PATCHES = "runtimePatches: [{manager: x, trainingRuntimeSpec: {template: {spec: {replicatedJobs: [{name: node, template: {spec: {template: {spec: {nodeSelector: {nvidia.com/gpu.product: NVIDIA-L4, cloud.google.com/gke-spot: 'true'}}}}}}]}}}}]"


@pytest.mark.parametrize("how", [OVERRIDES, OVERRIDES.replace("podTemplateO", "podSpecO"), PATCHES])
def test_a_training_job_writes_over_the_pods_of_its_runtime(tmp_path: Path, how: str) -> None:
    text = runtime("a", 2).replace(f", {gpus(1)}", "") + JOB % ("kind: TrainingRuntime, ", "torch", f", {how}")
    found = facts(tmp_path, text)["a/TrainJob/t"]
    assert (found["count"], found["model"], found["spot"]) == (8, "nvidia-l4", True)


SERVERLESS = "apiVersion: serving.kserve.io/v1beta1\nkind: InferenceService\nmetadata: {name: s, namespace: a%s}\nspec: {predictor: {%scontainers: [{name: kserve-container, resources: {limits: {nvidia.com/gpu: 2}}}]}}\n"
FOUR = "annotations: {autoscaling.knative.dev/max-scale: '4'}"


@pytest.mark.parametrize(
    ("of_service", "of_predictor", "expected"),
    [
        (f", {FOUR}", "", 8),
        ("", f"{FOUR}, ", 8),
        (f", {FOUR}", "maxReplicas: 3, ", 6),
        ("", "", "unknown: KServe scales without a limit where maxReplicas is not set"),
    ],
)
def test_the_most_of_a_service_may_be_an_annotation(
    tmp_path: Path, of_service: str, of_predictor: str, expected: Any
) -> None:
    assert facts(tmp_path, SERVERLESS % (of_service, of_predictor))["a/InferenceService/s"]["count"] == expected


def test_the_pod_that_submits_a_ray_job_counts(tmp_path: Path) -> None:
    submitter = f"submitterPodTemplate: {{spec: {{containers: [{{name: s, {gpus(1)}}}]}}}}"
    head = f"rayClusterSpec: {{headGroupSpec: {{template: {{spec: {{containers: [{{name: h, {gpus(2)}}}]}}}}}}}}"
    text = f"apiVersion: ray.io/v1\nkind: RayJob\nmetadata: {{name: r, namespace: a}}\nspec: {{{submitter}, {head}}}\n"
    assert facts(tmp_path, text)["a/RayJob/r"]["count"] == 3


def test_a_container_without_a_proper_name_spoils_nothing(tmp_path: Path) -> None:
    text = runtime("a", 2).replace("containers: [{name: data,", "containers: [{name: [odd],")
    trainer = ", trainer: {resourcesPerNode: {limits: {nvidia.com/gpu: 2}}}"
    found = facts(tmp_path, text + JOB % ("kind: TrainingRuntime, ", "torch", trainer))
    assert found["a/TrainJob/t"]["count"] == 9
