"""Reading native bodies that may have any shape.

Manifests are written by hand, so `spec` may be text and `containers` null. What has the wrong shape is read as absent,
as if the key were not there. An `Unknown` is never read as absent: it raises `UnknownRead`; `peek` gives it as it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from scanner.model import Path, known


def mapping(value: Any) -> Mapping[Any, Any]:
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


def peek(body: Any, *path: str | int) -> Any:
    """As `at`, but gives an `Unknown` as it is, and None for what would be inside of one."""
    value = body
    for key in path:
        if isinstance(value, Mapping):
            value = value.get(key)
        elif isinstance(value, list | tuple) and isinstance(key, int) and key < len(value):
            value = value[key]
        else:
            return None
    return value


def written(body: Any, path: Path) -> Path:
    """The longest beginning of the path that exists in the body, so that it can be shown in the file."""
    value = body
    for depth, key in enumerate(path):
        inside = isinstance(value, Mapping) and key in value
        if not inside and not (isinstance(value, list | tuple) and isinstance(key, int) and 0 <= key < len(value)):
            return path[:depth]
        value = value[key]
    return path


def listed(words: str) -> list[str]:
    """The entries of a text with commas between them, without blanks around them."""
    return [word.strip() for word in words.split(",") if word.strip()]


def put_for(value: Any, mark: str, instead: Any) -> Any:
    """A value in which `instead` stands for every text that holds a mark."""
    if isinstance(value, dict):
        return {key: put_for(inner, mark, instead) for key, inner in value.items()}
    if isinstance(value, list):
        return [put_for(inner, mark, instead) for inner in value]
    return instead if isinstance(value, str) and mark in value else value
