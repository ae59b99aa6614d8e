"""The fact `tenancy`: what a namespace of a shared cluster gives its team, and what it holds them to.

A namespace is a contract between a platform and a team: a quota, limits for pods that name none, no traffic but what
is allowed, mutual TLS. Its parts are objects of their own, and may be kept elsewhere: that one is missing is known only
where others of its kind are in view, or where a cluster was asked for all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from scanner.analyze._guard import each, guarded
from scanner.analyze._mesh.policies import Pods, Policies, agreed
from scanner.analyze._mesh.view import mesh_view
from scanner.analyze._namespaces import namespace_of
from scanner.bodies import at, items, mapping, text
from scanner.model import Citation, Fact, FactField, Inventory, Resource, Unknown, UnknownRead

DOC = "What a namespace of a shared cluster gives its team, and what it holds them to."
READS = frozenset({"*"})
FIELDS = {
    "quota": FactField("bool", default=False, doc="A ResourceQuota limits what it may use."),
    "limits": FactField("bool", default=False, doc="A LimitRange gives pods limits that name none."),
    "default_deny": FactField(
        "bool", default=False, doc="A NetworkPolicy lets no pod be reached unless another allows it."
    ),
    "strict_mtls": FactField(
        "bool", default=False, doc="Istio takes mutual TLS alone, by its own setting or the mesh's."
    ),
    "workloads": FactField("int", 0, "Workloads of the scan that name it."),
}

_KINDS = {
    "quota": "core/ResourceQuota",
    "limits": "core/LimitRange",
    "default_deny": "networking.k8s.io/NetworkPolicy",
    "strict_mtls": "security.istio.io/PeerAuthentication",
}
"""Field to the kind of object that it is about."""


def derive(inventory: Inventory) -> Mapping[str, Fact]:
    """A fact for every namespace."""
    parts = _Parts(inventory)
    return each(inventory.by_type("kubernetes.namespace"), parts.fact, FIELDS)


class _Parts:
    """The objects that contracts are made of, by kind."""

    def __init__(self, inventory: Inventory) -> None:
        self._objects: dict[str, list[Resource]] = {kind: [] for kind in _KINDS.values()}
        for resource in inventory:
            if resource.native_type in self._objects:
                self._objects[resource.native_type].append(resource)
        self._homes = [namespace_of(one) for one in inventory.by_type("workload")]
        self._mesh = Policies(inventory.by_type("mesh.peer_authentication"), mesh_view(inventory))

    def fact(self, namespace: Resource) -> Fact:
        place = Citation(namespace.origin, ("metadata", "name"))
        plain = [field for field in _KINDS if field != "strict_mtls"]
        values: dict[str, Any] = {field: guarded(partial(self._has, namespace, field)) for field in plain}
        values["strict_mtls"] = guarded(partial(self._is_strict, namespace))
        values["workloads"] = self._homes.count(namespace.name)
        return Fact(values, dict.fromkeys(values, place))

    def _has(self, namespace: Resource, field: str) -> bool:
        found, test = self._objects[_KINDS[field]], _TESTS.get(field, _any)
        if any(namespace_of(one) == namespace.name and test(one) for one in found):
            return True
        return self._missing(field)

    def _is_strict(self, namespace: Resource) -> bool:
        """The namespace's own setting decides, and the mesh's where it leaves that open."""
        outcomes = self._mesh.possible(Pods({}, namespace.name, namespace.origin.uri))
        if all(outcome.decider is None for outcome in outcomes):
            return self._missing("strict_mtls")
        return bool(agreed(outcomes, lambda outcome: outcome.mode == "STRICT"))

    def _missing(self, field: str) -> bool:
        """That there is none, where that can be known."""
        found = self._objects[_KINDS[field]]
        if not found or any(not namespace_of(one) for one in found):
            kind = _KINDS[field].partition("/")[2]
            which = "names its namespace" if found else "is among the files"
            raise UnknownRead(Unknown(f"no {kind} {which}; this namespace's may be kept elsewhere"))
        return False


def _denies(policy: Resource) -> bool:
    """It selects every pod, is about what comes in, and allows nothing."""
    spec = mapping(policy.native.get("spec"))
    types = [text(one) for one in items(spec.get("policyTypes"))] or ["Ingress"]
    everyone = not mapping(at(spec, "podSelector", "matchLabels")) and not items(
        at(spec, "podSelector", "matchExpressions")
    )
    return everyone and "Ingress" in types and not items(spec.get("ingress"))


def _any(_: Resource) -> bool:
    return True


_TESTS: Mapping[str, Callable[[Resource], bool]] = {"default_deny": _denies}
"""What more an object must be, beside being there."""
