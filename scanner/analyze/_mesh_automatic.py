"""Whether the mesh's configuration turns automatic mutual TLS off (`enableAutoMtls: false`)."""

from __future__ import annotations

from functools import partial

from scanner.analyze._guard import guarded
from scanner.bodies import text, written
from scanner.istio_settings import mesh_configs
from scanner.model import Citation, Inventory, Resource

_SWITCH = "enableAutoMtls"
_NO = frozenset({"false", "no", "off", "n"})
"""As Kubernetes reads YAML."""


def automatic_mtls_off(inventory: Inventory) -> Citation | None:
    """Where it is turned off; None where it is not, which is Istio's default."""
    for one in (*inventory.by_type("other"), *inventory.by_type("kubernetes.config_map")):
        found = guarded(partial(_switched_off, one))
        if isinstance(found, Citation):
            return found
    return None


def _switched_off(one: Resource) -> Citation | None:
    for path, config in mesh_configs(one.native_type, one.native):
        if text(config.get(_SWITCH)).lower() in _NO:
            return Citation(one.origin, written(one.native, (*path, _SWITCH)))
    return None
