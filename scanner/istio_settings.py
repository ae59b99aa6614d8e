"""Where objects tell how an Istio mesh is set up: its MeshConfig, and the values of its chart.

istiod reads MeshConfig in the config map `istio` (`istio-<revision>`). An IstioOperator, a release of Flux, an
application of Argo CD and the Sail operator's `Istio` ask for what will stand there.
Sources: Istio's reference of global mesh options, the `istio-discovery` chart, the Sail operator's API reference.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from scanner.bodies import at, mapping, text
from scanner.chart_values import HOLDERS as HOLDERS_OF_VALUES
from scanner.chart_values import as_mapping, values_of
from scanner.model import Path

DEFAULT_ROOT = "istio-system"
"""Istio's own default for `meshConfig.rootNamespace`."""

OPERATOR = "install.istio.io/IstioOperator"
_SAIL = frozenset({"sailoperator.io/Istio", "sailoperator.io/IstioRevision"})
_CHARTS = frozenset({"istiod", "istio-discovery"})
HOLDERS = frozenset({"core/ConfigMap", OPERATOR, *_SAIL, *HOLDERS_OF_VALUES})
"""Kinds of objects that may tell how a mesh is set up; of all others nothing is asked."""
_MAP = "istio"


def declared_root(native_type: str, body: Mapping[str, Any]) -> str:
    """The root namespace of the mesh, in which a policy counts for all of it, if the object sets one; else empty."""
    roots = (text(config.get("rootNamespace")) for _, config in mesh_configs(native_type, body))
    return next(filter(None, roots), "")


def mesh_configs(native_type: str, body: Mapping[str, Any]) -> Iterator[tuple[Path, Mapping[Any, Any]]]:
    """Each MeshConfig that an object holds, and where."""
    if native_type == "core/ConfigMap":
        name = text(at(body, "metadata", "name"))
        if name == _MAP or name.startswith(f"{_MAP}-"):
            yield ("data", "mesh"), as_mapping(at(body, "data", "mesh"))
    elif native_type == OPERATOR:
        yield ("spec", "meshConfig"), mapping(at(body, "spec", "meshConfig"))
    for path, _ in chart_values(native_type, body):
        yield (*path, "meshConfig"), mapping(as_mapping(at(body, *path)).get("meshConfig"))


def chart_values(native_type: str, body: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    """Where an object holds values of Istio's chart, and the revision that it names beside them."""
    if native_type == OPERATOR:
        yield ("spec", "values"), text(at(body, "spec", "revision"))
    elif native_type in _SAIL:
        yield ("spec", "values"), _of_sail(body)
    for path in values_of(native_type, body, _CHARTS):
        yield path, ""


def _of_sail(body: Mapping[str, Any]) -> str:
    """The operator names a revision after its object, and after the version where each version gets its own."""
    name, version = text(at(body, "metadata", "name")), text(at(body, "spec", "version"))
    each_its_own = text(at(body, "spec", "updateStrategy", "type")) == "RevisionBased"
    return f"{name}-{version.replace('.', '-')}" if each_its_own else name
