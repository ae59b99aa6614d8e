"""Walks through a native body and finds the places where a secret stands in the clear."""

from __future__ import annotations

import base64
import binascii
import zlib
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from msgspec import Struct, field

from scanner.analyze._secrets.text import embedded, passes_secret, secret_words, sets_secret
from scanner.analyze._secrets.words import (
    holds_token,
    is_authorization,
    is_connection_string,
    is_literal,
    names_object,
    names_password,
    names_secret,
)
from scanner.model import Path, Unknown
from scanner.patterns import regex

_COMMANDS = frozenset(
    {"args", "command", "entrypoint", "entryPoint", "literals", "environment", "container_command", "runCommand"}
)
"""Lists of words that together are a command line, or of `NAME=value`."""

_LOOKED_AT = frozenset({str, dict, list})
"""Most values of a plan are null, truth values and numbers, and none of these is a secret."""

_NAME_KEYS = ("name", "Name", "key", "Key")
_VALUE_KEYS = frozenset({"value", "Value", "parameter_value", "parameterValue"})

_HEADER = "authorization"
_LOGIN = "auth"
_LOGIN_TO_REGISTRY = regex(r"\A[\x21-\x39\x3b-\x7e]+:[\x21-\x7e]{3,}\Z")
"""What Docker keeps in base64 for each registry: a name and a password."""

_LOOKED_UP = ("SECRETS_MANAGER", "PARAMETER_STORE")
"""Types of a CodeBuild variable whose value is the name of a secret."""

_SCRIPTS = frozenset({"user_data", "user_data_base64", "custom_data", "UserData"})
"""Scripts of a machine's first start. Some types take them in base64 only."""

_COMMAND_LINES = _SCRIPTS | {"commandToExecute", "metadata_startup_script", "startup-script"}
"""What is a command line, also where it is one line: those of machines of Google, and of an extension of Azure's."""

_NOTES = ("annotations", "Annotations")
_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_OF_VAULT = "vault.hashicorp.com/"

_LONGEST_SCRIPT = 1_000_000
"""Characters of a script that was compressed. Clouds take 16 kB of it, which could be blown up to much more."""

_MAX_EMBEDDED = 4
"""Levels of JSON inside text inside JSON. Task definitions in pipelines reach two."""

_GZIP = b"\x1f\x8b"

_SHORT = 200
"""Characters of a text that is worth remembering; a plan says the same short things again and again."""

Entries = Iterator[tuple[Any, Any]]
Judge = Callable[[str, str, int], bool]
"""Whether a text under a name is a secret, some documents deep."""

Frame = tuple[Path, str, str | None, Entries, Judge | None]
"""A container on the way: its path, the name in it if it is a pair, the name of a list's elements, what is left, and
who judges what stands in it, if it is not who judges usually."""


class Places(Struct):
    """Where the secrets of a resource stand in its native body."""

    inline: list[Path] = field(default_factory=list)
    """Those that somebody wrote down."""
    supplied: list[Path] = field(default_factory=list)
    """Those that the code takes from elsewhere, as far as the source shows them nevertheless."""
    hidden: Unknown | None = None
    """Why there may be more that are written down: a value from where the source does not look."""


def secret_places(body: Any, *, depth: int = 0) -> Iterator[Path]:
    """Paths of values that are secrets in the clear, in the order of the body.

    A value in a pair of `name` and `value` stands under that name. Iterative, because bodies may be nested deeper than
    Python's stack.
    """
    if isinstance(body, str) and _is_secret("", body, depth):
        yield ()
    frames = [_frame((), "", body)] if isinstance(body, dict | list) else []
    while frames:
        path, pair, of_list, entries, noted = frames[-1]
        for key, value in entries:
            kind = type(value)
            if kind not in _LOOKED_AT:
                continue
            name = (pair if pair and key in _VALUE_KEYS else str(key)) if of_list is None else of_list
            if kind is not str:
                here = (*path, key)
                if kind is list and name in _COMMANDS:
                    yield from ((*here, index) for index in secret_words(value))
                frames.append(_frame(here, name, value))
                break
            judge = noted or (_short_is_secret if len(value) < _SHORT else _is_secret)
            if judge(name, value, depth):
                yield (*path, key)
        else:
            frames.pop()


def _frame(path: Path, name: str, value: Any) -> Frame:
    if isinstance(value, dict):
        noted = _is_noted if name.endswith(_NOTES) else None
        return path, _pair_name(value) or name, None, iter(value.items()), noted
    return path, "", name, enumerate(value), None


def _pair_name(pair: Mapping[Any, Any]) -> str:
    """The name in `{name: DB_PASSWORD, value: ...}`; empty for every other mapping."""
    if _VALUE_KEYS.isdisjoint(pair):
        return ""
    kind = pair.get("type")
    if isinstance(kind, str) and kind in _LOOKED_UP:
        return ""
    return next((pair[key] for key in _NAME_KEYS if isinstance(pair.get(key), str)), "")


def _is_secret(name: str, value: str, depth: int) -> bool:
    if name in _COMMANDS:
        return holds_token(value)
    value = _script(value) if name in _SCRIPTS else value
    if name in _COMMAND_LINES and passes_secret(value):
        return True
    if holds_token(value) or is_connection_string(value):
        return True
    document = embedded(value) if depth < _MAX_EMBEDDED else None
    if document is not None:
        return next(secret_places(document, depth=depth + 1), None) is not None
    if "\n" in value:
        if sets_secret(value) or passes_secret(value):
            return True
        value = value.strip()  # a text in a block of its own ends its only line
        if "\n" in value:
            return False
    if name.lower().endswith(_HEADER):
        return is_authorization(value)
    if name == _LOGIN:
        return _LOGIN_TO_REGISTRY.search(_script(value)) is not None
    return names_secret(name) and not _holds_pairs(name) and is_literal(value) and not names_object(value)


_short_is_secret = lru_cache(maxsize=32_768)(_is_secret)


def _is_noted(name: str, value: str, depth: int) -> bool:
    """Keys of annotations speak of secrets without holding any (`checksum/secret`, `agent-inject-secret-password`).

    So their shapes count, and of their names only what ends in a password.
    """
    if holds_token(value) or is_connection_string(value):
        return True
    if name == _LAST_APPLIED:
        return False  # the whole object once more
    document = embedded(value) if depth < _MAX_EMBEDDED else None
    if document is not None:
        return next(secret_places(document, depth=depth + 1), None) is not None
    if "\n" in value:
        if sets_secret(value) or passes_secret(value):
            return True
        value = value.strip()
        if "\n" in value:
            return False
    plain = "/" not in value and not name.startswith(_OF_VAULT)
    return plain and names_password(name) and is_literal(value) and not names_object(value)


def _script(value: str) -> str:
    """The text of a script in base64, compressed or not."""
    try:
        data = base64.b64decode(value, validate=True)
        if data.startswith(_GZIP):
            data = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(data, _LONGEST_SCRIPT)
        return data.decode("utf-8", "replace" if len(data) == _LONGEST_SCRIPT else "strict")
    except (binascii.Error, UnicodeError, ValueError, zlib.error):
        return value


def _holds_pairs(name: str) -> bool:
    """Connection strings are looked into; without a password they are no secret."""
    return name.lower().replace("_", "").endswith("connectionstring")
