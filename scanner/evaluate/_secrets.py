"""The secret values of a partition, collected so that every output can be cleaned of them."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import orjson

from scanner import secret_shapes
from scanner.evaluate._judgement import FactView
from scanner.known_secrets import texts_in
from scanner.model import Inventory, Path, Resource, Unknown

_WHOLE = frozenset({"data", "data_json", "data_json_wo", "secret_string_wo", "secret_data_wo", "value", "value_wo"})
"""Arguments with nothing but secrets in them, where one of them is a secret."""


def secrets(inventory: Inventory, facts: FactView) -> set[str]:
    """Every text that stands at a sensitive path, also as it reads once decoded from base64, and the secrets in it."""
    return {
        one
        for resource in inventory
        for path in (*resource.sensitive, *facts.sensitive(resource.uid))
        for text in texts_in(_at(resource, path))
        for form in (text, *_decoded(text))
        for one in (form, *_parts(form), *(_held(form) if _is_secret_as_a_whole(path) else ()))
    }


def _parts(text: str) -> Iterator[str]:
    """The password of a connection, or what stands for a key in JSON: it may be written on its own elsewhere."""
    return (text[start:end] for start, end in secret_shapes.spans(text))


def _is_secret_as_a_whole(path: Path) -> bool:
    """Whether all that a document at this path holds is secret, whatever its keys are called."""
    return bool(path) and (path[0] in _WHOLE or secret_shapes.names_secret(str(path[-1])))


def _held(text: str) -> Iterator[str]:
    """The texts in a document in JSON: a configuration writes them one by one."""
    if not text.lstrip().startswith(("{", "[")):
        return
    with suppress(orjson.JSONDecodeError):
        yield from texts_in(orjson.loads(text))


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
