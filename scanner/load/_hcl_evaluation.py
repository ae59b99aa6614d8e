"""Reads root modules ourselves, for what may be believed, and lets the child process evaluate them meanwhile."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from scanner.errors import LoadError
from scanner.load import _files, _hcl_forms, _hcl_variables, _hcl_written
from scanner.load._evaluator import Blocks, Evaluator
from scanner.load._files import Options
from scanner.load._hcl_modules import Module
from scanner.load._hcl_tree import Kept, tree
from scanner.patterns import regex

_IN_COPY = regex(r"(\.tf|\.tofu|\.json)(?:\.tf)?:\d[\d,-]*")
"""A place in a file of a copy, where lines are others than in the original."""


class Evaluation:
    """All root modules of a scan, one after the other. The child works on the next one while this one is judged."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        self._kept: Kept = {}
        self._begun: Path | None = None

    def begin(self, folder: Path, options: Options) -> bool:
        """Let the child evaluate a root module as its files are, if they are what it has to see; whether it does."""
        if self._begun != folder:
            variables = _hcl_variables.files(folder, options) if _hcl_forms.all_plain(folder) else None
            if variables is not None:
                self._evaluator.begin(folder, variables, _hcl_variables.workspace(folder, options))
                self._begun = folder
        return self._begun == folder

    def of(self, folder: Path, options: Options) -> tuple[Module, Blocks]:
        """The modules of a root module, and what the evaluator found in them; raises `LoadError`."""
        begun = self.begin(folder, options)
        module = tree(folder, options, self._kept)
        if begun:
            self._begun = None
            if all(one.plain for one in module.every()):
                return module, self._evaluator.finish()
            with suppress(LoadError):  # it saw files that do not count
                self._evaluator.finish()
        return module, self._of_copy(module, options)

    def _of_copy(self, module: Module, options: Options) -> Blocks:
        from tempfile import TemporaryDirectory  # noqa: PLC0415  # few configurations need it

        with TemporaryDirectory(prefix="govscan-") as name:
            top = _files.real(Path(name))
            plain = all(one.plain for one in module.every())
            where = module.folder if plain else _hcl_written.copy(module, top / "modules")
            self._evaluator.begin(where, _hcl_variables.written(module, where, options, top), module.workspace)
            try:
                return self._evaluator.finish()
            except LoadError as error:
                raise LoadError(error.message if plain else _IN_COPY.sub(r"\1", error.message), error.hint) from None

    def close(self) -> None:
        """End the child, whatever it is doing; another one is started where it is needed."""
        self._begun = None
        self._evaluator.close()
