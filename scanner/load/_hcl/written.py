"""A module's files as the evaluator has to see them, and a copy of the modules in which they look like that.

The evaluator knows no override files, tells no blocks in JSON, and reads both files of a name where OpenTofu reads one.
So a configuration that holds such files is put into plain `.tf` files in a folder of its own, which mirrors the place
of each module. Everything else is linked to the original where a function may read it; links cost more than the rest.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from scanner.errors import LoadError
from scanner.load._files import Options
from scanner.load._hcl import forms as hcl_forms
from scanner.load._hcl.configuration import MANIFEST
from scanner.load._hcl.exponents import with_points
from scanner.load._hcl.forms import Source
from scanner.load._hcl.json_blocks import blocks
from scanner.load._hcl.json_native import native
from scanner.load._hcl.modules import Module
from scanner.load._hcl.overrides import overridden
from scanner.load._hcl.places import Folder
from scanner.patterns import regex

_READS_FILES = regex(rb"\bfile(base64)?\(")
"""Calls of the functions that read files and whose values are believed."""


def folder(path: Path, options: Options) -> Folder:
    """A module's files in the native syntax, with overrides in their place; raises `LoadError`."""
    if hcl_forms.all_plain(path):
        return Folder(path, options)
    files = [_native(file) for file in hcl_forms.read(path, options)]
    if any(hcl_forms.is_override(file.name) for file in files):
        files = overridden(files)
    return Folder(path, options, _files=files)


def _native(file: Source) -> Source:
    text = file.data.decode(errors="replace")
    try:
        if file.name.endswith(hcl_forms.JSON):
            text = "\n".join(line for block in blocks(text) for line in native(block))
    except LoadError as error:
        raise LoadError(
            f"is not valid: {file.name} {error.message.removeprefix('is not valid: ')}", error.hint
        ) from None
    return Source(file.name, file.path, with_points(text.encode(errors="replace")))


def copy(root: Module, files: Mapping[Path, Sequence[Source]], top: Path) -> Path:
    """Write the modules below `top`, with these files in some of them; where the root module is then."""
    modules = {module.folder: files.get(module.folder, module.files) for module in root.every()}
    for folder, its in modules.items():
        target = top / folder.relative_to(root.base)
        target.mkdir(parents=True, exist_ok=True)
        for file in its:
            name = file.name if file.name.endswith(".tf") else f"{file.name}.tf"
            (target / name).write_bytes(file.data)
    if any(_READS_FILES.search(file.data) for its in modules.values() for file in its):
        for folder in _with_parents(modules, root.base):
            _link(folder, top / folder.relative_to(root.base), hcl_forms.SUFFIXES if folder in modules else ())
    where = top / root.folder.relative_to(root.base)
    _installed(root.folder, where)
    return where


def _installed(folder: Path, where: Path) -> None:
    """Tell where `terraform init` has put modules; those that are not at hand are not there either way."""
    with suppress(OSError):
        told = (folder / MANIFEST).read_bytes()
        (where / MANIFEST).parent.mkdir(parents=True, exist_ok=True)
        (where / MANIFEST).write_bytes(told)


def _with_parents(folders: Iterable[Path], base: Path) -> set[Path]:
    """The folders, and all between them and the base."""
    return {up for folder in folders for up in (folder, *folder.parents) if up.is_relative_to(base)}


def _link(source: Path, target: Path, skipped: tuple[str, ...]) -> None:
    """Let everything of a folder appear in another, as far as it is not there already."""
    for entry in os.scandir(source):
        if not (skipped and entry.name.endswith(skipped)):
            # It is there, or links are not allowed here: what a function would read then is unknown.
            with suppress(OSError):
                (target / entry.name).symlink_to(entry.path)
