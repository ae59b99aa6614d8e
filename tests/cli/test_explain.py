"""`govscan policy explain`: why this verdict on this resource, step by step."""

from pathlib import Path

import pytest

from tests.cli.command import FAILS, ROOT, govscan, write_policy

MESH = """\
plaintext-mesh-traffic  Workload in the mesh accepts plaintext traffic

fail  orchestration/Deployment/airflow-scheduler  fixtures/kubernetes/ml-platform/orchestration.yaml:2
  match.types    workload in workload
  when           facts.mesh_mtls.in_mesh → true  fixtures/kubernetes/ml-platform/namespaces.yaml:11
  validation     facts.mesh_mtls.mode == "STRICT" → false
                   facts.mesh_mtls.mode → "PERMISSIVE"  fixtures/kubernetes/ml-platform/mesh.yaml:19
  so             airflow-scheduler takes plaintext connections: its mTLS mode is PERMISSIVE, decided
                 by orchestration/PeerAuthentication/default

1 resource explained or listed; 0 resources it is not about
"""
SECRET = "apiVersion: v1\nkind: Secret\nmetadata: {name: db}\nstringData: {password: correct-horse-battery}\n"


def test_the_whole_story_of_one_verdict() -> None:
    target = ("fixtures/kubernetes", "--resource", "orchestration/Deployment/airflow-scheduler")
    done = govscan(ROOT, "policy", "explain", "plaintext-mesh-traffic", *target)
    assert (done.returncode, done.stdout) == (0, MESH)


def test_an_aggregate_shows_contributions_and_groups() -> None:
    done = govscan(ROOT, "policy", "explain", "accelerator-quota-exceeded", "fixtures/kubernetes")
    assert "measure.sum    facts.accelerators.count → 2" in done.stdout
    assert "fail  group:team=research,model=nvidia-h100\n" in done.stdout


def test_a_long_name_of_a_group_stands_apart_from_its_expression(tmp_path: Path) -> None:
    changes = {"group_by": {"cost_center": "resource.name"}, "measure": {"distinct": "resource.name"}}
    said = [{"expression": "measured <= size(params.words)", "message": "{measured} of them"}]
    write_policy(tmp_path / "ours", "many-secrets", validations=said, **changes)
    (tmp_path / "db.yaml").write_text(SECRET)
    done = govscan(tmp_path, "policy", "explain", "many-secrets", "db.yaml", "--pack", "ours")
    assert "  group_by.cost_center resource.name → " in done.stdout, done.stderr
    assert "  measure.distinct     resource.name → " in done.stdout


def explained(folder: Path, expression: str, manifest: str, *words: str) -> str:
    validation = {"expression": expression, "message": "it is not as it should be"}
    write_policy(folder / "ours", "nameless-secret", validations=[validation])
    (folder / "db.yaml").write_text(manifest)
    done = govscan(folder, "policy", "explain", "nameless-secret", "db.yaml", "--pack", "ours", *words)
    assert done.stderr == ""
    return done.stdout


@pytest.mark.parametrize(
    "expression",
    [
        "resource.native.stringData.password == 'x'",
        "resource.native.stringData.all(key, resource.native.stringData[key] == 'x')",
        "size(resource.native.stringData) == 0",
        "resource.native.stringData.password.upperAscii() == 'x'",
        "cel.bind(word, resource.native.stringData.password.replace('-', '_'), word == 'x')",
        "resource.native.stringData.map(key, resource.native.stringData[key].upperAscii()) == ['x']",
        "'p' + resource.native.stringData.password == ''",
    ],
)
def test_a_secret_is_shown_in_no_step(tmp_path: Path, expression: str) -> None:
    told = explained(tmp_path, expression, SECRET)
    assert "fail  Secret/db" in told
    assert "(redacted)" in told
    assert "horse" not in told.lower()


def test_a_loop_shows_its_elements_one_by_one(tmp_path: Path) -> None:
    expression = "params.words.all(word, word.startsWith('d') && resource.name != word)"
    told = explained(tmp_path, expression, SECRET.replace("name: db", "name: other"))
    assert 'params.words[0] → "db"  parameter' in told
    assert "word.startsWith('d') → true" in told


def test_a_resource_the_policy_is_not_about_says_why(tmp_path: Path) -> None:
    told = explained(tmp_path, "true", SECRET.replace("kind: Secret", "kind: ConfigMap"), "--resource", "ConfigMap/db")
    assert "not about it  ConfigMap/db" in told
    assert "kubernetes.config_map in kubernetes.secret" in told


def test_names_that_are_not_there_are_answered_with_a_hint(tmp_path: Path) -> None:
    (tmp_path / "db.yaml").write_text(SECRET)
    done = govscan(tmp_path, "policy", "explain", "inline-secre", "db.yaml")
    assert (done.returncode, "did you mean 'inline-secret'?" in done.stderr) == (2, True)
    done = govscan(tmp_path, "policy", "explain", "inline-secret", "db.yaml", "--resource", "Secret/other")
    assert (done.returncode, "govscan inspect" in done.stderr) == (2, True)


def test_what_could_not_be_read_is_said(tmp_path: Path) -> None:
    (tmp_path / "db.yaml").write_text(SECRET)
    (tmp_path / "twice.yaml").write_text("apiVersion: v1\nkind: Pod\nkind: Secret\nmetadata: {name: a}\n")
    done = govscan(tmp_path, "policy", "explain", "inline-secret", ".")
    assert (done.returncode, "twice.yaml" in done.stderr) == (4, True)
    (tmp_path / "empty").mkdir()
    assert govscan(tmp_path, "policy", "explain", "inline-secret", "empty").returncode == 3


def test_an_optional_is_shown_as_what_it_stands_for(tmp_path: Path) -> None:
    told = explained(tmp_path, "resource.native.?spec.?replicas.orValue(1) > 1", SECRET)
    assert "resource.native.?spec.?replicas.orValue(1) → 1" in told


def test_behind_a_gate_that_is_not_known_the_rest_is_shown() -> None:
    target = ("fixtures/kubernetes", "--resource", "serving/InferenceService/assistant")
    told = govscan(ROOT, "policy", "explain", "accelerator-quota-exceeded", *target).stdout
    assert "→ unknown: KServe scales without a limit" in told
    assert 'group_by.team  facts.owner.team → "research"' in told


def test_what_a_policy_matches_is_set_apart_from_its_label(tmp_path: Path) -> None:
    write_policy(tmp_path / "ours", "unnamed-secret", match={"native_types": ["*Secret"]})
    (tmp_path / "secret.yaml").write_text(FAILS)
    run = govscan(tmp_path, "policy", "explain", "unnamed-secret", "secret.yaml", "--pack", "ours")
    assert "  match.native_types  " in run.stdout
