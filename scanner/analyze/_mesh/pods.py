"""Pods of a workload as a cluster has them: with the labels that its controller gives them.

Selectors of policies, Services and injectors see these labels, and a manifest does not show them. Where a name is made
up when the pods are made, the value is unknown: whether a selector means these pods is then open, as it should be.
Sources: Kubernetes' well-known labels (Job, StatefulSet, Deployment), and the references of Knative, KServe, Kubeflow's
trainer and notebook controller, KubeRay, JobSet, LeaderWorkerSet and Argo.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scanner.model import Path, Resource, Unknown

Template = Mapping[str, Any]

_MADE_UP = Unknown("a controller makes this label up when it makes the pods")
_JOB = ("job-name", "batch.kubernetes.io/job-name")
_UID = ("controller-uid", "batch.kubernetes.io/controller-uid")
_OF_SET = ("statefulset.kubernetes.io/pod-name", "apps.kubernetes.io/pod-index", "controller-revision-hash")
_KNATIVE = ("serving.knative.dev/revision",)
_OF_KSERVE = "serving.kserve.io/InferenceService"

_AFTER_IT: Mapping[str, tuple[str, ...]] = {
    "batch/Job": _JOB,
    "serving.knative.dev/Service": ("serving.knative.dev/service", "serving.knative.dev/configuration"),
    "serving.knative.dev/Configuration": ("serving.knative.dev/configuration",),
    _OF_KSERVE: ("serving.kserve.io/inferenceservice",),
    "kubeflow.org/Notebook": ("notebook-name", "statefulset"),
    "ray.io/RayCluster": ("ray.io/cluster",),
    "jobset.x-k8s.io/JobSet": ("jobset.sigs.k8s.io/jobset-name",),
    "leaderworkerset.x-k8s.io/LeaderWorkerSet": ("leaderworkerset.sigs.k8s.io/name",),
    "argoproj.io/Workflow": ("workflows.argoproj.io/workflow",),
    **dict.fromkeys(
        (f"kubeflow.org/{kind}Job" for kind in ("PyTorch", "TF", "MPI", "XGBoost", "Paddle", "JAX", "MX")),
        ("training.kubeflow.org/job-name",),
    ),
}
"""Kind to the labels that have the name of the object."""

_MADE: Mapping[str, tuple[str, ...]] = {
    "apps/Deployment": ("pod-template-hash",),
    "apps/StatefulSet": _OF_SET,
    "apps/DaemonSet": ("controller-revision-hash", "pod-template-generation"),
    "argoproj.io/Rollout": ("rollouts-pod-template-hash",),
    "batch/Job": _UID,
    "batch/CronJob": (*_JOB, *_UID),
    "keda.sh/ScaledJob": (*_JOB, *_UID),
    "jobset.x-k8s.io/JobSet": (*_JOB, *_UID),
    "serving.knative.dev/Service": _KNATIVE,
    "serving.knative.dev/Configuration": _KNATIVE,
    "ray.io/RayJob": ("ray.io/cluster",),
    "ray.io/RayService": ("ray.io/cluster",),
}
"""Kind to the labels whose values are made up."""

_RAY_GROUPS = {"headGroupSpec": "head", "workerGroupSpecs": "worker"}
_ROLES = "ReplicaSpecs"


def pods_of(workload: Resource) -> list[Template]:
    """The pod templates, with all labels of their pods. Raises `UnknownRead` where there is no telling."""
    named = {} if workload.name == "" else dict.fromkeys(_AFTER_IT.get(workload.native_type, ()), workload.name)
    made = dict.fromkeys(_MADE.get(workload.native_type, ()), _MADE_UP)
    return [
        {**template, "labels": {**made, **template["labels"], **named, **_of_place(workload, tuple(template["path"]))}}
        for template in workload.attributes["pod_templates"]
    ]


def _of_place(workload: Resource, path: Path) -> dict[str, str]:
    """Labels by what a template is for, which is where it stands."""
    if workload.native_type == _OF_KSERVE:
        return {"component": str(path[1])}
    for index, key in enumerate(path):
        if workload.native_type.startswith("ray.io/") and key in _RAY_GROUPS:
            return {"ray.io/is-ray-node": "yes", "ray.io/node-type": _RAY_GROUPS[str(key)]}
        if workload.native_type.startswith("kubeflow.org/") and str(key).endswith(_ROLES):
            return {"training.kubeflow.org/replica-type": str(path[index + 1]).lower()}
    return {}
