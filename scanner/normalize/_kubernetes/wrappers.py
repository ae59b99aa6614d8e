"""The pods of what wraps other workloads, or writes pods in words of its own: Katib, AppWrapper, Spark.

Sources: the APIs of kubeflow.org/v1beta1 (`Experiment`), workload.codeflare.dev/v1beta2 (`AppWrapper`) and
sparkoperator.k8s.io/v1beta2 (`SparkApplication`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from msgspec.structs import replace

from scanner.bodies import at, items, mapping, text
from scanner.model import Path, Unknown, UnknownRead
from scanner.normalize._kubernetes.shapes import Object, number, texts
from scanner.normalize._kubernetes.templates import PodTemplate, fixed

PodsOf = Callable[[Object], Sequence[PodTemplate]]
"""What gives the pod templates of any workload."""

_TRIALS = 3
"""Of Katib's at once, where the experiment does not say."""


def experiment(body: Object, pods_of: PodsOf) -> Iterator[PodTemplate]:
    """Each trial is a workload; so many of them run at once."""
    path = ("spec", "trialTemplate", "trialSpec")
    kept = text(at(body, "spec", "trialTemplate", "configMap", "configMapName"))
    if kept and at(body, *path) is None:
        raise UnknownRead(Unknown(f"its trials are in the ConfigMap {kept}", "spec.trialTemplate.configMap"))
    together = number(at(body, "spec", "parallelTrialCount"), _TRIALS)
    trials = min(together, number(at(body, "spec", "maxTrialCount"), together))
    yield from (pod.times(trials) for pod in _wrapped(body, path, pods_of))


def app_wrapper(body: Object, pods_of: PodsOf) -> Iterator[PodTemplate]:
    """Everything in it is started together."""
    for index, _ in enumerate(items(at(body, "spec", "components"))):
        yield from _wrapped(body, ("spec", "components", index, "template"), pods_of)


def _wrapped(body: Object, path: Path, pods_of: PodsOf) -> Iterator[PodTemplate]:
    for pod in pods_of(mapping(at(body, *path))):
        yield replace(pod, path=(*path, *pod.path))


def spark(body: Object, *path: str) -> Iterator[PodTemplate]:
    """A driver, and executors whose number may be left to Spark."""
    if at(body, *path, "driver") is not None:
        yield _role(body, (*path, "driver"))
    count = number(at(body, *path, "executor", "instances"), 1)
    executor = fixed(_role(body, (*path, "executor")), count)
    dynamic = mapping(at(body, *path, "dynamicAllocation"))
    if dynamic.get("enabled") is True:
        yield replace(executor, minimum=number(dynamic.get("minExecutors"), 0), maximum=_most(dynamic))
    else:
        yield executor


def _most(dynamic: Object) -> Any:
    most = number(dynamic.get("maxExecutors"), 0)
    return most or Unknown("Spark starts executors without a limit where maxExecutors is not set")


def _role(body: Object, path: Path) -> PodTemplate:
    """Its accelerators stand in a field of their own, the rest of the pod beside it."""
    spec = mapping(at(body, *path))
    name, quantity = text(at(spec, "gpu", "name")), at(spec, "gpu", "quantity")
    asked = {"resources": {"limits": {name: quantity}}} if name else {}
    pod = {**spec, "containers": [asked, *items(spec.get("sidecars"))]}
    return PodTemplate(path, pod, texts(spec.get("labels")), texts(spec.get("annotations")))
