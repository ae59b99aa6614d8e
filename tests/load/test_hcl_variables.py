"""What variables and `terraform.workspace` are without a plan: Terraform's own order, and nothing guessed."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scanner import load
from scanner.model import Ledger, Unknown

Write = Callable[[str, str | bytes], Path]
Evaluate = Callable[..., dict[str, Any]]
MAIN = 'variable "v" {}\nvariable "w" { default = "d" }\nresource "a_b" "c" {\n  v = var.v\n  w = var.w\n  s = terraform.workspace\n}\n'


def evaluated(base: Path, values: tuple[Any, ...] = (), workspace: str = "") -> tuple[dict[str, Any], Ledger]:
    ledger = Ledger()
    options = load.Options(base, terraform=load.Terraform(workspace, values))
    documents = [one for part in load.partitions((".",), options, ledger) for one in part.documents]
    (found,) = [one.body["values"] for one in documents if one.origin.address == "a_b.c"]
    return dict(found), ledger


@pytest.fixture
def evaluate(base: Path) -> Evaluate:
    def evaluate(*values: Any, workspace: str = "") -> dict[str, Any]:
        found, ledger = evaluated(base, values, workspace)
        assert ledger.problems == []
        return found

    return evaluate


def test_a_later_value_wins_in_terraforms_order(write: Write, evaluate: Evaluate) -> None:
    write("main.tf", MAIN)
    assert isinstance(evaluate()["v"], Unknown)
    steps = [
        ("terraform.tfvars", 'v = "1"'),
        ("terraform.tfvars.json", '{"v": "2"}'),
        ("a.auto.tfvars.json", '{"v": "3"}'),
        ("b.auto.tfvars", 'v = "4"'),
    ]
    for number, (name, text) in enumerate(steps, 1):
        write(name, text)
        assert evaluate()["v"] == str(number)
    file = write("env/prod.tfvars", 'v = "5"\nw = "file"\nnowhere = 1\n')
    found = evaluate(file)
    assert (found["v"], found["w"]) == ("5", "file")
    assert evaluate(file, ("v", "6"))["v"] == "6"
    assert evaluate(("v", "6"), file)["v"] == "5"


def test_json_variable_files_make_a_variable_known(write: Write, evaluate: Evaluate) -> None:
    write("main.tf", MAIN)
    assert evaluate(write("prod.tfvars.json", '{"v": {"a": [1, "x"]}}'))["v"] == {"a": [1, "x"]}


@pytest.mark.parametrize(
    ("declared", "value", "expected"),
    [
        ("", "text", "text"),
        ("", "[1]", "[1]"),
        ("type = string", '${quo"ted}\\', '${quo"ted}\\'),
        ("type = number", "3", 3),
        ("type = bool", "true", True),
        ("type = list(string)", '["a", "b"]', ["a", "b"]),
        ("type = map(string)", '{ a = "b" }', {"a": "b"}),
    ],
)
def test_a_single_variable_is_read_as_its_type_asks(
    write: Write, evaluate: Evaluate, declared: str, value: str, expected: Any
) -> None:
    write("main.tf", f'variable "v" {{\n  {declared}\n}}\nresource "a_b" "c" {{\n  v = var.v\n}}\n')
    assert evaluate(("v", value)) == {"v": expected}


def test_a_value_for_a_variable_that_nobody_declares_is_said(write: Write, base: Path) -> None:
    write("main.tf", MAIN)
    _, ledger = evaluated(base, (("typo", "secret-value"),))
    (problem,) = ledger.problems
    assert (problem.where, problem.incomplete) == ("--var typo", False)
    assert "secret-value" not in problem.message


def test_sensitive_variables_stay_unknown_whoever_sets_them(write: Write, evaluate: Evaluate) -> None:
    write("main.tf", 'variable "v" { sensitive = true }\nresource "a_b" "c" { v = var.v }\n')
    file = write("p.tfvars", 'v = "hunter2"\n')
    for given in (file, ("v", "hunter2")):
        assert evaluate(given)["v"].reason == "comes from var.v, which is sensitive"


def test_the_environment_is_not_read(write: Write, evaluate: Evaluate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TF_VAR_v", "env")
    monkeypatch.setenv("TF_WORKSPACE", "env")
    write("main.tf", MAIN)
    found = evaluate()
    assert isinstance(found["v"], Unknown)
    assert isinstance(found["s"], Unknown)


def test_the_workspace_is_known_where_somebody_says_so(write: Write, evaluate: Evaluate) -> None:
    write("main.tf", MAIN)
    assert evaluate()["s"].reason == "comes from terraform.workspace, which only a plan can tell"
    assert evaluate(workspace="prod")["s"] == "prod"
    write(".terraform/environment", "stage\n")
    assert evaluate()["s"] == "stage"
    assert evaluate(workspace="prod")["s"] == "prod"


def test_the_workspace_decides_how_many_there_are(write: Write, evaluate: Evaluate) -> None:
    write("main.tf", 'resource "a_b" "c" { count = terraform.workspace == "prod" ? 1 : 2 }\nresource "a_b" "c2" {}\n')
    ledger = Ledger()
    options = load.Options(Path(), terraform=load.Terraform("prod"))
    documents = [one for part in load.partitions((".",), options, ledger) for one in part.documents]
    assert [one.origin.address for one in documents] == ["a_b.c[0]", "a_b.c2"]


def test_a_variable_file_that_is_broken_is_one_problem(write: Write, base: Path) -> None:
    write("main.tf", MAIN)
    broken = write("broken.tfvars", "v = \n")
    ledger = Ledger()
    options = load.Options(base, terraform=load.Terraform("", (broken,)))
    assert [list(part.documents) for part in load.partitions((".",), options, ledger)] == [[]]
    assert [problem.where for problem in ledger.problems] == ["."]
