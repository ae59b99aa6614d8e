"""Which ports Linkerd's policy objects open to clients without an identity.

A Server takes one port of the pods it selects out of their default policy. By itself it refuses everything (its
`accessPolicy` may say otherwise); a ServerAuthorization or an AuthorizationPolicy lets clients in. Authorizations add
up: one that asks for no identity opens the port, be it for one of the routes of a Server.
Sources: Linkerd's reference of authorization policy (`targetRef`), `policy-controller/k8s/index`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from scanner.analyze._guard import guarded
from scanner.analyze._namespaces import namespace_of
from scanner.bodies import at, items, mapping, text
from scanner.model import Citation, Inventory, Path, Resource, Unknown
from scanner.selectors import selects

Template = Mapping[str, Any]

_GROUP = "policy.linkerd.io/"
_ROUTES = ("HTTPRoute", "GRPCRoute")
_OPEN = frozenset({"all-unauthenticated", "cluster-unauthenticated", "audit"})
_WITH_IDENTITY = frozenset({"MeshTLSAuthentication", "ServiceAccount"})


class Servers:
    """The Servers of one partition, and what authorizes clients to use them."""

    def __init__(self, inventory: Inventory) -> None:
        mine = [one for one in inventory.by_type("other") if one.native_type.startswith(_GROUP)]
        self.any = bool(mine)
        self._servers = [one for one in mine if one.native_type == _GROUP + "Server"]
        self._authorizations = [one for one in mine if one.native_type == _GROUP + "ServerAuthorization"]
        self._policies = [one for one in mine if one.native_type == _GROUP + "AuthorizationPolicy"]
        self._routes = [one for one in inventory.by_type("other") if one.native_type.endswith(_ROUTES)]

    def open_ports(self, template: Template, namespace: str) -> Iterator[tuple[int, Citation]]:
        """Ports of these pods that take clients without an identity, and the line that says so.

        Raises `UnknownRead` where a Server cannot be read.
        """
        for server in self._servers:
            spec = mapping(server.native.get("spec"))
            if namespace_of(server) == namespace and selects(spec.get("podSelector"), template["labels"]):
                opening = self._opening(server)
                if opening is not None:
                    yield from ((port, opening) for port in _numbers(spec.get("port"), template["spec"]))

    def _opening(self, server: Resource) -> Citation | None:
        if text(at(server.native, "spec", "accessPolicy")) in _OPEN:
            return Citation(server.origin, ("spec", "accessPolicy"))
        for one in self._authorizations:
            path = _without_identity(mapping(at(one.native, "spec", "client")))
            if path and namespace_of(one) == namespace_of(server) and _is_about(one, server):
                return Citation(one.origin, ("spec", "client", *path))
        for policy in self._policies:
            if namespace_of(policy) == namespace_of(server) and self._targets(policy, server) and _asks_nobody(policy):
                return Citation(policy.origin, ("spec", "requiredAuthenticationRefs"))
        return None

    def _targets(self, policy: Resource, server: Resource) -> bool:
        target = mapping(at(policy.native, "spec", "targetRef"))
        kind, name = text(target.get("kind")), text(target.get("name"))
        if kind in _ROUTES:
            named = (one for one in self._routes if one.name == name and one.native_type.endswith(f"/{kind}"))
            return any(_belongs_to(route, server) for route in named)
        return (kind == "Server" and name == server.name) or (kind == "Namespace" and name == namespace_of(server))


def _is_about(authorization: Resource, server: Resource) -> bool:
    chosen = mapping(at(authorization.native, "spec", "server"))
    if "name" in chosen:
        return text(chosen["name"]) == server.name
    labels = guarded(partial(mapping, server.tags))
    return "selector" in chosen and not isinstance(labels, Unknown) and selects(chosen["selector"], labels)


def _without_identity(client: Mapping[str, Any]) -> Path:
    """Where a ServerAuthorization lets in clients that show no identity; empty if it does not."""
    if client.get("unauthenticated") is True:
        return ("unauthenticated",)
    if at(client, "meshTLS", "unauthenticatedTLS") is True:
        return ("meshTLS", "unauthenticatedTLS")
    return ()


def _belongs_to(route: Resource, server: Resource) -> bool:
    parents = items(at(route.native, "spec", "parentRefs"))
    named = [one for one in parents if text(at(one, "kind")) == "Server" and text(at(one, "name")) == server.name]
    return namespace_of(route) == namespace_of(server) and bool(named)


def _asks_nobody(policy: Resource) -> bool:
    """All references must hold at once, so one that asks for an identity is enough."""
    references = items(at(policy.native, "spec", "requiredAuthenticationRefs"))
    return not any(text(at(reference, "kind")) in _WITH_IDENTITY for reference in references)


def _numbers(port: Any, spec: Any) -> Iterator[int]:
    """A port by number, or those that containers give its name; native sidecars are among those of the start."""
    if text(port).isdecimal():
        yield int(text(port))
        return
    for container in (*items(at(spec, "containers")), *items(at(spec, "initContainers"))):
        for declared in items(at(container, "ports")):
            number = at(declared, "containerPort")
            if text(at(declared, "name")) == text(port) and isinstance(number, int):
                yield number
