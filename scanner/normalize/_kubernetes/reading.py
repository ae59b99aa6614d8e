"""What the readers of attributes give: a value, and where in the object it is written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from scanner.bodies import at, items, mapping
from scanner.model import Path, Unknown
from scanner.normalize._kubernetes.shapes import Object, namespace

Reading = tuple[Any, Path]
"""A value and where it is written, from the object."""

NAMELESS = "the manifest names no namespace; whoever applies it chooses one"


def namespace_of(body: Object) -> Reading:
    """The namespace an object names. Without one it is not known: kubectl takes it from its user's context."""
    path = ("metadata", "namespace")
    return namespace(body) or Unknown(NAMELESS, "metadata.namespace"), path


def entries(body: Object, *path: str) -> Iterator[tuple[Path, Object]]:
    """The entries of a list of mappings, each with its own path."""
    for index, entry in enumerate(items(at(body, *path))):
        yield (*path, index), mapping(entry)


def collected(readings: Iterable[Reading]) -> Reading:
    """All values, and where the first of them stands."""
    found = list(readings)
    return [value for value, _ in found], found[0][1] if found else ("spec",)
