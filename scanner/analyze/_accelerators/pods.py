"""The accelerators that pods ask for, read from their templates.

Manifests may have any shape: what has the wrong one is read as absent, as Kubernetes itself would refuse it.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from msgspec import Struct

from scanner.analyze._accelerators.names import kind
from scanner.analyze._accelerators.nodes import chosen_models
from scanner.analyze._accelerators.quantities import devices, generic_model, quantity
from scanner.bodies import items, mapping
from scanner.model import Path, Unknown, UnknownRead


class Demand(Struct, frozen=True):
    """What one pod asks for of one extended resource."""

    count: Any
    """Devices; may be `Unknown`."""
    model: Any
    """Canonical; may be `Unknown`."""
    path: Path
    """Where the number is written, from the pod spec."""
    name: str = ""
    """What a ResourceQuota calls it: the extended resource, or the devices of a class."""


def demands(spec: Mapping[str, Any], meaning: Callable[[str], str] = generic_model) -> list[Demand]:
    """Everything a pod of this spec asks for; raises `UnknownRead` where even that cannot be seen.

    `meaning` is the model of an extended resource by itself, empty for one that is no accelerator.

    Containers run beside each other, and sidecars with them, so theirs are added. An init container is gone before
    the containers start and leaves them its devices, but the sidecars before it run beside it. Source: Kubernetes'
    documentation of sidecar containers ("resource sharing within containers").
    """
    asked = _Asked(meaning)
    for index, entry in enumerate(items(spec.get("containers"))):
        asked.add(mapping(entry), ("containers", index), asked.together)
    for index, entry in enumerate(items(spec.get("initContainers"))):
        asked.start(mapping(entry), ("initContainers", index))
    return [
        Demand(devices(name, count), _model(meaning(name), spec), asked.paths[name], name)
        for name, count in asked.most().items()
    ]


class _Asked:
    """Extended resource to what is asked of it: by all that run together, by sidecars, at most while starting."""

    def __init__(self, meaning: Callable[[str], str]) -> None:
        self._meaning = meaning
        self.paths: dict[str, Path] = {}
        self.together: dict[str, Any] = {}
        self._sidecars: dict[str, Any] = {}
        self._starting: dict[str, Any] = {}

    def add(self, container: Mapping[str, Any], path: Path, *totals: dict[str, Any]) -> None:
        for name, count, inner in self._of(container):
            self.paths.setdefault(name, (*path, *inner))
            for total in totals:
                total[name] = _known_of(total.get(name, 0), count, operator.add)

    def start(self, container: Mapping[str, Any], path: Path) -> None:
        if container.get("restartPolicy") == "Always":
            self.add(container, path, self.together, self._sidecars)
            return
        beside = dict(self._sidecars)
        self.add(container, path, beside)
        self._starting = _largest(self._starting, beside)

    def _of(self, container: Mapping[str, Any]) -> Iterator[tuple[str, Any, Path]]:
        """Extended resources of one container. Kubernetes wants limits and requests of these to be equal."""
        resources = mapping(container.get("resources"))
        limits, requests = mapping(resources.get("limits")), mapping(resources.get("requests"))
        for name in dict.fromkeys((*limits, *requests)):
            if isinstance(name, str) and self._meaning(name):
                section = "limits" if name in limits else "requests"
                yield name, quantity(resources[section][name]), ("resources", section, name)

    def most(self) -> dict[str, Any]:
        return _largest(self.together, self._starting)


def _largest(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _known_of(one.get(name, 0), other.get(name, 0), max) for name in (*one, *other)}


def _known_of(one: Any, other: Any, combined: Callable[[Any, Any], Any]) -> Any:
    """Two numbers combined; the one that is not known where one is not."""
    for value in (one, other):
        if isinstance(value, Unknown):
            return value
    return combined(one, other)


def _model(generic: str, spec: Mapping[str, Any]) -> Any:
    """The model by the node labels the pod insists on, if they speak of this kind of accelerator."""
    if generic.startswith("nvidia-mig"):
        return generic
    try:
        return next((found for found in chosen_models(spec) if kind(found) == kind(generic)), generic)
    except UnknownRead as read:
        return read.unknown
