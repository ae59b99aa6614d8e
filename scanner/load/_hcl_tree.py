"""The tree of modules below a root module, read from their files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from scanner.errors import LoadError
from scanner.load import _files, _hcl_forms, _hcl_variables, _hcl_written
from scanner.load._configuration import Installed
from scanner.load._files import Options
from scanner.load._hcl_modules import Module
from scanner.load._hcl_nodes import stumbled
from scanner.load._hcl_places import Folder
from scanner.load._hcl_syntax import Body, Written, blocks

DEEPEST = 30
"""Modules inside of one another; what is deeper calls itself."""


def tree(folder: Path, options: Options) -> Module:
    """The modules that a root module calls, as far as their folders are at hand inside of the base."""
    return _Builder(folder, options).module(folder, (), None, Body())


class _Builder:
    def __init__(self, root: Path, options: Options) -> None:
        self._root = root
        self._options = options
        self._base = _files.boundary(root, options)
        self._installed = Installed(root)

    def module(self, folder: Path, path: tuple[str, ...], parent: Module | None, call: Body) -> Module:
        if len(path) > DEEPEST:
            raise LoadError("calls itself", "Remove the circle from the `source` of its modules.")
        module = Module(folder, path, parent, call, base=self._base)
        if parent is None:
            module.given = _hcl_variables.names(folder, self._options)
            module.workspace = _hcl_variables.workspace(folder, self._options)
        files = _hcl_written.folder(folder, self._options)
        module.plain = _hcl_forms.all_plain(folder)
        module.files = files.files()
        module.root().unread.update(_unread(files))
        for block in blocks(files):
            self._add(module, block)
        for (kind, *labels), block in list(module.blocks.items()):
            if kind == "module" and labels:
                self._child(module, labels[0], block.body)
        return module

    def _add(self, module: Module, block: Written) -> None:
        if block.kind == "locals":
            module.locals |= block.body.arguments
        elif block.kind == "provider":
            module.providers.append(block)
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


def _unread(files: Folder) -> Iterator[tuple[str, int]]:
    for text, root in files.parsed():
        if line := stumbled(text.text, root):
            yield text.uri, line
