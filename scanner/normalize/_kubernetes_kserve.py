"""The pods of a KServe InferenceService: predictor, transformer and explainer, each with scaling of its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

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
