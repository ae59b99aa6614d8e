"""The command as a user runs it: words in, words and an exit code out."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

SECRET = """apiVersion: v1
kind: Secret
metadata:
  name: db
  namespace: fraud
stringData:
  password: correct-horse-battery
"""
CLEAN = """apiVersion: v1
kind: ConfigMap
metadata: {name: settings, namespace: fraud, labels: {team: fraud, cost-center: cc-7, environment: prod}}
data: {LOG_LEVEL: info}
"""
LEVELS = "".join(f"{name}: &{name} [{', '.join([f'*{chr(ord(name) - 1)}'] * 9)}]\n" for name in "bcdefghij")
BOMB = f"apiVersion: v1\nkind: ConfigMap\na: &a [x]\n{LEVELS}".encode()


def govscan(folder: Path, *words: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, "-m", "scanner", *words],
        cwd=folder,
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )


def test_a_violation_is_shown_at_its_line_without_its_value(tmp_path: Path) -> None:
    (tmp_path / "db.yaml").write_text(SECRET)
    done = govscan(tmp_path, "scan", "db.yaml")
    assert done.returncode == 1
    assert "db.yaml:7" in done.stdout
    assert "secret-manifest-in-git" in done.stdout
    assert "correct-horse" not in done.stdout + done.stderr
    assert "\x1b" not in done.stdout


def test_a_clean_manifest_exits_0(tmp_path: Path) -> None:
    (tmp_path / "settings.yaml").write_text(CLEAN)
    done = govscan(tmp_path, "scan", "settings.yaml")
    assert done.returncode == 0, done.stdout


def test_fail_on_decides_what_fails_the_gate(tmp_path: Path) -> None:
    (tmp_path / "nobody.yaml").write_text("apiVersion: v1\nkind: Namespace\nmetadata: {name: nobody}\n")
    strict = govscan(tmp_path, "scan", "nobody.yaml", "--fail-on", "info")
    lenient = govscan(tmp_path, "scan", "nobody.yaml", "--fail-on", "critical")
    assert (strict.returncode, lenient.returncode) == (1, 0)


def test_nothing_to_scan_is_not_a_pass_unless_allowed(tmp_path: Path) -> None:
    (tmp_path / "values.yaml").write_text("replicas: 3\n")
    assert govscan(tmp_path, "scan", ".").returncode == 3
    assert govscan(tmp_path, "scan", ".", "--allow-nothing").returncode == 0


def test_a_path_that_is_not_there_is_wrong_usage(tmp_path: Path) -> None:
    done = govscan(tmp_path, "scan", "nowhere.yaml")
    assert done.returncode == 2
    assert "nowhere.yaml" in done.stderr
    assert "hint:" in done.stderr


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.json", b""),
        ("truncated.json", b'{"format_version": "1.2", "resource_changes": [{"addr'),
        ("binary.yaml", bytes(range(256)) * 8),
        ("latin1.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: caf\xe9}\n".encode("latin-1")),
        ("deep.json", b'{"apiVersion": "v1", "kind": "ConfigMap", "data": ' + b"[" * 200_000),
        ("twice.yaml", b"apiVersion: v1\nkind: ConfigMap\nkind: Secret\nmetadata: {name: a}\n"),
        ("future.json", b'{"format_version": "9.0", "planned_values": {}, "resource_changes": []}'),
        ("state.json", b'{"version": 3, "terraform_version": "0.11.14", "lineage": "x", "modules": []}'),
        ("bomb.yaml", BOMB),
    ],
)
def test_bad_input_is_one_sentence_and_the_rest_is_scanned(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    (tmp_path / "settings.yaml").write_text(CLEAN)
    done = govscan(tmp_path, "scan", ".", "--report", "out.json")
    result = json.loads((tmp_path / "out.json").read_text())
    assert "Traceback" not in done.stdout + done.stderr
    assert len(result["resources"]) == 1
    if name != "empty.json":
        assert done.returncode == 4
        assert [problem["where"].partition(":")[0] for problem in result["problems"]] == [name]
        assert all(problem["message"] and problem["hint"] for problem in result["problems"])


def test_standard_input_is_read(tmp_path: Path) -> None:
    done = govscan(tmp_path, "scan", "-", stdin=SECRET)
    assert done.returncode == 1
    assert "<stdin>:7" in done.stdout


def test_reports_are_written_in_the_format_of_their_extension(tmp_path: Path) -> None:
    (tmp_path / "db.yaml").write_text(SECRET)
    reports = ("--report", "deep/a.sarif", "--report", "deep/b.html", "--report", "json=deep/c.data")
    assert govscan(tmp_path, "scan", "db.yaml", *reports).returncode == 1
    assert json.loads((tmp_path / "deep/a.sarif").read_text())["version"] == "2.1.0"
    assert (tmp_path / "deep/b.html").read_text().startswith("<!")
    assert json.loads((tmp_path / "deep/c.data").read_text())["version"] == "1"
    for path in (tmp_path / "deep").iterdir():
        assert "correct-horse" not in path.read_text()


def test_scanning_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    (tmp_path / "db.yaml").write_text(SECRET)
    for name in ("one", "two"):
        govscan(tmp_path, "scan", "db.yaml", "--report", f"{name}.sarif", "--report", f"{name}.html")
    assert (tmp_path / "one.sarif").read_bytes() == (tmp_path / "two.sarif").read_bytes()
    assert (tmp_path / "one.html").read_bytes() == (tmp_path / "two.html").read_bytes()


def test_the_configuration_is_found_upwards_and_its_choices_apply(tmp_path: Path) -> None:
    (tmp_path / "govscan.yaml").write_text("packs: [secrets]\nexclude: ['generated/']\nfail_on: critical\n")
    for folder in ("apps/db", "generated"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "secret.yaml").write_text(SECRET)
    done = govscan(tmp_path / "apps", "scan", "..", "--report", "out.json")
    result = json.loads((tmp_path / "apps/out.json").read_text())
    assert {policy["family"] for policy in result["policies"]} == {"secrets"}
    assert len(result["resources"]) == 1
    severities = {policy["id"]: policy["severity"] for policy in result["policies"]}
    critical = [one for one in result["findings"] if severities[one["policy"]] == "critical"]
    assert done.returncode == (1 if critical else 0)


def test_a_mistake_in_the_configuration_names_its_line(tmp_path: Path) -> None:
    (tmp_path / "govscan.yaml").write_text("packs: [secrets]\nfail_on: enormous\npaks: []\n")
    (tmp_path / "db.yaml").write_text(SECRET)
    done = govscan(tmp_path, "scan", "db.yaml")
    assert done.returncode == 2
    assert "govscan.yaml:2:" in done.stderr
    assert "paks" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_mistake_in_a_pack_is_reported_with_file_line_and_suggestion(tmp_path: Path) -> None:
    pack = tmp_path / "ours"
    pack.mkdir()
    (pack / "pack.yaml").write_text("title: Ours\ndescription: Our own rules.\n")
    (pack / "nameless-thing.yaml").write_text(
        "id: nameless-thing\ntitle: Thing without a name\nseverity: low\nfamily: ours\n"
        "match: {types: [workload]}\nvalidations:\n"
        "  - {expression: facts.mesh_mtls.moode == 'STRICT', message: not strict}\n"
        "rationale: Everything deserves a name to be called by.\nremediation: Give it a name.\ncontrols: []\n"
    )
    (tmp_path / "db.yaml").write_text(SECRET)
    done = govscan(tmp_path, "scan", "db.yaml", "--pack", "ours")
    assert done.returncode == 2
    assert "nameless-thing.yaml:7:" in done.stderr
    assert "facts.mesh_mtls.moode" in done.stderr


def test_an_organization_overrides_a_parameter(tmp_path: Path) -> None:
    (tmp_path / "pod.yaml").write_text(
        "apiVersion: v1\nkind: Pod\nmetadata: {name: p, labels: {squad: fraud}}\n"
        "spec: {containers: [{name: c, image: 'c:1'}]}\n"
    )
    words = ("scan", "pod.yaml", "--policy", "workload-without-cost-labels", "--fail-on", "info")
    assert govscan(tmp_path, *words).returncode == 1
    (tmp_path / "govscan.yaml").write_text("params: {workload-without-cost-labels: {required: {team: [squad]}}}\n")
    assert govscan(tmp_path, *words).returncode == 0


def test_an_unknown_policy_id_is_answered_with_the_nearest(tmp_path: Path) -> None:
    (tmp_path / "db.yaml").write_text(SECRET)
    done = govscan(tmp_path, "scan", "db.yaml", "--policy", "secret-manifests-in-git")
    assert done.returncode == 2
    assert "did you mean 'secret-manifest-in-git'?" in done.stderr


def test_every_unknown_policy_id_is_answered_at_once(tmp_path: Path) -> None:
    (tmp_path / "db.yaml").write_text(SECRET)
    words = "secret-manifests-in-git,public-buckets,public-bucket,xyzzy"
    done = govscan(tmp_path, "scan", "db.yaml", "--policy", words)
    assert done.returncode == 2
    assert "'secret-manifests-in-git' in the chosen packs; did you mean 'secret-manifest-in-git'?" in done.stderr
    assert "'public-buckets' in the chosen packs; did you mean 'public-bucket'?" in done.stderr
    assert "There is no policy 'xyzzy' in the chosen packs." in done.stderr
    assert "'public-bucket' in" not in done.stderr


def test_a_secret_that_begins_where_a_long_line_is_cut_is_hidden_whole(tmp_path: Path) -> None:
    secret = "qK7vTz2mXw9pLr4sNb8d" * 3
    head = '{"apiVersion": "v1", "kind": "Secret", "stringData": {"a": "short-secret", "b": "'
    text = head + "x" * (385 - len(head)) + f'", "z": "{secret}"' + '}, "metadata": {"name": "db"}}'
    (tmp_path / "one-line.json").write_text(text)
    done = govscan(tmp_path, "scan", "one-line.json", "--report", "out.json")
    report = (tmp_path / "out.json").read_text()
    assert "one-line.json:1" in done.stdout
    assert '\\"z\\": \\"' in report
    assert secret[:6] not in report + done.stdout


def test_findings_are_shown_even_where_a_report_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "db.yaml").write_text(SECRET)
    (tmp_path / "taken").write_text("a file where a folder is needed")
    done = govscan(tmp_path, "scan", "db.yaml", "--report", "taken/out.json")
    assert done.returncode == 2
    assert "taken/out.json" in done.stderr
    assert "db.yaml:7" in done.stdout
