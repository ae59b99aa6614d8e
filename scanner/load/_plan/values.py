"""The parallel trees of a plan: which values only the apply can tell, and which are sensitive."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator, Mapping
from contextlib import suppress
from hashlib import sha1
from typing import Any

from scanner.model import Path, Unknown

REASON = "known after apply"


def fill_unknown(after: Any, unknown: Any, expressions: Mapping[str, Any]) -> Any:
    """`after` with an `Unknown` wherever `unknown` (the plan's `after_unknown`) is true.

    Changes `after` in place: a plan is large, and nothing else holds on to it. A resource that is unknown as a
    whole has every argument that its configuration names unknown.
    """
    if unknown is True:
        known = after if isinstance(after, dict) else {}
        return {key: Unknown(REASON, key) for key in dict.fromkeys((*expressions, *known))}
    return _filled(after, unknown, "")


def fill_write_only(values: Any, expressions: Mapping[str, Any]) -> None:
    """Write-only arguments are null in every plan; one that is written as a constant is told by the configuration."""
    for key, written in expressions.items():
        if key.endswith("_wo") and isinstance(values, dict) and isinstance(written, dict) and values.get(key) is None:
            values[key] = written.get("constant_value")


_HASHED = ("user_data",)
_DIGEST = 40
"""Letters of a SHA-1."""


def fill_hashed(values: Any, expressions: Mapping[str, Any]) -> None:
    """Up to version 5 the AWS provider keeps a digest of user data; a constant text stands in the configuration.

    It is told by its digest, so that nothing else is taken for it. Base64 is decoded first, as the provider does.
    """
    for key in _HASHED:
        digest = values.get(key) if isinstance(values, dict) else None
        written = expressions.get(key)
        if isinstance(digest, str) and len(digest) == _DIGEST and isinstance(written, dict):
            text = written.get("constant_value")
            if isinstance(text, str) and digest in _digests(text):
                values[key] = text


def _digests(text: str) -> Iterator[str]:
    yield sha1(text.encode(), usedforsecurity=False).hexdigest()
    with suppress(ValueError):
        yield sha1(b64decode(text, validate=True), usedforsecurity=False).hexdigest()


def _filled(after: Any, unknown: Any, path: str) -> Any:
    """`path` is written as Terraform does: `versioning[0].enabled`."""
    if isinstance(unknown, dict):
        return _filled_dict(after, unknown, f"{path}." if path else "")
    if isinstance(unknown, list):
        return _filled_list(after, unknown, path)
    return after


def _filled_dict(after: Any, unknown: dict[str, Any], prefix: str) -> Any:
    known = after if isinstance(after, dict) else {}
    for key, mark in unknown.items():
        if mark is True:
            known[key] = Unknown(REASON, prefix + key)
        elif mark:  # most marks are empty containers or False
            old = known.get(key)
            new = _filled(old, mark, prefix + key)
            if new is not old:
                known[key] = new
    return known or after


def _filled_list(after: Any, unknown: list[Any], path: str) -> Any:
    known = after if isinstance(after, list) else []
    for index, mark in enumerate(unknown):
        if mark:
            here = f"{path}[{index}]"
            old = known[index] if index < len(known) else None
            new = Unknown(REASON, here) if mark is True else _filled(old, mark, here)
            if index < len(known):
                known[index] = new
            elif new is not None:
                known.extend([None] * (index - len(known)))
                known.append(new)
    return known or after


def marked(tree: Any, path: Path = ()) -> Iterator[Path]:
    """The paths at which a tree of marks (`after_sensitive`) says true."""
    if tree is True:
        yield path
    elif isinstance(tree, dict):
        for key, entry in tree.items():
            if entry:
                yield from marked(entry, (*path, key))
    elif isinstance(tree, list):
        for index, entry in enumerate(tree):
            if entry:
                yield from marked(entry, (*path, index))
