"""`govscan inspect`: what a policy author has to work with."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from scanner.cli._request import config_of, config_option, request_of
from scanner.cli._terminal import exit_of
from scanner.cli._terraform import TerraformCommand, terraform_options
from scanner.errors import ConfigError, UsageError

if TYPE_CHECKING:
    from scanner.scan import Request


@click.command(cls=TerraformCommand)
@click.argument("targets", nargs=-1, metavar="PATH...")
@click.option("--resource", default="", metavar="ADDRESS", help="Only this resource: its address, uid or name.")
@click.option("--native", is_flag=True, help="Show the body as its source writes it, too (resource.native).")
@click.option("--format", "kind", type=click.Choice(["yaml", "json"]), default="yaml", help="Default: yaml.")
@click.option("--vocabulary", is_flag=True, help="Instead list every name an expression may use, as Markdown.")
@config_option
@terraform_options
def inspect(  # noqa: PLR0913  # one parameter for each option is how click works
    targets: tuple[str, ...],
    resource: str,
    kind: str,
    config_file: Path | None,
    *,
    native: bool,
    vocabulary: bool,
    **terraform: Any,
) -> None:
    """Print resources as an expression sees them: attributes, facts, and what is not known with the reason."""
    if vocabulary:
        from scanner.authoring.vocabulary import page  # noqa: PLC0415  # --help needs no room
        from scanner.policy import RESOURCE  # noqa: PLC0415  # likewise

        click.echo(page(RESOURCE), nl=False)
        return
    if not targets:
        raise UsageError("There is nothing to inspect.", "Give files or folders, or --vocabulary.")
    request = request_of(targets, config_of(targets, config_file), **terraform)
    if request.settings.wrong:  # no policy is loaded here, which would say the same
        lines = "\n".join(map(str, request.settings.wrong))
        raise ConfigError(f"The configuration cannot be used:\n{lines}", "Correct each line above and run again.")
    _inspect(targets, resource, kind, request, native=native)


def _inspect(targets: tuple[str, ...], resource: str, kind: str, request: Request, *, native: bool) -> None:
    from scanner.authoring import inspect as room  # noqa: PLC0415  # --help needs no room
    from scanner.authoring.look import View  # noqa: PLC0415  # likewise
    from scanner.report._visible import visible_lines  # noqa: PLC0415  # likewise

    view = View(targets, request.options)
    found = list(room.entries(view, resource, native=native))
    if resource and not found:
        raise UsageError(f"There is no resource '{resource}' in {', '.join(targets)}.", "See all without --resource.")
    written = room.as_yaml(found) if kind == "yaml" else json.dumps(found, indent=2) + "\n"
    click.echo(visible_lines(written), nl=False)
    sys.exit(exit_of(view))
