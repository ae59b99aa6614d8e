"""`govscan scan`: the one command most people need."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import click
from msgspec.structs import replace

from scanner.cli._exit import Exit, exit_code
from scanner.cli._request import config_of, config_option, pack_option, request_of
from scanner.cli._terraform import TerraformCommand, Value, terraform_options
from scanner.model import ScanResult, Severity


@click.command(cls=TerraformCommand)
@click.argument("targets", nargs=-1, required=True, metavar="PATH...")
@click.option(
    "--report",
    "reports",
    multiple=True,
    metavar="FILE",
    help="Write a report; its format is the extension (.sarif .html .json .txt) or FORMAT=FILE. Repeatable.",
)
@click.option(
    "--fail-on",
    type=click.Choice([severity.value for severity in Severity]),
    help="Exit 1 for findings of this severity or worse. Default: medium, or what govscan.yaml says.",
)
@click.option(
    "--only",
    "gate",
    type=click.Choice(["introduced"]),
    help="Exit 1 only for what the change of a plan introduces, and for what has no before; the rest is only counted.",
)
@config_option
@pack_option
@click.option("--policy", "only", multiple=True, metavar="ID", help="Only this policy. Repeatable.")
@click.option(
    "--admission",
    multiple=True,
    metavar="FILE|DIR",
    help="Judge manifests by the ValidatingAdmissionPolicy objects in here as well. Repeatable.",
)
@terraform_options
@click.option("--no-render", is_flag=True, help="Leave charts and kustomizations alone; run no helm or kubectl.")
@click.option("--allow-nothing", is_flag=True, help="Exit 0, not 3, where nothing could be scanned; for hooks.")
@click.option("--quiet", "-q", is_flag=True, help="Print nothing unless there is something to act on.")
def scan(  # noqa: PLR0913, PLR0917  # one parameter for each option is how click works
    targets: tuple[str, ...],
    reports: tuple[str, ...],
    fail_on: str | None,
    gate: str | None,
    config_file: Path | None,
    packs: tuple[str, ...],
    only: tuple[str, ...],
    admission: tuple[str, ...],
    values: tuple[Value, ...],
    workspace: str,
    *,
    no_render: bool,
    allow_nothing: bool,
    quiet: bool,
) -> None:
    """Scan files and folders; `-` reads standard input. What each file is is found out by itself."""
    from scanner import report  # noqa: PLC0415  # --help needs no room
    from scanner.scan import scan as scan_targets  # noqa: PLC0415  # likewise

    specs = [report.parse(spec) for spec in reports]
    config = config_of(targets, config_file)
    request = request_of(targets, config, packs, only, workspace=workspace, values=values, render=not no_render)
    result = scan_targets(replace(request, admission=admission))
    threshold = Severity(fail_on) if fail_on else config.fail_on
    introduced = (gate or config.only) == "introduced"
    code = exit_code(result, threshold, allow_nothing=allow_nothing, only_introduced=introduced)
    try:
        report.write(specs, result)
    finally:  # what was found is shown even where a report cannot be written
        if not (quiet and code is Exit.CLEAN):
            _print_console(result, to_stderr=any(str(path) == "-" for _, path in specs), only_introduced=introduced)
    sys.exit(code)


def _print_console(result: ScanResult, *, to_stderr: bool, only_introduced: bool) -> None:
    from scanner.report import console  # noqa: PLC0415  # --help needs no room

    stream = sys.stderr if to_stderr else sys.stdout
    color = stream.isatty() and "NO_COLOR" not in os.environ
    width = shutil.get_terminal_size((100, 24)).columns
    stream.buffer.write(console.render(result, color=color, width=width, only_introduced=only_introduced))
    stream.flush()
