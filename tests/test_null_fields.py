"""A field that is null is judged as if it were not there, whichever it is: templates leave such fields behind."""

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from scanner.model import Document, Origin
from scanner.normalize import kubernetes
from tests.shipped import Case, manifests

IDENTITY = {"apiVersion", "kind", "name", "namespace"}
CASES = dict(manifests())


def fields(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(value, dict):
        yield from ((*path, key) for key in value)
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from fields(inner, (*path, key))


def holder(body: Any, path: tuple[Any, ...]) -> Any:
    for key in path[:-1]:
        body = body[key]
    return body


def understood(bodies: list[Any]) -> str:
    """As text, because what is unknown cannot be compared."""
    documents = (Document("kubernetes", body, Origin("x", "kubernetes_manifest")) for body in bodies)
    return repr(list(kubernetes.resources(documents)))


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_null_field_is_no_field(case: Case) -> None:
    for number, body in enumerate(case.given):
        for path in fields(body):
            if path[-1] in IDENTITY:
                continue
            null, absent = copy.deepcopy(case.given), copy.deepcopy(case.given)
            holder(null[number], path)[path[-1]] = None
            del holder(absent[number], path)[path[-1]]
            assert understood(null) == understood(absent), path
