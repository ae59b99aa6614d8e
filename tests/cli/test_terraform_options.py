"""`--var-file`, `--var` and `--workspace` as a user gives them, and what `govscan.yaml` says in their place."""

from pathlib import Path

import pytest

from tests.test_cli import govscan

MAIN = """
variable "encrypted" { type = bool }
variable "size" { default = 10 }

provider "aws" { region = "eu-west-1" }

resource "aws_ebs_volume" "models" {
  availability_zone = "eu-west-1a"
  size              = var.size
  encrypted         = terraform.workspace == "prod" ? var.encrypted : true
}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "main.tf").write_text(MAIN)
    (tmp_path / "open.tfvars").write_text("encrypted = false\n")
    (tmp_path / "closed.tfvars.json").write_text('{"encrypted": true}')
    return tmp_path


def verdict(folder: Path, *words: str) -> str:
    done = govscan(folder, "policy", "explain", "unencrypted-data", "main.tf", *words)
    assert done.returncode == 0, done.stdout + done.stderr
    return next(word for word in ("fail", "unknown", "pass") if word in done.stdout.lower())


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("", "unknown"),
        ("--workspace prod", "unknown"),
        ("--workspace prod --var-file open.tfvars", "fail"),
        ("--workspace prod --var-file open.tfvars --var-file closed.tfvars.json", "pass"),
        ("--workspace prod --var-file closed.tfvars.json --var-file open.tfvars", "fail"),
        ("--workspace prod --var encrypted=true --var-file open.tfvars", "fail"),
        ("--workspace prod --var-file open.tfvars --var encrypted=true", "pass"),
        ("--workspace prod --var encrypted=true --var-file open.tfvars --var encrypted=true", "pass"),
        ("--workspace stage --var-file open.tfvars", "pass"),
    ],
)
def test_the_last_word_wins_as_on_terraforms_command_line(project: Path, words: str, expected: str) -> None:
    assert verdict(project, *words.split()) == expected


def test_a_scan_and_an_inspection_take_them_as_well(project: Path) -> None:
    words = ("--workspace", "prod", "--var-file", "open.tfvars")
    done = govscan(project, "scan", ".", *words)
    assert done.returncode == 1, done.stdout
    assert "main.tf:10" in done.stdout
    assert "encryption: none" in govscan(project, "inspect", ".", *words).stdout


def test_govscan_yaml_says_it_once_for_everybody(project: Path) -> None:
    (project / "govscan.yaml").write_text("terraform: {workspace: prod, var_files: [open.tfvars]}\n")
    assert verdict(project) == "fail"
    assert verdict(project, "--var", "encrypted=true") == "pass"
    assert verdict(project, "--workspace", "stage") == "pass"


def test_a_variable_file_that_is_not_there_is_wrong_usage(project: Path) -> None:
    assert govscan(project, "scan", ".", "--var-file", "nowhere.tfvars").returncode == 2
    (project / "govscan.yaml").write_text("terraform: {var_files: [nowhere.tfvars]}\n")
    done = govscan(project, "scan", ".")
    assert done.returncode == 2
    assert "paths are relative to govscan.yaml" in done.stderr


def test_a_mistaken_variable_is_told_without_its_value(project: Path) -> None:
    done = govscan(project, "scan", ".", "--var", "1password=hunter2")
    assert done.returncode == 2
    assert "hunter2" not in done.stderr


def test_modules_that_are_not_there_are_named_in_every_report_and_fail_nothing(project: Path) -> None:
    (project / "net.tf").write_text('module "net" {\n  source = "terraform-aws-modules/vpc/aws"\n}\n')
    reports = ("out.json", "out.sarif", "out.html")
    words = [word for name in reports for word in ("--report", name)]
    done = govscan(project, "scan", ".", "--workspace", "stage", "--policy", "unencrypted-data", *words)
    assert done.returncode == 0, done.stdout
    for text in (done.stdout, *((project / name).read_text() for name in reports)):
        assert "terraform-aws-modules/vpc/aws" in text
        assert "terraform init" in text
