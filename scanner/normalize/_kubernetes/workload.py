"""The canonical attributes of a workload: what runs pods."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from scanner.bodies import at, items, text
from scanner.model import Path, Unknown, UnknownRead
from scanner.normalize._kubernetes.autoscaling import Autoscalers, scaled
from scanner.normalize._kubernetes.pods import pod_templates
from scanner.normalize._kubernetes.reading import Reading, namespace_of
from scanner.normalize._kubernetes.scheduling import pinned_regions, spot_choice, spot_tolerated
from scanner.normalize._kubernetes.shapes import Object, group_kind, labels_of
from scanner.normalize._kubernetes.templates import PodTemplate

_ROLES = {
    "kubeflow.org/PyTorchJob": "training",
    "kubeflow.org/TFJob": "training",
    "kubeflow.org/MPIJob": "training",
    "ray.io/RayJob": "training",
    "ray.io/RayCronJob": "training",
    "jobset.x-k8s.io/JobSet": "training",
    "kubeflow.org/XGBoostJob": "training",
    "kubeflow.org/PaddleJob": "training",
    "kubeflow.org/JAXJob": "training",
    "kubeflow.org/MXJob": "training",
    "trainer.kubeflow.org/TrainJob": "training",
    "batch.volcano.sh/Job": "training",
    "batch.volcano.sh/CronJob": "training",
    "kubeflow.org/Experiment": "training",
    "kubeflow.org/Notebook": "notebook",
    "serving.kserve.io/InferenceService": "serving",
    "serving.kserve.io/LLMInferenceService": "serving",
    "serving.knative.dev/Service": "serving",
    "serving.knative.dev/Configuration": "serving",
    "ray.io/RayService": "serving",
}

_ROLE_LABELS = frozenset({"role", "component", "workload", "workload-type", "type", "purpose"})
"""Last part of label keys under which people write what a workload is for."""

_ROLE_WORDS = {
    "training": "training",
    "train": "training",
    "trainer": "training",
    "fine-tuning": "training",
    "serving": "serving",
    "inference": "serving",
    "predictor": "serving",
    "model-server": "serving",
    "notebook": "notebook",
    "jupyter": "notebook",
}

_MARKERS = {
    "training.kubeflow.org/job-name": "training",
    "serving.kserve.io/inferenceservice": "serving",
    "serving.knative.dev/service": "serving",
    "notebook-name": "notebook",
}
"""Labels that a controller puts on the pods it makes; seen in dumps of a cluster."""


def workload_attributes(body: Object, found: Autoscalers) -> dict[str, Callable[[], Reading]]:
    """A reader for each canonical attribute; a reader raises `UnknownRead` where it meets an unknown value."""
    return {
        "namespace": lambda: namespace_of(body),
        "role": lambda: _role(body),
        "service_account": lambda: _service_account(body),
        "host_network": lambda: _host_network(body),
        "pod_labels": lambda: _shared(body, "labels"),
        "pod_annotations": lambda: _shared(body, "annotations"),
        "job_labels": lambda: _job_labels(body),
        "pod_templates": lambda: _templates(body, found),
        "regions": lambda: _regions(body),
        "spot": lambda: _spot(body),
    }


def _role(body: Object) -> Reading:
    by_kind = _ROLES.get(group_kind(body))
    if by_kind:
        return by_kind, ("kind",)
    for source, path in [(labels_of(body), ("metadata", "labels")), *_template_labels(body)]:
        for key, value in source.items():
            role = _MARKERS.get(key) or _role_word(key, value)
            if role:
                return role, (*path, key)
    return "general", ("kind",)


def _role_word(key: str, value: Any) -> str:
    return _ROLE_WORDS.get(text(value).lower(), "") if key.rpartition("/")[2] in _ROLE_LABELS else ""


def _template_labels(body: Object) -> list[tuple[dict[str, Any], Path]]:
    return [(template.labels, (*template.path[:-1], "metadata", "labels")) for template in _written(body)]


def _written(body: Object) -> list[PodTemplate]:
    """The pod templates; unknown where the object only refers to another object's template."""
    if at(body, "spec", "workloadRef") is not None and at(body, "spec", "template") is None:
        reason = f"its pod template is in {text(at(body, 'spec', 'workloadRef', 'name')) or 'another object'}"
        raise UnknownRead(Unknown(reason, "spec.workloadRef"))
    return pod_templates(body)


def _service_account(body: Object) -> Reading:
    """Kubernetes runs pods that name no service account as `default`."""
    for template in _written(body):
        for field in ("serviceAccountName", "serviceAccount"):
            if text(template.spec.get(field)):
                return text(template.spec[field]), (*template.path, field)
    return "default", _first_path(body)


def _host_network(body: Object) -> Reading:
    for template in _written(body):
        if at(template.spec, "hostNetwork") is True:
            return True, (*template.path, "hostNetwork")
    return False, _first_path(body)


def _first_path(body: Object) -> Path:
    return next((template.path for template in _written(body)), ())


def _shared(body: Object, field: str) -> Reading:
    """Labels or annotations that all its pods have."""
    maps = [getattr(template, field) for template in _written(body)]
    path = (*_first_path(body)[:-1], "metadata", field)
    if len(maps) == 1:
        return maps[0], path
    first, *others = maps or [{}]
    return {key: value for key, value in first.items() if all(other.get(key) == value for other in others)}, path


def _job_labels(body: Object) -> Reading:
    """Controllers give the labels of a job's template to the job, and not to its pods."""
    jobs: list[Path] = [("spec", "jobTemplate")]
    jobs += [("spec", "replicatedJobs", n, "template") for n, _ in enumerate(items(at(body, "spec", "replicatedJobs")))]
    found = [(labels_of(at(body, *path)), path) for path in jobs]
    where = next((path for labels, path in found if labels), ())
    return {key: value for labels, _ in found for key, value in labels.items()}, (*where, "metadata", "labels")


def _templates(body: Object, found: Autoscalers) -> Reading:
    templates = scaled(body, _written(body), found)
    return [template.as_attribute() for template in templates], _first_path(body)


def _regions(body: Object) -> Reading:
    regions: list[str] = []
    where: Path = ()
    for template in _written(body):
        values, path = pinned_regions(template.spec)
        if values:
            where = where or (*template.path, *path)
            regions.extend(values)
    return list(dict.fromkeys(regions)), where or _first_path(body)


def _spot(body: Object) -> Reading:
    templates = _written(body)
    for template in templates:
        path = spot_choice(template.spec)
        if path is not None:
            return True, (*template.path, *path)
    for template in templates:
        path = spot_tolerated(template.spec)
        if path is not None:
            return Unknown("its pods tolerate spot nodes, but may run on others"), (*template.path, *path)
    return False, _first_path(body)
