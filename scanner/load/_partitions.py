"""From targets to partitions: finds out what each file is and which files belong together."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import ModuleType

from msgspec import Struct, field

from scanner import registry
from scanner.errors import HOSTILE_SHAPE, LoadError
from scanner.load import _files, kubernetes_manifest, terraform_hcl, terraform_plan
from scanner.load._files import File, Options, Scope, Skip
from scanner.load._hcl import forms as hcl_forms
from scanner.load._strangers import is_binary, require, require_sound
from scanner.model import Document, Ledger, Partition

# A plan may hold manifests and an export may hold plans' words, so the most telling shape is asked first.
_ORDER = ("terraform_state", "terraform_plan", "gcp_assets", "kubernetes_manifest")
_OF_FOLDERS = frozenset({"terraform_hcl", "helm_chart", "kustomization"})
"""Loaders whose sources are folders; files lead to them."""

_OF_ACCOUNTS = frozenset({"aws"})
"""Loaders whose sources are no files; an audit names them."""

_NOT_OURS = "not infrastructure"
_KEPT_BYTES = 32 * 1024 * 1024
"""What is kept of files that wait for their turn. Those beyond it are read again, so that memory stays small."""


def partitions(targets: Sequence[str], options: Options, ledger: Ledger) -> Iterator[Partition]:
    """The partitions of files, folders and `-` (standard input), in the order of the targets.

    Each Terraform plan and each state is a partition; so are all manifests of one folder, all manifests named one by
    one, and all asset exports of one target. Documents are read while they are iterated, and what is broken goes to
    the ledger. For an audit it is what runs, and no files. Raises `UsageError` before anything is read if a target
    does not exist.
    """
    if options.audit is not None:
        found: Iterator[Partition] = registry.module("scanner.load", options.audit.source).audited(
            options.audit, ledger
        )
        return found
    require(targets)
    return _Sorter(options, ledger).run(targets)


class _Group(Struct):
    """Files of one source that share a partition; kept as paths until their turn comes."""

    loader: ModuleType
    files: list[Path | File] = field(default_factory=list)
    renders: bool = False
    """Some of them are made into manifests by a tool first."""


class _Sorter:
    """Sorts files into partitions. Whatever forms a partition alone is passed on at once, still in memory."""

    def __init__(self, options: Options, ledger: Ledger) -> None:
        self._options = options
        self._ledger = ledger
        self._groups: dict[tuple[str, str], _Group] = {}
        self._configurations = terraform_hcl.Roots(options, ledger)
        self._seen: set[str] = set()
        self._real: dict[Path, str] = {}
        self._kept: dict[Path, File] = {}
        self._room = _KEPT_BYTES
        found = set(registry.names("scanner.load"))
        names = [*_ORDER, *sorted(found - {*_ORDER, *_OF_FOLDERS, *_OF_ACCOUNTS})]
        self._loaders = [registry.module("scanner.load", name) for name in names]
        self._suffixes = tuple({suffix for loader in self._loaders for suffix in loader.SUFFIXES})

    def run(self, targets: Sequence[str]) -> Iterator[Partition]:
        for target in targets:
            if target != "-" and Path(target).is_dir():
                yield from self._folder(Path(target))
            else:
                yield from self._named(target)
        yield from self._configurations.partitions()
        yield from self._grouped()

    def _folder(self, folder: Path) -> Iterator[Partition]:
        from scanner.load import _walk  # noqa: PLC0415  # patterns take a while to import; one file needs none

        name = _files.uri_of(folder, self._options.base)
        for path in _walk.files(folder, self._options, self._ledger, self._suffixes):
            if hcl_forms.is_configuration(path.name):
                self._configurations.meet(Path(self._real_folder(path.parent)))
            elif not path.name.endswith(self._suffixes) or path.name.endswith(terraform_hcl.SUFFIXES):
                self._ledger.skipped[_NOT_OURS] += 1
            elif self._is_new(path):
                yield from self._sort(self._read(path), name, alone=False)

    def _named(self, target: str) -> Iterator[Partition]:
        path = Path(target)
        if target != "-" and path.name.endswith(terraform_hcl.SUFFIXES):
            self._configurations.add(path)
        elif self._is_new(path):
            yield from self._sort(self._read(None if target == "-" else path), "", alone=True)

    def _is_new(self, path: Path) -> bool:
        real = os.path.realpath(path) if path.is_symlink() else f"{self._real_folder(path.parent)}/{path.name}"
        new = real not in self._seen
        self._seen.add(real)
        return new

    def _real_folder(self, folder: Path) -> str:
        """The path of a folder without links. Of those in a known one, only the last step can be one."""
        if folder not in self._real:
            above = self._real.get(folder.parent, "")
            plain = above and folder.name != ".." and not folder.is_symlink()
            self._real[folder] = f"{above.rstrip('/')}/{folder.name}" if plain else os.path.realpath(folder)
        return self._real[folder]

    def _read(self, path: Path | None) -> File | None:
        try:
            if path in self._kept:
                return self._kept.pop(path)
            return _files.read(path, self._options) if path else _files.standard_input(self._options.max_bytes)
        except LoadError as error:
            uri = _files.uri_of(path, self._options.base) if path else _files.STDIN
            self._ledger.problem("load", uri, error.message, error.hint)
            return None

    def _sort(self, file: File | None, target: str, *, alone: bool) -> Iterator[Partition]:
        """What a file is, if it could be read. It is let go where it is a partition, whose documents it outweighs."""
        if file is None:
            return
        uri = file.uri
        try:
            loader = next((loader for loader in self._loaders if loader.claims(file)), None)
            if loader is None:
                self._unclaimed(file, named=alone)
            elif loader.SCOPE is Scope.FILE:
                documents = self._documents(loader, [file])
                if loader is terraform_plan and file.path:
                    self._configurations.add_plan(file.path)
                    from scanner.load._plan import source as plan_source  # noqa: PLC0415  # only plans need it

                    documents = plan_source.joined(documents, uri, self._options)
                del file
                yield Partition(uri, documents)
            else:
                key = "" if alone and loader.SCOPE is Scope.FOLDER else target or uri
                group = self._groups.setdefault((loader.__name__, key), _Group(loader))
                group.files.append(file.path or file)
                self._keep(file)
                if loader is kubernetes_manifest and self._options.kubernetes.render and not group.renders:
                    group.renders = kubernetes_manifest.renders(file, alone=alone)
        except (LoadError, *HOSTILE_SHAPE) as error:
            self._problem(uri, error)

    def _keep(self, file: File) -> None:
        if file.path and len(file.data) <= self._room:
            self._room -= len(file.data)
            self._kept[file.path] = File(file.uri, file.data, file.path)  # without what was made of it

    def _grouped(self) -> Iterator[Partition]:
        """The groups. Manifests come last: they name buckets that other sources say more about."""
        for key in sorted(self._groups, key=lambda key: (key[0] == kubernetes_manifest.__name__, not key[1])):
            group = self._groups[key]
            read = self._rendered(group.files) if group.renders else self._documents(group.loader, group.files)
            yield Partition(key[1] or "named files", read)

    def _rendered(self, files: list[Path | File]) -> Iterator[Document]:
        """Manifests, with charts and kustomizations as the user's own tools render them."""
        from scanner.load._charts.rendering import Rendering  # noqa: PLC0415  # most scans run no other program

        rendering = Rendering([file for file in files if isinstance(file, Path)], self._options, self._ledger)
        plain = [file for file in files if isinstance(file, File) or not rendering.takes(file)]
        rendering.foresee(plain)
        for document in self._documents(kubernetes_manifest, plain):
            rendering.keep(document)
            yield rendering.placed(document)
        yield from rendering.documents()
        yield from self._documents(kubernetes_manifest, rendering.left)

    def _documents(self, loader: ModuleType, files: Iterable[Path | File]) -> Iterator[Document]:
        source = loader.__name__.rpartition(".")[2]
        how = {"schemas": self._options.kubernetes.schemas} if loader is kubernetes_manifest else {}
        for entry in files:
            file = entry if isinstance(entry, File) else self._read(entry)
            if file is None:
                continue
            try:
                yield from loader.documents(file, self._ledger, **how)
                self._ledger.files[source] += 1
            except Skip as skip:
                self._ledger.skipped[skip.reason] += 1
            except (LoadError, *HOSTILE_SHAPE) as error:
                self._problem(file.uri, error)

    def _problem(self, uri: str, error: Exception) -> None:
        told = error if isinstance(error, LoadError) else _files.hostile(error)
        self._ledger.problem("load", uri, told.message, told.hint)

    def _unclaimed(self, file: File, *, named: bool) -> None:
        """Nobody knows the file. That is no trouble, unless somebody asked for this very file, or it is no text."""
        if named or is_binary(file):
            require_sound(file)
        self._ledger.skipped["empty" if not file.data.strip() else _NOT_OURS] += 1
