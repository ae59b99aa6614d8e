"""Which folders of Terraform configuration are root modules. Told from the text alone, without parsing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from scanner.load import _files, _hcl_forms
from scanner.load._files import Options
from scanner.model import Ledger
from scanner.patterns import regex

MOST_FOLDERS = 5000
"""Folders in which callers of a single file's module are looked for."""

_SOURCE = regex(rb'\bsource"?\s*[=:]\s*"(\.\.?/[^"$]*|\.\.)"')


def roots(folders: Iterable[Path]) -> list[Path]:
    """Those that no other one of them calls; of a circle of folders, the first."""
    calls = {folder: set(called(folder)) - {folder} for folder in sorted(folders)}
    below = {target for targets in calls.values() for target in targets}
    found = [folder for folder in calls if folder not in below]
    seen = _reached(found, calls)
    for folder in calls:
        if folder not in seen:
            found.append(folder)
            seen |= _reached([folder], calls)
    return sorted(found)


def roots_of(folder: Path, options: Options) -> list[Path]:
    """The root modules in the base folder that lead to this one; the folder itself if none does."""
    calls = {caller: set(called(caller)) - {caller} for caller in _folders(options)}
    return [root for root in roots(calls) if folder in _reached([root], calls)] or [folder]


def called(folder: Path) -> Iterator[Path]:
    """The folders that a module's calls name by a path."""
    for path in _hcl_forms.files(folder):
        try:
            data = path.read_bytes() if path.is_file() else b""  # a pipe would never end
        except OSError:
            continue
        for match in _SOURCE.finditer(data):
            yield _files.real(folder / match[1].decode(errors="replace"))


def _folders(options: Options) -> list[Path]:
    """The folders of the base that hold configuration, as far as they can be looked through in a moment."""
    from scanner.load import _walk  # noqa: PLC0415  # patterns take a while to import

    found: dict[Path, None] = {}
    looked: set[Path] = set()
    for path in _walk.files(_files.real(options.base), options, Ledger(), ()):
        looked.add(path.parent)
        if len(looked) > MOST_FOLDERS:
            break
        if _hcl_forms.is_configuration(path.name):
            found[path.parent] = None
    return list(found)


def _reached(start: Iterable[Path], calls: Mapping[Path, Iterable[Path]]) -> set[Path]:
    seen: set[Path] = set()
    waiting = list(start)
    while waiting:
        folder = waiting.pop()
        if folder not in seen:
            seen.add(folder)
            waiting += calls.get(folder, ())
    return seen
