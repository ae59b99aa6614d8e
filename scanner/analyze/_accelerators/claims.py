"""Devices that pods claim by dynamic resource allocation (DRA), beside or instead of extended resources.

A claim template makes a claim for each pod; a claim that pods name by itself is shared by all of them. A device class
says what kind of device it is by its name, as the drivers choose it. Source: Kubernetes' documentation of dynamic
resource allocation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from msgspec import Struct

from scanner.analyze._accelerators.names import class_model
from scanner.analyze._accelerators.pods import Demand
from scanner.analyze._accelerators.quantities import generic_model
from scanner.analyze._guard import guarded
from scanner.analyze._namespaces import namespace_of
from scanner.bodies import items, mapping, text
from scanner.model import Inventory, Resource, Unknown

OF_CLASS = ".deviceclass.resource.k8s.io/devices"
"""After the name of a device class in a ResourceQuota."""

_TEMPLATE = "resource.k8s.io/ResourceClaimTemplate"


class Claimed(Struct, frozen=True):
    """What one claim of a pod asks for."""

    demands: Sequence[Demand]
    shared: str
    """The name of a claim that all pods share which name it; empty where each pod has its own."""


class Claims:
    """The claims of one partition, by namespace and name."""

    def __init__(self, inventory: Inventory) -> None:
        self._templates: dict[tuple[str, str], Resource] = {}
        self._claims: dict[tuple[str, str], Resource] = {}
        for one in inventory.by_type("device.claim"):
            found = self._templates if one.native_type == _TEMPLATE else self._claims
            found[namespace_of(one), one.name] = one
        served = ((guarded(partial(_served, one)), one.name) for one in inventory.by_type("device.class"))
        self._served = {resource: name for resource, name in served if isinstance(resource, str) and resource}

    def meaning(self, resource: str) -> str:
        """The model behind an extended resource, by the device class that serves it or by its name."""
        return class_model(self._served.get(resource, "")) or generic_model(resource)

    def of(self, spec: Mapping[str, Any], namespace: str) -> Iterator[Claimed]:
        """What a pod spec claims; raises `UnknownRead` where the spec cannot be read."""
        for index, entry in enumerate(map(mapping, items(spec.get("resourceClaims")))):
            shared = text(entry.get("resourceClaimName"))
            name = shared or text(entry.get("resourceClaimTemplateName"))
            found = (self._claims if shared else self._templates).get((namespace, name))
            yield Claimed(_demands(found, name, index), shared)


def _served(device_class: Resource) -> str:
    return text(device_class.attributes["extended_resource"])


def _demands(claim: Resource | None, name: str, index: int) -> Sequence[Demand]:
    path = ("resourceClaims", index)
    if claim is None:
        unknown = Unknown(f"what the claim {name} asks for is not among the files")
        return [Demand(unknown, unknown, path)]
    requests = claim.attributes["requests"]
    if isinstance(requests, Unknown):
        return [Demand(requests, requests, path)]
    found = ((_class_of(request), request["count"]) for request in requests)
    return [
        Demand(count, class_model(chosen), path, f"{chosen}{OF_CLASS}")
        for chosen, count in found
        if chosen and (isinstance(count, Unknown) or count)
    ]


def _class_of(request: Mapping[str, Any]) -> str:
    """Of alternatives, the first that is an accelerator: the scheduler tries them in their order. Empty for none."""
    classes = map(text, (request["class"], *request["classes"]))
    return next((one for one in classes if class_model(one)), "")
