"""Terraform configuration without a plan: what is known, what is not, and which folders are judged."""

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from scanner import load
from scanner.errors import LoadError
from scanner.load._hcl import roots as hcl_roots
from scanner.load._hcl import tree as hcl_tree
from scanner.load._hcl.evaluator import Evaluator
from scanner.load.terraform_hcl import LONELY, PLANNED
from scanner.model import Citation, Document, Unknown
from tests.load.conftest import Loaded

Write = Callable[[str, str | bytes], Path]
Read = Callable[..., Loaded]


def only(loaded: Loaded) -> Document:
    (document,) = loaded.documents
    return document


@pytest.fixture
def value(write: Write, read: Read) -> Callable[..., Any]:
    """The value of one argument, written after some declarations."""

    def value(expression: str, declarations: str = "") -> Any:
        write("main.tf", f'{declarations}\nresource "aws_x" "y" {{\n  a = {expression}\n}}\n')
        loaded = read()
        assert not any(problem.incomplete for problem in loaded.ledger.problems)
        (found,) = [one for one in loaded.documents if one.origin.address == "aws_x.y"]
        return found.body["values"].get("a")

    return value


@pytest.mark.parametrize(
    ("expression", "declarations", "expected"),
    [
        ('"text"', "", "text"),
        ("3", "", 3),
        ("var.v", 'variable "v" { default = "d" }', "d"),
        ('"${var.v}-x"', 'variable "v" { default = "d" }', "d-x"),
        ("local.l", 'locals { l = upper("x") }', "X"),
        ("[for x in local.l : x * 2]", "locals { l = [1, 2] }", [2, 4]),
        ("merge(local.l, { b = 2 })", "locals { l = { a = 1 } }", {"a": 1, "b": 2}),
        ("path.module", "", "."),
        ("aws_z.z.name", 'resource "aws_z" "z" { name = "n" }', "n"),
        ("null", "", None),
        ("var.v", 'variable "v" { default = null }', None),
        ('"$${literal}"', "", "${literal}"),
    ],
)
def test_what_is_known(value: Callable[..., Any], expression: str, declarations: str, expected: Any) -> None:
    assert value(expression, declarations) == expected


@pytest.mark.parametrize(
    ("expression", "declarations", "reason"),
    [
        ("var.v", 'variable "v" {}', "comes from var.v, which has no default"),
        ('"${var.v}-x"', 'variable "v" {}', "comes from var.v, which has no default"),
        ("length(var.v)", 'variable "v" { type = list(string) }', "comes from var.v, which has no default"),
        ('var.v ? "a" : "b"', 'variable "v" {}', "comes from var.v, which has no default"),
        ("var.v", 'variable "v" {\n default = "hunter2"\n sensitive = true\n}', "comes from var.v, which is sensitive"),
        ("aws_z.z.arn", 'resource "aws_z" "z" {}', "refers to aws_z.z.arn, known after apply"),
        ('"x-${aws_z.z.id}"', 'resource "aws_z" "z" {}', "refers to aws_z.z.id, known after apply"),
        ("[for z in aws_z.z : z.id]", 'resource "aws_z" "z" {}', "refers to aws_z.z, known after apply"),
        (
            "data.aws_region.c.name",
            'data "aws_region" "c" {}',
            "comes from data.aws_region.c.name, which only a plan can tell",
        ),
        ("terraform.workspace", "", "comes from terraform.workspace, which only a plan can tell"),
        ('"x-${basename(path.cwd)}"', "", "comes from path.cwd, which only a plan can tell"),
        ("uuid()", "", "comes from uuid(), which is not evaluated without a plan"),
        ("module.m.x", 'module "m" { source = "a/b/c" }', "comes from module.m, which is not downloaded"),
        ("local.a", "locals {\n a = local.b\n b = local.a\n}", "local.a refers to itself"),
        ("var.nowhere", "", "var.nowhere is not declared"),
    ],
)
def test_what_is_not_known_is_never_absent_and_says_why(
    value: Callable[..., Any], expression: str, declarations: str, reason: str
) -> None:
    found = value(expression, declarations)
    assert isinstance(found, Unknown)
    assert (found.reason, found.path) == (reason, "a")


def test_a_map_is_known_but_for_the_parts_that_are_not(value: Callable[..., Any]) -> None:
    tags = 'variable "e" {}\nlocals { t = { team = "ml", env = var.e } }'
    found = value('merge(local.t, { x = "y" })', tags)
    assert isinstance(found.pop("env"), Unknown)
    assert found == {"team": "ml", "x": "y"}


def test_no_file_outside_of_the_base_is_read(write: Write, read: Read, tmp_path: Path, base: Path) -> None:
    outside = tmp_path.parent / f"{tmp_path.name}-secret"
    outside.write_text("do not read")
    (base / "link").symlink_to(outside)
    paths = (f"../{outside.name}", "link", "${path.module}/../" + outside.name, "/etc/passwd", "${var.p}")
    written = "\n".join(f'  a{number} = file("{path}")' for number, path in enumerate(paths))
    write("main.tf", f'variable "p" {{ default = "../{outside.name}" }}\nresource "x_y" "z" {{\n{written}\n}}\n')
    assert [isinstance(found, Unknown) for found in only(read()).body["values"].values()] == [True] * len(paths)


def test_blocks_are_lists_and_what_is_said_to_terraform_is_left_out(write: Write, read: Read) -> None:
    write(
        "main.tf",
        'resource "aws_x" "y" {\n  provider = aws.us\n  depends_on = []\n  one {\n    id = "mine"\n    deep { a = 1 }\n  }\n'
        "  lifecycle { prevent_destroy = true }\n"
        '  dynamic "many" {\n    for_each = ["p", "q"]\n    content { v = many.value }\n  }\n'
        "  list = { a = [1] }\n}\n",
    )
    assert only(read()).body["values"] == {
        "one": [{"id": "mine", "deep": [{"a": 1}]}],
        "many": [{"v": "p"}, {"v": "q"}],
        "list": {"a": [1]},
    }


def test_a_dynamic_block_over_the_unknown_is_unknown(write: Write, read: Read) -> None:
    write(
        "main.tf",
        'variable "v" {}\nresource "a_b" "c" {\n  dynamic "d" {\n    for_each = var.v\n    content {}\n  }\n}\n',
    )
    assert isinstance(only(read()).body["values"]["d"], Unknown)


def test_instances_have_their_index_and_modules_their_path(write: Write, read: Read) -> None:
    write(
        "m/main.tf",
        'variable "n" {}\nresource "a_b" "c" {\n  for_each = toset(["x.y", "z"])\n  v = "${var.n}-${each.key}"\n}\n',
    )
    write(
        "main.tf",
        'resource "a_b" "r" { count = 2 }\nresource "a_b" "none" { count = 0 }\nmodule "m" {\n  source = "./m"\n  count = 1\n  n = "given"\n}\n',
    )
    loaded = read()
    assert loaded.addresses == ["a_b.r[0]", "a_b.r[1]", 'module.m[0].a_b.c["x.y"]', 'module.m[0].a_b.c["z"]']
    last = loaded.documents[-1]
    assert (last.body["module"], last.body["index"], last.body["values"]) == ("module.m[0]", "z", {"v": "given-z"})
    assert (last.body["actions"], last.origin.uri, last.origin.source) == ((), ".", "terraform_hcl")


@pytest.mark.parametrize(
    "meta", ["count = var.n", "count = var.n ? 1 : 0", "for_each = var.n", "for_each = toset(var.n)"]
)
def test_what_may_not_exist_is_there_with_nothing_known(write: Write, read: Read, meta: str) -> None:
    write("main.tf", f'variable "n" {{}}\nresource "a_b" "c" {{\n  {meta}\n  x = 1\n}}\n')
    document = only(read())
    assert document.origin.address == "a_b.c"
    assert document.body["values"]["x"].reason == "whether it exists depends on var.n, which has no default"


def test_references_are_given_as_a_plan_gives_them(write: Write, read: Read) -> None:
    write(
        "main.tf",
        'variable "p" {}\nresource "a_b" "c" {\n  one = var.p\n  two = a_b.d["k"].id\n  three = "x"\n  four { five = data.vault_x.y.z }\n}\n',
    )
    assert only(read()).body["expressions"] == {
        "one": {"references": ["var.p"]},
        "two": {"references": ['a_b.d["k"].id', 'a_b.d["k"]', "a_b.d"]},
        "three": {"constant_value": "x"},
        "four": [{"five": {"references": ["data.vault_x.y.z", "data.vault_x.y"]}}],
    }


@pytest.mark.parametrize(
    ("written", "constraint"),
    [
        (
            'google = {\n      source = "hashicorp/google"\n      version = ">= 6.0, < 8" # as tested\n    }',
            ">= 6.0, < 8",
        ),
        ('google = { version = "~> 6.0", source = "hashicorp/google" }', "~> 6.0"),
        ('google = {\n      source = "hashicorp/google"\n      # version = "~> 5.0"\n    }', None),
        ('google = "~> 3.0"', "~> 3.0"),
        ('aws = { source = "hashicorp/aws", version = "6.1.0" }', None),
    ],
)
def test_the_versions_of_a_provider_that_are_taken_are_told(
    write: Write, read: Read, written: str, constraint: str | None
) -> None:
    write("versions.tf", f"terraform {{\n  required_providers {{\n    {written}\n  }}\n}}\n")
    write("backend.tf", 'terraform {\n  backend "gcs" {}\n}\n')
    write("main.tf", 'provider "google" { region = "europe-west4" }\nmodule "m" { source = "./m" }\n')
    write("m/main.tf", 'resource "google_x" "y" {}\n')
    (found,) = [one.body["provider_config"] for one in read().documents if one.body["type"] == "google_x"]
    assert found == {"region": "europe-west4", **({"version": constraint} if constraint else {})}


def test_providers_are_found_by_alias_and_handed_to_modules(write: Write, read: Read) -> None:
    resource = 'resource "aws_x" "y" {}\n'
    write("m/main.tf", resource)
    write(
        "main.tf",
        'variable "r" { default = "eu-west-1" }\nvariable "n" {}\nprovider "aws" {\n  region = var.r\n  default_tags { tags = { team = "ml" } }\n}\nprovider "aws" {\n  alias = "u"\n  region = var.n\n}\nmodule "same" { source = "./m" }\nmodule "other" {\n  source = "./m"\n  providers = { aws = aws.u }\n}\nresource "aws_x" "own" { provider = aws.u }\n'
        + resource,
    )
    found = {one.origin.address: one.body["provider_config"] for one in read().documents}
    assert found["aws_x.y"] == found["module.same.aws_x.y"] == {"region": "eu-west-1", "default_tags": {"team": "ml"}}
    assert found["aws_x.y"] is found["module.same.aws_x.y"]
    assert isinstance(found["aws_x.own"]["region"], Unknown)
    assert found["module.other.aws_x.y"] is found["aws_x.own"]


def test_a_provider_may_be_told_to_ignore_tags(write: Write, read: Read) -> None:
    ignored = 'ignore_tags {\n    keys = ["team"]\n    key_prefixes = ["org:"]\n  }'
    write("main.tf", f'provider "aws" {{\n  {ignored}\n}}\nresource "aws_x" "y" {{}}\n')
    (one,) = [one for one in read().documents if one.origin.address == "aws_x.y"]
    assert one.body["provider_config"] == {"ignored_tags": ["team"], "ignored_prefixes": ["org:"]}


def test_a_provider_that_is_chosen_by_an_index_is_not_the_default_one(write: Write, read: Read) -> None:
    """OpenTofu repeats a provider over regions; which instance is meant is computed."""
    write("m/main.tf", 'resource "aws_x" "y" {}\n')
    write(
        "main.tofu",
        'provider "aws" {\n  alias = "by"\n  for_each = toset(["us-east-1"])\n  region = each.value\n}\n'
        'provider "aws" { region = "eu-central-1" }\n'
        'module "m" {\n  source = "./m"\n  for_each = toset(["us-east-1"])\n  providers = { aws = aws.by[each.key] }\n}\n'
        'resource "aws_x" "own" {}\nresource "aws_x" "by" {\n  for_each = toset(["us-east-1"])\n  provider = aws.by[each.key]\n}\n',
    )
    found = {one.origin.address: one.body["provider_config"] for one in read().documents}
    assert found.pop("aws_x.own") == {"region": "eu-central-1"}
    assert list(found.values()) == [{}, {}]


def test_variable_files_that_terraform_reads_by_itself_are_read(write: Write, read: Read) -> None:
    write(
        "main.tf",
        'variable "a" {}\nvariable "b" { default = "d" }\nvariable "c" {}\nresource "x_y" "z" {\n  a = var.a\n  b = var.b\n  c = var.c\n}\n',
    )
    write("terraform.tfvars", 'a = "file"\nb = "file"\n')
    write("z.auto.tfvars", 'b = "auto"\n')
    write("prod.tfvars", 'c = "not by itself"\n')
    values = only(read()).body["values"]
    assert (values["a"], values["b"], type(values["c"])) == ("file", "auto", Unknown)


def test_only_root_modules_of_a_folder_are_judged_each_once(write: Write, read: Read) -> None:
    write("live/a/main.tf", 'module "m" { source = "../../modules/m" }\n')
    write("live/b/main.tf", 'module "m" { source = "../../modules/m" }\n')
    write("modules/m/main.tf", 'resource "a_b" "c" {}\n')
    loaded = read()
    assert [name for name, _ in loaded.partitions] == ["live/a", "live/b"]
    assert loaded.addresses == ["module.m.a_b.c"] * 2


def test_a_named_file_leads_to_the_root_modules_that_use_it(write: Write, read: Read) -> None:
    write("live/a/main.tf", 'module "m" { source = "../../modules/m" }\n')
    write("live/b/main.tf", 'resource "a_b" "other" {}\n')
    write("modules/m/main.tf", 'resource "a_b" "c" {}\n')
    assert [name for name, _ in read("modules/m/main.tf").partitions] == ["live/a"]
    assert [name for name, _ in read("live/b/main.tf", "live/b/main.tf").partitions] == ["live/b"]


def test_a_named_module_leads_to_all_its_callers_through_any_form_of_file(write: Write, read: Read) -> None:
    write("live/a/main.tf.json", '{"module": {"m": {"source": "../../modules/outer"}}}')
    write("live/b/main.tofu", 'module "m" { source = "../../modules/m" }\n')
    write("live/c/main.tf", 'resource "a_b" "other" {}\n')
    write("modules/outer/main.tf", 'module "inner" { source = "../m" }\n')
    write("modules/m/main.tf", 'resource "a_b" "c" {}\n')
    write("modules/alone/main.tf", 'variable "v" {}\nresource "a_b" "c" { x = var.v }\n')
    assert [name for name, _ in read("modules/m/main.tf").partitions] == ["live/a", "live/b"]
    alone = read("modules/m/main.tf", "modules/alone/main.tf", "live/c/main.tf")
    assert [name for name, _ in alone.partitions] == ["live/a", "live/b", "live/c", "modules/alone"]
    assert isinstance(alone.documents[-1].body["values"]["x"], Unknown)


def test_a_named_variable_file_is_what_its_module_is_judged_with(write: Write, read: Read) -> None:
    write("live/main.tf", 'variable "v" {}\nresource "a_b" "c" { x = var.v }\n')
    write("live/terraform.tfvars", 'v = "own"\n')
    write("live/env/prod.tfvars", 'v = "prod"\n')
    write("live/dev.tfvars.json", '{"v": "dev"}')
    write("other/lonely.tfvars", "")

    def value(*names: str) -> Any:
        return only(read(*names)).body["values"]["x"]

    assert value("live") == value("live/terraform.tfvars") == "own"
    assert value("live/env/prod.tfvars") == value("live", "live/env/prod.tfvars") == "prod"
    assert value("live/dev.tfvars.json", "live/terraform.tfvars") == "dev"
    several = read("live/env/prod.tfvars", "live/dev.tfvars.json")
    assert only(several).body["values"]["x"] == "own"
    ((where, message),) = several.problems
    assert (where, message) == ("live", "has 2 variable files in this scan, and is judged without them")
    assert read("other/lonely.tfvars").ledger.skipped == {LONELY: 1}


def test_how_far_callers_are_looked_for_is_said(write: Write, read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hcl_roots, "MOST_FOLDERS", 3)
    for number in range(5):
        write(f"live/{number}/main.tf", 'module "m" { source = "../../modules/m" }\n')
    write("modules/m/main.tf", 'resource "a_b" "c" {}\n')
    loaded = read("modules/m/main.tf")
    assert [name for name, _ in loaded.partitions] == ["live/0", "live/1", "live/2"]
    assert [where for where, _ in loaded.problems] == ["."]


def test_folders_that_call_each_other_are_not_forgotten(write: Write, read: Read) -> None:
    write("a/main.tf", 'module "b" { source = "../b" }\n')
    write("b/main.tf", 'module "a" { source = "../a" }\n')
    assert read().problems == [("a", "calls itself")]


def test_modules_that_double_at_every_level_are_a_problem_before_they_fill_the_machine(
    write: Write, read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hcl_tree, "MOST_MODULES", 100)
    for level in range(20):
        calls = "".join(f'module "{name}" {{ source = "../m{level + 1}" }}\n' for name in "ab")
        write(f"m{level}/main.tf", calls)
    write("m20/main.tf", 'resource "a_b" "c" {}\n')
    assert read("m0").problems == [("m0", "calls more than 100 modules")]


def test_a_module_out_of_the_base_is_not_looked_at(write: Write, read: Read, tmp_path: Path) -> None:
    outside = tmp_path.parent / f"{tmp_path.name}-module"
    outside.mkdir()
    (outside / "main.tf").write_text('resource "a_b" "c" {}')
    write("main.tf", f'module "m" {{ source = "../{outside.name}" }}\n')
    loaded = read()
    assert [document.body["mode"] for document in loaded.documents] == ["absent"]


def test_a_root_module_out_of_the_base_is_read_and_located(read: Read, tmp_path: Path, base: Path) -> None:
    outside = tmp_path.parent / f"{tmp_path.name}-root"
    (outside / "m").mkdir(parents=True)
    (outside / "main.tf").write_text(
        'module "m" { source = "./m" }\nmodule "base" { source = "../' + base.name + '" }\n'
    )
    (outside / "m" / "main.tf").write_text('resource "a_b" "c" {\n  x = 1\n}\n')
    loaded = read(str(outside))
    assert loaded.addresses == ["module.base", "module.m.a_b.c"]
    (place,) = load.locate([Citation(loaded.documents[1].origin, ("x",))], load.Options(base))
    assert (place.origin.uri, place.origin.line) == ((outside / "m" / "main.tf").as_posix(), 2)


def test_a_module_whose_path_no_file_can_have_is_not_there(write: Write, read: Read) -> None:
    write("main.tf", 'resource "a_b" "c" {}\nmodule "n" {\n  source = "x/y"\n}\n')
    write(".terraform/modules/modules.json", '{"Modules": [{"Key": "n", "Dir": "a\\u0000b"}]}')
    loaded = read()
    assert [where for where, _ in loaded.problems] == [".#module.n"]
    assert loaded.addresses == ["a_b.c", "module.n"]


def test_what_stands_behind_a_null_character_is_not_left_out_in_silence(write: Write, read: Read) -> None:
    write("main.tf", 'resource "a_b" "c" {}\nmodule "m" {\n  source = "./a\0b"\n}\nresource "a_b" "d" {}\n')
    assert read().problems[1:] == [("main.tf", "is not understood from line 3 on, so resources may be missing")]


def test_a_pipe_among_the_files_does_not_hold_up_the_search_for_root_modules(write: Write, base: Path) -> None:
    write("main.tf", 'module "m" { source = "./m" }\n')
    os.mkfifo(base / "pipe.tf")
    assert list(hcl_roots.called(base)) == [base / "m"]


def test_a_plan_in_the_scan_stands_for_its_configuration(write: Write, read: Read) -> None:
    write("main.tf", 'resource "a_b" "c" {}\n')
    write("plan.json", '{"format_version": "1.2", "planned_values": {}, "resource_changes": []}')
    loaded = read()
    assert (loaded.documents, loaded.ledger.skipped) == ([], {PLANNED: 1})


def test_a_module_that_is_not_there_is_named_and_leaves_the_scan_complete(write: Write, read: Read) -> None:
    write("main.tf", 'module "m" {\n  source = "terraform-aws-modules/vpc/aws"\n  bucket = a_b.c.id\n}\n')
    loaded = read()
    (problem,) = loaded.ledger.problems
    assert (problem.where, problem.incomplete) == (".#module.m", False)
    assert "terraform-aws-modules/vpc/aws, which is not here" in problem.message
    assert "terraform init" in problem.hint
    assert only(loaded).body["expressions"]["bucket"] == {"references": ["a_b.c.id", "a_b.c"]}


def test_a_downloaded_module_is_followed(write: Write, read: Read) -> None:
    write("main.tf", 'module "m" { source = "terraform-aws-modules/vpc/aws" }\n')
    write(".terraform/modules/m/main.tf", 'resource "a_b" "c" { x = 1 }\n')
    write(
        ".terraform/modules/modules.json",
        '{"Modules": [{"Key": "m", "Source": "registry.terraform.io/terraform-aws-modules/vpc/aws", "Version": "5.0.0", "Dir": ".terraform/modules/m"}]}',
    )
    assert read().addresses == ["module.m.a_b.c"]


def test_a_broken_file_is_one_problem_and_the_scan_goes_on(write: Write, read: Read) -> None:
    write("a/main.tf", 'resource "a_b" "c" {\n  x = \n}\n')
    write("b/main.tf", 'resource "a_b" "c" {}\n')
    loaded = read()
    assert loaded.addresses == ["a_b.c"]
    ((where, message),) = loaded.problems
    assert where == "a"
    assert message.startswith("is not valid: main.tf:2")


@pytest.mark.parametrize("declared", ['variable "v" {}', "locals { l = 1 }", 'output "o" { value = 1 }', ""])
def test_what_is_in_a_module_that_the_evaluator_drops_is_unknown(write: Write, read: Read, declared: str) -> None:
    """It says nothing of a file that is not valid in a module."""
    write("main.tf", 'module "m" {\n  source = "./m"\n  v = 1\n}\nmodule "none" {\n  source = "./m"\n  count = 0\n}\n')
    broken = 'resource "a_b" "c" {\n  count = 2\n  x = 1\n  x = 1\n}\nresource "a_b" "d" { y = 2 }\n'
    write("m/main.tf", f"{declared}\n{broken}")
    loaded = read()
    found = {document.origin.address: document.body["values"] for document in loaded.documents}
    assert isinstance(found["module.m.a_b.d"]["y"], Unknown)
    assert isinstance(found["module.m.a_b.c"]["x"], Unknown)
    assert [where for where, _ in loaded.problems] == [".#module.m"]


def test_a_crash_and_a_long_wait_are_errors_that_are_survived(
    write: Write, base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("main.tf", 'resource "a_b" "c" {}\n')
    write("huge/main.tf", 'resource "a_b" "c" { count = 1000000000 }\n')
    evaluator = Evaluator(seconds=1)

    def evaluate(folder: Path) -> Mapping[str, Any]:
        evaluator.begin(folder, [])
        return evaluator.finish()

    with pytest.raises(LoadError, match="took longer than 1 seconds"):
        evaluate(base / "huge")
    assert "a_b" in evaluate(base)
    evaluator._process.kill()  # noqa: SLF001  # what a panic does
    with pytest.raises(LoadError, match="crashed"):
        evaluate(base)
    evaluator.close()


def test_secrets_of_the_environment_do_not_reach_the_evaluator(
    write: Write, read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TF_VAR_v", "from outside")
    write("main.tf", 'variable "v" { default = "d" }\nresource "a_b" "c" { x = var.v }\n')
    assert only(read()).body["values"] == {"x": "d"}


def test_places_are_in_the_file_that_writes_the_value(write: Write, read: Read, base: Path) -> None:
    write("main.tf", '\nmodule "m" {\n  source = "./m"\n}\n')
    write("m/x.tf", 'resource "a_b" "c" {\n  n {\n    v = 1\n  }\n}\n')
    document = only(read())
    paths = [("n", 0, "v"), (), ("absent",)]
    found = load.locate([Citation(document.origin, path) for path in paths], load.Options(base))
    assert [(one.origin.uri, one.origin.line) for one in found] == [("m/x.tf", 3), ("m/x.tf", 1), ("m/x.tf", 1)]


def test_a_scan_without_configuration_imports_no_parser(base: Path) -> None:
    code = "import sys; from scanner import load; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2]
    )
    assert not {"tree_sitter", "tfparse", "subprocess"} & {name.partition(".")[0] for name in done.stdout.split()}


def test_what_the_address_of_a_module_gives_away_is_not_said(write: Write, read: Read) -> None:
    source = "git::https://bot:hunter2@git.example.com/net.git?ref=v1&sshkey=c2VjcmV0"
    write("main.tf", f'module "m" {{\n  source = "{source}"\n}}\nmodule "n" {{ source = "./nowhere" }}\n')
    said = {problem.where: problem.message + problem.hint for problem in read().ledger.problems}
    assert "git::https://git.example.com/net.git, which" in said[".#module.m"]
    assert not any(secret in text for text in said.values() for secret in ("hunter2", "c2VjcmV0"))
    assert "Check the path" in said[".#module.n"]


def test_a_configuration_that_crashes_the_evaluator_is_one_problem_and_the_rest_is_judged(
    write: Write, read: Read
) -> None:
    """Brackets inside of brackets end the whole process; the one after it gets a new one."""
    deep = "[" * 5000 + "]" * 5000
    for name in ("a", "c"):
        write(f"{name}/main.tf", f'locals {{ x = {deep} }}\nresource "a_b" "c" {{ x = local.x }}\n')
    write("b/main.tf", 'resource "a_b" "c" {}\n')
    write("d/main.tf.json", '{"resource": {"a_b": {"d": {}}}}')
    loaded = read()
    assert loaded.addresses == ["a_b.c", "a_b.d"]
    assert [where for where, _ in loaded.problems] == ["a", "c"]
    assert {message for _, message in loaded.problems} == {"cannot be evaluated: it crashed the evaluator"}
