"""`govscan schema`: the published schemas, for editors and other tools."""

from __future__ import annotations

import click


@click.command()
@click.argument("name", type=click.Choice(["policy", "pack", "test", "config", "result"]))
def schema(name: str) -> None:
    """Print the JSON Schema of a policy, a pack.yaml, a test file, govscan.yaml or the JSON report."""
    from scanner.authoring.schemas import SCHEMAS  # noqa: PLC0415  # --help needs no room

    click.echo(SCHEMAS[name].read_text(encoding="utf-8"), nl=False)
