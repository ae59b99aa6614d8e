"""JSON that people write: read with the check that `orjson` does not make, for keys given twice."""

from __future__ import annotations

import json
from typing import Any

from scanner.errors import LoadError
from scanner.load._files import File


def value(file: File) -> Any:
    """The file's value; raises `LoadError` where it is no JSON or one object has a key twice."""
    _ = file.json  # the faster parser first: it names the place, and refuses deep nesting
    return json.loads(file.text, object_pairs_hook=_without_duplicates)


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in found if keys.count(key) > 1)
        raise LoadError(f"has the key {twice!r} twice in one object", "Remove one of them; only the last one counts.")
    return found
