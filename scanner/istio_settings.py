"""Where objects tell how an Istio mesh is set up: its MeshConfig, and the values of its chart.

istiod reads MeshConfig in the config map `istio` (`istio-<revision>`). An IstioOperator, a release of Flux, an
application of Argo CD and the Sail operator's `Istio` ask for what will stand there.
Sources: Istio's reference of global mesh options, the `istio-discovery` chart, the Sail operator's API reference.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import orjson
import ryaml

from scanner.bodies import at, items, mapping, text
from scanner.model import Path

DEFAULT_ROOT = "istio-system"
"""Istio's own default for `meshConfig.rootNamespace`."""

OPERATOR = "install.istio.io/IstioOperator"
_SAIL = frozenset({"sailoperator.io/Istio", "sailoperator.io/IstioRevision"})
_CHARTS = frozenset({"istiod", "istio-discovery"})
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
    elif native_type == "helm.toolkit.fluxcd.io/HelmRelease":
        if text(at(body, "spec", "chart", "spec", "chart")) in _CHARTS:
            yield ("spec", "values"), ""
    elif native_type == "argoproj.io/Application":
        yield from _of_argo(body)


def _of_sail(body: Mapping[str, Any]) -> str:
    """The operator names a revision after its object, and after the version where each version gets its own."""
    name, version = text(at(body, "metadata", "name")), text(at(body, "spec", "version"))
    each_its_own = text(at(body, "spec", "updateStrategy", "type")) == "RevisionBased"
    return f"{name}-{version.replace('.', '-')}" if each_its_own else name


def _of_argo(body: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    several: list[Path] = [("spec", "sources", n) for n, _ in enumerate(items(at(body, "spec", "sources")))]
    for source in [*several, ("spec", "source")]:
        if text(at(body, *source, "chart")) in _CHARTS:
            inline = at(body, *source, "helm", "valuesObject")
            yield (*source, "helm", "valuesObject" if inline else "values"), ""


def as_mapping(value: Any) -> Mapping[Any, Any]:
    """A mapping as it is, or as YAML or JSON text holds it; empty for everything else."""
    return mapping(parsed(value) if isinstance(value, str) else value)


def parsed(words: str) -> Any:
    """What a text holds; None if it is neither YAML nor JSON, which is read faster."""
    readers = (orjson.loads, ryaml.loads) if words.lstrip().startswith("{") else (ryaml.loads,)
    for read in readers:
        try:
            return read(words)
        except ValueError:
            continue
    return None
