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
from scanner.model import Unknown
from scanner.normalize._kubernetes_shapes import Object, annotations_of, labels_of, number, texts
from scanner.normalize._kubernetes_templates import PodTemplate, fixed

_COMPONENTS = ("predictor", "transformer", "explainer")

_SHORTHANDS = (
    "model", "sklearn", "xgboost", "lightgbm", "pmml", "tensorflow", "pytorch", "triton", "onnx", "huggingface",
    "paddle", "alibi", "art",
)  # fmt: skip
"""Keys that stand for a container whose image the serving runtime chooses; all but `model` are the older spelling."""


def inference_service(body: Object) -> Iterator[PodTemplate]:
    for component in _COMPONENTS:
        spec = mapping(at(body, "spec", component))
        if spec:
            yield _kserve_component(body, component, spec)
        if at(spec, "workerSpec") is not None:
            yield _kserve_workers(body, component, mapping(spec["workerSpec"]))


def _kserve_component(body: Object, component: str, spec: Object) -> PodTemplate:
    """A component is a pod spec with scaling beside it; labels and annotations come from the object as well."""
    containers = [mapping(spec[key]) for key in _SHORTHANDS if at(spec, key) is not None]
    pod = {**spec, "containers": [*containers, *items(spec.get("containers"))]} if containers else spec
    least = number(spec.get("minReplicas"), 1)
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
    if text(annotations_of(body).get("serving.kserve.io/deploymentMode")) in {"RawDeployment", "Standard"}:
        return max(least, 1)
    return Unknown("KServe scales without a limit where maxReplicas is not set", "spec")


def _kserve_workers(body: Object, component: str, spec: Object) -> PodTemplate:
    """Of a model spread over several machines, `pipelineParallelSize` counts the head as well."""
    template = PodTemplate(("spec", component, "workerSpec"), spec, labels_of(body), annotations_of(body))
    return fixed(template, max(number(spec.get("pipelineParallelSize"), 2) - 1, 0))


def language_model(body: Object) -> Iterator[PodTemplate]:
    """Only labels beside the template reach the pods, those of the object do not."""
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
