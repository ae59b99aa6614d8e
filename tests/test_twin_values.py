"""Not only verdicts: what a configuration is said to hold is what its real plan holds, wherever it is said to be known."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from scanner import load
from scanner.model import Ledger, Unknown
from scanner.model import Path as BodyPath

FORMS = Path(__file__).resolve().parent.parent / "fixtures" / "forms" / "model-registry-aws"
CHOICES = load.Terraform("prod", (FORMS / "prod.tfvars", ("trainers", "4"), ("password", "quartz-Meadow-93-saddle")))


def bodies(folder: Path, *suffixes: str) -> dict[str, Any]:
    ledger = Ledger()
    files = tuple(str(path) for path in sorted(folder.iterdir()) if path.name.endswith(suffixes))
    found = load.partitions(files, load.Options(folder, terraform=CHOICES), ledger)
    values = {one.origin.address: one.body["values"] for partition in found for one in partition.documents}
    assert ledger.problems == []
    return values


def known(value: Any, path: BodyPath = ()) -> Iterator[tuple[BodyPath, str]]:
    """Every text, number and truth in a value."""
    if isinstance(value, dict | list):
        for step, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from known(inner, (*path, step))
    elif value is not None and not isinstance(value, Unknown):
        # Some arguments that people set to a truth are texts to the provider.
        yield path, str(value).lower() if isinstance(value, bool) else str(value)


@pytest.mark.parametrize("form", ["native", "json"])
def test_what_is_known_without_a_plan_is_what_the_plan_says(form: str) -> None:
    written, planned = bodies(FORMS / form, ".tf", ".tf.json"), bodies(FORMS / form, "plan.json")
    assert written.keys() == planned.keys()
    said = dict(known(planned))
    unknown = {path for path, value in _every(planned) if isinstance(value, Unknown)}
    ours = dict(known(written))
    assert len(ours) > 50
    wrong = {
        path: (value, said.get(path))
        for path, value in ours.items()
        if value != said.get(path) and not any(path[: len(one)] == one for one in unknown)
    }
    assert wrong == {}


def _every(value: Any, path: BodyPath = ()) -> Iterator[tuple[BodyPath, Any]]:
    yield path, value
    if isinstance(value, dict | list):
        for step, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _every(inner, (*path, step))
