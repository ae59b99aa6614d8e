"""Words in, words out: options, files, exit codes. No judgement is made here.

Rooms are imported inside the commands, so that `--help` needs neither CEL, jinja2 nor a cloud SDK.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING

import click

from scanner import __version__
from scanner.errors import GovscanError
from scanner.model import ScanResult, Severity, Verdict

if TYPE_CHECKING:
    from scanner.config import Config
    from scanner.scan import Request


class Exit(IntEnum):
    """What each exit code means; 1 wins over 4."""

    CLEAN = 0
    FINDINGS = 1
    USAGE = 2
    NOTHING = 3
    INCOMPLETE = 4
    INTERRUPTED = 130


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="govscan")
def cli() -> None:
    """Judge infrastructure by policies: Terraform plans, Kubernetes manifests, cloud inventories.

    \b
    Exit codes:
      0  clean                3  nothing to scan
      1  findings             4  incomplete: something could not be read or judged
      2  wrong usage, or an invalid configuration or policy
    """  # noqa: D301  # click reads the \b as "do not rewrap what follows"


@cli.command()
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
@click.option("--config", "config_file", type=click.Path(path_type=Path), help="Use this govscan.yaml.")
@click.option("--pack", "packs", multiple=True, metavar="PACK", help="Only this pack: a name or a folder. Repeatable.")
@click.option("--policy", "only", multiple=True, metavar="ID", help="Only this policy. Repeatable.")
@click.option("--allow-nothing", is_flag=True, help="Exit 0, not 3, where nothing could be scanned; for hooks.")
@click.option("--quiet", "-q", is_flag=True, help="Print nothing unless there is something to act on.")
def scan(  # noqa: PLR0913, PLR0917  # one parameter for each option is how click works
    targets: tuple[str, ...],
    reports: tuple[str, ...],
    fail_on: str | None,
    config_file: Path | None,
    packs: tuple[str, ...],
    only: tuple[str, ...],
    *,
    allow_nothing: bool,
    quiet: bool,
) -> None:
    """Scan files and folders; `-` reads standard input. What each file is is found out by itself."""
    from scanner import report  # noqa: PLC0415  # see the module's docstring
    from scanner.scan import scan as scan_targets  # noqa: PLC0415  # likewise

    specs = [report.parse(spec) for spec in reports]
    config = _config(targets, config_file)
    result = scan_targets(_request(targets, config, packs, only))
    report.write(specs, result)
    code = exit_code(result, Severity(fail_on) if fail_on else config.fail_on, allow_nothing=allow_nothing)
    if not (quiet and code is Exit.CLEAN):
        _print_console(result, to_stderr=any(str(path) == "-" for _, path in specs))
    sys.exit(code)


@cli.group()
def policy() -> None:
    """List policies, and try them on their own cases."""


@policy.command("list")
@click.option("--pack", "packs", multiple=True, metavar="PACK", help="Only this pack: a name or a folder. Repeatable.")
def list_policies(packs: tuple[str, ...]) -> None:
    """One line for each policy: severity, id, title."""
    from scanner.scan import policies_of  # noqa: PLC0415  # see the module's docstring

    request = _request((".",), _config((".",), None), packs, ())
    for one in sorted(policies_of(request), key=lambda one: (one.family, one.id)):
        click.echo(f"{one.family:<13} {one.severity:<9} {one.id:<40} {one.title}")


@policy.command("test")
@click.argument("folders", nargs=-1, required=True, metavar="PACK...", type=click.Path(path_type=Path))
def test_policies(folders: tuple[Path, ...]) -> None:
    """Run the cases beside each policy of these packs (folders, or folders of packs)."""
    from scanner import trial  # noqa: PLC0415  # see the module's docstring
    from scanner.policy import packs as packs_in  # noqa: PLC0415  # likewise

    chosen = [pack for folder in folders for pack in packs_in(folder)]
    outcomes = list(trial.outcomes(chosen))
    for outcome in outcomes:
        if outcome.wrong:
            click.echo(f"FAILED  {outcome.policy_id}: {outcome.case}\n        {outcome.wrong}")
    failed = sum(bool(outcome.wrong) for outcome in outcomes)
    click.echo(f"{len(outcomes) - failed} passed, {failed} failed")
    sys.exit(Exit.NOTHING if not outcomes else Exit.FINDINGS if failed else Exit.CLEAN)


def exit_code(result: ScanResult, fail_on: Severity, *, allow_nothing: bool = False) -> Exit:
    """What the result means for a gate."""
    failed = (found for found in result.findings if found.verdict is Verdict.FAIL)
    if any(result.policies[found.policy_id].severity.at_least(fail_on) for found in failed):
        return Exit.FINDINGS
    if result.problems or result.count(Verdict.ERROR):
        return Exit.INCOMPLETE
    if not result.resources or not result.policies:
        return Exit.CLEAN if allow_nothing else Exit.NOTHING
    return Exit.CLEAN


def main(arguments: Sequence[str] | None = None) -> None:
    """The `govscan` command. Every error a user meets is a sentence and a hint, never a traceback."""
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


def _config(targets: Sequence[str], given: Path | None) -> Config:
    """The configuration named, or the nearest one above the first target, or the defaults."""
    from scanner import config  # noqa: PLC0415  # see the module's docstring

    start = _start(targets)
    path = given or config.find(start)
    return config.load(path) if path else config.Config(folder=start)


def _request(targets: tuple[str, ...], config: Config, packs: tuple[str, ...], only: tuple[str, ...]) -> Request:
    from scanner import load  # noqa: PLC0415  # see the module's docstring
    from scanner import policy as policies  # noqa: PLC0415  # likewise
    from scanner.scan import Request  # noqa: PLC0415  # likewise

    base = _base(_start(targets))
    chosen = [policies.find_pack(name, Path.cwd()) for name in packs]
    chosen = chosen or [policies.find_pack(name, config.folder) for name in config.packs]
    return Request(
        targets=targets,
        packs=tuple(chosen or policies.packs(policies.shipped())),
        options=load.Options(base=base, excludes=_excludes(config, base)),
        settings=policies.Settings(params=config.params, only=only),
    )


def _start(targets: Sequence[str]) -> Path:
    """The folder of the first target; the working folder for standard input."""
    first = Path(targets[0] if targets[0] != "-" else ".").resolve()
    return first if first.is_dir() else first.parent


def _base(start: Path) -> Path:
    """What paths in reports are relative to: the repository's root, else the working folder, else the target's."""
    root = next((folder for folder in (start, *start.parents) if (folder / ".git").exists()), None)
    here = Path.cwd().resolve()
    return root or (here if start.is_relative_to(here) else start)


def _excludes(config: Config, base: Path) -> tuple[str, ...]:
    """The configuration's patterns, made relative to `base`."""
    folder = config.folder.resolve()
    if folder == base or not folder.is_relative_to(base):
        return config.exclude
    prefix = folder.relative_to(base).as_posix()
    return tuple(f"/{prefix}/{'' if '/' in one.rstrip('/') else '**/'}{one.lstrip('/')}" for one in config.exclude)


def _print_console(result: ScanResult, *, to_stderr: bool) -> None:
    from scanner.report import console  # noqa: PLC0415  # see the module's docstring

    stream = sys.stderr if to_stderr else sys.stdout
    color = stream.isatty() and "NO_COLOR" not in os.environ
    width = shutil.get_terminal_size((100, 24)).columns
    stream.buffer.write(console.render(result, color=color, width=width))
    stream.flush()
