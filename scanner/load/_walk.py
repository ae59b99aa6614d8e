"""Walks a folder in a fixed order, as `git` would see it: .gitignore files are respected at every level."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from scanner.load._files import Options, real, uri_of
from scanner.model import Ledger

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

MAX_DEPTH = 200
"""Folders below one another; nothing real comes near it, and every level costs stack."""
_NEVER = frozenset({".git", ".terraform", "node_modules", ".venv"})


class _Rules(Struct, frozen=True):
    """One set of patterns; `folder` (ending in a slash) is what they are relative to."""

    folder: str
    spec: GitIgnoreSpec | None
    """None where there are no patterns."""


def files(folder: Path, options: Options, ledger: Ledger, suffixes: tuple[str, ...]) -> Iterator[Path]:
    """Every file below `folder` that is not ignored, sorted by path.

    Links to folders are not followed, and links to files only while they stay inside the base. A link that leads
    nowhere is a problem only if its name ends like something we read (`suffixes`).
    """
    yield from _Walk(options, ledger, suffixes).folder(
        str(folder), os.path.realpath(folder), _outer_rules(folder, options)
    )


def _outer_rules(folder: Path, options: Options) -> tuple[_Rules, ...]:
    """Rules that hold above `folder`. A folder the user named is read even if they say it is ignored."""
    base, here = real(options.base), real(folder)
    excludes = _rules(f"{base}/", options.excludes)
    if not here.is_relative_to(base):
        return (excludes,)
    above = [parent for parent in reversed(here.parents) if parent.is_relative_to(base)]
    rules = tuple(found for parent in above if (found := _gitignore(str(parent))))
    return (excludes,) if _ignored(f"{here}/", rules) else (*rules, excludes)


def _gitignore(folder: str) -> _Rules | None:
    try:
        text = Path(folder, ".gitignore").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    return _rules(f"{os.path.realpath(folder)}/", text.splitlines())


def _rules(folder: str, lines: Sequence[str]) -> _Rules:
    if not lines:
        return _Rules(folder, None)
    from pathspec import GitIgnoreSpec  # noqa: PLC0415  # takes a while to import, and many folders ignore nothing

    return _Rules(folder, GitIgnoreSpec.from_lines(lines))


def _ignored(path: str, rules: tuple[_Rules, ...]) -> bool:
    """Whether the last rule that has an opinion says so. `path` is real, with a slash at the end of a folder's."""
    for rule in reversed(rules):
        if rule.spec and rule.spec.patterns and path.startswith(rule.folder):
            said = rule.spec.check_file(path[len(rule.folder) :]).include
            if said is not None:
                return said
    return False


class _Walk:
    """One walk, depth first."""

    def __init__(self, options: Options, ledger: Ledger, suffixes: tuple[str, ...]) -> None:
        self._options = options
        self._ledger = ledger
        self._suffixes = suffixes
        self._base = real(options.base)

    def folder(self, path: str, here: str, rules: tuple[_Rules, ...], depth: int = 0) -> Iterator[Path]:
        """The files below a folder; `here` is its path without links."""
        if depth > MAX_DEPTH:
            self._problem(path, f"lies more than {MAX_DEPTH} folders deep", "Exclude it, or scan it by itself.")
            return
        try:
            with os.scandir(path) as found:
                entries = sorted(found, key=lambda entry: entry.name)
        except OSError as error:
            self._problem(path, f"cannot be listed: {error.strerror}", "Check that you may read the folder.")
            return
        if any(entry.name == ".gitignore" for entry in entries) and (own := _gitignore(path)):
            # The scan's own excludes stay last: no .gitignore may overrule them.
            rules = (*rules[:-1], own, rules[-1])
        for entry in entries:
            yield from self._entry(entry, f"{here}/{entry.name}", rules, depth)

    def _entry(self, entry: os.DirEntry[str], path: str, rules: tuple[_Rules, ...], depth: int) -> Iterator[Path]:
        is_folder = entry.is_dir(follow_symlinks=False)
        if is_folder and entry.name in _NEVER:
            return
        if _ignored(f"{path}/" if is_folder else path, rules):
            self._ledger.skipped["ignored"] += 1
        elif is_folder:
            yield from self.folder(entry.path, path, rules, depth + 1)
        elif entry.is_symlink():
            yield from self._link(entry)
        elif entry.is_file():
            yield Path(entry.path)
        else:
            self._ledger.skipped["not an ordinary file"] += 1

    def _link(self, entry: os.DirEntry[str]) -> Iterator[Path]:
        try:
            target = Path(entry.path).resolve(strict=True)
        except (OSError, RuntimeError):  # Python before 3.13 reports a loop as RuntimeError
            if entry.name.endswith(self._suffixes):
                self._problem(entry.path, "is a symbolic link that leads nowhere", "Repair or remove the link.")
            return
        if target.is_dir():
            self._ledger.skipped["symbolic link to a folder"] += 1
        elif not target.is_relative_to(self._base):
            self._ledger.skipped["symbolic link out of the base folder"] += 1
        elif target.is_file():
            yield Path(entry.path)
        else:
            self._ledger.skipped["not an ordinary file"] += 1

    def _problem(self, path: str, message: str, hint: str) -> None:
        self._ledger.problem("load", uri_of(Path(path), self._options.base), message, hint)
