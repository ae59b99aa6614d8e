"""Packs as Markdown pages, the same bytes for the same pack."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from scanner import checked_yaml, policy
from scanner.authoring.describe import Description, about, describe, questions
from scanner.scan import vocabulary

_MADE = "<!-- Made by `govscan policy docs`; change the policies, not this page. -->"


def page_of(pack: Path) -> str:
    """The page of one pack, with all its policies as their authors chose them."""
    policies = policy.load((pack,), vocabulary(), policy.Settings())
    return _page(pack, list(describe(policies)))


def _page(pack: Path, described: Sequence[Description]) -> str:
    about_it, _ = checked_yaml.read(pack / "pack.yaml")
    lines = [
        _MADE,
        "",
        f"# {about_it['title']}",
        "",
        about_it["description"].strip(),
        "",
        "| policy | severity | what is wrong when it fails |",
        "|---|---|---|",
        *(
            f"| [{one.policy.id}](#{one.policy.id}) | {one.own_severity} | {_cell(one.policy.title)} |"
            for one in described
        ),
        "",
    ]
    return "\n".join([*lines, *(line for one in described for line in _policy(one))])


def _policy(one: Description) -> Iterator[str]:
    asked = one.policy
    yield from (f"## {asked.id}", "", f"**{asked.title}.** Severity: {one.own_severity}.", "")
    if asked.deprecated:
        yield from (f"> Deprecated: {asked.deprecated}", "")
    yield from (asked.rationale, "")
    yield from _asked(one)
    yield from ("*Remedy.* " + asked.remediation, "")
    yield from _parameters(one)
    if one.controls:
        yield from ("Controls: " + "; ".join(f"{name} ({title})" for name, title in one.controls.items()) + ".", "")
    if asked.aliases:
        yield from ("Former ids: " + ", ".join(f"`{name}`" for name in asked.aliases) + ".", "")
    yield from _examples(one)


def _asked(one: Description) -> Iterator[str]:
    asked = one.policy
    kinds = [f"{name} {', '.join(f'`{word}`' for word in words)}" for name, words in about(asked)]
    yield from ("About: " + ("; ".join(kinds) or "every resource") + ".", "")
    yield "```cel"
    for label, text in questions(asked):
        yield from (f"// {label.lower()}", text.strip())
    for validation in asked.validations:
        yield from (f"// must hold, else: {' '.join(validation.message.split())}", validation.program.text.strip())
    yield from ("```", "")
    if asked.on_unknown.value == "fail":
        yield from ("What cannot be known counts as a failure.", "")


def _parameters(one: Description) -> Iterator[str]:
    if not one.own_params:
        return
    yield from ("| parameter | default |", "|---|---|")
    for name, value in one.own_params.items():
        yield f"| `{name}` | `{_cell(json.dumps(value, ensure_ascii=False))}` |"
    yield ""


def _examples(one: Description) -> Iterator[str]:
    for expect, words in (("fail", "Fails"), ("pass", "Passes")):
        case = one.example(expect)
        if case:
            yield from (f"{words}: {case.name} (`{case.source}`).", "", "```yaml", *case.given.splitlines(), "```", "")


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
