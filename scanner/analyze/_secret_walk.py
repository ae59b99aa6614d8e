"""Walks through a native body and finds the places where a secret stands in the clear."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping
from typing import Any

from scanner.analyze._secret_text import embedded, passes_secret, secret_words, sets_secret
from scanner.analyze._secret_words import holds_token, is_connection_string, is_literal, names_object, names_secret
from scanner.model import Path

_COMMANDS = frozenset({"args", "command", "entrypoint", "entryPoint", "literals", "environment", "container_command"})
"""Lists of words that together are a command line, or of `NAME=value`."""

_LOOKED_AT = (str, dict, list)
"""Most values of a plan are null, truth values and numbers, and none of these is a secret."""

_NAME_KEYS = ("name", "Name", "key", "Key")
_VALUE_KEYS = ("value", "Value", "parameter_value", "parameterValue")

_LOOKED_UP = ("SECRETS_MANAGER", "PARAMETER_STORE")
"""Types of a CodeBuild variable whose value is the name of a secret."""

_SCRIPTS = frozenset({"user_data", "user_data_base64", "custom_data"})
"""Scripts of a machine's first start. Some types take them in base64 only."""

_MAX_EMBEDDED = 4
"""Levels of JSON inside text inside JSON. Task definitions in pipelines reach two."""

Leaf = tuple[Path, str, Any]
"""Where a value stands, the name it stands under, and the value."""


def secret_places(body: Any, *, depth: int = 0) -> Iterator[Path]:
    """Paths of values that are secrets in the clear, in the order of the body.

    A value in a pair of `name` and `value` stands under that name. Iterative, because bodies may be nested deeper than
    Python's stack.
    """
    waiting: list[Leaf] = [((), "", body)]
    while waiting:
        path, name, value = waiting.pop()
        if isinstance(value, dict):
            pair = _pair_name(value) or name
            inside = [
                ((*path, key), pair if pair and key in _VALUE_KEYS else str(key), inner)
                for key, inner in value.items()
                if isinstance(inner, _LOOKED_AT)
            ]
            inside.reverse()
            waiting += inside
        elif isinstance(value, list):
            if name in _COMMANDS:
                yield from ((*path, index) for index in secret_words(value))
            waiting += [((*path, index), name, value[index]) for index in reversed(range(len(value)))]
        elif isinstance(value, str) and _is_secret(name, value, depth):
            yield path


def _pair_name(pair: Mapping[Any, Any]) -> str:
    """The name in `{name: DB_PASSWORD, value: ...}`; empty for every other mapping."""
    kind = pair.get("type")
    if not any(key in pair for key in _VALUE_KEYS) or (isinstance(kind, str) and kind in _LOOKED_UP):
        return ""
    return next((pair[key] for key in _NAME_KEYS if isinstance(pair.get(key), str)), "")


def _is_secret(name: str, value: str, depth: int) -> bool:
    if name in _COMMANDS:
        return holds_token(value)
    value = _script(value) if name in _SCRIPTS else value
    if holds_token(value) or is_connection_string(value):
        return True
    document = embedded(value) if depth < _MAX_EMBEDDED else None
    if document is not None:
        return next(secret_places(document, depth=depth + 1), None) is not None
    if "\n" in value:
        return sets_secret(value) or passes_secret(value)
    return names_secret(name) and not _holds_pairs(name) and is_literal(value) and not names_object(value)


def _script(value: str) -> str:
    try:
        return base64.b64decode(value, validate=True).decode("utf-8")
    except (binascii.Error, UnicodeError, ValueError):
        return value


def _holds_pairs(name: str) -> bool:
    """Connection strings are looked into; without a password they are no secret."""
    return name.lower().replace("_", "").endswith("connectionstring")
