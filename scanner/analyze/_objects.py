"""Reading native bodies that may have any shape: what has the wrong shape is read as absent, an `Unknown` never is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from scanner.model import Path, Unknown, UnknownRead


def known(value: Any) -> Any:
    """The value itself; raises `UnknownRead` if it is not known."""
    if isinstance(value, Unknown):
        raise UnknownRead(value)
    return value


def mapping(value: Any) -> Mapping[Any, Any]:
    """The value if it is a mapping, else an empty one."""
    return value if isinstance(known(value), Mapping) else {}


def items(value: Any) -> Sequence[Any]:
    """The value if it is a list, else an empty one."""
    return value if isinstance(known(value), list | tuple) else ()


def text(value: Any) -> str:
    """The value as text; YAML's booleans as Kubernetes spells them, empty for what is no scalar."""
    if isinstance(known(value), bool):
        return str(value).lower()
    return str(value) if isinstance(value, str | int | float) else ""


def at(body: Any, *path: str) -> Any:
    """The value under a path of keys, or None where it leads nowhere."""
    value = body
    for key in path:
        value = mapping(value).get(key)
    return value


def exists(body: Any, path: Path) -> bool:
    """Whether a path leads to something in the body."""
    value = body
    for key in path:
        of_mapping = isinstance(value, Mapping) and key in value
        if not of_mapping and not (isinstance(value, list | tuple) and isinstance(key, int) and 0 <= key < len(value)):
            return False
        value = value[key]
    return True
