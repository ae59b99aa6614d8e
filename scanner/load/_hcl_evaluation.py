"""Reads a root module ourselves, for what may be believed, and lets the child process evaluate it meanwhile."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from scanner.errors import LoadError
from scanner.load import _files, _hcl_forms, _hcl_variables, _hcl_written
from scanner.load._evaluator import Blocks, Evaluator
from scanner.load._files import Options
from scanner.load._hcl_modules import Module
from scanner.load._hcl_tree import tree
from scanner.patterns import regex

_IN_COPY = regex(r"(\.tf|\.tofu|\.json)(?:\.tf)?:\d[\d,-]*")
"""A place in a file of a copy, where lines are others than in the original."""


def evaluated(folder: Path, options: Options, evaluator: Evaluator) -> tuple[Module, Blocks]:
    """The modules of a root module, and what the evaluator found in them; raises `LoadError`."""
    variables = _hcl_variables.files(folder, options) if _hcl_forms.all_plain(folder) else None
    if variables is not None:
        evaluator.begin(folder, variables, _hcl_variables.workspace(folder, options))
    module = tree(folder, options)
    if variables is not None:
        if all(one.plain for one in module.every()):
            return module, evaluator.finish()
        with suppress(LoadError):  # it saw files that do not count
            evaluator.finish()
    return module, _of_copy(module, options, evaluator)


def _of_copy(module: Module, options: Options, evaluator: Evaluator) -> Blocks:
    with TemporaryDirectory(prefix="govscan-") as name:
        top = _files.real(Path(name))
        plain = all(one.plain for one in module.every())
        where = module.folder if plain else _hcl_written.copy(module, top / "modules")
        evaluator.begin(where, _hcl_variables.written(module, where, options, top), module.workspace)
        try:
            return evaluator.finish()
        except LoadError as error:
            raise LoadError(error.message if plain else _IN_COPY.sub(r"\1", error.message), error.hint) from None
