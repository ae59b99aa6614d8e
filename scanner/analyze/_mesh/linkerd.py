"""How Linkerd enforces mutual TLS on a workload.

Between meshed pods Linkerd encrypts always; what can be chosen is whether a pod also answers those without an
identity. A default says so for all its ports (`config.linkerd.io/default-inbound-policy` on pod or namespace, else the
installation's), and a Server takes a port out of the default: it refuses whatever no authorization lets in.
Sources: Linkerd's reference of authorization policy and of proxy configuration, `pkg/inject/report.go` (`Injectable`).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from scanner.analyze._guard import guarded
from scanner.analyze._mesh.bypass import LINKERD_SKIP, skipped_by_linkerd
from scanner.analyze._mesh.fact import all_unknown, undecided
from scanner.analyze._mesh.linkerd_installed import installation
from scanner.analyze._mesh.linkerd_servers import Servers
from scanner.analyze._mesh.pods import pods_of
from scanner.analyze._namespaces import namespace_of
from scanner.bodies import at, items, mapping, text
from scanner.model import Citation, Fact, Inventory, Resource, Unknown, UnknownRead

Template = Mapping[str, Any]

INJECT = "linkerd.io/inject"
DEFAULT_POLICY = "config.linkerd.io/default-inbound-policy"

_MOUNTED = "automountServiceAccountToken"
"""Without a token of its own a pod could not prove who it is, so the injector leaves it alone."""

_WANTED = frozenset({"enabled", "ingress"})
_AUTHENTICATED = frozenset({"all-authenticated", "cluster-authenticated", "deny"})
_UNAUTHENTICATED = frozenset({"all-unauthenticated", "cluster-unauthenticated", "audit"})


class Linkerd:
    """What one partition shows of Linkerd."""

    def __init__(self, inventory: Inventory) -> None:
        self._namespaces: dict[str, list[Resource]] = {}
        for one in inventory.by_type("kubernetes.namespace"):
            self._namespaces.setdefault(one.name, []).append(one)
        self._servers = Servers(inventory)
        self._installed = installation(inventory)
        asking = any(_asks(one) for several in self._namespaces.values() for one in several)
        self._speaks = bool(self._installed) or self._servers.any or asking

    def fact(self, workload: Resource) -> Fact | None:
        """Effective mutual TLS; None for a workload that Linkerd has nothing to do with."""
        templates = guarded(partial(pods_of, workload))
        if isinstance(templates, Unknown):
            return None
        annotated = any(INJECT in template["annotations"] for template in templates)
        if not (self._speaks or annotated or any(_has_proxy(template) for template in templates)):
            return None
        namespace = namespace_of(workload)
        meshed = guarded(lambda: [template for template in templates if self._is_meshed(template, namespace)])
        if isinstance(meshed, Unknown):
            return Fact(all_unknown(meshed))
        return self._inside(workload, namespace, meshed) if meshed else None

    def _is_meshed(self, template: Template, namespace: str) -> bool:
        if _has_proxy(template):
            return True
        if at(template["spec"], "hostNetwork") is True or at(template["spec"], _MOUNTED) is False:
            return False
        if INJECT in template["annotations"]:
            return text(template["annotations"][INJECT]) in _WANTED
        if namespace in self._namespaces:
            return text(self._noted(namespace, INJECT)[0]) in _WANTED
        reason = f"namespace {namespace} is not among the files" if namespace else "the manifest names no namespace"
        raise UnknownRead(Unknown(f"{reason}, so whether Linkerd injects its pods is not known"))

    def _inside(self, workload: Resource, namespace: str, meshed: list[Template]) -> Fact:
        decided = guarded(lambda: min((self._default(workload, one, namespace) for one in meshed), key=_strictness))
        opened = guarded(lambda: [found for one in meshed for found in self._servers.open_ports(one, namespace)])
        skipped = guarded(lambda: [port for one in meshed for port in self._skipped(one, namespace)])
        if isinstance(decided, Unknown):
            return Fact({**undecided("linkerd", decided), "bypassed_ports": skipped})
        policy, decider, place = decided
        values: dict[str, Any] = {
            "in_mesh": True,
            "mesh": "linkerd",
            "mode": "STRICT" if policy in _AUTHENTICATED else "PERMISSIVE",
            "decided_by": decider,
            "weak_ports": opened if isinstance(opened, Unknown) else sorted({port for port, _ in opened}),
            "bypassed_ports": skipped,
        }
        citations = {"mode": place, "decided_by": place, "in_mesh": Citation(workload.origin, ("metadata", "name"))}
        if isinstance(opened, list) and opened:
            citations["weak_ports"] = opened[0][1]
        return Fact(values, citations)

    def _default(self, workload: Resource, template: Template, namespace: str) -> tuple[str, str, Citation]:
        """The default policy of a pod, the address of what set it, and where."""
        if DEFAULT_POLICY in template["annotations"]:
            place = (*template["path"][:-1], "metadata", "annotations", DEFAULT_POLICY)
            return self._named(template["annotations"][DEFAULT_POLICY], workload, place)
        noted, home = self._noted(namespace, DEFAULT_POLICY)
        if home is not None and noted is not None:
            return self._named(noted, home, ("metadata", "annotations", DEFAULT_POLICY))
        if self._installed is not None:
            return self._named(self._installed.policy, self._installed.resource, self._installed.path)
        reason = "Linkerd's installation, which sets the default inbound policy, is not among the files"
        raise UnknownRead(Unknown(reason))

    def _named(self, policy: Any, decider: Resource, path: tuple[str | int, ...]) -> tuple[str, str, Citation]:
        if text(policy) not in _AUTHENTICATED | _UNAUTHENTICATED:
            raise UnknownRead(Unknown(f"Linkerd knows no inbound policy '{text(policy)}'"))
        return text(policy), decider.origin.address, Citation(decider.origin, path)

    def _skipped(self, template: Template, namespace: str) -> list[str]:
        skipped, _ = self._noted(namespace, LINKERD_SKIP)
        notes = {LINKERD_SKIP: skipped} if skipped is not None else {}
        ignored = self._installed.ignored if self._installed else ""
        return skipped_by_linkerd({**notes, **template["annotations"]}, template["spec"], ignored)

    def _noted(self, namespace: str, key: str) -> tuple[Any, Resource | None]:
        """What a namespace says for its pods, and the object that says it; which of several is applied is not known."""
        homes = self._namespaces.get(namespace, [])
        said = [(_annotations(home).get(key), home) for home in homes]
        if any(text(value) != text(said[0][0]) for value, _ in said):
            raise UnknownRead(Unknown(f"{len(homes)} files declare namespace {namespace}, with different {key}"))
        return said[0] if said else (None, None)


def _strictness(decided: tuple[str, str, Citation]) -> bool:
    return decided[0] in _AUTHENTICATED


def _annotations(resource: Resource) -> Mapping[str, Any]:
    """Annotations of an object; none where they are not known."""
    found = guarded(lambda: mapping(at(resource.native, "metadata", "annotations")))
    return {} if isinstance(found, Unknown) else found


def _asks(namespace: Resource) -> bool:
    return text(_annotations(namespace).get(INJECT)) in _WANTED


def _has_proxy(template: Template) -> bool:
    """The pod was injected already: a dump of a cluster, or `linkerd inject`."""
    spec = template["spec"]
    containers = [*items(at(spec, "containers")), *items(at(spec, "initContainers"))]
    return any(text(at(container, "name")) == "linkerd-proxy" for container in containers)
