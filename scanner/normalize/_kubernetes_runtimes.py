"""Objects that other objects take their pods from: KServe's serving runtimes, Kubeflow's training runtimes.

A model server or a training job often says nothing about accelerators, because its runtime does. What is put in is read
and never shown: the object itself stays as it was written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from scanner.bodies import at, items, mapping, text
from scanner.model import UnknownRead
from scanner.normalize._kubernetes_batch import with_runtime
from scanner.normalize._kubernetes_shapes import Object, group_kind, name, namespace

_SERVING = frozenset({"serving.kserve.io/ServingRuntime", "serving.kserve.io/ClusterServingRuntime"})
_TRAINING = frozenset({"trainer.kubeflow.org/TrainingRuntime", "trainer.kubeflow.org/ClusterTrainingRuntime"})
_COMPONENTS = ("predictor", "transformer", "explainer")
_MAIN = "kserve-container"


class Runtimes:
    """The runtimes of one partition."""

    def __init__(self, bodies: Iterable[Object]) -> None:
        self._serving: list[Object] = []
        self._training: dict[tuple[str, str], Object] = {}
        for body in bodies:
            try:
                self._add(body)
            except UnknownRead:
                continue

    def _add(self, body: Object) -> None:
        kind = group_kind(body)
        if kind in _SERVING:
            self._serving.append(body)
        elif kind in _TRAINING:
            self._training[kind.partition("/")[2], name(body)] = body

    def applied(self, body: Object) -> Object:
        """The object with what it takes from a runtime in view; any other object as it is."""
        try:
            kind = group_kind(body)
            if kind == "serving.kserve.io/InferenceService" and self._serving:
                return self._served(body)
            if kind == "trainer.kubeflow.org/TrainJob":
                reference = mapping(at(body, "spec", "runtimeRef"))
                key = (text(reference.get("kind"), "ClusterTrainingRuntime"), text(reference.get("name")))
                return with_runtime(body, self._training[key]) if key in self._training else body
        except UnknownRead:
            return body
        return body

    def _served(self, body: Object) -> Object:
        spec = dict(mapping(body.get("spec")))
        for component in _COMPONENTS:
            model = mapping(at(spec, component, "model"))
            runtime = self._runtime_of(model, namespace(body)) if model else None
            if runtime is not None:
                spec[component] = _combined(mapping(spec[component]), model, runtime)
        return {**body, "spec": spec}

    def _runtime_of(self, model: Object, home: str) -> Object | None:
        """The runtime a model names, or the only one in view that KServe would choose for its format."""
        wanted = text(model.get("runtime"))
        reachable = [one for one in self._serving if namespace(one) in {"", home}]
        if wanted:
            return next((one for one in reachable if name(one) == wanted), None)
        fitting = [one for one in reachable if _supports(one, text(at(model, "modelFormat", "name")))]
        return fitting[0] if len(fitting) == 1 else None


def _supports(runtime: Object, wanted: str) -> bool:
    formats = map(mapping, items(at(runtime, "spec", "supportedModelFormats")))
    return at(runtime, "spec", "disabled") is not True and any(
        text(one.get("name")) == wanted and one.get("autoSelect") is True for one in formats
    )


def _combined(component: Object, model: Object, runtime: Object) -> Object:
    """What the service writes counts before what the runtime does, resource by resource."""
    containers = [mapping(one) for one in items(at(runtime, "spec", "containers"))]
    main = next((one for one in containers if text(one.get("name")) == _MAIN), {})
    resources = _merged(mapping(main.get("resources")), mapping(model.get("resources")))
    placed = {key: at(runtime, "spec", key) for key in ("nodeSelector", "affinity", "tolerations")}
    kept = {key: value for key, value in placed.items() if value is not None}
    return {**kept, **component, "model": {**model, **({"resources": resources} if resources else {})}}


def _merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    return {
        section: {**mapping(base.get(section)), **mapping(over.get(section))}
        for section in ("limits", "requests")
        if section in base or section in over
    }
