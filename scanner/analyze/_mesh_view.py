"""What the files show of the mesh itself: its root namespace, its namespaces, and whether its settings are in view."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from scanner.analyze._objects import at, mapping, text
from scanner.model import Resource, Unknown, UnknownRead

DEFAULT_ROOT = "istio-system"
"""Istio's own default for `meshConfig.rootNamespace`."""

SIDECAR_LABEL = "sidecar.istio.io/inject"
REVISION_LABEL = "istio.io/rev"
AMBIENT_LABEL = "istio.io/dataplane-mode"
NAMESPACE_LABEL = "istio-injection"
INJECTION_LABELS = frozenset({SIDECAR_LABEL, REVISION_LABEL, AMBIENT_LABEL, NAMESPACE_LABEL})

_ROOT_SETTING = re.compile(r"^rootNamespace:\s*[\"']?([\w.-]+)", re.MULTILINE)
"""In the mesh configuration that the config map `istio` holds as YAML text."""


@dataclass(slots=True)
class MeshView:
    """The mesh as one partition shows it."""

    root: str = DEFAULT_ROOT
    has_istio: bool = False
    """Anything at all speaks of Istio: its objects, its namespace, an injection label."""
    shows_settings: bool = False
    """Something of the root namespace is in view, so that a setting that is not in view surely is not there."""
    namespaces: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Labels of each Namespace in view; a label that two files set differently is `Unknown`."""
    declared_by: dict[str, Resource] = field(default_factory=dict)
    """The Namespace object to cite for each namespace."""


def mesh_view(resources: Iterable[Resource]) -> MeshView:
    """Look over a whole partition once."""
    view, everything = MeshView(), list(resources)
    for resource in everything:
        view.root = _guarded_text(partial(_root_setting, resource)) or view.root
    for resource in everything:
        _look_at(view, resource)
    return view


def namespace_of(resource: Resource) -> str:
    """The namespace the object itself names, empty if it names none."""
    return _guarded_text(lambda: text(at(resource.native, "metadata", "namespace")))


def _guarded_text(getter: Callable[[], str]) -> str:
    try:
        return getter()
    except UnknownRead:
        return ""


def _root_setting(resource: Resource) -> str:
    """The root namespace that an IstioOperator or the config map `istio` sets; empty for every other object."""
    if resource.native_type == "install.istio.io/IstioOperator":
        return text(at(resource.native, "spec", "meshConfig", "rootNamespace"))
    if resource.type == "kubernetes.config_map" and resource.name == "istio":
        found = _ROOT_SETTING.search(text(at(resource.native, "data", "mesh")))
        return found[1] if found else ""
    return ""


def _look_at(view: MeshView, resource: Resource) -> None:
    if resource.provider != "kubernetes":
        return
    operator = resource.native_type == "install.istio.io/IstioOperator"
    of_root = namespace_of(resource) == view.root
    if resource.type == "kubernetes.namespace":
        _add_namespace(view, resource)
        of_root = resource.name == view.root
    view.shows_settings |= operator or of_root
    view.has_istio |= operator or of_root or _speaks_of_istio(resource)


def _add_namespace(view: MeshView, resource: Resource) -> None:
    labels = view.namespaces.setdefault(resource.name, {})
    view.declared_by.setdefault(resource.name, resource)
    if isinstance(resource.tags, Unknown):
        labels.update(dict.fromkeys(INJECTION_LABELS, resource.tags))
        return
    for key in INJECTION_LABELS & resource.tags.keys():
        view.declared_by[resource.name] = resource
        labels[key] = _agreed(labels.get(key), resource.tags[key], f"files disagree on label {key} of {resource.name}")


def _agreed(old: Any, new: Any, otherwise: str) -> Any:
    if old is None or isinstance(new, Unknown) or isinstance(old, Unknown):
        return new if old is None or isinstance(new, Unknown) else old
    return new if old == new else Unknown(otherwise)


def _speaks_of_istio(resource: Resource) -> bool:
    group = resource.native_type.partition("/")[0]
    return group.endswith(".istio.io") or bool(INJECTION_LABELS & _words_of(resource))


def _words_of(resource: Resource) -> set[str]:
    """Keys of the labels and annotations of an object and its pods."""
    maps = [resource.tags]
    if resource.type == "workload" and not isinstance(resource.attributes["pod_templates"], Unknown):
        for template in resource.attributes["pod_templates"]:
            maps += [template["labels"], template["annotations"]]
    return {str(key) for entry in maps if not isinstance(entry, Unknown) for key in mapping(entry)}
