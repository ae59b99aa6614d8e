"""The terminal a command speaks to."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING

import click

from scanner.cli._exit import Exit

if TYPE_CHECKING:
    from scanner.authoring.look import View
    from scanner.report._terminal import Ink

_CELLS = 100


def terminal() -> tuple[Ink, int]:
    """How to color for standard output, and its width in cells; 100 where it is no terminal."""
    from scanner.report._terminal import Ink  # noqa: PLC0415  # --help needs no room

    color = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    return Ink(color), max(cells(), 60)


def cells() -> int:
    """The width of the terminal, or what `COLUMNS` says; 100 where there is neither."""
    # As `shutil.get_terminal_size`, which takes as long to import as fifty files to read.
    with suppress(KeyError, ValueError):
        if (told := int(os.environ["COLUMNS"])) > 0:
            return told
    with suppress(OSError, ValueError, AttributeError):  # `__stdout__` may be closed, or none
        return os.get_terminal_size(sys.__stdout__.fileno()).columns or _CELLS  # type: ignore[union-attr]
    return _CELLS


def print_lines(lines: Iterable[str]) -> None:
    """Print lines without space at their ends."""
    for line in lines:
        click.echo(line.rstrip())


def exit_of(view: View) -> Exit:
    """Say what of the targets could not be seen, and what that means for the command's exit code."""
    for problem in view.ledger.problems:
        click.echo(
            view.redactor.prose(f"govscan: {problem.where}: {problem.message}\n  hint: {problem.hint}"), err=True
        )
    seen = any(True for _ in view.resources())
    incomplete = any(problem.incomplete for problem in view.ledger.problems)
    return Exit.INCOMPLETE if incomplete else Exit.CLEAN if seen else Exit.NOTHING
