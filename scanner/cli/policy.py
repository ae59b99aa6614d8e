"""`govscan policy`: everything for those who write policies."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from scanner.cli._exit import Exit
from scanner.cli._request import config_of, pack_option, request_of


@click.group()
def policy() -> None:
    """List policies, and try them on their own cases."""


@policy.command("list")
@pack_option
def list_policies(packs: tuple[str, ...]) -> None:
    """One line for each policy: severity, id, title."""
    from scanner.scan import policies_of  # noqa: PLC0415  # --help needs no room

    request = request_of((".",), config_of((".",)), packs)
    for one in sorted(policies_of(request), key=lambda one: (one.family, one.id)):
        click.echo(f"{one.family:<13} {one.severity:<9} {one.id:<40} {one.title}")


@policy.command("test")
@click.argument("folders", nargs=-1, required=True, metavar="PACK...", type=click.Path(path_type=Path))
def test_policies(folders: tuple[Path, ...]) -> None:
    """Run the cases beside each policy of these packs (folders, or folders of packs)."""
    from scanner import trial  # noqa: PLC0415  # --help needs no room
    from scanner.policy import packs as packs_in  # noqa: PLC0415  # likewise

    chosen = [pack for folder in folders for pack in packs_in(folder)]
    outcomes = list(trial.outcomes(chosen))
    for outcome in outcomes:
        if outcome.wrong:
            click.echo(f"FAILED  {outcome.policy_id}: {outcome.case}\n        {outcome.wrong}")
    failed = sum(bool(outcome.wrong) for outcome in outcomes)
    click.echo(f"{len(outcomes) - failed} passed, {failed} failed")
    sys.exit(Exit.NOTHING if not outcomes else Exit.FINDINGS if failed else Exit.CLEAN)
