"""Which files a kustomization uses as patches: parts of objects, which must not be judged as if they were whole."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import ryaml

from scanner.load._kustomize_graph import NAMES

_MOST_BYTES = 1024 * 1024
_ABOVE = 2
"""Folders above a patch in which its kustomization is looked for; patches lie beside it or one folder below."""


def is_patch(path: Path) -> bool:
    """Whether a kustomization beside the file, or one folder above, names it as a patch."""
    return kustomization_of(path) is not None


def kustomization_of(path: Path) -> Path | None:
    """The kustomization, beside the file or one folder above, that names it as a patch."""
    file = Path(os.path.abspath(path))  # noqa: PTH100  # also removes `..`, which pathlib keeps
    folder = next((folder for folder in file.parents[:_ABOVE] if str(file) in _patches_of(folder)), None)
    return next((folder / name for name in NAMES if (folder / name).is_file()), None) if folder else None


def is_beside(path: Path) -> bool:
    """Whether there is a kustomization beside the file, or one folder above."""
    file = Path(os.path.abspath(path))  # noqa: PTH100  # as above
    return any((folder / name).is_file() for folder in file.parents[:_ABOVE] for name in NAMES)


def _patches_of(folder: Path) -> frozenset[str]:
    for name in NAMES:
        try:
            state = (folder / name).stat()
        except OSError:
            continue
        return _patches(folder / name, state.st_mtime_ns) if state.st_size < _MOST_BYTES else frozenset()
    return frozenset()


@lru_cache(maxsize=1024)
def _patches(file: Path, _modified: int) -> frozenset[str]:
    """The patches that one kustomization names, as absolute paths; none if it cannot be read."""
    try:
        value = ryaml.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return frozenset()
    named = _named(value) if isinstance(value, dict) else ()
    return frozenset(os.path.normpath(file.parent / path) for path in named)


def _named(kustomization: dict[Any, Any]) -> Iterator[str]:
    # Fields: https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/
    for key in ("patches", "patchesStrategicMerge", "patchesJson6902"):
        entries = kustomization.get(key)
        for entry in entries if isinstance(entries, list) else ():
            path = entry.get("path") if isinstance(entry, dict) else entry
            # A patch may be written in place; then it has several lines and is no path.
            if isinstance(path, str) and "\n" not in path and "\0" not in path:
                yield path
