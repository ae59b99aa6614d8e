"""Understands Kubernetes objects, written down in a manifest or read from a cluster. Dialect `kubernetes`.

The body of a document is one object. What runs pods becomes a workload, with the autoscalers of its partition folded
in; pods and replica sets that a workload of the partition made are left out, because their owner speaks for them.
An object that names no namespace keeps that open: its `namespace` is unknown, not `default`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from msgspec import Struct

from scanner.bodies import written
from scanner.model import Citation, Document, Problem, Resource, Unknown, UnknownRead, uid_of
from scanner.normalize._kubernetes.autoscaling import Autoscalers
from scanner.normalize._kubernetes.doors import Doors, ingress
from scanner.normalize._kubernetes.doors import gateway as standard_gateway
from scanner.normalize._kubernetes.mesh import (
    destination_rule,
    gateway,
    peer_authentication,
    port_places,
    root_namespace,
)
from scanner.normalize._kubernetes.nulls import without_nulls
from scanner.normalize._kubernetes.owners import Owners
from scanner.normalize._kubernetes.quotas import claim, device_class, node_pool, queue, resource_quota
from scanner.normalize._kubernetes.reading import Reading
from scanner.normalize._kubernetes.runtimes import Runtimes
from scanner.normalize._kubernetes.scheduling import volume_region
from scanner.normalize._kubernetes.secrets import secret, secret_store, secret_values, vault_policy, vault_role
from scanner.normalize._kubernetes.shapes import Object, group_kind, labels_of, name
from scanner.normalize._kubernetes.vault import servers
from scanner.normalize._kubernetes.workload import workload_attributes
from scanner.normalize._reading import declared, understood
from scanner.normalize._types import OTHER, canonical

DIALECT = "kubernetes"
Readers = Mapping[str, Callable[[], Reading]]

_ISTIO_GATEWAY = "networking.istio.io/Gateway"
_SILENT = "a manifest does not say"

_WORKLOADS = frozenset(native for native, kind in canonical(DIALECT).items() if kind == "workload")


def resources(documents: Iterable[Document]) -> Iterator[Resource | Problem]:
    """Every object of one partition, understood; objects that a workload made are left out."""
    kept = list(map(without_nulls, documents))
    bodies = [document.body for document in kept]
    estate = Estate(Autoscalers(bodies), root_namespace(bodies), Doors(bodies), Runtimes(bodies))
    owners = Owners(bodies, _WORKLOADS)

    def understand(document: Document) -> Iterator[Resource | Problem]:
        kind = canonical(DIALECT).get(group_kind(document.body), OTHER)
        if kind != "workload" or not owners.made_by_workload(document.body):
            readers = _READERS[kind](document.body, estate) if kind in _READERS else {}
            yield _resource(document, kind, readers)
        if kind == "kubernetes.config_map":
            yield from servers(document)

    return understood(kept, understand)


class Estate(Struct, frozen=True):
    """What the objects of a partition say about each other."""

    autoscalers: Autoscalers
    root: str
    """The mesh's root namespace."""
    doors: Doors
    runtimes: Runtimes


def _gateway(body: Object, estate: Estate) -> Readers:
    return gateway(body) if group_kind(body) == _ISTIO_GATEWAY else standard_gateway(body, estate.doors)


_READERS: Mapping[str, Callable[[Object, Estate], Readers]] = {
    "workload": lambda body, estate: workload_attributes(estate.runtimes.applied(body), estate.autoscalers),
    "kubernetes.secret": lambda body, _: secret(body),
    "secret.store": lambda body, _: secret_store(body),
    "mesh.peer_authentication": lambda body, estate: peer_authentication(body, estate.root),
    "mesh.destination_rule": lambda body, _: destination_rule(body),
    "mesh.gateway": _gateway,
    "load_balancer.listener": lambda body, _: ingress(body),
    "vault.role": lambda body, _: vault_role(body),
    "vault.policy": lambda body, _: vault_policy(body),
    "quota.queue": lambda body, _: queue(body),
    "quota.namespace": lambda body, _: resource_quota(body),
    "device.claim": lambda body, _: claim(body),
    "device.class": lambda body, _: device_class(body),
    "kubernetes.node_pool": lambda body, _: node_pool(body),
    # a volume stands for what holds the data, which is copied where that was made
    "disk.volume": lambda *_: {"replica_regions": lambda: ([], ())},
}
"""Canonical type to what gives a reader for each of its attributes."""


def _resource(document: Document, kind: str, readers: Readers) -> Resource:
    body, origin = document.body, document.origin
    tags, _ = _read(lambda: (labels_of(body), ()))
    called, _ = _read(lambda: (name(body), ()))
    silent = {attribute: (Unknown(_SILENT, attribute), ()) for attribute in declared(kind) if attribute not in readers}
    read = {attribute: _read(reader) for attribute, reader in readers.items()} | silent
    places = {f"attributes.{attribute}": path for attribute, (_, path) in read.items()}
    places |= {"tags": ("metadata", "labels"), "name": ("metadata", "name")}
    places |= {"region": ("spec", "nodeAffinity")} if kind == "disk.volume" else {}
    ports, _ = _read(lambda: (port_places(body) if kind == "mesh.peer_authentication" else {}, ()))
    places |= ports if isinstance(ports, dict) else {}
    return Resource(
        uid=uid_of(origin.uri, origin.address),
        type=kind,
        native_type=group_kind(body),
        provider=DIALECT,
        name=called if isinstance(called, str) else "",
        region=_read(lambda: (volume_region(body), ()))[0] if kind == "disk.volume" else "",
        tags=tags,
        attributes={attribute: value for attribute, (value, _) in read.items()},
        native=body,
        origin=origin,
        citations={path: Citation(origin, written(body, place)) for path, place in places.items()},
        sensitive=secret_values(body) if kind == "kubernetes.secret" else frozenset(),
    )


def _read(reader: Callable[[], Reading]) -> tuple[Any, Any]:
    """A value and its place; where an unknown value was met, that `Unknown` and the object itself."""
    try:
        return reader()
    except UnknownRead as read:
        return read.unknown, ()
