"""The options that Terraform's own command line has for variables and workspaces, meaning the same here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click

from scanner.patterns import regex

Value = Path | tuple[str, str]
"""A variable file, or the name of one variable with its value."""

_ASSIGNED = regex(r"([A-Za-z_][\w-]*)=([\s\S]*)")


class TerraformCommand(click.Command):
    """A command with `terraform_options`, which it is given as one: `values`, a later one of which wins."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Keep the order in which variables and variable files were named, which click forgets."""
        _, _, order = self.make_parser(ctx).parse_args(args=list(args))
        rest = super().parse_args(ctx, args)
        given = {name: iter(ctx.params.pop(name, ())) for name in ("var", "var_file")}
        ctx.params["values"] = tuple(_in_order([option.name or "" for option in order], given))
        return rest


def _in_order(names: list[str], given: dict[str, Iterator[Value]]) -> Iterator[Value]:
    for name in names:
        if (value := next(given.get(name, iter(())), None)) is not None:
            yield value


def terraform_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--var-file`, `--var` and `--workspace`."""
    file = click.Path(exists=True, dir_okay=False, resolve_path=True, path_type=Path)
    for option in (
        click.option(
            "--workspace",
            metavar="NAME",
            default="",
            help="What terraform.workspace is, without a plan.",
        ),
        click.option(
            "--var", multiple=True, metavar="NAME=VALUE", callback=_assigned, help="A Terraform variable. Repeatable."
        ),
        click.option("--var-file", multiple=True, type=file, metavar="FILE", help="Terraform variables. Repeatable."),
    ):
        command = option(command)
    return command


def _assigned(_: click.Context, option: click.Parameter, values: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    found = [_ASSIGNED.fullmatch(value) for value in values]
    for value, match in zip(values, found, strict=True):
        if match is None:
            # What follows the name may be secret.
            raise click.BadParameter(f"'{value.partition('=')[0]}' is not NAME=VALUE.", param=option)
    return tuple((match[1], match[2]) for match in found if match)
