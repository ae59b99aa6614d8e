"""`govscan policy new`: two commented files that lint, and whose cases fail until somebody has thought."""

from pathlib import Path

import pytest

from tests.cli.command import govscan


def test_a_new_policy_lints_and_its_cases_fail(tmp_path: Path) -> None:
    done = govscan(tmp_path, "policy", "new", "bucket-abroad", "--pack", "ours")
    assert done.returncode == 0
    assert sorted(path.name for path in (tmp_path / "ours").iterdir()) == [
        "bucket-abroad.test.yaml",
        "bucket-abroad.yaml",
        "pack.yaml",
    ]
    assert govscan(tmp_path, "policy", "lint", "ours").stdout == "1 policy, 0 mistakes\n"
    tried = govscan(tmp_path, "policy", "test", "ours")
    assert tried.returncode == 1
    assert "1 passed, 2 failed" in tried.stdout


def test_edited_it_passes(tmp_path: Path) -> None:
    govscan(tmp_path, "policy", "new", "bucket-abroad", "--pack", "ours")
    for name, old, new in (
        ("bucket-abroad.yaml", "the-region-you-allow", "eu"),
        ("bucket-abroad.test.yaml", "is what the policy should say", "bad is in us"),
    ):
        path = tmp_path / "ours" / name
        path.write_text(path.read_text().replace(old, new))
    tried = govscan(tmp_path, "policy", "test", "ours")
    assert (tried.returncode, tried.stdout) == (0, "3 passed, 0 failed\n")


@pytest.mark.parametrize("there", ["bucket-abroad.yaml", "bucket-abroad.test.yaml"])
def test_nothing_is_ever_overwritten(tmp_path: Path, there: str) -> None:
    (tmp_path / "ours").mkdir()
    (tmp_path / "ours" / there).write_text("mine\n")
    (tmp_path / "ours" / "pack.yaml").write_text("title: Mine\ndescription: What we agreed on.\n")
    done = govscan(tmp_path, "policy", "new", "bucket-abroad", "--pack", "ours")
    assert done.returncode == 2
    assert "is there already" in done.stderr
    assert len(list((tmp_path / "ours").iterdir())) == 2
    assert (tmp_path / "ours" / there).read_text() == "mine\n"


def test_a_second_policy_keeps_the_packs_own_words(tmp_path: Path) -> None:
    govscan(tmp_path, "policy", "new", "bucket-abroad", "--pack", "ours")
    (tmp_path / "ours" / "pack.yaml").write_text("title: Mine\ndescription: What we agreed on.\n")
    govscan(tmp_path, "policy", "new", "bucket-far-away", "--pack", "ours")
    assert (tmp_path / "ours" / "pack.yaml").read_text().startswith("title: Mine")
    assert govscan(tmp_path, "policy", "lint", "ours").stdout == "2 policies, 0 mistakes\n"


@pytest.mark.parametrize("name", ["../escape", "Upper", "a b", "-x", "x-", "x/y", ""])
def test_an_id_that_is_no_id_writes_nothing(tmp_path: Path, name: str) -> None:
    done = govscan(tmp_path, "policy", "new", "--pack", "ours", "--", name)
    assert done.returncode == 2
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["pack", "public-bucket"])
def test_a_name_that_is_taken_writes_nothing(tmp_path: Path, name: str) -> None:
    done = govscan(tmp_path, "policy", "new", name, "--pack", "ours")
    assert done.returncode == 2
    assert f"'{name}' is taken: " in done.stderr
    assert not (tmp_path / "ours").exists()
