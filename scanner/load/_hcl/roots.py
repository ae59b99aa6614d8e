"""Which folders of Terraform configuration are root modules. Told from the text alone, without parsing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path

from scanner.load import _files
from scanner.load._files import Options
from scanner.load._hcl import forms as hcl_forms
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


def roots_of(modules: Collection[Path], options: Options, ledger: Ledger) -> set[Path]:
    """The root modules in the base folder that lead to these modules; a module itself if none does."""
    calls = {caller: set(called(caller)) - {caller} for caller in _folders(options, ledger)} if modules else {}
    reached = {root: _reached([root], calls) for root in roots(calls)}
    found = {root for root, below in reached.items() if not below.isdisjoint(modules)}
    return found | (set(modules) - {folder for root in found for folder in reached[root]})


def owner(file: Path, options: Options) -> Path | None:
    """The module that a variable file belongs to: the nearest folder above it with configuration."""
    boundary = _files.boundary(file.parent, options)
    above = (folder for folder in file.parents if folder.is_relative_to(boundary))
    return next((folder for folder in above if hcl_forms.files(folder)), None)


def called(folder: Path) -> Iterator[Path]:
    """The folders that a module's calls name by a path."""
    for path in hcl_forms.files(folder):
        try:
            data = path.read_bytes() if path.is_file() else b""  # a pipe would never end
        except OSError:
            continue
        for match in _SOURCE.finditer(data):
            yield _files.real(folder / match[1].decode(errors="replace"))


def _folders(options: Options, ledger: Ledger) -> list[Path]:
    """The folders of the base that hold configuration, as far as they can be looked through in a moment."""
    from scanner.load import _walk  # noqa: PLC0415  # patterns take a while to import

    found: dict[Path, None] = {}
    looked: set[Path] = set()
    for path in _walk.files(_files.real(options.base), options, Ledger(), ()):
        looked.add(path.parent)
        if len(looked) > MOST_FOLDERS:
            message = f"holds more than {MOST_FOLDERS:,} folders, so callers of a module may not have been found"
            where = _files.uri_of(options.base, options.base)
            ledger.problem("load", where, message, "Scan the root modules by name.", incomplete=False)
            break
        if hcl_forms.is_configuration(path.name):
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
