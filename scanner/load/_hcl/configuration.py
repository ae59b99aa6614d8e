"""From an address in a plan to the `.tf` line behind it.

The root module is looked for where a plan usually lies: beside its configuration or one folder below it. A module
call is followed by what `terraform init` wrote down (`.terraform/modules/modules.json`), else by its `source` if that
is a path, and never out of the base folder. A resource whose module was downloaded is shown where this repository
decides about it: at the argument of the module call that its value comes from, or at the call; the file of the module
is a related place, because no checkout has it. The calls that lead to a place are related to it in any case.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from scanner.load import _files
from scanner.load._files import Options
from scanner.load._hcl.defaults import default_tag, provider_of
from scanner.load._hcl.nodes import literal, text_of
from scanner.load._hcl.paths import variables
from scanner.load._hcl.places import Block, Folder
from scanner.load._hcl.set import Level, set_at
from scanner.load._plan.addresses import without_indexes
from scanner.load._text import Place
from scanner.model import Path as BodyPath

_DOWNLOADED = ".terraform"
MANIFEST = Path(_DOWNLOADED, "modules", "modules.json")
"""Where `terraform init` writes down which module it has put where, below the root module's folder."""

_SETTINGS = {"var": "variable", "output": "output", "provider": "provider"}
"""How the addresses of settings begin, and the block that stands for them."""

_CALL = re.compile(r'module\.[^.\[]+(?:\[(?:\d+|"(?:[^"\\]|\\.)*")\])?')

_KEY = re.compile(r'\["((?:[^"\\]|\\.)*)"\]$')


class Address(Struct, frozen=True):
    """An instance's address without its indexes: `module.a.data.aws_x.y` is `("a",)`, data, `aws_x`, `y`.

    Of settings: `var.a` and `output.a` have no type, `provider.aws.eu` has the type `aws` and its alias for a name.
    """

    text: str
    modules: tuple[str, ...]
    kind: str
    type: str
    name: str

    def calls(self) -> list[str]:
        """The addresses of the module instances around it: `module.a[0]`, `module.a[0].module.b`."""
        found, here = list[str](), 0
        for _ in self.modules:
            match = _CALL.match(self.text, here)
            if match is None:
                break
            found.append(self.text[: match.end()])
            here = match.end() + 1
        return found


def parse_address(text: str) -> Address | None:
    """An address as a plan writes it; None for anything else."""
    parts = without_indexes(text).split(".")
    modules: list[str] = []
    while len(parts) > 2 and parts[0] == "module":  # noqa: PLR2004  # a pair, and what follows it
        modules.append(parts[1])
        parts = parts[2:]
    if parts[0] == "module" and len(parts) == 2:  # noqa: PLR2004  # the call of a module itself
        return Address(text, tuple(modules), "module", "", parts[1])
    if parts[0] in _SETTINGS and len(parts) > 1:
        labels = ("", parts[1]) if parts[0] != "provider" else (parts[1], ".".join(parts[2:]))
        return Address(text, tuple(modules), _SETTINGS[parts[0]], *labels)
    kind = "data" if parts[0] == "data" else "resource"
    own = parts[1:] if kind == "data" else parts
    if len(own) != 2:  # noqa: PLR2004  # type and name
        return None
    return Address(text, tuple(modules), kind, own[0], own[1])


class Configurations:
    """The folders looked at in one run of `locate`, each read once."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._base = _files.real_base(options.base)
        self._folders: dict[Path, Folder] = {}
        self._installed: dict[Path, Installed] = {}
        self._sources: dict[tuple[Path, tuple[str, ...]], Path | None] = {}
        self._root_folders: dict[str, list[Path]] = {}

    def find(self, uri: str, address: str, path: BodyPath) -> Place | None:
        """Where the configuration beside the plan `uri` writes a path of an instance; None if it is not at hand."""
        return self._first(self.roots(uri), address, path)

    def find_below(self, uri: str, address: str, path: BodyPath) -> Place | None:
        """The same, where the root module's folder is known."""
        if uri not in self._root_folders:
            self._root_folders[uri] = [_files.real(self._options.base / uri)]
        return self._first(self._root_folders[uri], address, path)

    def _first(self, roots: list[Path], address: str, path: BodyPath) -> Place | None:
        parsed = parse_address(address) if roots else None
        if parsed is None:
            return None
        found = (self._in_root(root, parsed, path) for root in roots)
        return next((place for place in found if place), None)

    def module(self, root: Path, calls: tuple[str, ...]) -> Folder | None:
        """The files of the module that a path of calls leads to; None if they are not at hand."""
        folder = root
        for depth, name in enumerate(calls, 1):
            call = self._folder(folder).block("module", name)
            source = self._source(root, folder, calls[:depth], call) if call else None
            if source is None:
                return None
            folder = source
        return self._folder(folder)

    def roots(self, uri: str) -> list[Path]:
        """Folders that may hold the root module of a plan; the same for all its findings."""
        if uri not in self._root_folders:
            self._root_folders[uri] = list(self._with_files(uri))
        return self._root_folders[uri]

    def _with_files(self, uri: str) -> Iterator[Path]:
        here = self._base if uri == _files.STDIN else _files.real(self._options.base / uri).parent
        for folder in dict.fromkeys((here, here.parent, self._base)):
            if folder.is_relative_to(self._base) and self._folder(folder).files():
                yield folder

    def _in_root(self, root: Path, address: Address, path: BodyPath) -> Place | None:
        """Follow the calls down as far as they lead to files of this repository."""
        folder, calls, levels = root, list[Block](), list[Level]()
        for depth, name in enumerate(address.modules, 1):
            call = self._folder(folder).block("module", name)
            if call is None:
                break
            calls.append(call)
            levels.append(Level(self._folder(folder), call, _key(address.calls()[depth - 1])))
            source = self._source(root, folder, address.modules[:depth], call)
            if source is None:
                break
            folder = source
        block = _written(self._folder(folder), address)
        if block is None or len(calls) < len(address.modules):
            folders = dict.fromkeys([*(level.folder.path for level in levels), folder])
            gone = self._removed(folders, address, calls)
            return gone or (_called(address, calls) if calls else None)
        here = block.find(path)
        if provider := _passed(calls, provider_of(block, address.type)):
            default = default_tag(self._folder(root), block, provider, path)
            here = replace(default, related=((address.text, here),)) if default else here
        if not _is_downloaded(block) or not calls or _is_downloaded(calls[0]):
            found = set_at([*levels, Level(self._folder(folder), block, _key(address.text))], path)
            return replace(here, related=(*here.related, *_around(address, calls), *filter(None, [found])))
        return _decided(address, calls, block, path)

    def _removed(self, folders: Iterable[Path], address: Address, calls: Sequence[Block]) -> Place | None:
        """The `removed` block of what is gone; `folders` hold the root, and the modules that are still called."""
        steps = [*(f"module.{name}" for name in address.modules), f"{address.type}.{address.name}"]
        for depth, path in enumerate(folders):
            own = ".".join(steps[depth:])
            for block in self._folder(path).every("removed") if self._folder(path).may_hold("removed") else ():
                written = block.argument("from")
                if written and f"{own}.".startswith(f"{text_of(written)}."):
                    return replace(block.find(("from",)), related=_around(address, calls[:depth]))
        return None

    def _source(self, root: Path, folder: Path, modules: tuple[str, ...], call: Block) -> Path | None:
        if (root, modules) not in self._sources:
            self._sources[root, modules] = self._found(root, folder, modules, call)
        return self._sources[root, modules]

    def _found(self, root: Path, folder: Path, modules: tuple[str, ...], call: Block) -> Path | None:
        if root not in self._installed:
            self._installed[root] = Installed(root)
        found = self._installed[root].find(modules, folder, literal(call.argument("source")))
        real = _files.real(found) if found else None
        inside = real and real.is_relative_to(_files.boundary(root, self._options))
        return real if real and inside and real.is_dir() else None

    def _folder(self, path: Path) -> Folder:
        if path not in self._folders:
            self._folders[path] = Folder(path, self._options)
        return self._folders[path]


def _written(folder: Folder, address: Address) -> Block | None:
    if address.kind == "provider":
        found = folder.every("provider", address.type)
        return next((one for one in found if (literal(one.argument("alias")) or "") == address.name), None)
    return folder.block(address.kind, *(label for label in (address.type, address.name) if label))


def _key(address: str) -> str:
    """The text in brackets at the end of an address; empty if there is none."""
    match = _KEY.search(address)
    return match[1] if match else ""


def _called(address: Address, calls: Sequence[Block]) -> Place:
    """The call of a module that is not at hand."""
    return replace(calls[-1].header(), related=_around(address, calls[:-1]))


def _decided(address: Address, calls: Sequence[Block], block: Block, path: BodyPath) -> Place:
    """The call that leads out of this repository's files, at the argument that a value inside is made from."""
    own = max(number for number, call in enumerate(calls) if not _is_downloaded(call))
    name = _given(calls[own:], block.variables(path))
    place = calls[own].find((name,)) if name else calls[own].header()
    return replace(place, related=((address.text, block.find(path)), *_around(address, calls, without=own)))


def _given(calls: Sequence[Block], names: Iterator[str]) -> str | None:
    """The argument of the outermost call that one of these variables of the innermost module comes from."""
    name: str | None = None
    for call in reversed(calls):
        name = next((one for one in names if call.argument(one)), None)
        names = variables(call.argument(name)) if name else iter(())
    return name


def _passed(calls: Sequence[Block], provider: str) -> str:
    """What the root calls the provider configuration of a resource below these calls; empty if a call hides it."""
    for call in reversed(calls):
        if call.argument("providers"):
            given, steps = call.reach(("providers", provider))
            provider = text_of(given).strip('"') if given and steps == 2 else ""  # noqa: PLR2004  # the map and its key
    return provider


def _around(address: Address, calls: Sequence[Block], without: int = -1) -> tuple[tuple[str, Place], ...]:
    """The calls with their addresses, the innermost first."""
    told = zip(address.calls(), calls, strict=False)
    found = [(text, call.header()) for number, (text, call) in enumerate(told) if number != without]
    return tuple(reversed(found))


def _is_downloaded(block: Block) -> bool:
    return _DOWNLOADED in block.text.uri.split("/")


class Installed:
    """What `terraform init` wrote down for a root module, if it has run."""

    def __init__(self, root: Path) -> None:
        self._folders = dict(_installed(root))

    def find(self, modules: tuple[str, ...], caller: Path, source: str | None) -> Path | None:
        """The folder of the module with this path of calls; `caller` is the folder of the one that calls it."""
        found = self._folders.get(".".join(modules))
        if found is None and source and source.startswith(("./", "../")):
            found = caller / source
        return found


def _installed(root: Path) -> Iterator[tuple[str, Path]]:
    try:
        manifest: Any = json.loads((root / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return
    entries = manifest.get("Modules") if isinstance(manifest, dict) else None
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, dict) and isinstance(entry.get("Key"), str) and isinstance(entry.get("Dir"), str):
            yield entry["Key"], root / entry["Dir"]
