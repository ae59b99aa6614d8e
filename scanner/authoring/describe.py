"""Everything a reader wants to know about a policy, gathered once for the terminal and for pages."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct

from scanner import checked_yaml, trial
from scanner.authoring import frameworks
from scanner.model import Policy, Severity
from scanner.yaml_positions import Positions


class Case(Struct, frozen=True):
    """One case, as an example."""

    name: str
    source: str
    expect: str
    given: str
    """The input as its author wrote it; empty where it is a file of its own."""


class Description(Struct, frozen=True):
    """A policy with what stands around it."""

    policy: Policy
    """With the organization's choices, if there are any."""
    own_severity: Severity
    own_params: Mapping[str, Any]
    """What its author chose."""
    controls: Mapping[str, str]
    """Cited controls with their titles."""
    cases: tuple[Case, ...]

    def example(self, expect: str) -> Case | None:
        """The first case with this verdict that shows its input."""
        return next((case for case in self.cases if case.expect == expect and case.given), None)


def describe(policies: Sequence[Policy]) -> Iterator[Description]:
    """Each policy, described."""
    titles = frameworks.controls(dict.fromkeys(Path(one.path).parent for one in policies))
    for one in policies:
        body, _ = checked_yaml.read(Path(one.path))
        yield Description(
            policy=one,
            own_severity=Severity(body["severity"]),
            own_params=body.get("params", {}),
            controls={control: titles.get(control, "") for control in one.controls},
            cases=tuple(_cases(Path(one.path))),
        )


def _cases(path: Path) -> Iterator[Case]:
    positions = Positions(path.with_suffix(".test.yaml"))
    for number, case in enumerate(trial.cases(path)):
        given = case.get("given", "")
        text = given if isinstance(given, str) else positions.lines((number, "given"))
        yield Case(case["name"], case["source"], case["expect"], textwrap.dedent(text).strip())


def about(policy: Policy) -> Iterator[tuple[str, Sequence[str]]]:
    """What kinds of resource a policy is about, kind of word by kind of word."""
    match = policy.match
    for name, words in (
        ("types", match.types),
        ("native types", match.native_types),
        ("sources", match.sources),
        ("what a plan destroys", match.changes),
    ):
        if words and tuple(words) != ("*",):
            yield name, words


def questions(policy: Policy) -> Iterator[tuple[str, str]]:
    """The expressions before the validations, with the words that introduce them."""
    if policy.match.where:
        yield "Only where", policy.match.where.text
    if policy.when:
        yield "Applies when", policy.when.text
    if policy.aggregate:
        for name, program in policy.aggregate.group_by.items():
            yield f"By {name}", program.text
        measure = policy.aggregate.measure
        yield f"{policy.aggregate.operator.capitalize()} of", measure.text if measure else "resources"
