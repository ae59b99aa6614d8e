"""The `.tf` files beside a plan, module by module, each read when something of it is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING

from msgspec import Struct

from scanner.errors import HOSTILE_SHAPE, LoadError
from scanner.load._files import Options, real
from scanner.patterns import regex

if TYPE_CHECKING:
    from scanner.load._hcl.configuration import Configurations
    from scanner.load._hcl.places import Folder
    from scanner.load._hcl.syntax import Expression, Written

Calls = tuple[str, ...]
"""The names of the module calls that lead somewhere."""

_DYNAMIC = regex(rb'\bdynamic"?[\s:{]+"(\w+)"')


_NAMES = (".tf", ".tofu")


def may_lie_beside(uri: str, options: Options) -> bool:
    """Whether any of the folders where the configuration of a plan is looked for holds a file that may be of it."""
    here = real(options.base / uri).parent
    found = False
    for folder in {here, here.parent, real(options.base)}:
        with suppress(OSError):
            found = found or any(mark in path.name for path in folder.iterdir() for mark in _NAMES)
    return found


class Module(Struct, frozen=True):
    """What the files of one module hold."""

    blocks: Mapping[tuple[str, ...], Written]
    """By kind and labels."""
    locals: Mapping[str, Expression]


class Sources:
    """The configuration beside one plan."""

    def __init__(self, uri: str, options: Options) -> None:
        self._uri = uri
        self._options = options
        self._modules: dict[Calls, Module | None] = {}
        self._dynamic: dict[Calls, frozenset[str]] = {}

    def module(self, calls: Calls) -> Module | None:
        """What the files of a module hold; None where they are not at hand, or cannot be read."""
        if calls not in self._modules:
            try:
                self._modules[calls] = self._parsed(calls)
            except (LoadError, OSError, *HOSTILE_SHAPE):
                self._modules[calls] = None
        return self._modules[calls]

    def dynamic(self, calls: Calls) -> frozenset[str]:
        """The kinds of blocks that a module makes by `dynamic`, told without parsing it."""
        if calls not in self._dynamic:
            try:
                folder = self._folder(calls)
                files = folder.files() if folder else ()
                found = {match.decode() for file in files for match in _DYNAMIC.findall(file.data)}
            except (LoadError, OSError, *HOSTILE_SHAPE):
                found = set()
            self._dynamic[calls] = frozenset(found)
        return self._dynamic[calls]

    def _parsed(self, calls: Calls) -> Module | None:
        from scanner.load._hcl.syntax import blocks  # noqa: PLC0415  # a parser that few plans need

        folder = self._folder(calls)
        if folder is None:
            return None
        found = list(blocks(folder))
        named = {(block.kind, *block.labels): block for block in found}
        local = [block.body.arguments for block in found if block.kind == "locals"]
        return Module(named, {name: value for one in local for name, value in one.items()})

    def _folder(self, calls: Calls) -> Folder | None:
        found = (self._configurations.module(root, calls) for root in self._configurations.roots(self._uri))
        return next((folder for folder in found if folder), None)

    @cached_property
    def _configurations(self) -> Configurations:
        from scanner.load._hcl.configuration import Configurations  # noqa: PLC0415  # a parser that few plans need

        return Configurations(self._options)
