"""The pods of KServe.

An InferenceService has a predictor, transformer and explainer, each with scaling of its own; an LLMInferenceService
serves one language model, perhaps over several machines, and perhaps with other pods for prompts (prefill).
Source: the API of serving.kserve.io (`LLMInferenceService`: `GetSize` and the labels it hands on).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec.structs import replace

from scanner.bodies import at, items, mapping, text
from scanner.model import Unknown, UnknownRead
from scanner.normalize._kubernetes.shapes import (
    Object,
    annotations_of,
    extended_resources,
    labels_of,
    number,
    texts,
)
from scanner.normalize._kubernetes.templates import PodTemplate, fixed

_COMPONENTS = ("predictor", "transformer", "explainer")

_SHORTHANDS = (
    "model", "sklearn", "xgboost", "lightgbm", "pmml", "tensorflow", "pytorch", "triton", "onnx", "huggingface",
    "paddle", "alibi", "art",
)  # fmt: skip
"""Keys that stand for a container whose image the serving runtime chooses; all but `model` are the older spelling."""


_MOST = ("autoscaling.knative.dev/max-scale", "autoscaling.knative.dev/maxScale")
"""Annotations that KServe hands on to Knative, which heeds them where the service itself sets no limit."""


def inference_service(body: Object) -> Iterator[PodTemplate]:
    for component in _COMPONENTS:
        spec = mapping(at(body, "spec", component))
        if at(spec, "workerSpec") is not None:
            yield from _over_machines(body, component, spec)
        elif spec:
            yield _kserve_component(body, component, spec)


def _kserve_component(body: Object, component: str, spec: Object) -> PodTemplate:
    """A component is a pod spec with scaling beside it; labels and annotations come from the object as well."""
    containers = [mapping(spec[key]) for key in _SHORTHANDS if at(spec, key) is not None]
    pod = {**spec, "containers": [*containers, *items(spec.get("containers"))]} if containers else spec
    least = max(number(spec.get("minReplicas"), 1), _at_least(body))
    return PodTemplate(
        ("spec", component),
        pod,
        {**labels_of(body), **texts(spec.get("labels"))},
        {**annotations_of(body), **texts(spec.get("annotations"))},
        replicas=max(least, 1),
        minimum=least,
        maximum=_kserve_maximum(body, spec, least),
    )


def _kserve_maximum(body: Object, spec: Object, least: int) -> Any:
    """Without `maxReplicas` a raw deployment keeps its minimum, and a serverless one grows without a limit."""
    if number(spec.get("maxReplicas"), 0) > 0:
        return max(number(spec.get("maxReplicas"), 0), least)
    if _is_raw(body):
        return max(least, 1)
    annotations = {**annotations_of(body), **texts(spec.get("annotations"))}
    if most := next((number(annotations[key], 0) for key in _MOST if key in annotations), 0):
        return max(most, least)
    return Unknown("KServe scales without a limit where maxReplicas is not set", "spec")


def _is_raw(body: Object) -> bool:
    return text(annotations_of(body).get("serving.kserve.io/deploymentMode")) in {"RawDeployment", "Standard"}


def _at_least(body: Object) -> int:
    """The autoscaler of a raw deployment keeps one pod, unless it is KEDA's (kserve's `hpa_reconciler.go`)."""
    scaler = text(annotations_of(body).get("serving.kserve.io/autoscalerClass"), "hpa")
    return int(_is_raw(body) and scaler == "hpa")


def _over_machines(body: Object, component: str, spec: Object) -> Iterator[PodTemplate]:
    """A model spread over several machines: a head, and workers enough for all its parts. It is not autoscaled.

    Tensors times steps of the pipeline are the accelerators of one model. A head or workers that name none get theirs.
    Source: kserve's `multiNodeProcess` and `computeRayNodeAndGPUs`.
    """
    workers = mapping(spec["workerSpec"])
    head, worker = _kserve_component(body, component, spec), mapping(next(iter(items(workers.get("containers"))), None))
    total = number(workers.get("tensorParallelSize"), 1) * number(workers.get("pipelineParallelSize"), 2)
    resource, each = _device(worker)
    main, *others = items(head.spec.get("containers")) or [{}]
    named, first = _device(main)
    resource, each = (resource, each) if each else (named or _GPU, 1)
    nodes = -(-total // each) if not first or first < total else 1
    first = total if nodes == 1 else first or total - each * (nodes - 1)
    yield replace(
        fixed(head, head.minimum), spec={**head.spec, "containers": [_asking(main, named or resource, first), *others]}
    )
    place = PodTemplate(("spec", component, "workerSpec"), workers, head.labels, head.annotations)
    yield replace(
        fixed(place, head.minimum * (nodes - 1)), spec={**workers, "containers": [_asking(worker, resource, each)]}
    )


_GPU = "nvidia.com/gpu"
"""What KServe asks for where nothing names another accelerator."""


def _device(container: Any) -> tuple[str, int]:
    """The first extended resource of a container, and how many."""
    return next(((key, number(value, 0)) for key, value in extended_resources(container).items()), ("", 0))


def _asking(container: Any, resource: str, count: int) -> Object:
    resources = mapping(at(container, "resources"))
    limits = {**mapping(resources.get("limits")), resource: count}
    return {**mapping(container), "resources": {**resources, "limits": limits}}


def language_model(body: Object) -> Iterator[PodTemplate]:
    """Only labels beside the template reach the pods, those of the object do not."""
    for base in items(at(body, "spec", "baseRefs")):
        reason = f"its base {text(at(base, 'name'))} is not among the files"
        raise UnknownRead(Unknown(reason, "spec.baseRefs"))
    yield from _machines(body, "spec")
    if at(body, "spec", "prefill") is not None:
        yield from _machines(body, "spec", "prefill")


def _machines(body: Object, *path: str) -> Iterator[PodTemplate]:
    """A group of pods that serve together: its head, and workers beside it."""
    spec = mapping(at(body, *path))
    replicas = number(spec.get("replicas"), 1)
    least, most = (number(at(spec, "scaling", field), replicas) for field in ("minReplicas", "maxReplicas"))
    group = PodTemplate((), {}, texts(spec.get("labels")), texts(spec.get("annotations")), max(least, 1), least, most)
    if at(spec, "template") is not None:
        yield replace(group, path=(*path, "template"), spec=mapping(spec["template"]))
    if at(spec, "worker") is not None:
        workers = replace(group, path=(*path, "worker"), spec=mapping(spec["worker"]))
        yield workers.times(max(_size(spec) - 1, 0))


def _size(spec: Object) -> int:
    """Pods of one group: by data, as many as its parts need, else one for each step of the pipeline."""
    data, local = (number(at(spec, "parallelism", field), 0) for field in ("data", "dataLocal"))
    return max(data // local, 1) if data and local else number(at(spec, "parallelism", "pipeline"), 1)
