"""How Cilium enforces mutual authentication on a workload.

A network policy asks for it rule by rule (`authentication.mode: required`). Authentication alone does not encrypt:
Cilium's mutual TLS handshake happens beside the traffic, which is encrypted by WireGuard or IPsec if the installation
turns one of them on. Sources: Cilium's documentation of mutual authentication, of transparent
encryption, and of policies by namespace (`k8s:io.kubernetes.pod.namespace` ...).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from scanner.analyze._guard import guarded
from scanner.analyze._mesh.fact import undecided
from scanner.analyze._mesh.pods import pods_of
from scanner.analyze._namespaces import namespace_of
from scanner.bodies import at, items, mapping, text
from scanner.model import Citation, Fact, Inventory, Path, Resource, Unknown, UnknownRead
from scanner.selectors import holds, selects

_POLICIES = frozenset({"cilium.io/CiliumNetworkPolicy", "cilium.io/CiliumClusterwideNetworkPolicy"})
_PREFIXES = ("k8s:", "any:")
"""Cilium's label sources that mean the labels of a pod."""

_ACCOUNT = "io.cilium.k8s.policy.serviceaccount"
_NAMESPACE = "io.kubernetes.pod.namespace"
_OF_NAMESPACE = "io.cilium.k8s.namespace.labels."
_NAME = "kubernetes.io/metadata.name"
"""Labels that Cilium gives to pods, and one that every namespace has."""

_NAMELESS = Unknown("the manifest names no namespace, by which Cilium chooses")
_CONFIGURATION = "cilium-config"
_ENCRYPTION = ("enable-wireguard", "enable-ipsec")
_UNSEEN = Unknown("Cilium's config map, which turns encryption on, is not among the files")


class Cilium:
    """What one partition shows of Cilium."""

    def __init__(self, inventory: Inventory) -> None:
        self._policies = [one for one in inventory.by_type("other") if one.native_type in _POLICIES]
        self._namespaces = {one.name: one for one in inventory.by_type("kubernetes.namespace")}
        self._configuration = next(
            (one for one in inventory.by_type("kubernetes.config_map") if one.name == _CONFIGURATION), None
        )

    def fact(self, workload: Resource) -> Fact | None:
        """Effective mutual authentication; None for a workload that no policy asks it for."""
        if not self._policies:
            return None
        rules = guarded(lambda: list(self._rules(workload)))
        if isinstance(rules, Unknown):
            return Fact(undecided("cilium", rules))
        asking = [place for required, place in rules if required]
        if not asking:
            return None
        lax = next((place for required, place in rules if not required), None)
        return self._found(asking[0], lax)

    def _rules(self, workload: Resource) -> Iterator[tuple[bool, Citation]]:
        """Every ingress rule about the workload: whether it asks for authentication, and where that stands."""
        namespace = namespace_of(workload)
        for policy in self._policies:
            clusterwide = policy.native_type.endswith("CiliumClusterwideNetworkPolicy")
            if not clusterwide and namespace_of(policy) != namespace:
                continue
            for path, spec in _specs(policy):
                labels = [self._labels(namespace, template) for template in pods_of(workload)]
                if any(_selects(spec.get("endpointSelector"), one) for one in labels):
                    yield from _ingress(policy, path, spec)

    def _labels(self, namespace: str, template: Mapping[str, Any]) -> Mapping[str, Any]:
        """Labels of a pod, and those that Cilium itself gives it."""
        account = text(at(template["spec"], "serviceAccountName")) or text(at(template["spec"], "serviceAccount"))
        home = self._namespaces.get(namespace)
        inherited = {_NAME: namespace, **mapping(home.tags)} if home is not None else {}
        own = {_ACCOUNT: account or "default", **({_NAMESPACE: namespace} if namespace else {})}
        return {**template["labels"], **own, **{_OF_NAMESPACE + key: value for key, value in inherited.items()}}

    def _found(self, asking: Citation, lax: Citation | None) -> Fact:
        decider = lax or asking
        encrypted, place = self._encrypted()
        values: dict[str, Any] = {"in_mesh": True, "mesh": "cilium"}
        if isinstance(encrypted, Unknown) and lax is None:
            return Fact({**undecided("cilium", encrypted)}, {"in_mesh": asking})
        if encrypted is False and place is not None:
            decider, mode = place, "DISABLE"
        else:
            mode = "PERMISSIVE" if lax else "STRICT"
        values |= {"mode": mode, "decided_by": decider.origin.address}
        return Fact(values, {"in_mesh": asking, "mode": decider, "decided_by": decider})

    def _encrypted(self) -> tuple[Any, Citation | None]:
        if self._configuration is None:
            return _UNSEEN, None
        native, origin = self._configuration.native, self._configuration.origin
        on = guarded(lambda: any(text(at(native, "data", key)) == "true" for key in _ENCRYPTION))
        return on, Citation(origin, ("data",))


def _specs(policy: Resource) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """A policy has one `spec`, or several under `specs`."""
    if one := mapping(policy.native.get("spec")):
        yield ("spec",), one
    for index, entry in enumerate(items(policy.native.get("specs"))):
        yield ("specs", index), mapping(entry)


def _selects(selector: Any, labels: Mapping[str, Any]) -> bool:
    """Raises `UnknownRead` where it asks for a label that hangs on a namespace which is not known."""
    wanted = {_plain(str(key)): value for key, value in mapping(at(selector, "matchLabels")).items()}
    expressions = [{**mapping(e), "key": _plain(text(at(e, "key")))} for e in items(at(selector, "matchExpressions"))]
    for key in (*wanted, *(expression["key"] for expression in expressions)):
        if key.startswith((_NAMESPACE, _OF_NAMESPACE)) and _NAMESPACE not in labels:
            raise UnknownRead(_NAMELESS)
        if key.startswith(_OF_NAMESPACE) and _OF_NAMESPACE + _NAME not in labels:
            raise UnknownRead(
                Unknown(f"namespace {labels[_NAMESPACE]}, by whose labels Cilium chooses, is not in view")
            )
    return selector is not None and holds(wanted, labels) and selects({"matchExpressions": expressions}, labels)


def _plain(key: str) -> str:
    return next((key.removeprefix(prefix) for prefix in _PREFIXES if key.startswith(prefix)), key)


def _ingress(policy: Resource, path: Path, spec: Mapping[str, Any]) -> Iterator[tuple[bool, Citation]]:
    for index, rule in enumerate(items(spec.get("ingress"))):
        if not mapping(rule):
            continue  # an empty rule lets nobody in; it only turns enforcement on
        mode = text(at(rule, "authentication", "mode"))
        place = (*path, "ingress", index, *(("authentication", "mode") if mode else ()))
        yield mode == "required", Citation(policy.origin, place)
