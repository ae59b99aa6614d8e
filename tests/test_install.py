"""The wheel: it carries the packs, and the command works from it."""

import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from tests import checkout

MANIFEST = "apiVersion: v1\nkind: Secret\nmetadata: {name: db}\nstringData: {password: correct-horse}\n"


@pytest.fixture(scope="module")
def command(tmp_path_factory: pytest.TempPathFactory) -> Path:
    source = checkout.copy_to(tmp_path_factory.mktemp("source"))
    out = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(source)]
    subprocess.run(build, check=True, capture_output=True)
    folder = tmp_path_factory.mktemp("venv")
    venv.create(folder, with_pip=True)
    wheel = next(out.glob("*.whl"))
    install = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", str(wheel)]
    subprocess.run(install, check=True, capture_output=True, env=checkout.OFFLINE)
    return folder / "bin" / "govscan"


def run(command: Path, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": checkout.OFFLINE["PYTHONPATH"], "PYTHONSAFEPATH": "1"}
    return subprocess.run(
        [str(command), *words], cwd=folder, capture_output=True, text=True, check=False, env=environment
    )


def test_the_installed_command_finds_the_packs_it_came_with(command: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.yaml").write_text(MANIFEST)
    done = run(command, tmp_path, "scan", "secret.yaml")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "secret-manifest-in-git" in done.stdout


def test_the_installed_command_runs_the_cases_of_a_shipped_pack(command: Path, tmp_path: Path) -> None:
    packs = next(command.parent.parent.glob("lib/python*/site-packages/scanner/packs"))
    done = run(command, tmp_path, "policy", "test", str(packs / "secrets"))
    assert ", 0 failed" in done.stdout, done.stdout + done.stderr
