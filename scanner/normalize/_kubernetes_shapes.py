"""Reading Kubernetes objects that may have any shape.

Manifests are written by hand, so `spec` may be text and `containers` null. What has the wrong shape is read as absent,
as if the key were not there; an `Unknown` is never read as absent but raises `UnknownRead`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from scanner.model import Path, Unknown, UnknownRead

Object = Mapping[str, Any]


def known(value: Any) -> Any:
    """The value itself; raises `UnknownRead` if it is not known."""
    if isinstance(value, Unknown):
        raise UnknownRead(value)
    return value


def mapping(value: Any) -> Object:
    """The value if it is a mapping, else an empty one."""
    return value if isinstance(known(value), Mapping) else {}


def items(value: Any) -> Sequence[Any]:
    """The value if it is a list, else an empty one."""
    return value if isinstance(known(value), list | tuple) else ()


def text(value: Any, default: str = "") -> str:
    """Text as Kubernetes would store it: YAML numbers and booleans that should have been quoted become text."""
    if isinstance(known(value), bool):
        return str(value).lower()
    return str(value) if isinstance(value, str | int | float) else default


def number(value: Any, default: int) -> int:
    """A whole number; `default` if the value is absent or is no number."""
    if isinstance(known(value), str) and value.isdecimal() and len(value) < 10:  # noqa: PLR2004  # int32 has ten digits
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else default


def has_number(value: Any) -> bool:
    """Whether `number` would read the value instead of its default."""
    return number(value, -1) == number(value, 0)


def at(body: Any, *path: str | int) -> Any:
    """The value under a path, or None where the path leads nowhere."""
    value = body
    for key in path:
        if isinstance(key, int):
            elements = items(value)
            value = elements[key] if key < len(elements) else None
        else:
            value = mapping(value).get(key)
    return value


def texts(value: Any) -> dict[str, Any]:
    """A map of text, such as labels; values that are not known stay `Unknown`."""
    return {
        str(key): entry if isinstance(entry, Unknown) else text(entry)
        for key, entry in mapping(value).items()
        if isinstance(entry, Unknown | str | int | float)
    }


def written(body: Object, path: Path) -> Path:
    """The longest beginning of the path that exists in the body, so that it can be shown in the file."""
    value: Any = body
    for depth, key in enumerate(path):
        inside = isinstance(value, Mapping) and key in value
        if not inside and not (isinstance(value, list) and isinstance(key, int) and key < len(value)):
            return path[:depth]
        value = value[key]
    return path


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
