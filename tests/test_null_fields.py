"""A field that is null is judged as if it were not there, whichever it is: templates leave such fields behind."""

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import ryaml

from scanner import policy, trial
from scanner.model import Document, Origin
from scanner.normalize import kubernetes

ROOT = Path(__file__).resolve().parent.parent
IDENTITY = {"apiVersion", "kind", "name", "namespace"}


def given() -> Iterator[tuple[str, list[Any]]]:
    """The objects of every case of a shipped policy about manifests."""
    for pack in policy.packs(ROOT / "policies"):
        for path in policy.files(pack):
            for case in trial.cases(path):
                if case["source"] == "kubernetes_manifest" and isinstance(case.get("given"), str):
                    bodies = [body for body in ryaml.loads_all(case["given"]) if isinstance(body, dict)]
                    yield f"{path.stem}: {case['name']}", bodies


def fields(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(value, dict):
        yield from ((*path, key) for key in value)
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from fields(inner, (*path, key))


def understood(bodies: list[Any]) -> str:
    """As text, because what is unknown cannot be compared."""
    documents = (Document("kubernetes", body, Origin("x", "kubernetes_manifest")) for body in bodies)
    return repr(list(kubernetes.resources(documents)))


def holder(body: Any, path: tuple[Any, ...]) -> Any:
    for key in path[:-1]:
        body = body[key]
    return body


CASES = dict(given())


@pytest.mark.parametrize("name", CASES)
def test_a_null_field_is_no_field(name: str) -> None:
    bodies = CASES[name]
    for number, body in enumerate(bodies):
        for path in fields(body):
            if path[-1] in IDENTITY:
                continue
            null, absent = copy.deepcopy(bodies), copy.deepcopy(bodies)
            holder(null[number], path)[path[-1]] = None
            del holder(absent[number], path)[path[-1]]
            assert understood(null) == understood(absent), path
