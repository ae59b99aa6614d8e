"""Reads root modules ourselves, for what may be believed, and has those evaluated by the child that are not plain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

from msgspec import Struct, field

from scanner.errors import LoadError
from scanner.load import _files
from scanner.load._files import Options
from scanner.load._hcl import variables as hcl_variables
from scanner.load._hcl import written as hcl_written
from scanner.load._hcl.adapted import adapted
from scanner.load._hcl.evaluator import Blocks, Evaluator
from scanner.load._hcl.forms import Source
from scanner.load._hcl.modules import Module
from scanner.load._hcl.plain_blocks import plain
from scanner.load._hcl.tree import Kept, tree
from scanner.patterns import regex

_IN_COPY = regex(r"(\.tf|\.tofu|\.json)(?:\.tf)?:\d[\d,-]*")
"""A place in a file of a copy, where lines are others than in the original."""


class _Begun(Struct, frozen=True):
    """A root module that is worked out, or that the child works on."""

    module: Module
    blocks: Blocks | None = None
    """What is in it, where the child need not be asked."""
    files: Mapping[Path, Sequence[Source]] = {}
    """Those of the folders that it cannot be shown as they are."""
    scratch: ExitStack = field(default_factory=ExitStack)
    """Removes the copy that it sees, and the files for single variables."""


class Evaluation:
    """All root modules of a scan, one after the other. The child works on the next one while this one is judged."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        self._kept: Kept = {}
        self._begun: _Begun | None = None

    def begin(self, folder: Path, options: Options) -> _Begun:
        """Read a root module, and let the child evaluate it if it has to; raises `LoadError`."""
        if self._begun is None or self._begun.module.folder != folder:
            module = tree(folder, options, self._kept)
            blocks = plain(module)
            if blocks is None:
                self._begun = self._begin(module, adapted(module), options)
            else:
                self._begun = _Begun(module, blocks)
        return self._begun

    def of(self, folder: Path, options: Options) -> tuple[Module, Blocks]:
        """The modules of a root module, and what is in them; raises `LoadError`."""
        begun = self.begin(folder, options)
        self._begun = None
        return begun.module, self._asked(begun, options) if begun.blocks is None else begun.blocks

    def _asked(self, begun: _Begun, options: Options) -> Blocks:
        try:
            return self._finish(begun)
        except LoadError:
            if begun.files and all(module.plain for module in begun.module.every()):
                self._finish(self._begin(begun.module, {}, options))  # tells on which line of the original it is
            raise

    def _begin(self, module: Module, files: Mapping[Path, Sequence[Source]], options: Options) -> _Begun:
        scratch, top = ExitStack(), module.folder
        if files or any(isinstance(value, tuple) for value in options.terraform.values):
            from tempfile import TemporaryDirectory  # noqa: PLC0415  # few configurations need it

            top = _files.real(Path(scratch.enter_context(TemporaryDirectory(prefix="govscan-"))))
        where = hcl_written.copy(module, files, top / "modules") if files else module.folder
        self._evaluator.begin(where, hcl_variables.written(module, where, options, top), module.workspace)
        return _Begun(module, None, files, scratch)

    def _finish(self, begun: _Begun) -> Blocks:
        with begun.scratch:
            try:
                return self._evaluator.finish()
            except LoadError as error:
                message = _IN_COPY.sub(r"\1", error.message) if begun.files else error.message
                raise LoadError(message, error.hint) from None

    def close(self) -> None:
        """End the child, whatever it is doing; another one is started where it is needed."""
        if self._begun:
            self._begun.scratch.close()
            self._begun = None
        self._evaluator.close()
