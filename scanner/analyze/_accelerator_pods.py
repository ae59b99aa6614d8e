"""The accelerators that pods ask for, read from their templates.

Manifests may have any shape: what has the wrong one is read as absent, as Kubernetes itself would refuse it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

from scanner.analyze._accelerator_names import family_model, kind, machine, model
from scanner.bodies import at, items, mapping
from scanner.model import Path, Unknown, UnknownRead, known
from scanner.patterns import regex

RESOURCES = (
    (regex(r"nvidia\.com/gpu(\.shared)?"), "nvidia-gpu"),
    (regex(r"nvidia\.com/(mig-.+)"), "nvidia-{}"),
    (regex(r"amd\.com/gpu"), "amd-gpu"),
    (regex(r"google\.com/tpu"), "tpu"),
    (regex(r"aws\.amazon\.com/neuron(core|device)?"), "aws-neuron"),
    (regex(r"habana\.ai/gaudi"), "intel-gaudi"),
    (regex(r"gpu\.intel\.com/(i915|xe)"), "intel-gpu"),
)
"""Extended resource to the model it means where no node label says more. A MIG slice counts as a device."""

CORES_PER_NEURON_DEVICE = 2
"""Of Trainium and Inferentia2 (AWS Neuron documentation); a pod gets whole devices for its cores."""

MODEL_LABELS = (
    "cloud.google.com/gke-accelerator",
    "cloud.google.com/gke-tpu-accelerator",
    "nvidia.com/gpu.product",
    "karpenter.k8s.aws/instance-gpu-name",
    "karpenter.k8s.aws/instance-accelerator-name",
    "karpenter.azure.com/sku-gpu-name",
    "k8s.amazonaws.com/accelerator",
)
"""Node labels whose value names the accelerator."""

MACHINE_LABELS = ("node.kubernetes.io/instance-type", "beta.kubernetes.io/instance-type")
FAMILY_LABEL = "karpenter.k8s.aws/instance-family"

AFFINITY = ("affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms")
QUANTITY = regex(r"\d{1,9}")


class Demand(Struct, frozen=True):
    """What one pod asks for of one extended resource."""

    count: Any
    """Devices; may be `Unknown`."""
    model: Any
    """Canonical; may be `Unknown`."""
    path: Path
    """Where the number is written, from the pod spec."""


def demands(spec: Mapping[str, Any]) -> list[Demand]:
    """Everything a pod of this spec asks for; raises `UnknownRead` where even that cannot be seen.

    Containers run beside each other, and sidecars with them, so theirs are added. An init container is gone before
    the others start and leaves them its devices, so only the greediest counts.
    """
    found: dict[str, Demand] = {}
    for together, path, container in _containers(spec):
        for name, count, inner in _asked(container):
            before = found.get(name)
            combined = _combined(before.count if before else 0, count, together=together)
            found[name] = Demand(combined, "", before.path if before else (*path, *inner))
    return [Demand(_devices(name, asked.count), _model(name, spec), asked.path) for name, asked in found.items()]


def _containers(spec: Mapping[str, Any]) -> Iterator[tuple[bool, Path, Mapping[str, Any]]]:
    """Those that run together first, each with its path in the spec, then the init containers."""
    started = [
        (("initContainers", index), mapping(entry)) for index, entry in enumerate(items(spec.get("initContainers")))
    ]
    for index, entry in enumerate(items(spec.get("containers"))):
        yield True, ("containers", index), mapping(entry)
    for together in (True, False):
        for path, container in started:
            if (container.get("restartPolicy") == "Always") is together:
                yield together, path, container


def _asked(container: Mapping[str, Any]) -> Iterator[tuple[str, Any, Path]]:
    """Extended resources of one container. Kubernetes wants limits and requests of these to be equal."""
    resources = mapping(container.get("resources"))
    limits, requests = mapping(resources.get("limits")), mapping(resources.get("requests"))
    for name in dict.fromkeys((*limits, *requests)):
        if isinstance(name, str) and generic_model(name):
            section = "limits" if name in limits else "requests"
            yield name, quantity(resources[section][name]), ("resources", section, name)


def _combined(before: Any, count: Any, *, together: bool) -> Any:
    for value in (before, count):
        if isinstance(value, Unknown):
            return value
    return before + count if together else max(before, count)


def quantity(value: Any) -> Any:
    """A number of devices as Kubernetes writes it."""
    if isinstance(value, Unknown) or (isinstance(value, int) and not isinstance(value, bool) and value >= 0):
        return value
    if isinstance(value, str) and QUANTITY.fullmatch(value):
        return int(value)
    return Unknown("not a whole number of devices")


def _devices(name: str, count: Any) -> Any:
    if name.endswith("/neuroncore") and not isinstance(count, Unknown):
        return -(-count // CORES_PER_NEURON_DEVICE)
    return count


def generic_model(name: str) -> str:
    """The model that an extended resource means by itself; empty for a resource that is no accelerator."""
    for pattern, generic in RESOURCES:
        match = pattern.fullmatch(name)
        if match:
            return generic.format(*match.groups(""))
    return ""


def _model(name: str, spec: Mapping[str, Any]) -> Any:
    """The model by the node labels the pod insists on, if they speak of this kind of accelerator."""
    generic = generic_model(name)
    if generic.startswith("nvidia-mig"):
        return generic
    try:
        return next((found for found in _chosen(spec) if kind(found) == kind(generic)), generic)
    except UnknownRead as read:
        return read.unknown


def _chosen(spec: Mapping[str, Any]) -> Iterator[str]:
    labels = _node_labels(spec)
    for label in (*MODEL_LABELS, *MACHINE_LABELS, FAMILY_LABEL):
        values = [value for value in map(known, labels.get(label, ())) if isinstance(value, str)]
        found = {_model_of(label, value) for value in values} - {""}
        if len(found) > 1:
            raise UnknownRead(Unknown(f"its pods may run on {' or '.join(sorted(found))}"))
        yield from found


def _model_of(label: str, value: str) -> str:
    if label in MACHINE_LABELS:
        return machine(value).model
    return family_model(value) if label == FAMILY_LABEL else model(value)


def _node_labels(spec: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Label to the values its nodes may have, by node selector and required affinity."""
    labels = {label: [value] for label, value in mapping(spec.get("nodeSelector")).items()}
    for term in items(at(spec, *AFFINITY)):
        for expression in map(mapping, items(mapping(term).get("matchExpressions"))):
            label = known(expression.get("key"))
            if isinstance(label, str) and expression.get("operator") == "In":
                labels.setdefault(label, []).extend(items(expression.get("values")))
    return labels
