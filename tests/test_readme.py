"""What the README says is true: its commands run, its files are valid, its words exist."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import ryaml

from scanner import config

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", README, flags=re.MULTILINE | re.DOTALL)
MANIFEST = "apiVersion: v1\nkind: Namespace\nmetadata: {name: fraud, labels: {team: fraud}}\n"


def block(language: str, containing: str) -> str:
    found = [text for kind, text in BLOCKS if kind == language and containing in text]
    assert len(found) == 1
    return found[0]


@pytest.fixture
def shell(tmp_path: Path) -> dict[str, str]:
    """An environment in which `govscan` is this checkout."""
    command = tmp_path / "bin" / "govscan"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m scanner "$@"\n')
    command.chmod(0o755)
    return {**os.environ, "PATH": f"{command.parent}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}


def test_a_policy_is_written_and_tried_in_five_minutes(tmp_path: Path, shell: dict[str, str]) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (project / "fraud.yaml").write_text(MANIFEST)
    script = block("sh", "mkdir -p ours")
    done = subprocess.run(
        ["bash", "-e"], input=script, cwd=project, env=shell, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 passed, 0 failed" in done.stdout


def test_the_gate_scans_a_plan_beside_its_configuration(tmp_path: Path, shell: dict[str, str]) -> None:
    command = next(line for line in block("sh", "terraform show").splitlines() if line.startswith("govscan"))
    plan = ROOT / "fixtures" / "terraform" / "fraud-serving-aws" / "plan.json"
    (tmp_path / "plan.json").write_bytes(plan.read_bytes())
    (tmp_path / "manifests").mkdir()
    (tmp_path / "manifests" / "fraud.yaml").write_text(MANIFEST)
    done = subprocess.run(command.split(), cwd=tmp_path, env=shell, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    assert (tmp_path / "govscan.sarif").is_file()


def test_the_configuration_shown_is_valid(tmp_path: Path) -> None:
    (tmp_path / "govscan.yaml").write_text(block("yaml", "fail_on:"))
    loaded = config.load(tmp_path / "govscan.yaml")
    assert loaded.packs == ("mtls", "secrets", "residency", "cost", "accelerators")


def test_the_parameters_shown_exist_and_fit(tmp_path: Path, shell: dict[str, str]) -> None:
    (tmp_path / "govscan.yaml").write_text(block("yaml", "fail_on:"))
    (tmp_path / "fraud.yaml").write_text(MANIFEST)
    words = ["govscan", "scan", "fraud.yaml"]
    done = subprocess.run(words, cwd=tmp_path, env=shell, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_hooks_shown_exist() -> None:
    [repository] = ryaml.loads(block("yaml", "repos:"))["repos"]
    offered = {hook["id"] for hook in ryaml.loads((ROOT / ".pre-commit-hooks.yaml").read_text())}
    assert {hook["id"] for hook in repository["hooks"]} <= offered


def test_the_targets_shown_are_in_the_makefile() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))
    assert set(re.findall(r"^make (\w+)", README, flags=re.MULTILINE)) <= targets


@pytest.mark.parametrize("target", re.findall(r"\]\((?!https?:)([^)#]+)\)", README))
def test_links_and_pictures_lead_somewhere(target: str) -> None:
    assert (ROOT / target).exists()


def test_the_helpers_for_authors_work_as_shown(tmp_path: Path, shell: dict[str, str]) -> None:
    (tmp_path / "fraud.yaml").write_text(MANIFEST)
    script = block("sh", "policy new") + "govscan schema policy > policy.schema.json\n"
    done = subprocess.run(
        ["bash", "-e"], input=script, cwd=tmp_path, env=shell, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 policy, 0 mistakes" in done.stdout
    assert (tmp_path / "policy.schema.json").stat().st_size > 1000


def test_a_configuration_is_scanned_with_the_choices_shown(tmp_path: Path, shell: dict[str, str]) -> None:
    (tmp_path / "live").mkdir()
    (tmp_path / "live" / "main.tf").write_text(
        'variable "encrypted" {}\nresource "aws_ebs_volume" "v" {\n'
        '  encrypted = terraform.workspace == "prod" ? var.encrypted : true\n}\n'
    )
    (tmp_path / "live" / "prod.tfvars").write_text("encrypted = false\n")
    words = block("sh", "--var-file").split()
    done = subprocess.run(words, cwd=tmp_path, env=shell, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "live/main.tf:3" in done.stdout


def test_what_the_configuration_shown_says_of_terraform_is_valid(tmp_path: Path) -> None:
    text = block("yaml", "fail_on:").replace("# terraform:", "terraform:")
    (tmp_path / "govscan.yaml").write_text(text)
    (tmp_path / "live").mkdir()
    (tmp_path / "live" / "prod.tfvars").touch()
    loaded = config.load(tmp_path / "govscan.yaml")
    assert (loaded.workspace, loaded.var_files) == ("prod", (tmp_path.resolve() / "live" / "prod.tfvars",))


def test_the_audit_shown_is_one_that_can_be_asked_for(shell: dict[str, str]) -> None:
    command = next(line for line in block("sh", "govscan audit").splitlines() if line.startswith("govscan"))
    words = [*command.split(), "--help"]
    done = subprocess.run(words, env=shell, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    asked = {word for word in words if word.startswith("--")}
    assert all(word in done.stdout for word in asked)
    with_wrong = subprocess.run(
        [*command.split(), "--pack", "nowhere"], env=shell, capture_output=True, text=True, check=False
    )
    assert (with_wrong.returncode, "nowhere" in with_wrong.stderr) == (2, True)
