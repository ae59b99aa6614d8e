"""Maps of a plan in which written values stand beside those that something supplies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scanner.secret_shapes import names_secret


def mixes_secrets(body: Mapping[str, Any]) -> bool:
    """Whether a map that refers to something holds a secret, by its name; a plan hides which entry refers to what."""
    return _mixes(body["expressions"], body["values"])


def _mixes(written: Any, values: Any) -> bool:
    if isinstance(written, list):
        return isinstance(values, list) and any(map(_mixes, written, values))
    if not isinstance(written, Mapping) or not isinstance(values, Mapping):
        return False
    if isinstance(written.get("references"), list):
        return _names_secrets(values)
    return any(_mixes(entry, values.get(key)) for key, entry in written.items())


def _names_secrets(values: Mapping[str, Any]) -> bool:
    return any(
        names_secret(str(key)) or (isinstance(value, Mapping) and _names_secrets(value))
        for key, value in values.items()
    )
