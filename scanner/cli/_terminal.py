"""The terminal a command speaks to."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from scanner.cli._exit import Exit

if TYPE_CHECKING:
    from scanner.authoring.look import View
    from scanner.report._terminal import Ink


def terminal() -> tuple[Ink, int]:
    """How to color for standard output, and its width in cells; 100 where it is no terminal."""
    from scanner.report._terminal import Ink  # noqa: PLC0415  # --help needs no room

    color = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    return Ink(color), max(shutil.get_terminal_size((100, 24)).columns, 60)


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
