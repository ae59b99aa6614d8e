"""A test case names a file: one of the pack's own, and nothing that lies, or leads, elsewhere is read."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cli.command import PASSES, govscan, write_policy

PRIVATE = "apiVersion: v1\nkind: Secret\nmetadata: {name: hunter2-hunter2}\n"


def case_of(tmp_path: Path, **given: Any) -> subprocess.CompletedProcess[str]:
    """What testing a pack says whose only case is given this; `private.yaml` lies beside the pack."""
    path = write_policy(tmp_path / "ours", "unnamed-secret")
    (tmp_path / "private.yaml").write_text(PRIVATE)
    case = {"name": "it has a name", "source": "kubernetes_manifest", "expect": "pass", "at": "nowhere", **given}
    path.with_suffix(".test.yaml").write_text(yaml.safe_dump([case]))
    done = govscan(tmp_path, "policy", "test", "ours")
    assert "hunter2" not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert "mistake in govscan" not in done.stderr
    return done


def test_a_file_of_the_pack_is_read_from_wherever_the_command_is_run(tmp_path: Path) -> None:
    (tmp_path / "ours" / "inputs").mkdir(parents=True)
    (tmp_path / "ours" / "inputs" / "db.yaml").write_text(PASSES)
    done = case_of(tmp_path, given_file="inputs/db.yaml", at="")
    assert done.stdout.endswith("1 passed, 0 failed\n"), done.stdout
    assert govscan(tmp_path / "ours", "policy", "test", ".").returncode == 0


@pytest.mark.parametrize("name", ["../private.yaml", "{here}/private.yaml", "..", "inputs/../../private.yaml", "a\0b"])
def test_a_path_out_of_the_pack_is_refused(tmp_path: Path, name: str) -> None:
    done = case_of(tmp_path, given_file=name.format(here=tmp_path))
    assert done.returncode == 1
    assert "does not lie in the pack's folder" in done.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
@pytest.mark.parametrize("inside", ["", "/private.yaml"])
def test_a_link_out_of_the_pack_is_refused(tmp_path: Path, inside: str) -> None:
    (tmp_path / "ours").mkdir()
    (tmp_path / "ours" / "inputs").symlink_to(tmp_path if inside else tmp_path / "private.yaml")
    assert "does not lie in the pack's folder" in case_of(tmp_path, given_file=f"inputs{inside}").stdout


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_a_link_out_of_a_given_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "ours" / "inputs").mkdir(parents=True)
    (tmp_path / "ours" / "inputs" / "private.yaml").symlink_to(tmp_path / "private.yaml")
    assert case_of(tmp_path, given_file="inputs", expect="fail").returncode == 1


@pytest.mark.skipif(sys.platform == "win32", reason="has none of these")
@pytest.mark.parametrize("what", ["pipe", "endless", "loop", "gone", "binary", "huge"])
def test_what_cannot_be_read_fails_the_case_and_ends(tmp_path: Path, what: str) -> None:
    (tmp_path / "ours").mkdir()
    path = tmp_path / "ours" / "given.json"
    {
        "pipe": lambda: os.mkfifo(path),
        "endless": lambda: path.symlink_to("/dev/zero"),
        "loop": lambda: path.symlink_to(path.name),
        "gone": lambda: None,
        "binary": lambda: path.write_bytes(bytes(range(256)) * 100),
        "huge": lambda: os.truncate(os.open(path, os.O_CREAT | os.O_RDWR), 8 * 2**30),
    }[what]()
    done = case_of(tmp_path, given_file="given.json")
    assert done.returncode == 1, done.stderr
    assert "FAILED  unnamed-secret: it has a name" in done.stdout


@pytest.mark.parametrize("given", ["5", "[]", '{"resources": 5}', "}", {}])
def test_a_plan_of_no_known_shape_fails_its_case(tmp_path: Path, given: Any) -> None:
    done = case_of(tmp_path, given=given, source="terraform_plan")
    assert "FAILED  unnamed-secret: it has a name" in done.stdout, done.stderr
    assert "no resource was read from what is given" in done.stdout
    assert done.returncode == 1


@pytest.mark.parametrize("given", [{"resources": 5}, {"resources": [{"address": "bad"}]}, {"resources": [1]}, []])
def test_a_short_form_of_no_known_shape_is_told_with_its_line(tmp_path: Path, given: Any) -> None:
    done = case_of(tmp_path, given=given, source="terraform_plan")
    assert "ours/unnamed-secret.test.yaml:" in done.stderr
    assert ": 0.given" in done.stderr
    assert done.returncode == 2
