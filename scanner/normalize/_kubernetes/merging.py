"""Merges parts of objects as Kubernetes' strategic merge patch does, so far as they describe pods."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from scanner.bodies import text
from scanner.normalize._kubernetes.shapes import Object


def named(containers: Iterable[Object], wanted: str) -> Object:
    """The container of a name; an empty one if there is none."""
    return next((one for one in containers if text(one.get("name")) == wanted), {})


def over(base: Any, patch: Any) -> Any:
    """`patch` written over `base`: mappings by their keys, lists of what has a name by that."""
    if isinstance(base, Mapping) and isinstance(patch, Mapping):
        return {**base, **{key: over(base[key], value) if key in base else value for key, value in patch.items()}}
    if not isinstance(base, list) or not isinstance(patch, list) or not all(map(_has_name, (*base, *patch))):
        return patch
    names = [one["name"] for one in base]
    found = [over(one, named(patch, one["name"])) for one in base]
    return [*found, *(one for one in patch if one["name"] not in names)]


def _has_name(value: Any) -> bool:
    return isinstance(value, Mapping) and isinstance(value.get("name"), str)
