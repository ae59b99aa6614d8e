"""DestinationRules: how the clients of a Service connect to it.

A setting of a port replaces that of its policy wholly, so a port setting without `tls` falls back to automatic mTLS and
not to the policy's; a subset's policy counts before the rule's own. Ports are those of the Service. A `tls` block
without a mode means DISABLE. Within a namespace the most specific host wins; clients go by their own namespace, then
the Service's, then the root namespace, as far as `exportTo` lets them see a rule.
Source: istio `pilot/pkg/networking/util` (`MergeTrafficPolicy`), `pilot/pkg/model/push_context.go` (`destinationRule`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from msgspec import Struct

from scanner.analyze._guard import guarded
from scanner.analyze._mesh_services import Service
from scanner.analyze._namespaces import namespace_of
from scanner.bodies import at, items, mapping, text
from scanner.model import Citation, Path, Resource, Unknown, UnknownRead, known
from scanner.selectors import holds

AUTOMATIC = ""
"""No rule says anything, so clients do what the mesh does by itself."""

_EVERYWHERE = "*"
Labels = Sequence[Mapping[str, Any]]
Mode = tuple[str, Citation]


class Rule(Struct, frozen=True):
    """One DestinationRule, read."""

    resource: Resource
    namespace: str
    host: str
    """Full, or with a `*` at its beginning; a short name is one of the rule's own namespace."""
    exported: frozenset[str]

    @property
    def weakens(self) -> bool:
        """Whether anything in it departs from the mesh's identity."""
        return not {*known(self.resource.attributes["tls_modes"])} <= {"ISTIO_MUTUAL"}

    def may_mean(self, service: Service) -> bool:
        """Whether it is about a Service of this name, while one of the two does not say in which namespace."""
        called, _, home = self.host.partition(".")
        return called == service.name and ".svc." in home and home.startswith(".svc.") != (not service.namespace)

    def modes(self, ports: Iterable[int], pods: Labels) -> Iterator[Mode]:
        """The TLS mode for each port and each subset that these pods are in, where it is written."""
        native = self.resource.native
        subsets = [
            ("spec", "subsets", index, "trafficPolicy")
            for index, subset in enumerate(items(at(native, "spec", "subsets")))
            if any(holds(mapping(at(subset, "labels")), labels) for labels in pods)
        ]
        for port in ports:
            whole = self._mode(("spec", "trafficPolicy"), port)
            yield whole or (AUTOMATIC, Citation(self.resource.origin, ("spec",)))
            for subset in subsets:
                if found := self._mode(subset, port):
                    yield found

    def _mode(self, path: Path, port: int) -> Mode | None:
        """What one traffic policy says for a port; None if it leaves that to the policy it refines."""
        policy = at(self.resource.native, *path)
        for index, setting in enumerate(items(at(policy, "portLevelSettings"))):
            if at(setting, "port", "number") == port:
                return self._written((*path, "portLevelSettings", index), setting)
        return self._written(path, policy) if at(policy, "tls") is not None else None

    def _written(self, path: Path, policy: Any) -> Mode:
        tls = at(policy, "tls")
        mode = AUTOMATIC if tls is None else text(at(tls, "mode")) or "DISABLE"
        return mode, Citation(self.resource.origin, (*path, "tls", "mode"))


class Rules:
    """The DestinationRules of one partition."""

    def __init__(self, resources: Iterable[Resource], root: str) -> None:
        self._root = root
        self._unreadable: Unknown | None = None
        self._by_namespace: dict[str, list[Rule]] = {}
        for resource in resources:
            rule = guarded(partial(_rule, resource))
            if isinstance(rule, Unknown):
                self._unreadable = rule
            else:
                self._by_namespace.setdefault(rule.namespace, []).append(rule)

    def about(self, service: Service) -> list[Rule]:
        """The rule that counts for clients of each namespace that has one.

        Raises `UnknownRead` if a rule cannot be read, or may be about this Service or one of that name elsewhere.
        """
        known(self._unreadable)
        chosen = {namespace: _best(rules, service) for namespace, rules in self._by_namespace.items()}
        own = chosen.get(service.namespace)
        if own is not None and _EVERYWHERE in own.exported and service.namespace != self._root:
            chosen[self._root] = None  # nobody asks that far
        found = [rule for rule in chosen.values() if rule is not None]
        self._require_namespaces(service, found)
        return found

    def _require_namespaces(self, service: Service, found: Sequence[Rule]) -> None:
        """A short host and a Service meet in a namespace; where only one of them names its own, that is open.

        It does not matter as long as all these rules ask for the mesh's identity, as clients do without a rule.
        """
        open_ones = [rule for rules in self._by_namespace.values() for rule in rules if rule.may_mean(service)]
        if open_ones and any(rule.weakens for rule in (*open_ones, *found)):
            address = open_ones[0].resource.origin.address
            raise UnknownRead(Unknown(f"whether {address} applies depends on a namespace that the files do not name"))


def _best(rules: Iterable[Rule], service: Service) -> Rule | None:
    matching = [rule for rule in rules if _matches(rule.host, service.host)]
    return max(matching, key=lambda rule: (not rule.host.startswith("*"), len(rule.host)), default=None)


def _matches(host: str, name: str) -> bool:
    return name.endswith(host[1:]) if host.startswith("*") else name == host


def _rule(resource: Resource) -> Rule:
    namespace = namespace_of(resource)
    host = text(at(resource.native, "spec", "host"))
    if "." not in host and host != _EVERYWHERE:
        host = f"{host}.{namespace}.svc.cluster.local"
    exported = frozenset(text(entry) for entry in items(at(resource.native, "spec", "exportTo")))
    return Rule(resource, namespace, host, exported or frozenset({_EVERYWHERE}))
