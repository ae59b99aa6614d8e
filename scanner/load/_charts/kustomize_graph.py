"""How kustomizations of one scan build on each other: which stand for something that is applied, and what they use up.

A kustomization that another one builds on is a part, not a whole: its objects reach a cluster only as the other one
changes them. What no other builds on is rendered; every file that it uses counts as read.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import ryaml

from scanner.patterns import regex

NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
_MOST_BYTES = 1024 * 1024
_FOLDERS = ("resources", "bases", "components")
_FILES = ("resources", "components", "crds", "configurations", "generators", "transformers", "validators")
_PATCHES = ("patches", "patchesStrategicMerge", "patchesJson6902", "replacements")
_REMOTE = regex(r"://|^git@|^(?:github\.com|gitlab\.com|bitbucket\.org)[/:]|\?ref=|\.git(?:/|$)")
"""Ways to name what lies on another machine, as kustomize reads them."""


class Kustomizations:
    """The kustomizations below the files of one scan, by their folder."""

    def __init__(self, files: Iterable[Path]) -> None:
        self._bodies: dict[str, Mapping[Any, Any]] = {}
        self._named = [os.path.realpath(file.parent) for file in files if file.name in NAMES]

    def roots(self) -> list[Path]:
        """Folders of the kustomizations that no other one builds on, in the order of the scan."""
        parts = {below for folder in self._named for below in self._folders_of(folder)}
        whole = [folder for folder in dict.fromkeys(self._named) if folder not in parts]
        return [Path(folder) for folder in whole if self._body(folder).get("kind") != "Component"]

    def uses(self, root: Path) -> set[str]:
        """Every file that a kustomization uses, directly or by building on others."""
        return {file for folder in self._closure(root) for file in self._files_of(folder)}

    def hindrance(self, root: Path) -> str:
        """Why it is not rendered: it would need the network, or a program that the scan does not run; else empty."""
        bodies = [self._body(folder) for folder in self._closure(root)]
        if any(_REMOTE.search(entry) for body in bodies for key in _FILES for entry in _texts(body.get(key))):
            return "kustomization that needs the network, not rendered"
        if any(_REMOTE.search(entry) for body in bodies for entry in _texts(body.get("bases"))):
            return "kustomization that needs the network, not rendered"
        if any(body.get(key) for body in bodies for key in ("helmCharts", "helmChartInflationGenerator")):
            return "kustomization that inflates a chart, not rendered"
        return ""

    def _closure(self, root: Path) -> list[str]:
        found, pending = [], [os.path.realpath(root)]
        while pending:
            folder = pending.pop()
            if folder not in found:
                found.append(folder)
                pending += self._folders_of(folder)
        return found

    def _folders_of(self, folder: str) -> Iterator[str]:
        """Folders of the kustomizations that one builds on."""
        body = self._body(folder)
        for entry in (entry for key in _FOLDERS for entry in _texts(body.get(key)) if not _REMOTE.search(entry)):
            below = os.path.realpath(os.path.join(folder, entry))  # noqa: PTH118  # an absolute entry stays as it is
            if below != folder and os.path.isdir(below):  # noqa: PTH112  # texts all along; a path object costs more
                yield below

    def _files_of(self, folder: str) -> Iterator[str]:
        body = self._body(folder)
        yield from (os.path.join(folder, name) for name in NAMES)  # noqa: PTH118  # texts, as above
        named = [entry for key in _FILES for entry in _texts(body.get(key))]
        named += [path for key in _PATCHES for path in _paths(body.get(key))]
        for entry in named:
            if "\n" not in entry and "\0" not in entry and not _REMOTE.search(entry):
                yield os.path.realpath(os.path.join(folder, entry))  # noqa: PTH118  # texts, as above

    def _body(self, folder: str) -> Mapping[Any, Any]:
        if folder not in self._bodies:
            self._bodies[folder] = _read(Path(folder))
        return self._bodies[folder]


def _read(folder: Path) -> Mapping[Any, Any]:
    """The kustomization in a folder; empty if there is none that can be read."""
    for name in NAMES:
        file = folder / name
        try:
            if file.stat().st_size < _MOST_BYTES:
                value = ryaml.loads(file.read_text(encoding="utf-8"))
                return value if isinstance(value, dict) else {}
        except (OSError, ValueError):
            continue
    return {}


def _texts(value: Any) -> list[str]:
    return [entry for entry in value if isinstance(entry, str)] if isinstance(value, list) else []


def _paths(value: Any) -> Iterator[str]:
    """Entries are paths, or objects with a `path`. A patch may be written in place; then it has several lines."""
    for entry in value if isinstance(value, list) else ():
        path = entry.get("path") if isinstance(entry, dict) else entry
        if isinstance(path, str):
            yield path
