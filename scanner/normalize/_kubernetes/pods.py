"""Finds the pod templates of every kind of workload.

The numbers follow the controllers' own rules and defaults: one replica where a Deployment names none, parallelism
capped by completions for a Job, no upper limit for Knative until somebody sets one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from msgspec.structs import replace

from scanner.bodies import at, items, mapping
from scanner.model import Unknown
from scanner.normalize._kubernetes.argo import workflow
from scanner.normalize._kubernetes.batch import leader_worker_set, train_job, volcano_job
from scanner.normalize._kubernetes.kserve import inference_service, language_model
from scanner.normalize._kubernetes.ray import ray_cluster, ray_job, ray_service
from scanner.normalize._kubernetes.shapes import Object, group_kind, labels_of, number
from scanner.normalize._kubernetes.templates import PodTemplate, fixed, template_at
from scanner.normalize._kubernetes.wrappers import app_wrapper, experiment, spark


def pod_templates(body: Object) -> list[PodTemplate]:
    """Every pod template of a workload; none if the kind is not known or nothing is written."""
    reader = _READERS.get(group_kind(body))
    return list(reader(body)) if reader else []


def _pod(body: Object) -> Iterator[PodTemplate]:
    yield template_at(body)


def _replicated(body: Object) -> Iterator[PodTemplate]:
    yield fixed(template_at(body, "spec", "template"), number(at(body, "spec", "replicas"), 1))


def _rollout(body: Object) -> Iterator[PodTemplate]:
    if at(body, "spec", "template") is not None:
        yield from _replicated(body)


def _daemon_set(body: Object) -> Iterator[PodTemplate]:
    count = Unknown("a DaemonSet runs one pod on every matching node", "spec.template")
    yield fixed(template_at(body, "spec", "template"), count)


def _job(body: Object, *path: str | int) -> Iterator[PodTemplate]:
    yield _of_job(body, *path, "spec")


def _of_job(body: Object, *path: str | int) -> PodTemplate:
    """The pods of one job by its spec."""
    parallelism = number(at(body, *path, "parallelism"), 1)
    completions = number(at(body, *path, "completions"), parallelism)
    return fixed(template_at(body, *path, "template"), min(parallelism, completions))


def _scaled_job(body: Object) -> Iterator[PodTemplate]:
    """KEDA starts a job for every event, at most a hundred of them unless told otherwise."""
    job = _of_job(body, "spec", "jobTargetRef")
    least = number(at(body, "spec", "minReplicaCount"), 0)
    most = number(at(body, "spec", "maxReplicaCount"), 100)
    fewest, usual, all_of_them = (job.times(count).replicas for count in (least, max(least, 1), most))
    yield replace(job, replicas=usual, minimum=fewest, maximum=all_of_them)


def _cron_job(body: Object) -> Iterator[PodTemplate]:
    yield from _job(body, "spec", "jobTemplate")


def _job_set(body: Object) -> Iterator[PodTemplate]:
    for index, entry in enumerate(items(at(body, "spec", "replicatedJobs"))):
        for template in _job(body, "spec", "replicatedJobs", index, "template"):
            yield template.times(number(at(entry, "replicas"), 1))


def _training_job(body: Object) -> Iterator[PodTemplate]:
    """Kubeflow training jobs: one template for each role under `<framework>ReplicaSpecs`; only workers are scaled."""
    for field, roles in mapping(body.get("spec")).items():
        if str(field).endswith("ReplicaSpecs"):
            for role, entry in mapping(roles).items():
                template = replace(template_at(body, "spec", field, role, "template"), each=int(role == "Worker"))
                yield _elastic(body, str(role), fixed(template, number(at(entry, "replicas"), 1)))


def _elastic(body: Object, role: str, template: PodTemplate) -> PodTemplate:
    policy = mapping(at(body, "spec", "elasticPolicy"))
    if role != "Worker" or not policy:
        return template
    return replace(
        template,
        minimum=number(policy.get("minReplicas"), template.minimum),
        maximum=number(policy.get("maxReplicas"), template.maximum),
    )


def _notebook(body: Object) -> Iterator[PodTemplate]:
    template = template_at(body, "spec", "template")
    yield replace(template, labels={**labels_of(body), **template.labels}, minimum=0)


def _knative_service(body: Object) -> Iterator[PodTemplate]:
    """Scaling bounds are annotations, in an older and a newer spelling; no upper bound means no limit."""
    template = template_at(body, "spec", "template")
    prefix = "autoscaling.knative.dev"
    minimum = _either(template.annotations, f"{prefix}/min-scale", f"{prefix}/minScale")
    maximum = _either(template.annotations, f"{prefix}/max-scale", f"{prefix}/maxScale")
    least = number(minimum, 0)
    most = number(maximum, 0) or Unknown("Knative scales without a limit where max-scale is not set")
    yield replace(template, replicas=max(least, 1), minimum=least, maximum=most)


def _either(values: dict[str, Any], *keys: str) -> Any:
    return next((values[key] for key in keys if key in values), None)


_READERS: dict[str, Callable[[Object], Iterator[PodTemplate]]] = {
    "core/Pod": _pod,
    "apps/Deployment": _replicated,
    "apps/StatefulSet": _replicated,
    "apps/ReplicaSet": _replicated,
    "core/ReplicationController": _replicated,
    "apps/DaemonSet": _daemon_set,
    "apps.kruise.io/CloneSet": _replicated,
    "apps.kruise.io/StatefulSet": _replicated,
    "apps.kruise.io/DaemonSet": _daemon_set,
    "batch/Job": _job,
    "batch/CronJob": _cron_job,
    "argoproj.io/Rollout": _rollout,
    "serving.knative.dev/Service": _knative_service,
    "serving.knative.dev/Configuration": _knative_service,
    "serving.kserve.io/InferenceService": inference_service,
    "serving.kserve.io/LLMInferenceService": language_model,
    "keda.sh/ScaledJob": _scaled_job,
    "kubeflow.org/PyTorchJob": _training_job,
    "kubeflow.org/TFJob": _training_job,
    "kubeflow.org/MPIJob": _training_job,
    "kubeflow.org/XGBoostJob": _training_job,
    "kubeflow.org/PaddleJob": _training_job,
    "kubeflow.org/JAXJob": _training_job,
    "kubeflow.org/MXJob": _training_job,
    "trainer.kubeflow.org/TrainJob": train_job,
    "kubeflow.org/Notebook": _notebook,
    "ray.io/RayCluster": lambda body: ray_cluster(body, "spec"),
    "ray.io/RayJob": ray_job,
    "ray.io/RayCronJob": lambda body: ray_cluster(body, "spec", "jobTemplate", "rayClusterSpec"),
    "ray.io/RayService": ray_service,
    "jobset.x-k8s.io/JobSet": _job_set,
    "leaderworkerset.x-k8s.io/LeaderWorkerSet": leader_worker_set,
    "batch.volcano.sh/Job": lambda body: volcano_job(body, "spec"),
    "batch.volcano.sh/CronJob": lambda body: volcano_job(body, "spec", "jobTemplate", "spec"),
    "kubeflow.org/Experiment": lambda body: experiment(body, pod_templates),
    "workload.codeflare.dev/AppWrapper": lambda body: app_wrapper(body, pod_templates),
    "sparkoperator.k8s.io/SparkApplication": lambda body: spark(body, "spec"),
    "sparkoperator.k8s.io/ScheduledSparkApplication": lambda body: spark(body, "spec", "template"),
    "argoproj.io/Workflow": lambda body: workflow(body, pod_templates, "spec"),
    "argoproj.io/WorkflowTemplate": lambda body: workflow(body, pod_templates, "spec"),
    "argoproj.io/ClusterWorkflowTemplate": lambda body: workflow(body, pod_templates, "spec"),
    "argoproj.io/CronWorkflow": lambda body: workflow(body, pod_templates, "spec", "workflowSpec"),
}
