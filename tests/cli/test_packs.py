"""What an organization chooses in govscan.yaml: severities, what it does not ask, packs of its own."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.command import govscan, write_policy

SECRET = "apiVersion: v1\nkind: Secret\nmetadata: {name: db, namespace: fraud}\nstringData: {password: correct-horse-battery}\n"
ID = "secret-manifest-in-git"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "db.yaml").write_text(SECRET)
    return tmp_path


def scanned(project: Path, *words: str) -> tuple[int, dict[str, Any], str]:
    done = govscan(
        project, "scan", "db.yaml", *words, "--report", "out.json", "--report", "out.html", "--report", "out.sarif"
    )
    assert (project / "out.json").exists(), done.stderr
    return done.returncode, json.loads((project / "out.json").read_text()), done.stdout


def test_an_organization_gives_a_policy_another_severity(project: Path) -> None:
    (project / "govscan.yaml").write_text(f"packs: [secrets]\nseverity: {{{ID}: low}}\n")
    code, result, _ = scanned(project, "--policy", ID)
    assert code == 0
    assert [policy["severity"] for policy in result["policies"]] == ["low"]
    assert govscan(project, "scan", "db.yaml", "--policy", ID, "--fail-on", "low").returncode == 1


def test_a_disabled_policy_is_not_asked_and_says_so_everywhere(project: Path) -> None:
    (project / "govscan.yaml").write_text(f"packs: [secrets]\ndisable:\n  {ID}: sealed before commit, see ADR 12\n")
    _, result, console = scanned(project)
    assert ID not in {policy["id"] for policy in result["policies"]}
    assert [(one["id"], one["reason"]) for one in result["disabled"]] == [(ID, "sealed before commit, see ADR 12")]
    assert f"Disabled {ID}: sealed before commit, see ADR 12" in console
    assert "sealed before commit, see ADR 12" in (project / "out.html").read_text()
    assert f"The policy {ID} is disabled: " in (project / "out.sarif").read_text()


@pytest.mark.parametrize("reason", ['""', "no", "null", "true"])
def test_disabling_needs_a_reason(project: Path, reason: str) -> None:
    (project / "govscan.yaml").write_text(f"disable: {{{ID}: {reason}}}\n")
    done = govscan(project, "scan", "db.yaml")
    assert done.returncode == 2
    assert "govscan.yaml:1:" in done.stderr


@pytest.mark.parametrize(
    "key", ["severity: {secret-manifests-in-git: low}", "disable: {secret-manifests-in-git: because}"]
)
def test_an_id_that_does_not_exist_is_answered_with_the_nearest(project: Path, key: str) -> None:
    (project / "govscan.yaml").write_text(f"{key}\n")
    done = govscan(project, "scan", "db.yaml")
    assert done.returncode == 2
    assert f"govscan.yaml:1:{key.index('{') + 2}: there is no policy 'secret-manifests-in-git'" in done.stderr
    assert f"did you mean '{ID}'?" in done.stderr


def test_choices_for_packs_that_this_run_leaves_out_are_no_mistake(project: Path) -> None:
    (project / "govscan.yaml").write_text(
        f"severity: {{{ID}: low}}\nparams: {{missing-cost-tags: {{required: {{}}}}}}\n"
    )
    assert govscan(project, "scan", "db.yaml", "--pack", "mtls").returncode == 0


def test_an_own_pack_stands_beside_the_shipped_ones(project: Path) -> None:
    write_policy(project / "ours", "nameless-secret", family="ours")
    (project / "govscan.yaml").write_text("packs: [secrets, ./ours]\n")
    _, result, _ = scanned(project)
    assert {policy["family"] for policy in result["policies"]} == {"secrets", "ours"}


@pytest.mark.parametrize("name", ["nameless-secret", "anonymous-secret"])
def test_a_former_id_works_wherever_the_present_one_does(project: Path, name: str) -> None:
    write_policy(project / "ours", "nameless-secret", aliases=["anonymous-secret"], params={"words": ["db"]})
    (project / "govscan.yaml").write_text(
        f"packs: [./ours]\nseverity: {{{name}: critical}}\nparams: {{{name}: {{words: [other]}}}}\n"
    )
    code, result, _ = scanned(project, "--policy", name)
    [policy] = result["policies"]
    assert (code, policy["severity"], policy["params"]) == (1, "critical", {"words": ["other"]})
    (project / "govscan.yaml").write_text(f"packs: [./ours]\ndisable: {{{name}: not for us}}\n")
    assert [one["id"] for one in scanned(project)[1]["disabled"]] == ["nameless-secret"]


def test_a_deprecated_policy_still_runs_and_says_what_to_use(project: Path) -> None:
    write_policy(project / "ours", "nameless-secret", deprecated="use secret-manifest-in-git instead")
    code, result, _ = scanned(project, "--pack", "ours")
    assert code == 0
    assert result["policies"][0]["deprecated"] == "use secret-manifest-in-git instead"
    assert len(result["tallies"]["nameless-secret"]["pass"]) == 1
