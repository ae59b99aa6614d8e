"""The hooks, run by the real pre-commit against this repository."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests import checkout

GOOD = """
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, namespace: fraud, labels: {team: fraud, cost-center: cc-7, environment: prod}}
data: {LOG_LEVEL: info}
"""
BAD = """
apiVersion: v1
kind: Secret
metadata: {name: db, namespace: fraud, labels: {team: fraud, cost-center: cc-7, environment: prod}}
stringData:
  password: correct-horse-battery
"""
TERRAFORM = """
variable "region" { default = "eu-west-1" }

provider "aws" {
  region = var.region
}

resource "aws_db_instance" "scores" {
  engine         = "postgres"
  instance_class = "db.r6g.large"
  username       = "scores"
  password       = "plum-Harbor-71-lantern"
}
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    ours = checkout.copy_to(tmp_path_factory.mktemp("govscan"))
    project = tmp_path_factory.mktemp("project")
    checkout.git(project, "init", "--quiet", "--initial-branch=main")
    head = checkout.git(ours, "rev-parse", "HEAD").strip()
    hooks = "\n".join(f"      - id: {name}" for name in ("govscan-kubernetes", "govscan-terraform"))
    config = f"repos:\n  - repo: {ours.as_uri()}\n    rev: {head}\n    hooks:\n{hooks}\n"
    (project / ".pre-commit-config.yaml").write_text(config)
    return project


def run_hooks(project: Path, home: Path) -> subprocess.CompletedProcess[str]:
    checkout.git(project, "add", "--all")
    command = [str(Path(sys.executable).parent / "pre-commit"), "run", "--verbose"]
    environment = {**checkout.OFFLINE, "PRE_COMMIT_HOME": str(home), "GIT_CONFIG_GLOBAL": "/dev/null"}
    return subprocess.run(command, cwd=project, capture_output=True, text=True, check=False, env=environment)


def test_a_clean_manifest_passes_and_a_secret_is_stopped_at_its_line(
    project: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    home = tmp_path_factory.mktemp("pre-commit")
    (project / "values.yaml").write_text("replicas: 3\n")
    (project / "good.yaml").write_text(GOOD)
    clean = run_hooks(project, home)
    assert clean.returncode == 0, clean.stdout + clean.stderr

    (project / "bad.yaml").write_text(BAD)
    stopped = run_hooks(project, home)
    assert stopped.returncode == 1, stopped.stdout + stopped.stderr
    assert "secret-manifest-in-git" in stopped.stdout
    assert "bad.yaml:6" in stopped.stdout
    assert "correct-horse-battery" not in stopped.stdout


def test_a_password_in_a_staged_configuration_is_stopped_at_its_line(
    project: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    for name in ("bad.yaml", "good.yaml"):
        (project / name).unlink(missing_ok=True)
    (project / "infra").mkdir()
    (project / "infra" / "main.tf").write_text(TERRAFORM)
    stopped = run_hooks(project, tmp_path_factory.mktemp("pre-commit"))
    assert stopped.returncode == 1, stopped.stdout + stopped.stderr
    assert "infra/main.tf:12" in stopped.stdout
    assert "plum-Harbor-71-lantern" not in stopped.stdout
