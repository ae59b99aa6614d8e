"""Fields that are null. To Kubernetes they are not set: templates leave them behind (`activeDeadlineSeconds:`).

https://github.com/kubernetes/community/blob/master/contributors/devel/sig-architecture/api-conventions.md#nullable
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from scanner.model import Document

_CONTAINERS = frozenset({dict, list})


def without_nulls(document: Document) -> Document:
    """The document without fields that are null; elements of lists stay, because positions count them."""
    return replace(document, body=_copied(document.body)) if _has_null(document.body) else document


def _has_null(body: Any) -> bool:
    """Iterative, as all walks through bodies: they may be nested deeper than Python's stack."""
    stack = [body]
    while stack:
        here = stack.pop()
        for value in here.values() if type(here) is dict else here:
            if value is None and type(here) is dict:
                return True
            if type(value) in _CONTAINERS:
                stack.append(value)
    return False


def _copied(body: Mapping[str, Any]) -> dict[str, Any]:
    root = dict(body)
    stack: list[Any] = [root]
    while stack:
        here = stack.pop()
        for key, value in [*here.items()] if isinstance(here, dict) else enumerate(here):
            if value is None and isinstance(here, dict):
                del here[key]
            elif isinstance(value, dict | list):
                here[key] = inner = value.copy()
                stack.append(inner)
    return root
