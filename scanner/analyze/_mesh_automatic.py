"""Whether the mesh's configuration turns automatic mutual TLS off (`enableAutoMtls: false`)."""

from __future__ import annotations

import re

from scanner.analyze._guard import guarded
from scanner.bodies import at, text
from scanner.model import Citation, Inventory, Resource

_OFF = re.compile(r"^enableAutoMtls:\s*[\"']?false\b", re.MULTILINE)
"""In the mesh configuration that the config map `istio` holds as YAML text."""


def automatic_mtls_off(inventory: Inventory) -> Citation | None:
    """Where it is turned off; None where it is not, which is Istio's default."""
    for one in inventory.by_type("other"):
        if one.native_type == "install.istio.io/IstioOperator" and _is_off(one):
            return Citation(one.origin, ("spec", "meshConfig", "enableAutoMtls"))
    for one in inventory.by_type("kubernetes.config_map"):
        if one.name == "istio" and _says_off(one):
            return Citation(one.origin, ("data", "mesh"))
    return None


def _is_off(operator: Resource) -> bool:
    return guarded(lambda: at(operator.native, "spec", "meshConfig", "enableAutoMtls")) is False


def _says_off(config_map: Resource) -> bool:
    return isinstance(guarded(lambda: _OFF.search(text(at(config_map.native, "data", "mesh")))), re.Match)
