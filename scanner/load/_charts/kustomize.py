"""Which files a kustomization uses as patches: parts of objects, which must not be judged as if they were whole."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import ryaml

from scanner.load._charts.kustomize_graph import NAMES

_MOST_BYTES = 1024 * 1024
_ABOVE = 2
"""Folders above a patch in which its kustomization is looked for; patches lie beside it or one folder below."""


def is_patch(path: Path) -> bool:
    """Whether a kustomization beside the file, or one folder above, names it as a patch."""
    return kustomization_of(path) is not None


def kustomization_of(path: Path) -> Path | None:
    """The kustomization, beside the file or one folder above, that names it as a patch."""
    file = os.path.abspath(path)  # noqa: PTH100  # also removes `..`, which pathlib keeps; and asked of every file
    found = next((one for one in _around(file) if file in _patches(one, _modified(one))), None)
    return Path(found) if found else None


def is_beside(path: Path) -> bool:
    """Whether there is a kustomization beside the file, or one folder above."""
    return any(_around(os.path.abspath(path)))  # noqa: PTH100  # as in `kustomization_of`


def _around(file: str) -> Iterator[str]:
    """The kustomizations beside a file and above it."""
    folder = file
    for _ in range(_ABOVE):
        folder = os.path.dirname(folder)  # noqa: PTH120  # as in `kustomization_of`
        found = _in(folder, _modified(folder))
        if found:
            yield found


@lru_cache(maxsize=4096)
def _in(folder: str, _modified: int) -> str:
    """The kustomization in a folder, which is modified where one comes or goes; empty if there is none."""
    paths = (os.path.join(folder, name) for name in NAMES)  # noqa: PTH118  # as in `kustomization_of`
    return next(filter(os.path.isfile, paths), "")


def _modified(path: str) -> int:
    try:
        return os.stat(path).st_mtime_ns  # noqa: PTH116  # as in `kustomization_of`
    except OSError:
        return 0


@lru_cache(maxsize=1024)
def _patches(file: str, _modified: int) -> frozenset[str]:
    """The patches that one kustomization names, as absolute paths; none if it cannot be read."""
    path = Path(file)
    try:
        value = ryaml.loads(path.read_text(encoding="utf-8")) if path.stat().st_size < _MOST_BYTES else None
    except (OSError, ValueError):
        return frozenset()
    named = _named(value) if isinstance(value, dict) else ()
    return frozenset(os.path.normpath(path.parent / patch) for patch in named)


def _named(kustomization: dict[Any, Any]) -> Iterator[str]:
    # Fields: https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/
    for key in ("patches", "patchesStrategicMerge", "patchesJson6902"):
        entries = kustomization.get(key)
        for entry in entries if isinstance(entries, list) else ():
            path = entry.get("path") if isinstance(entry, dict) else entry
            # A patch may be written in place; then it has several lines and is no path.
            if isinstance(path, str) and "\n" not in path and "\0" not in path:
                yield path
