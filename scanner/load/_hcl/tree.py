"""The tree of modules below a root module, read from their files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from msgspec import Struct

from scanner.errors import LoadError
from scanner.load import _files
from scanner.load._files import Options
from scanner.load._hcl import forms as hcl_forms
from scanner.load._hcl import variables as hcl_variables
from scanner.load._hcl import written as hcl_written
from scanner.load._hcl.configuration import Installed
from scanner.load._hcl.forms import Source
from scanner.load._hcl.layout import is_valid
from scanner.load._hcl.modules import Module
from scanner.load._hcl.nodes import collection, literal, stumbled
from scanner.load._hcl.paths import entry_of, expression_of
from scanner.load._hcl.places import Folder
from scanner.load._hcl.syntax import Body, Written, blocks

DEEPEST = 30
"""Modules inside of one another; what is deeper calls itself."""
MOST_MODULES = 20_000
"""Calls below one root module, each of a module counted; nothing real comes near it."""
MOST_KEPT = 200
"""Folders of called modules that are kept for other root modules. Each takes some 20 times its size."""


class Read(Struct, frozen=True):
    """What a folder of configuration holds, whoever calls it."""

    files: Sequence[Source]
    """In the native syntax."""
    plain: bool
    valid: bool
    unread: Sequence[tuple[str, int]]
    """Files that were understood in part only, with the first line that was not."""
    blocks: Sequence[Written]


Kept = dict[Path, Read]
"""Folders of called modules that were read already."""


def tree(folder: Path, options: Options, kept: Kept) -> Module:
    """The modules that a root module calls, as far as their folders are at hand inside of the base."""
    return _Builder(folder, options, kept).module(folder, (), None, Body())


class _Builder:
    def __init__(self, root: Path, options: Options, kept: Kept) -> None:
        self._options = options
        self._kept = kept
        self._count = 0
        self._base = _files.boundary(root, options)
        self._installed = Installed(root)

    def module(self, folder: Path, path: tuple[str, ...], parent: Module | None, call: Body) -> Module:
        self._count += 1
        if len(path) > DEEPEST:
            raise LoadError("calls itself", "Remove the circle from the `source` of its modules.")
        if self._count > MOST_MODULES:
            raise LoadError(f"calls more than {MOST_MODULES:,} modules", "Scan the plan of this configuration instead.")
        read = self._read(folder) if parent else _read(folder, self._options)
        module = Module(
            folder, path, parent, call, base=self._base, plain=read.plain, valid=read.valid, files=read.files
        )
        if parent is None:
            module.given = dict(hcl_variables.values(folder, self._options))
            module.valid = read.valid and hcl_variables.are_valid(folder, self._options)
            module.workspace = hcl_variables.workspace(folder, self._options)
        module.root().unread.update(read.unread)
        for block in read.blocks:
            self._add(module, block)
        for (kind, *labels), block in list(module.blocks.items()):
            if kind == "module" and labels:
                self._child(module, labels[0], block.body)
        return module

    def _read(self, folder: Path) -> Read:
        if folder not in self._kept:
            if len(self._kept) >= MOST_KEPT:
                self._kept.clear()
            self._kept[folder] = _read(folder, self._options)
        return self._kept[folder]

    def _add(self, module: Module, block: Written) -> None:
        if block.kind == "locals":
            module.locals |= block.body.arguments
        elif block.kind == "provider":
            module.providers.append(block)
        elif block.kind == "terraform":
            module.required |= _required(block)
        else:
            module.blocks.setdefault((block.kind, *block.labels), block)

    def _child(self, module: Module, name: str, call: Body) -> None:
        source = call.arguments.get("source")
        folder = self._installed.find((*module.path, name), module.folder, source.literal if source else None)
        real = _files.real(folder) if folder else None
        if real and real.is_dir() and real.is_relative_to(self._base):
            module.children[name] = self.module(real, (*module.path, name), module, call)
        else:
            module.absent.append(name)


def _read(folder: Path, options: Options) -> Read:
    files = hcl_written.folder(folder, options)
    plain, valid = hcl_forms.all_plain(folder), all(_are_valid(files))
    return Read(files.files(), plain, valid, list(_unread(files)), list(blocks(files)))


def _required(block: Written) -> Iterator[tuple[str, str]]:
    """Its providers with their constraints: an object with a `version`, or the constraint alone in older files."""
    arguments = [nested.body.arguments for nested in block.body.blocks if nested.kind == "required_providers"]
    for name, written in (pair for one in arguments for pair in one.items()):
        version = entry_of(collection(written.inner), "version")
        if constraint := literal(expression_of(version)) if version else written.literal:
            yield name, constraint


def _are_valid(files: Folder) -> Iterator[bool]:
    for source, (_, root) in zip(files.files(), files.parsed(), strict=True):
        yield is_valid(root) and _is_text(source.data)


def _is_text(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    else:
        return True


def _unread(files: Folder) -> Iterator[tuple[str, int]]:
    for text, root in files.parsed():
        if line := stumbled(text.text, root):
            yield text.uri, line
