"""The secret values of a partition, collected so that every output can be cleaned of them."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from typing import Any

from scanner import secret_shapes
from scanner.evaluate._judgement import FactView
from scanner.known_secrets import texts_in
from scanner.model import Inventory, Path, Resource, Unknown


def secrets(inventory: Inventory, facts: FactView) -> set[str]:
    """Every text that stands at a sensitive path, also as it reads once decoded from base64, and the secrets in it."""
    return {
        one
        for resource in inventory
        for path in (*resource.sensitive, *facts.sensitive(resource.uid))
        for text in texts_in(_at(resource, path))
        for form in (text, *_decoded(text))
        for one in (form, *_parts(form))
    }


def _parts(text: str) -> Iterator[str]:
    """The password of a connection, or what stands for a key in JSON: it may be written on its own elsewhere."""
    return (text[start:end] for start, end in secret_shapes.spans(text))


def _at(resource: Resource, path: Path) -> Any:
    value: Any = resource.native
    for step in path:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return None
        if isinstance(value, Unknown):
            return None
    return value


def _decoded(text: str) -> Iterator[str]:
    try:
        yield base64.b64decode(text, validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return
