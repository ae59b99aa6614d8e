"""A pack from a stranger holds what it likes; every command says so and goes home."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.command import govscan, write_policy

CONTENT = {
    "binary": b"\xff\xfe\x00",
    "empty": b"",
    "a list": b"[a, b]",
    "a text": b"just words",
    "deep": b"[" * 100_000,
    "deep mappings": b"\n".join(b" " * depth + b"a:" for depth in range(2000)),
    "deep but closed": b"{a: " * 500 + b"1" + b"}" * 500,
    "aliases": b"a: &a [x, x]\n"
    + b"".join(b"%c: &%c [*%c, *%c, *%c, *%c]\n" % (*[98 + i] * 2, *[97 + i] * 4) for i in range(20)),
    "an alias in itself": b"&a [*a]",
    "a tag": b"!!python/object/apply:os.system ['touch pwned']",
    "two megabytes": b"a: " + b"x" * 2_000_000,
}
COMMANDS = (("scan", "secret.yaml", "--pack", "ours"), ("policy", "lint", "ours"), ("policy", "test", "ours"))


def _all_commands(folder: Path) -> list[subprocess.CompletedProcess[str]]:
    (folder / "secret.yaml").write_text("apiVersion: v1\nkind: Secret\nmetadata: {name: db}\n")
    runs = [govscan(folder, *words) for words in COMMANDS]
    for run in runs:
        assert run.returncode in {2, 3}, (run.args, run.stdout, run.stderr)
        assert "mistake in govscan" not in run.stderr, run.stderr
        assert "Traceback" not in run.stderr
    return runs


@pytest.mark.parametrize("name", sorted(CONTENT))
def test_a_policy_file_may_hold_anything(tmp_path: Path, name: str) -> None:
    path = write_policy(tmp_path / "ours", "unnamed-secret")
    path.with_suffix(".test.yaml").unlink()
    path.write_bytes(CONTENT[name])
    scan, lint, _ = _all_commands(tmp_path)
    assert "unnamed-secret.yaml:" in scan.stderr
    assert "unnamed-secret.yaml:" in lint.stdout + lint.stderr
    assert not (tmp_path / "pwned").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="has none of these")
@pytest.mark.parametrize("what", ["pipe", "folder", "endless", "loop", "nowhere"])
def test_a_policy_file_may_be_no_file(tmp_path: Path, what: str) -> None:
    path = write_policy(tmp_path / "ours", "unnamed-secret")
    path.with_suffix(".test.yaml").unlink()
    path.unlink()
    {
        "pipe": lambda: os.mkfifo(path),
        "folder": path.mkdir,
        "endless": lambda: path.symlink_to("/dev/zero"),
        "loop": lambda: path.symlink_to(path.name),
        "nowhere": lambda: path.symlink_to("gone.yaml"),
    }[what]()
    scan, lint, _ = _all_commands(tmp_path)
    for run in (scan, lint):
        assert "cannot be read" in run.stdout + run.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_a_link_out_of_the_pack_shows_nothing_of_what_it_leads_to(tmp_path: Path) -> None:
    path = write_policy(tmp_path / "ours", "unnamed-secret")
    path.with_suffix(".test.yaml").unlink()
    path.unlink()
    (tmp_path / "private").write_text("hunter2-hunter2\n")
    path.symlink_to("../private")
    for run in _all_commands(tmp_path):
        assert "hunter2" not in run.stdout + run.stderr
    assert "leads out of its folder" in govscan(tmp_path, "policy", "lint", "ours").stdout


def test_a_folder_that_holds_itself_is_a_pack_like_any_other(tmp_path: Path) -> None:
    path = write_policy(tmp_path / "ours", "unnamed-secret")
    (path.parent / "again").symlink_to(path.parent)
    (tmp_path / "secret.yaml").write_text("apiVersion: v1\nkind: Secret\nmetadata: {name: db}\n")
    assert govscan(tmp_path, "scan", "secret.yaml", "--pack", "ours").returncode == 0
    assert govscan(tmp_path, "policy", "lint", "ours").returncode == 0
    assert govscan(tmp_path, "policy", "test", "ours").returncode == 0
