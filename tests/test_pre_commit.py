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


MODULE = """
variable "encrypted" { type = bool }

resource "aws_ebs_volume" "this" {
  availability_zone = "eu-west-1a"
  size              = 10
  encrypted         = var.encrypted
  tags              = { team = "ml", cost-center = "cc-7", environment = "prod" }
}
"""
CALL = """
provider "aws" { region = "eu-west-1" }

module "data" {
  source    = "../../modules/volume"
  encrypted = %s
}
"""


def commit(project: Path, files: dict[str, str]) -> None:
    """Everything so far, and these files, as if they had always been there."""
    for name, text in files.items():
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text(text)
    checkout.git(project, "add", "--all")
    checkout.git(
        project, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "--quiet", "--no-verify", "-m", "so far"
    )


def test_a_staged_module_is_judged_as_its_callers_use_it(
    project: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    home = tmp_path_factory.mktemp("pre-commit")
    (project / "infra" / "main.tf").unlink(missing_ok=True)
    commit(
        project,
        {
            "modules/volume/main.tf": MODULE,
            "live/good/main.tf": CALL % "true",
            "live/bad/main.tf.json": '{"provider": {"aws": {"region": "eu-west-1"}}, "module": {"data": {'
            '"source": "../../modules/volume", "encrypted": false}}}',
            "live/by-file/main.tf": 'variable "e" {}\n' + CALL % "var.e",
        },
    )
    (project / "modules" / "volume" / "main.tf").write_text(MODULE.replace("size              = 10", "size = 20"))
    stopped = run_hooks(project, home)
    assert stopped.returncode == 1, stopped.stdout + stopped.stderr
    assert "1 high" in stopped.stdout
    assert "live/bad" in stopped.stdout
    assert "modules/volume/main.tf:7" in stopped.stdout

    (project / "live" / "bad" / "main.tf.json").unlink()
    commit(project, {})
    (project / "live" / "by-file" / "env").mkdir()
    (project / "live" / "by-file" / "env" / "prod.tfvars").write_text("e = false\n")
    stopped = run_hooks(project, home)
    assert stopped.returncode == 1, stopped.stdout + stopped.stderr
    assert "modules/volume/main.tf:7" in stopped.stdout

    (project / "live" / "by-file" / "env" / "prod.tfvars").write_text("e = true\n")
    passed = run_hooks(project, home)
    assert passed.returncode == 0, passed.stdout + passed.stderr
