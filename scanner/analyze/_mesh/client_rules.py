"""DestinationRules: how the clients of a Service connect to it.

A setting of a port replaces that of its policy wholly, so a port setting without `tls` falls back to automatic mTLS and
not to the policy's; a subset's policy counts before the rule's own. Ports are those of the Service. A `tls` block
without a mode means DISABLE. Within a namespace the most specific host wins; clients go by their own namespace, then
the Service's, then the root namespace, as far as `exportTo` lets them see a rule.
Sources: istio `pilot/pkg/networking/util` (`MergeTrafficPolicy`), `pilot/pkg/model/push_context.go` (`destinationRule`,
`setDestinationRules`), `pilot/pkg/model/destination_rule.go` (`mergeDestinationRule`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from msgspec import Struct

from scanner.analyze._guard import guarded
from scanner.analyze._mesh.services import Service
from scanner.analyze._namespaces import namespace_of
from scanner.bodies import at, items, mapping, text
from scanner.model import Citation, Path, Resource, Unknown, UnknownRead, known
from scanner.selectors import holds

AUTOMATIC = ""
"""No rule says anything, so clients do what the mesh does by itself."""

OF_THE_MESH = frozenset({AUTOMATIC, "ISTIO_MUTUAL"})
"""Modes in which clients show the mesh's identity, as long as nobody turned automatic mTLS off."""

_EVERYWHERE, _AT_HOME, _NOWHERE = "*", ".", "~"
"""Words of `exportTo` beside names of namespaces."""

Labels = Sequence[Mapping[str, Any]]
Mode = tuple[str, Citation]


class Rule(Struct, frozen=True):
    """One DestinationRule, read."""

    resource: Resource
    namespace: str
    host: str
    """Full, or with a `*` at its beginning; a short name is one of the rule's own namespace."""
    exported: frozenset[str]
    clients: str
    """Labels of the clients that it is for, as text to compare; empty for all. With such it stays in its namespace."""
    created: str
    """RFC 3339 time in UTC; empty in files."""

    @property
    def weakens(self) -> bool:
        """Whether anything in it departs from the mesh's identity."""
        return not {*known(self.resource.attributes["tls_modes"])} <= {"ISTIO_MUTUAL"}

    def may_mean(self, service: Service) -> bool:
        """Whether it is about a Service of this name, while one of the two does not say in which namespace."""
        called, _, home = self.host.partition(".")
        return called == service.name and ".svc." in home and home.startswith(".svc.") != (not service.namespace)

    def counts(self, service: Service, root: str) -> bool:
        """Whether any clients heed it: those of its own namespace, and others where they look for it."""
        at_home = not self.exported.isdisjoint({_EVERYWHERE, _AT_HOME, self.namespace})
        abroad = self.namespace in {service.namespace, root} and bool(self.exported - {_AT_HOME, _NOWHERE})
        return at_home or abroad

    @property
    def has_policy(self) -> bool:
        """Whether it says anything of its host as a whole."""
        return at(self.resource.native, "spec", "trafficPolicy") is not None

    def whole(self, port: int) -> Mode:
        """The TLS mode of its host, where it is written."""
        return self._mode(("spec", "trafficPolicy"), port) or (AUTOMATIC, Citation(self.resource.origin, ("spec",)))

    def of_subsets(self, port: int, pods: Labels) -> Iterator[Mode]:
        """The TLS mode of each subset that these pods are in, if it has one of its own."""
        for index, subset in enumerate(items(at(self.resource.native, "spec", "subsets"))):
            mine = any(holds(mapping(at(subset, "labels")), labels) for labels in pods)
            if mine and (found := self._mode(("spec", "subsets", index, "trafficPolicy"), port)):
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


class Merged(Struct, frozen=True):
    """Rules of one namespace for one host and the same clients, which Istio makes one of.

    All their subsets count, and of their policies that of the oldest which has one.
    """

    rules: Sequence[Rule]

    def modes(self, port: int, pods: Labels) -> Iterator[Mode]:
        """The TLS modes with which clients connect to a port; raises `UnknownRead` where unknown ages decide."""
        speaking = [rule for rule in self.rules if rule.has_policy] or self.rules
        if all(rule.created for rule in speaking):
            speaking = sorted(speaking, key=lambda rule: (rule.created, rule.resource.name))[:1]
        told = dict(rule.whole(port) for rule in reversed(speaking))
        if len(told) > 1 and not told.keys() <= OF_THE_MESH:
            names = ", ".join(sorted({rule.resource.origin.address for rule in speaking}))
            raise UnknownRead(Unknown(f"which of {names} counts depends on their ages, which the files do not tell"))
        yield from told.items()
        for rule in self.rules:
            yield from rule.of_subsets(port, pods)


class Rules:
    """The DestinationRules of one partition."""

    def __init__(self, resources: Iterable[Resource], root: str, exported: frozenset[str]) -> None:
        """`exported` is who sees rules that do not say so; empty for everybody."""
        self._root = root
        self._unreadable: Unknown | None = None
        self._by_namespace: dict[str, list[Rule]] = {}
        for resource in resources:
            rule = guarded(partial(_rule, resource, exported or frozenset({_EVERYWHERE})))
            if isinstance(rule, Unknown):
                self._unreadable = rule
            else:
                self._by_namespace.setdefault(rule.namespace, []).append(rule)

    def about(self, service: Service) -> list[Merged]:
        """The rules that count for clients of each namespace that has one.

        Raises `UnknownRead` if a rule cannot be read, or may be about this Service or one of that name elsewhere.
        """
        known(self._unreadable)
        chosen = {namespace: self._best(rules, service) for namespace, rules in self._by_namespace.items()}
        own = chosen.get(service.namespace, [])
        if any(_EVERYWHERE in rule.exported for rule in own) and service.namespace != self._root:
            # nobody else asks that far
            chosen[self._root] = [rule for rule in chosen.get(self._root, []) if _AT_HOME in rule.exported]
        found = [rule for rules in chosen.values() for rule in rules]
        self._require_namespaces(service, found)
        return [merged for rules in chosen.values() for merged in _merged(rules)]

    def _best(self, rules: Iterable[Rule], service: Service) -> list[Rule]:
        """Those with the most specific host that is the Service's."""
        matching = [rule for rule in rules if _matches(rule.host, service.host) and rule.counts(service, self._root)]
        longest = max(map(_precision, matching), default=None)
        return [rule for rule in matching if _precision(rule) == longest]

    def _require_namespaces(self, service: Service, found: Sequence[Rule]) -> None:
        """A short host and a Service meet in a namespace; where only one of them names its own, that is open.

        It does not matter as long as all these rules ask for the mesh's identity, as clients do without a rule.
        """
        open_ones = [rule for rules in self._by_namespace.values() for rule in rules if rule.may_mean(service)]
        if open_ones and any(rule.weakens for rule in (*open_ones, *found)):
            address = open_ones[0].resource.origin.address
            raise UnknownRead(Unknown(f"whether {address} applies depends on a namespace that the files do not name"))


def _precision(rule: Rule) -> tuple[bool, int]:
    return not rule.host.startswith("*"), len(rule.host)


def _merged(rules: Iterable[Rule]) -> list[Merged]:
    by_clients: dict[str, list[Rule]] = {}
    for rule in rules:
        by_clients.setdefault(rule.clients, []).append(rule)
    return [Merged(same) for same in by_clients.values()]


def _matches(host: str, name: str) -> bool:
    return name.endswith(host[1:]) if host.startswith("*") else name == host


def _rule(resource: Resource, default: frozenset[str]) -> Rule:
    namespace = namespace_of(resource)
    host = text(at(resource.native, "spec", "host"))
    if "." not in host and host != _EVERYWHERE:
        host = f"{host}.{namespace}.svc.cluster.local"
    selector = mapping(at(resource.native, "spec", "workloadSelector", "matchLabels"))
    clients = repr(sorted((str(key), text(value)) for key, value in selector.items())) if selector else ""
    exported = frozenset(text(entry) for entry in items(at(resource.native, "spec", "exportTo")))
    exported = frozenset({_AT_HOME}) if clients else exported or default
    return Rule(
        resource, namespace, host, exported, clients, text(at(resource.native, "metadata", "creationTimestamp"))
    )
