"""Which validations no case exercises in both directions: one that was never seen false may well be unable to fail."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from msgspec import Struct

from scanner import checked_yaml, policy
from scanner.trial import Outcome


class Gap(Struct, frozen=True):
    """A validation that no case has seen say `never`."""

    policy_id: str
    number: int
    """Of the validation, from 1."""
    expression: str
    never: tuple[bool, ...]


def gaps(packs: Sequence[Path], outcomes: Sequence[Outcome]) -> Iterator[Gap]:
    """Every gap, in the order of packs and files. A policy without cases has them all."""
    for path in (path for pack in packs for path in policy.files(pack)):
        seen = [one.answers for one in outcomes if (one.pack, one.policy_id) == (path.parent.name, path.stem)]
        for number, expression in enumerate(_expressions(path)):
            said = {answer for answers in seen for some in answers[number : number + 1] for answer in some}
            never = tuple(answer for answer in (True, False) if answer not in said)
            if never:
                yield Gap(path.stem, number + 1, expression, never)


def _expressions(path: Path) -> list[str]:
    body, broken = checked_yaml.read(path)
    if broken or policy.check_schema(path, body):
        return []
    return [" ".join(entry["expression"].split()) for entry in body["validations"]]
