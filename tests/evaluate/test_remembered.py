"""What is remembered of an expression's answers never tells one resource's answer about another one."""

from pathlib import Path
from typing import Any

import pytest

from scanner import evaluate
from scanner.model import Inventory, Unknown
from tests.evaluate.harness import Facts, a_policy, a_resource

HIDDEN = Unknown("known after apply", "native.a")


def said(folder: Path, expression: str, hole: str, *natives: dict[str, Any]) -> list[tuple[str, list[Any]]]:
    """Message and values read, for each of these bodies judged in one scan."""
    policy = a_policy(folder, validations=[{"expression": expression, "message": "it is {" + hole + "}"}])
    resources = [a_resource(f"b{number}", native=native) for number, native in enumerate(natives)]
    judged = evaluate.Judge([policy]).partition(Inventory(resources), Facts())
    return [(one.message, [read.value for read in one.reads]) for one in judged]


@pytest.mark.parametrize(
    "values", [(1, True), (0, False), (1, 1.0), ("1", 1), ([1], [True]), ({"a": 1}, {"b": 1}), (None, "null")]
)
def test_values_that_python_takes_for_equal_are_told_apart(tmp_path: Path, values: tuple[Any, Any]) -> None:
    bodies = [{"a": value} for value in values]
    found = said(tmp_path, "dyn(resource.native.a) == 'good'", "resource.native.a", *bodies)
    assert [reads for _, reads in found] == [[value] for value in values]
    assert [type(reads[0]) for _, reads in found] == [type(value) for value in values]


def test_a_key_with_dots_is_one_step(tmp_path: Path) -> None:
    bodies = [{"labels": {"app": "x", "app.io/name": name}} for name in ("one", "two")]
    path = "resource.native.labels['app.io/name']"
    assert [message for message, _ in said(tmp_path, f"{path} == 'good'", path, *bodies)] == ["it is one", "it is two"]


def test_what_is_not_there_differs_from_null_and_from_what_is_not_known(tmp_path: Path) -> None:
    bodies = [{}, {"a": None}, {"a": HIDDEN}, {"a": HIDDEN}, {"a": "bad"}]
    found = said(
        tmp_path, "resource.native.?a.orValue('none') == 'good'", "resource.native.?a.orValue('none')", *bodies
    )
    assert [message for message, _ in found] == [
        "it is none",
        "it is None",
        "cannot be decided: native.a is not known (known after apply)",
        "cannot be decided: native.a is not known (known after apply)",
        "it is bad",
    ]


def test_where_every_resource_differs_each_is_still_answered_by_itself(tmp_path: Path) -> None:
    bodies = [{"a": str(number)} for number in range(300)]
    found = said(tmp_path, "dyn(resource.native.a) == 'good'", "resource.native.a", *bodies)
    assert found == [(f"it is {number}", [str(number)]) for number in range(300)]


def test_equal_resources_keep_lines_of_their_own(tmp_path: Path) -> None:
    policy = a_policy(
        tmp_path, validations=[{"expression": "dyn(resource.native.a) == 'good'", "message": "it is bad"}]
    )
    resources = [a_resource(f"b{number}", native={"a": "bad"}) for number in range(20)]
    judged = list(evaluate.Judge([policy]).partition(Inventory(resources), Facts()))
    assert [one.place.origin for one in judged] == [one.origin for one in resources]


def test_an_expression_is_not_asked_again_about_equal_values(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    policy = a_policy(
        tmp_path, validations=[{"expression": "dyn(resource.native.a) == 'good'", "message": "it is bad"}]
    )
    resources = [a_resource(f"b{number}", native={"a": "bad"}) for number in range(50)]
    asked = []
    program = type(policy.validations[0].program)
    explain = program.explain
    monkeypatch.setattr(program, "explain", lambda self, roots: (asked.append(self), explain(self, roots))[1])
    assert len(list(evaluate.Judge([policy]).partition(Inventory(resources), Facts()))) == 50
    assert len(asked) == 1
