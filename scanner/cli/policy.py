"""`govscan policy`: everything for those who write policies."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click
from msgspec.structs import replace

from scanner.cli._exit import Exit
from scanner.cli._request import config_of, config_option, pack_option, packs_argument, packs_named, request_of
from scanner.cli._terminal import exit_of, print_lines, terminal
from scanner.cli._terraform import TerraformCommand, terraform_options
from scanner.errors import UsageError


@click.group()
def policy() -> None:
    """Write policies: make one, check it, try it on its cases, understand its verdicts, document it."""


@policy.command("list")
@config_option
@pack_option
@click.option("--format", "kind", type=click.Choice(["text", "json"]), default="text", help="Default: text.")
def list_policies(config_file: Path | None, packs: tuple[str, ...], kind: str) -> None:
    """A line for each policy that is chosen: severity, id, title."""
    from scanner.authoring import show  # noqa: PLC0415  # --help needs no room
    from scanner.scan import policies_of  # noqa: PLC0415  # likewise

    found = policies_of(request_of((".",), config_of((".",), config_file), packs))
    if kind == "json":
        click.echo(json.dumps(show.as_data(found), indent=2))
    else:
        print_lines(show.listed(found, *terminal()))


@policy.command("show")
@click.argument("policy_id", metavar="ID")
@config_option
@pack_option
def show_policy(policy_id: str, config_file: Path | None, packs: tuple[str, ...]) -> None:
    """All about one policy: what it asks, why, how to comply, its parameters, controls and cases."""
    from scanner.authoring import describe, show  # noqa: PLC0415  # --help needs no room
    from scanner.scan import policies_of  # noqa: PLC0415  # likewise

    found = policies_of(request_of((".",), config_of((".",), config_file), packs, (policy_id,)))
    for described in describe.describe(found):
        print_lines(show.page(described, *terminal()))


@policy.command("new")
@click.argument("policy_id", metavar="ID")
@click.option("--pack", type=click.Path(path_type=Path, file_okay=False), required=True, metavar="DIR")
def new_policy(policy_id: str, pack: Path) -> None:
    """Write a commented policy and its cases into a pack, to be edited. The cases fail until you have thought."""
    from scanner.authoring import skeleton  # noqa: PLC0415  # --help needs no room

    for path in skeleton.write(policy_id, pack):
        click.echo(str(path))
    click.echo(f"Edit them; then: govscan policy lint {pack} && govscan policy test {pack}")


@policy.command("docs")
@packs_argument
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True, metavar="DIR")
def document_policies(packs: tuple[str, ...], out: Path) -> None:
    """Write a Markdown page for each of these packs: DIR/<pack>.md."""
    from scanner import report  # noqa: PLC0415  # --help needs no room
    from scanner.authoring import docs  # noqa: PLC0415  # likewise

    for pack in packs_named(packs):
        target = out / f"{pack.resolve().name}.md"
        report.write_file(target, docs.page_of(pack).encode())
        click.echo(str(target))


@policy.command("lint")
@packs_argument
def lint_policies(packs: tuple[str, ...]) -> None:
    """Say everything that is wrong with these packs, each with file, line and column. Exit 2 if anything is.

    PACK is a folder, a folder of packs, or the name of a shipped pack.
    """
    from scanner import policy as policies  # noqa: PLC0415  # --help needs no room
    from scanner.authoring import lint  # noqa: PLC0415  # likewise
    from scanner.report._terminal import counted  # noqa: PLC0415  # likewise

    chosen = packs_named(packs)
    mistakes = lint.mistakes(chosen)
    for mistake in mistakes:
        click.echo(str(mistake))
    seen = counted(sum(len(policies.files(pack)) for pack in chosen), "policy")
    click.echo(f"{seen}, {counted(len(mistakes), 'mistake')}")
    sys.exit(Exit.USAGE if mistakes else Exit.CLEAN)


@policy.command("test")
@packs_argument
@click.option("--junit", "junit_file", type=click.Path(path_type=Path), metavar="FILE", help="Write JUnit XML, for CI.")
def test_policies(packs: tuple[str, ...], junit_file: Path | None) -> None:
    """Run the cases beside each policy of these packs, and say which validations they leave untried.

    PACK is a folder, a folder of packs, or the name of a shipped pack.
    """
    from scanner import report, trial  # noqa: PLC0415  # --help needs no room
    from scanner.authoring import coverage, junit  # noqa: PLC0415  # likewise

    chosen = packs_named(packs)
    outcomes = list(trial.outcomes(chosen))
    if junit_file:
        report.write_file(junit_file, junit.render(outcomes))
    for outcome in outcomes:
        if outcome.wrong:
            click.echo(f"FAILED  {outcome.policy_id}: {outcome.case}\n        {outcome.place}: {outcome.wrong}")
    for gap in coverage.gaps(chosen, outcomes):
        never = " or ".join(str(answer).lower() for answer in gap.never)
        click.echo(f"UNTRIED {gap.policy_id}: validation {gap.number} was never {never}\n        {gap.expression}")
    failed = sum(bool(outcome.wrong) for outcome in outcomes)
    click.echo(f"{len(outcomes) - failed} passed, {failed} failed")
    sys.exit(Exit.NOTHING if not outcomes else Exit.FINDINGS if failed else Exit.CLEAN)


@policy.command("explain", cls=TerraformCommand)
@click.argument("policy_id", metavar="ID")
@click.argument("targets", nargs=-1, required=True, metavar="PATH...")
@click.option("--resource", default="", metavar="ADDRESS", help="Only this resource: its address, uid or name.")
@config_option
@pack_option
@terraform_options
def explain_policy(  # one parameter for each option is how click works
    policy_id: str,
    targets: tuple[str, ...],
    resource: str,
    config_file: Path | None,
    packs: tuple[str, ...],
    **terraform: Any,
) -> None:
    """Why a policy says what it says about what is in these files, step by step."""
    from scanner.authoring import explain  # noqa: PLC0415  # --help needs no room
    from scanner.authoring.look import View  # noqa: PLC0415  # likewise
    from scanner.scan import compiled, scan  # noqa: PLC0415  # likewise

    request = request_of(targets, config_of(targets, config_file), packs, (policy_id,), **terraform)
    [one] = (replace(found, disabled="") for found in compiled(request))
    view = View(targets, request.options)
    explanation = explain.Explanation(one, view, scan(request, [one]), request.options)
    if resource and not any((*view.resources(resource), *view.resources(resource, before=True))):
        raise UsageError(f"There is no resource '{resource}' in {', '.join(targets)}.", "See all: govscan inspect PATH")
    print_lines(explanation.lines(resource, *terminal()))
    sys.exit(exit_of(view))
