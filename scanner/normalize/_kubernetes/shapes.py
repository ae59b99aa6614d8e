"""What every Kubernetes object has: a kind, a name, a namespace, labels; and numbers as they write them.

Like `scanner.bodies`, this reads what has the wrong shape as absent.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scanner.bodies import at, mapping, text
from scanner.model import Unknown, known

Object = Mapping[str, Any]


def number(value: Any, default: int) -> int:
    """A whole number, not below zero, as Kubernetes would refuse; `default` if the value is absent or is none."""
    if isinstance(known(value), str) and value.isdecimal() and len(value) < 10:  # noqa: PLR2004  # int32 has ten digits
        return int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # `3.0` is 3 once kubectl has turned YAML into JSON
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else default


def texts(value: Any) -> dict[str, Any]:
    """A map of text, such as labels; values that are not known stay `Unknown`."""
    return {
        str(key): entry if isinstance(entry, Unknown) else text(entry)
        for key, entry in mapping(value).items()
        if isinstance(entry, Unknown | str | int | float)
    }


def group_kind(body: Object) -> str:
    """`group/Kind`, with `core` for the group that has no name: `apps/Deployment`, `core/Secret`."""
    group, slash, _ = text(body.get("apiVersion")).partition("/")
    return f"{group if slash else 'core'}/{text(body.get('kind'))}"


def name(body: Object) -> str:
    """The object's name; the prefix of a generated one; empty if it has none."""
    return text(at(body, "metadata", "name")) or text(at(body, "metadata", "generateName"))


def namespace(body: Object) -> str:
    """The namespace the object names itself; empty if it leaves the choice to whoever applies it."""
    return text(at(body, "metadata", "namespace"))


def labels_of(body: Any) -> dict[str, Any]:
    """Labels of an object or a pod template."""
    return texts(at(body, "metadata", "labels"))


def annotations_of(body: Any) -> dict[str, Any]:
    """Annotations of an object or a pod template."""
    return texts(at(body, "metadata", "annotations"))


def extended_resources(container: Any) -> dict[str, Any]:
    """Extended resource to the number a container asks for, as it is written. Their names have a domain."""
    asked = {**mapping(at(container, "resources", "requests")), **mapping(at(container, "resources", "limits"))}
    return {key: value for key, value in asked.items() if isinstance(key, str) and "/" in key}
