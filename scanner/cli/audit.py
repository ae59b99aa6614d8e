"""`govscan audit`: the same policies over what runs."""

from __future__ import annotations

from pathlib import Path

import click
from msgspec.structs import replace

from scanner.cli._outcome import Wanted, conclude, outcome_options
from scanner.cli._request import config_of, request_of

_HERE = (".",)
"""Where the configuration is looked for, as there are no files."""


@click.group()
def audit() -> None:
    """Judge what runs in a cloud account. Nothing is changed: only what lists and describes is called."""


@audit.command()
@click.option(
    "--region",
    "regions",
    multiple=True,
    metavar="REGION",
    help="Look at this region, or at `all`. Repeatable. Default: that of AWS_REGION or the profile.",
)
@outcome_options
def aws(
    regions: tuple[str, ...],
    wanted: Wanted,
    config_file: Path | None,
    packs: tuple[str, ...],
    only: tuple[str, ...],
) -> None:
    """Judge an AWS account, signed in as for the AWS CLI: AWS_PROFILE, AWS_ACCESS_KEY_ID, an instance role."""
    from scanner.load import Audit  # noqa: PLC0415  # --help needs no room

    config = config_of(_HERE, config_file)
    request = request_of(_HERE, config, packs, only)
    options = replace(request.options, audit=Audit("aws", regions))
    conclude(replace(request, targets=("aws", *regions), options=options), config, wanted)
