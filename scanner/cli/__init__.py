"""Words in, words out: options, files, exit codes. No judgement is made here.

One file for each command or group, imported when it is called for. Rooms are imported inside the commands, so that
`--help` needs neither CEL, jinja2 nor a cloud SDK.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

import click

from scanner import __version__, registry
from scanner.cli._exit import Exit, exit_code
from scanner.errors import GovscanError

__all__ = ["Exit", "cli", "exit_code", "main", "run"]


class _Commands(click.Group):
    """The modules of this folder, each with a command of its own name."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's signature
        return list(registry.names(__name__))

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in self.list_commands(ctx):
            return None
        command: click.Command = getattr(registry.module(__name__, name), name)
        return command


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="govscan")
def cli() -> None:
    """Judge infrastructure by policies: Terraform plans, Kubernetes manifests, cloud inventories.

    \b
    Exit codes:
      0  clean                3  nothing to scan
      1  findings             4  incomplete: something could not be read or judged
      2  wrong usage, or an invalid configuration or policy
    """  # noqa: D301  # click reads the \b as "do not rewrap what follows"


def run() -> NoReturn:
    """The `govscan` command, as a process of its own.

    It ends without tidying up memory: freeing what was read, object by object, takes a tenth of a large plan's scan.
    """
    code: Any = Exit.CLEAN
    try:
        main()
    except SystemExit as done:
        code = done.code
    try:
        sys.stdout.flush()
    except OSError:  # the reader went away, or the disk is full
        code = Exit.INCOMPLETE
    os._exit(code)


def main(arguments: Sequence[str] | None = None) -> None:
    """What `run` does, where the process goes on.

    Every error a user meets is a sentence and a hint, never a traceback.
    """
    try:
        cli.main(args=arguments, prog_name="govscan", standalone_mode=False)
    except GovscanError as error:
        _fail(error.message, error.hint, Exit.USAGE)
    except click.ClickException as error:
        error.show()
        sys.exit(Exit.USAGE)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(Exit.INTERRUPTED)
    except BrokenPipeError:
        # The reader of a pipe (`| head`) went away; without this Python complains once more while it shuts down.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(Exit.INCOMPLETE)
    except Exception as error:  # the last line of defense: a user must never see a traceback
        if os.environ.get("GOVSCAN_DEBUG"):
            raise
        hint = "This is a mistake in govscan. Run again with GOVSCAN_DEBUG=1 for details and report it."
        _fail(f"{type(error).__name__}: {error}", hint, Exit.INCOMPLETE)


def _fail(message: str, hint: str, code: Exit) -> None:
    click.echo(f"govscan: {message}\n  hint: {hint}", err=True)
    sys.exit(code)
