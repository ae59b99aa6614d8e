"""The namespace of a Kubernetes object, for facts that ask which objects belong together."""

from __future__ import annotations

from scanner.bodies import at, text
from scanner.model import Resource, UnknownRead


def known_namespace(resource: Resource) -> str:
    """The namespace the object itself names, empty if it names none; raises `UnknownRead` if it is not known."""
    return text(at(resource.native, "metadata", "namespace"))


def namespace_of(resource: Resource) -> str:
    """The namespace the object itself names, empty if it names none that is known."""
    try:
        return known_namespace(resource)
    except UnknownRead:
        return ""
