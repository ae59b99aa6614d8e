"""What every command that judges is asked: with which policies, which reports to write, and when to fail."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click
from msgspec import Struct

from scanner.cli._exit import Exit, exit_code
from scanner.cli._request import config_option, pack_option
from scanner.cli._terminal import cells
from scanner.model import ScanResult, Severity

if TYPE_CHECKING:
    from scanner.config import Config
    from scanner.scan import Request


class Wanted(Struct, frozen=True):
    """The values of `outcome_options`."""

    reports: tuple[str, ...] = ()
    fail_on: str | None = None
    allow_nothing: bool = False
    quiet: bool = False


def outcome_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Which policies, which reports, and what to exit with. The command is given the last two as `wanted`."""

    def with_wanted(*args: Any, **values: Any) -> Any:
        wanted = Wanted(**{name: values.pop(name) for name in Wanted.__struct_fields__})
        return command(*args, wanted=wanted, **values)

    with_wanted.__doc__ = command.__doc__
    with_wanted.__name__ = command.__name__
    with_wanted.__click_params__ = getattr(command, "__click_params__", [])  # type: ignore[attr-defined]
    decorated: Callable[..., Any] = with_wanted
    for option in reversed((_report, _fail_on, config_option, pack_option, _policy, _allow_nothing, _quiet)):
        decorated = option(decorated)
    return decorated


_report = click.option(
    "--report",
    "reports",
    multiple=True,
    metavar="FILE",
    help="Write a report; its format is the extension (.sarif .html .json .txt) or FORMAT=FILE. Repeatable.",
)
_fail_on = click.option(
    "--fail-on",
    type=click.Choice([severity.value for severity in Severity]),
    help="Exit 1 for findings of this severity or worse. Default: medium, or what govscan.yaml says.",
)
_policy = click.option("--policy", "only", multiple=True, metavar="ID", help="Only this policy. Repeatable; or a,b.")
_allow_nothing = click.option(
    "--allow-nothing", is_flag=True, help="Exit 0, not 3, where nothing could be scanned; for hooks."
)
_quiet = click.option("--quiet", "-q", is_flag=True, help="Print nothing unless there is something to act on.")


def conclude(request: Request, config: Config, wanted: Wanted, *, only_introduced: bool = False) -> NoReturn:
    """Scan, write the reports, print what was found, and exit with what it means."""
    from scanner import report  # noqa: PLC0415  # --help needs no room
    from scanner.scan import scan  # noqa: PLC0415  # likewise

    specs = [report.parse(spec) for spec in wanted.reports]
    result = scan(request)
    threshold = Severity(wanted.fail_on) if wanted.fail_on else config.fail_on
    code = exit_code(result, threshold, allow_nothing=wanted.allow_nothing, only_introduced=only_introduced)
    try:
        report.write(specs, result)
    finally:  # what was found is shown even where a report cannot be written
        if not (wanted.quiet and code is Exit.CLEAN):
            _print_console(result, to_stderr=_takes_stdout(specs), only_introduced=only_introduced)
    sys.exit(code)


def _takes_stdout(specs: Sequence[tuple[Any, Path]]) -> bool:
    return any(str(path) == "-" for _, path in specs)


def _print_console(result: ScanResult, *, to_stderr: bool, only_introduced: bool) -> None:
    from scanner.report import console  # noqa: PLC0415  # --help needs no room

    stream = sys.stderr if to_stderr else sys.stdout
    color = stream.isatty() and "NO_COLOR" not in os.environ
    stream.buffer.write(console.render(result, color=color, width=cells(), only_introduced=only_introduced))
    stream.flush()
