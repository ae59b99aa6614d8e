"""Objects that other objects take their pods from: runtimes, bases of language models, Deployments of Rollouts.

A model server or a training job often says nothing about accelerators, because its runtime does. What is put in is read
and never shown: the object itself stays as it was written.
"""

from __future__ import annotations

from collections.abc import Iterable

from scanner.bodies import at, mapping, text
from scanner.model import UnknownRead
from scanner.normalize._kubernetes.batch import with_runtime
from scanner.normalize._kubernetes.serving import based, served
from scanner.normalize._kubernetes.shapes import Object, group_kind, name, namespace

_SERVING = frozenset({"serving.kserve.io/ServingRuntime", "serving.kserve.io/ClusterServingRuntime"})
_BASE = "serving.kserve.io/LLMInferenceServiceConfig"
_CLUSTER_TRAINING = "trainer.kubeflow.org/ClusterTrainingRuntime"
_NAMED = frozenset({"trainer.kubeflow.org/TrainingRuntime", _CLUSTER_TRAINING, _BASE, "apps/Deployment"})
"""Kinds that others refer to by name."""


class Runtimes:
    """What the objects of one partition may take their pods from."""

    def __init__(self, bodies: Iterable[Object]) -> None:
        self._serving: list[Object] = []
        self._named: dict[tuple[str, str, str], Object] = {}
        for body in bodies:
            try:
                self._add(body)
            except UnknownRead:
                continue

    def _add(self, body: Object) -> None:
        kind = group_kind(body)
        if kind in _SERVING:
            self._serving.append(body)
        elif kind in _NAMED:
            self._named[kind, namespace(body), name(body)] = body

    def applied(self, body: Object) -> Object:
        """The object with what it takes from another in view; any other object as it is."""
        try:
            match group_kind(body):
                case "serving.kserve.io/InferenceService":
                    return served(body, self._serving)
                case "serving.kserve.io/LLMInferenceService":
                    bases = {key[1:]: base for key, base in self._named.items() if key[0] == _BASE}
                    return based(body, bases)
                case "trainer.kubeflow.org/TrainJob":
                    return self._trained(body)
                case "argoproj.io/Rollout":
                    return self._taken_over(body)
        except UnknownRead:
            return body
        return body

    def _trained(self, body: Object) -> Object:
        reference = mapping(at(body, "spec", "runtimeRef"))
        kind = f"trainer.kubeflow.org/{text(reference.get('kind'), 'ClusterTrainingRuntime')}"
        home = "" if kind == _CLUSTER_TRAINING else namespace(body)
        runtime = self._named.get((kind, home, text(reference.get("name"))))
        return body if runtime is None else with_runtime(body, runtime)

    def _taken_over(self, body: Object) -> Object:
        """A Rollout that names a Deployment runs its pods. Source: Argo Rollouts, `spec.workloadRef`."""
        reference = mapping(at(body, "spec", "workloadRef"))
        kind, called = text(reference.get("kind")), text(reference.get("name"))
        found = self._named.get((f"apps/{kind}", namespace(body), called))
        template = at(found, "spec", "template")
        return body if template is None else {**body, "spec": {**mapping(body.get("spec")), "template": template}}
