"""The parallel trees of a plan: which values only the apply can tell, and which are sensitive."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from scanner.model import Path, Unknown

REASON = "known after apply"


def fill_unknown(after: Any, unknown: Any, expressions: Mapping[str, Any]) -> Any:
    """`after` with an `Unknown` wherever `unknown` (the plan's `after_unknown`) is true.

    Changes `after` in place: a plan is large, and nothing else holds on to it. A resource that is unknown as a
    whole has every argument that its configuration names unknown.
    """
    if unknown is True:
        return {key: Unknown(REASON, key) for key in {*expressions, *(after if isinstance(after, dict) else ())}}
    return _filled(after, unknown, ())


def _filled(after: Any, unknown: Any, path: Path) -> Any:
    if unknown is True:
        return Unknown(REASON, dotted(path))
    if isinstance(unknown, dict) and unknown:
        return _filled_dict(after, unknown, path)
    if isinstance(unknown, list) and unknown:
        return _filled_list(after, unknown, path)
    return after


def _filled_dict(after: Any, unknown: dict[str, Any], path: Path) -> Any:
    known = after if isinstance(after, dict) else {}
    for key, mark in unknown.items():
        # Most marks are empty containers or False; they cost no call.
        if mark and (mark is True or isinstance(mark, dict | list)):
            old = known.get(key)
            new = _filled(old, mark, (*path, key))
            if new is not old:
                known[key] = new
    return known or after


def _filled_list(after: Any, unknown: list[Any], path: Path) -> Any:
    known = after if isinstance(after, list) else []
    for index, mark in enumerate(unknown):
        if mark:
            old = known[index] if index < len(known) else None
            new = _filled(old, mark, (*path, index))
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


def dotted(path: Path) -> str:
    """A path as Terraform writes it: `versioning[0].enabled`."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.removeprefix(".")
