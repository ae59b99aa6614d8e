"""Admission policies on whole folders, through the command and into every report."""

import json
from pathlib import Path

import jsonschema
import pytest

from scanner import load, registry, report
from scanner.cli import main
from scanner.model import ScanResult
from scanner.scan import Request, scan
from tests.admission.harness import a_binding, a_policy, judged


@pytest.fixture(scope="module")
def platform(root: Path) -> ScanResult:
    targets = (str(root / "fixtures" / "kubernetes"),)
    given = (str(root / "fixtures" / "admission"),)
    return scan(Request(targets=targets, packs=(), options=load.Options(base=root), admission=given))


def test_the_platform_by_its_own_admission_policies(platform: ScanResult) -> None:
    found = {
        (
            one.policy_id,
            one.resource_uid.partition("#")[2],
            one.origin.uri.rpartition("/")[2],
            one.origin.line,
            one.message,
        )
        for one in platform.findings
    }
    two = "a Deployment in the mesh needs two replicas"
    mesh = "vap-mesh-deployments-acme-example-by-mesh"
    assert found == {
        (mesh, "orchestration/Deployment/airflow-scheduler", "orchestration.yaml", 8, two),
        (mesh, "tracking/Deployment/exporter", "tracking.yaml", 103, two),
        (
            "vap-gpu-ceiling-acme-example-by-warn",
            "research/Notebook/anna",
            "training.yaml",
            136,
            "a pod may have 4 GPUs, this one wants 8",
        ),
    }


def test_what_passes_is_counted(platform: ScanResult) -> None:
    tally = platform.tallies["vap-image-origin-acme-example-by-everywhere"]
    assert {verdict.value: len(uids) for verdict, uids in tally.items()} == {"pass": 7}


@pytest.mark.parametrize("name", registry.names("scanner.report"))
def test_every_report_shows_admission_policies(platform: ScanResult, name: str) -> None:
    text = report.render(name, platform).decode()
    assert "a pod may have 4 GPUs" in text


def test_the_json_report_follows_its_schema(platform: ScanResult, root: Path) -> None:
    schema = json.loads((root / "scanner" / "report" / "result.schema.json").read_text(encoding="utf-8"))
    jsonschema.validate(json.loads(report.render("json", platform)), schema)


def test_ids_follow_the_schema_of_policies(platform: ScanResult, root: Path) -> None:
    schema = json.loads((root / "scanner" / "policy" / "schema.json").read_text(encoding="utf-8"))["properties"]
    for one in platform.policies.values():
        jsonschema.validate(one.id, schema["id"])
        jsonschema.validate(one.title, schema["title"])
        jsonschema.validate(one.family, schema["family"])


def test_the_command(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)
    out = tmp_path / "out.sarif"
    words = ["scan", "fixtures/kubernetes", "--admission", "fixtures/admission", "--report", str(out), "--quiet"]
    with pytest.raises(SystemExit) as stopped:
        main(words)
    rules = {one["ruleId"] for one in json.loads(out.read_text(encoding="utf-8"))["runs"][0]["results"]}
    assert stopped.value.code == 1
    assert {"vap-mesh-deployments-acme-example-by-mesh", "plaintext-mesh-traffic"} <= rules


def test_a_secret_in_a_message_is_hidden(tmp_path: Path) -> None:
    secret = """
    apiVersion: v1
    kind: Secret
    metadata: {name: db, namespace: shop}
    stringData: {password: correct-horse-battery}
    """
    said = {
        "expression": "object.stringData.password == ''",
        "messageExpression": "'it is ' + object.stringData.password",
    }
    seen = judged(tmp_path, secret, a_policy(said), a_binding())
    assert "horse" not in repr(seen.finding)


@pytest.mark.parametrize("folder", ["istio-samples", "kuberay-samples", "kueue-admin", "kserve-runtimes"])
def test_real_manifests_get_a_verdict_and_no_crash(corpora: Path, root: Path, folder: str) -> None:
    target = corpora / "manifests" / folder
    given = (str(root / "fixtures" / "admission"),)
    result = scan(Request(targets=(str(target),), packs=(), options=load.Options(base=target), admission=given))
    verdicts = {verdict.value for tally in result.tallies.values() for verdict, uids in tally.items() if uids}
    assert verdicts <= {"pass", "fail", "unknown", "not_applicable"}


def test_real_deployments_are_refused_for_their_registries(corpora: Path, root: Path) -> None:
    target = corpora / "manifests" / "istio-samples" / "addons"
    given = (str(root / "fixtures" / "admission" / "image-origin.yaml"),)
    result = scan(Request(targets=(str(target),), packs=(), options=load.Options(base=target), admission=given))
    refused = {
        one.resource_uid.partition("#")[2]: one.message for one in result.findings if one.verdict.value == "fail"
    }
    assert "docker.io/grafana/grafana" in refused["istio-system/Deployment/grafana"]
    lines = (target / "grafana.yaml").read_text(encoding="utf-8").splitlines()
    place = next(one.origin for one in result.findings if one.resource_uid.endswith("istio-system/Deployment/grafana"))
    assert "image:" in lines[place.line - 1]
