"""The canonical attributes of what hands out capacity inside of a cluster: quotas, queues, claims and node pools.

Sources: the API references of Kueue (`ClusterQueue`), core/v1 (`ResourceQuota`), resource.k8s.io/v1 and its betas
(`DeviceRequest`), and Karpenter (`NodePool`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from scanner.bodies import at, items, mapping, text
from scanner.model import Path, Unknown
from scanner.normalize._kubernetes.reading import Reading, namespace_of
from scanner.normalize._kubernetes.shapes import Object, labels_of, name, number

_TYPE_LABELS = (
    "node.kubernetes.io/instance-type",
    "beta.kubernetes.io/instance-type",
    "karpenter.azure.com/sku-name",
)
_FAMILY_LABELS = ("karpenter.k8s.aws/instance-family", "eks.amazonaws.com/instance-family")
_CAPACITY_LABEL = "karpenter.sh/capacity-type"
_REQUIREMENTS: Path = ("spec", "template", "spec", "requirements")


def queue(body: Object) -> dict[str, Callable[[], Reading]]:
    """A reader for each canonical attribute of a ClusterQueue, or of a Cohort that grants beside its queues."""
    return {
        "cohort": lambda: _cohort(body),
        "grants": lambda: (list(_grants(body)), ("spec", "resourceGroups")),
    }


def _cohort(body: Object) -> Reading:
    """What a queue is in, and what a cohort is below; each in its newer and its older spelling."""
    fields = ("parentName", "parent") if text(body.get("kind")) == "Cohort" else ("cohortName", "cohort")
    field = next((field for field in fields if text(at(body, "spec", field))), fields[0])
    return text(at(body, "spec", field)), ("spec", field)


def _grants(body: Object) -> Iterator[dict[str, Any]]:
    for group in items(at(body, "spec", "resourceGroups")):
        for flavor in items(at(group, "flavors")):
            for resource in map(mapping, items(at(flavor, "resources"))):
                yield {
                    "resource": text(resource.get("name")),
                    "flavor": text(at(flavor, "name")),
                    "quota": resource.get("nominalQuota"),
                    "bounded": resource.get("borrowingLimit") is not None,
                }


def resource_quota(body: Object) -> dict[str, Callable[[], Reading]]:
    """A reader for each canonical attribute of a ResourceQuota, or of a Profile of Kubeflow, which makes one."""
    profile = text(body.get("kind")) == "Profile"
    hard = ("spec", "resourceQuotaSpec", "hard") if profile else ("spec", "hard")
    return {
        "namespace": lambda: (name(body), ("metadata", "name")) if profile else namespace_of(body),
        "hard": lambda: ({str(key): value for key, value in mapping(at(body, *hard)).items()}, hard),
    }


def claim(body: Object) -> dict[str, Callable[[], Reading]]:
    """A reader for each canonical attribute of a ResourceClaim, or of the claim in a ResourceClaimTemplate."""
    path: Path = ("spec", "spec") if text(body.get("kind")).endswith("Template") else ("spec",)
    place = (*path, "devices", "requests")
    return {
        "namespace": lambda: namespace_of(body),
        "requests": lambda: ([_request(mapping(one)) for one in items(at(body, *place))], place),
    }


def device_class(body: Object) -> dict[str, Callable[[], Reading]]:
    """A reader for the canonical attribute of a DeviceClass."""
    path: Path = ("spec", "extendedResourceName")
    return {"extended_resource": lambda: (text(at(body, *path)), path)}


def _request(request: Object) -> dict[str, Any]:
    """Version v1 puts what is wanted under `exactly`, or a list of alternatives under `firstAvailable`."""
    exact = mapping(request.get("exactly")) or request
    others = [mapping(one) for one in items(request.get("firstAvailable"))]
    wanted = others or [exact]
    return {
        "class": text(wanted[0].get("deviceClassName")),
        "classes": [text(one.get("deviceClassName")) for one in others],
        "count": _most_of(list(map(_claimed, wanted))),
    }


def _claimed(request: Object) -> Any:
    """How many devices it takes; access for an administrator takes none from anybody."""
    if request.get("adminAccess") is True:
        return 0
    everything = text(request.get("allocationMode")) == "All"
    return Unknown("it claims all devices of a node") if everything else number(request.get("count"), 1)


def _most_of(counts: list[Any]) -> Any:
    unknown = [count for count in counts if isinstance(count, Unknown)]
    return unknown[0] if unknown else max(counts)


def node_pool(body: Object) -> dict[str, Callable[[], Reading]]:
    """A reader for each attribute of a node pool that Karpenter's NodePool can tell."""
    return {
        "machine_type": lambda: _machine_type(body),
        "alternatives": lambda: (_values(body, *_TYPE_LABELS), _REQUIREMENTS),
        "accelerators": lambda: ([], _REQUIREMENTS),
        "minimum": lambda: (number(at(body, "spec", "replicas"), 0), ("spec", "replicas")),
        "maximum": lambda: _most(body),
        "spot": lambda: _spot(body),
        "machine_tags": lambda: (labels_of(at(body, "spec", "template")), ("spec", "template", "metadata", "labels")),
    }


def _machine_type(body: Object) -> Reading:
    types = _values(body, *_TYPE_LABELS)
    if types:
        return types[0], _REQUIREMENTS
    families = _values(body, *_FAMILY_LABELS)
    return Unknown(f"any size of {', '.join(families)}" if families else "any type that its pods need"), _REQUIREMENTS


def _most(body: Object) -> Reading:
    """A NodePool has no number of nodes, but for a static one; its limits are of resources."""
    if at(body, "spec", "replicas") is not None:
        return number(at(body, "spec", "replicas"), 0), ("spec", "replicas")
    return Unknown("Karpenter starts as many nodes as its pods need, up to the limits of resources"), ("spec", "limits")


def _spot(body: Object) -> Reading:
    """Without a requirement Karpenter buys on demand."""
    wanted = _values(body, _CAPACITY_LABEL)
    if len(set(wanted)) > 1 and "spot" in wanted:
        return Unknown("it takes spot capacity or another, whichever there is"), _REQUIREMENTS
    return wanted == ["spot"], _REQUIREMENTS


def _values(body: Object, *labels: str) -> list[str]:
    """What the nodes may have under one of these labels, in the order it is written."""
    found: list[str] = []
    for requirement in map(mapping, items(at(body, *_REQUIREMENTS))):
        if text(requirement.get("key")) in labels and text(requirement.get("operator")) == "In":
            found += [text(value) for value in items(requirement.get("values"))]
    for label, value in labels_of(at(body, "spec", "template")).items():
        if label in labels:
            found.append(text(value))
    return list(dict.fromkeys(found))
