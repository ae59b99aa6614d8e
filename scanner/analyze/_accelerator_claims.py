"""Devices that pods claim by dynamic resource allocation (DRA), beside or instead of extended resources.

A claim template makes a claim for each pod; a claim that pods name by itself is shared by all of them. A device class
says what kind of device it is by its name, as the drivers choose it. Source: Kubernetes' documentation of dynamic
resource allocation.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from msgspec import Struct

from scanner.analyze._accelerator_names import kind, model
from scanner.analyze._accelerator_pods import Demand
from scanner.analyze._namespaces import namespace_of
from scanner.bodies import items, mapping, text
from scanner.model import Inventory, Resource, Unknown

_CLASSES = {
    "gpu.nvidia.com": "nvidia-gpu",
    "mig.nvidia.com": "nvidia-mig",
    "gpu.amd.com": "amd-gpu",
    "gpu.intel.com": "intel-gpu",
    "gaudi.intel.com": "intel-gaudi",
    "tpu.google.com": "tpu",
    "neuron.aws.com": "aws-neuron",
}
"""Device classes that the drivers of the makers install."""

_TEMPLATE = "resource.k8s.io/ResourceClaimTemplate"


class Claimed(Struct, frozen=True):
    """A demand, and whether all pods of a template share it."""

    demand: Demand
    shared: bool


class Claims:
    """The claims of one partition, by namespace and name."""

    def __init__(self, inventory: Inventory) -> None:
        self._templates: dict[tuple[str, str], Resource] = {}
        self._claims: dict[tuple[str, str], Resource] = {}
        for one in inventory.by_type("device.claim"):
            found = self._templates if one.native_type == _TEMPLATE else self._claims
            found[namespace_of(one), one.name] = one

    def of(self, spec: Mapping[str, Any], namespace: str) -> Iterator[Claimed]:
        """What a pod spec claims; raises `UnknownRead` where the spec cannot be read."""
        for index, entry in enumerate(map(mapping, items(spec.get("resourceClaims")))):
            shared = text(entry.get("resourceClaimName"))
            name = shared or text(entry.get("resourceClaimTemplateName"))
            found = (self._claims if shared else self._templates).get((namespace, name))
            for demand in _demands(found, name, index):
                yield Claimed(demand, shared=bool(shared))


def _demands(claim: Resource | None, name: str, index: int) -> Iterable[Demand]:
    path = ("resourceClaims", index)
    if claim is None:
        unknown = Unknown(f"what the claim {name} asks for is not among the files")
        return [Demand(unknown, unknown, path)]
    requests = claim.attributes["requests"]
    if isinstance(requests, Unknown):
        return [Demand(requests, requests, path)]
    found = ((_model_of(text(request["class"])), request["count"]) for request in requests)
    return [Demand(count, model, path) for model, count in found if model]


def _model_of(device_class: str) -> str:
    """The canonical model; empty for a device that is no accelerator, such as a network card."""
    if device_class in _CLASSES:
        return _CLASSES[device_class]
    named = model(device_class)
    known = named != device_class.lower().rpartition("/")[2] and kind(named) != "other"
    return named if known else next((word for word in ("tpu", "gpu") if word in device_class.lower()), "")
