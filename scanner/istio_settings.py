"""The root namespace of an Istio mesh, in which a policy counts for the whole mesh."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from scanner.bodies import at, text
from scanner.patterns import regex

DEFAULT_ROOT = "istio-system"
"""Istio's own default for `meshConfig.rootNamespace`."""

_SETTING = regex(r"^rootNamespace:\s*[\"']?([\w.-]+)", re.MULTILINE)
"""In the mesh configuration that the config map `istio` holds as YAML text."""


def declared_root(native_type: str, body: Mapping[str, Any]) -> str:
    """The root namespace that an IstioOperator or the config map `istio` sets; empty for every other object."""
    if native_type == "install.istio.io/IstioOperator":
        return text(at(body, "spec", "meshConfig", "rootNamespace"))
    if native_type == "core/ConfigMap" and text(at(body, "metadata", "name")) == "istio":
        found = _SETTING.search(text(at(body, "data", "mesh")))
        return found[1] if found else ""
    return ""
