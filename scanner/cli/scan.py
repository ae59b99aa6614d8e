"""`govscan scan`: the one command most people need."""

from __future__ import annotations

from pathlib import Path

import click
from msgspec.structs import replace

from scanner.cli._outcome import Wanted, conclude, outcome_options
from scanner.cli._request import config_of, request_of
from scanner.cli._terraform import TerraformCommand, Value, terraform_options


@click.command(cls=TerraformCommand)
@click.argument("targets", nargs=-1, required=True, metavar="PATH...")
@outcome_options
@click.option(
    "--only",
    "gate",
    type=click.Choice(["introduced"]),
    help="Exit 1 only for what the change of a plan introduces, and for what has no before; the rest is only counted.",
)
@click.option(
    "--admission",
    multiple=True,
    metavar="FILE|DIR",
    help="Judge manifests by the ValidatingAdmissionPolicy objects in here as well. Repeatable.",
)
@terraform_options
@click.option("--no-render", is_flag=True, help="Leave charts and kustomizations alone; run no helm or kubectl.")
def scan(  # noqa: PLR0913, PLR0917  # one parameter for each option is how click works
    targets: tuple[str, ...],
    wanted: Wanted,
    gate: str | None,
    config_file: Path | None,
    packs: tuple[str, ...],
    only: tuple[str, ...],
    admission: tuple[str, ...],
    values: tuple[Value, ...],
    workspace: str,
    *,
    no_render: bool,
) -> None:
    """Scan files and folders; `-` reads standard input. What each file is is found out by itself."""
    config = config_of(targets, config_file)
    request = request_of(targets, config, packs, only, workspace=workspace, values=values, render=not no_render)
    introduced = (gate or config.only) == "introduced"
    conclude(replace(request, admission=admission), config, wanted, only_introduced=introduced)
