"""Services: the names under which clients call the pods of a workload."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from msgspec import Struct

from scanner.analyze._guard import guarded
from scanner.analyze._namespaces import namespace_of
from scanner.bodies import at, items, mapping
from scanner.model import Inventory, Resource, Unknown
from scanner.selectors import holds


class Service(Struct, frozen=True):
    """A Service with a selector."""

    name: str
    namespace: str
    selector: Mapping[str, Any]
    ports: tuple[int, ...]
    """Its own port numbers, which are not those of the containers behind it."""

    @property
    def host(self) -> str:
        """Its full name, in the domain clusters have unless somebody chose another."""
        return f"{self.name}.{self.namespace}.svc.cluster.local"

    def leads_to(self, namespace: str, labels: Mapping[str, Any]) -> bool:
        """Whether it passes connections on to pods with these labels in this namespace."""
        return self.namespace == namespace and holds(self.selector, labels)


def services(inventory: Inventory) -> list[Service]:
    """The Services of a partition; one that cannot be read leads nowhere."""
    found = (guarded(partial(_service, one)) for one in inventory.by_type("kubernetes.service"))
    return [one for one in found if not isinstance(one, Unknown) and one.selector]


def _service(resource: Resource) -> Service:
    spec = resource.native.get("spec")
    ports = tuple(_numbers(spec))
    return Service(resource.name, namespace_of(resource), mapping(at(spec, "selector")), ports)


def _numbers(spec: Any) -> Iterator[int]:
    for port in items(at(spec, "ports")):
        number = at(port, "port")
        if isinstance(number, int):
            yield number
