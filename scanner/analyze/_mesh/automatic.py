"""What the mesh's configuration says of clients: no automatic mutual TLS, or who sees a rule that does not say so."""

from __future__ import annotations

from functools import partial

from scanner.analyze._guard import guarded
from scanner.bodies import items, text, written
from scanner.istio_settings import HOLDERS, mesh_configs
from scanner.model import Citation, Inventory, Resource

_SWITCH, _EXPORTED = "enableAutoMtls", "defaultDestinationRuleExportTo"
_NO = frozenset({"false", "no", "off", "n"})
"""As Kubernetes reads YAML."""


def automatic_mtls_off(inventory: Inventory) -> Citation | None:
    """Where it is turned off; None where it is not, which is Istio's default."""
    for one in _holders(inventory):
        found = guarded(partial(_switched_off, one))
        if isinstance(found, Citation):
            return found
    return None


def exported_by_default(inventory: Inventory) -> frozenset[str]:
    """The namespaces that a DestinationRule without `exportTo` is for; empty where the mesh leaves Istio's default."""
    for one in _holders(inventory):
        found = guarded(partial(_exported, one))
        if isinstance(found, frozenset) and found:
            return found
    return frozenset()


def _holders(inventory: Inventory) -> list[Resource]:
    candidates = (*inventory.by_type("other"), *inventory.by_type("kubernetes.config_map"))
    return [one for one in candidates if one.native_type in HOLDERS]


def _exported(one: Resource) -> frozenset[str]:
    configs = [config for _, config in mesh_configs(one.native_type, one.native)]
    return frozenset(text(entry) for config in configs for entry in items(config.get(_EXPORTED)))


def _switched_off(one: Resource) -> Citation | None:
    for path, config in mesh_configs(one.native_type, one.native):
        if text(config.get(_SWITCH)).lower() in _NO:
            return Citation(one.origin, written(one.native, (*path, _SWITCH)))
    return None
