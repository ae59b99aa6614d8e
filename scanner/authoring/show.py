"""Policies as text for a terminal: a list with a line for each, or all about one."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from scanner.authoring.describe import Case, Description, about, questions
from scanner.authoring.text import bare, hanging
from scanner.model import Policy
from scanner.report._terminal import Ink, clip, shown

_LABEL = 14
_EXAMPLE = 30
"""Lines of an example that are shown."""


def listed(policies: Sequence[Policy], ink: Ink, width: int) -> Iterator[str]:
    """A line for each policy, by family and id."""
    widest = max((len(one.id) for one in policies), default=0)
    family = ""
    for one in sorted(policies, key=lambda one: (one.family, one.id)):
        if one.family != family:
            yield from [""] if family else []
            yield ink("strong", shown(one.family))
            family = one.family
        mark = "  (disabled)" if one.disabled else "  (deprecated)" if one.deprecated else ""
        head = f"  {ink(one.severity.value, f'{one.severity.value:<9}')}{one.id:<{widest}}  "
        yield f"{head}{clip(shown(one.title), max(width - bare(head) - len(mark), 20))}{ink('faint', mark)}"


def as_data(policies: Iterable[Policy]) -> list[dict[str, Any]]:
    """The same for programs."""
    return [
        {
            "id": one.id,
            "title": one.title,
            "severity": one.severity.value,
            "family": one.family,
            "pack": one.pack,
            "types": list(one.match.types),
            "controls": list(one.controls),
            "params": dict(one.params),
            "aliases": list(one.aliases),
            "deprecated": one.deprecated,
            "disabled": one.disabled,
        }
        for one in sorted(policies, key=lambda one: (one.family, one.id))
    ]


def page(one: Description, ink: Ink, width: int) -> Iterator[str]:
    """All about one policy."""
    policy = one.policy
    yield f"{ink('strong', policy.id)}  {ink(policy.severity.value, policy.severity.value)}  {shown(policy.family)}"
    yield from hanging("", policy.title, width)
    yield ""
    for label, text in _facts(one):
        yield from hanging(_label(label, ink), text, width)
    for number, validation in enumerate(policy.validations):
        yield from hanging(_label("" if number else "Must hold", ink), validation.program.text, width)
        yield from hanging(f"{_label('', ink)}  else: ", validation.message, width)
    for number, (name, value) in enumerate(policy.params.items()):
        yield from hanging(_label("" if number else "Parameters", ink), _parameter(one, name, value), width)
    yield ""
    yield from hanging(_label("Why", ink), policy.rationale, width)
    yield from hanging(_label("Remedy", ink), policy.remediation, width)
    yield from _controls(one, ink, width)
    yield ""
    yield from _cases(one, ink, width)


def _facts(one: Description) -> Iterator[tuple[str, str]]:
    policy = one.policy
    if policy.disabled:
        yield "Disabled", f"in govscan.yaml: {policy.disabled}"
    if policy.deprecated:
        yield "Deprecated", policy.deprecated
    if policy.aliases:
        yield "Former ids", ", ".join(policy.aliases)
    if policy.severity is not one.own_severity:
        yield "Severity", f"{policy.severity} by govscan.yaml; its own is {one.own_severity}"
    yield "Pack", f"{policy.pack} ({_near(policy.path)})"
    kinds = [f"{name} {', '.join(words)}" for name, words in about(policy)]
    yield "About", "; ".join(kinds) or "every resource"
    yield from questions(policy)
    if policy.on_unknown.value == "fail":
        yield "If unknown", "it fails: what cannot be proven is taken for wrong"


def _near(path: str) -> str:
    """The path as one would type it here."""
    here = Path.cwd()
    return str(Path(path).relative_to(here)) if Path(path).is_relative_to(here) else path


def _parameter(one: Description, name: str, value: Any) -> str:
    own = one.own_params[name]
    changed = "" if value == own else f"  (by govscan.yaml; the default is {_json(own)})"
    return f"{name} = {_json(value)}{changed}"


def _controls(one: Description, ink: Ink, width: int) -> Iterator[str]:
    widest = max((len(control) for control in one.controls), default=0)
    for number, (control, title) in enumerate(one.controls.items()):
        yield from hanging(f"{_label('' if number else 'Controls', ink)}{control:<{widest}}  ", title, width)


def _cases(one: Description, ink: Ink, width: int) -> Iterator[str]:
    for number, case in enumerate(one.cases):
        label = _label("" if number else "Cases", ink)
        yield from hanging(f"{label}{case.expect:<15}", f"{case.name} ({case.source})", width)
    for expect in ("fail", "pass"):
        example = one.example(expect)
        if example:
            yield ""
            yield from _example(example, ink, width)


def _example(case: Case, ink: Ink, width: int) -> Iterator[str]:
    yield ink("strong", f"Example: {shown(case.name)} ({case.expect})")
    lines = case.given.splitlines()
    yield from (clip(f"  {shown(line)}", width) for line in lines[:_EXAMPLE])
    if len(lines) > _EXAMPLE:
        yield ink("faint", f"  and {len(lines) - _EXAMPLE} more lines")


def _label(text: str, ink: Ink) -> str:
    return f"{ink('faint', text)}{' ' * max(_LABEL - len(text), 1)}"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
