"""`govscan inspect`: resources, facts and unknowns as an expression sees them, without secrets."""

import json
from pathlib import Path

import yaml

from tests.cli.command import ROOT, govscan

POD = """\
apiVersion: v1
kind: Pod
metadata: {name: scorer, namespace: fraud, labels: {team: fraud}}
spec:
  containers:
    - name: c
      image: "c:1"
      env: [{name: DB_PASSWORD, value: correct-horse-battery}]
      command: ["run", "--token=correct-horse-battery"]
---
apiVersion: v1
kind: Secret
metadata: {name: db, namespace: fraud}
stringData: {key: staple-of-the-battery}
data: {other: c3RhcGxlLWluLWJhc2U2NA==}
"""


def test_a_resource_is_shown_as_an_expression_sees_it() -> None:
    words = ("inspect", "fixtures/terraform", "--resource", "aws_s3_bucket.models_disaster_copy")
    [seen] = yaml.safe_load(govscan(ROOT, *words).stdout)
    assert seen["resource"]["attributes"]["minimum_tls"] == "1.2"
    assert seen["facts"]["region"]["jurisdiction"] == "US"
    assert "native" not in seen["resource"]
    [seen] = json.loads(govscan(ROOT, *words, "--native", "--format", "json").stdout)
    assert seen["resource"]["native"]["bucket"] == "acme-fraud-models-us"
    assert seen["resource"]["native"]["arn"] == {"unknown": "known after apply"}


def test_no_secret_is_shown_in_any_format(tmp_path: Path) -> None:
    (tmp_path / "pod.yaml").write_text(POD)
    for kind in ("yaml", "json"):
        done = govscan(tmp_path, "inspect", "pod.yaml", "--native", "--format", kind)
        assert done.returncode == 0, done.stderr
        assert "(redacted)" in done.stdout
        for secret in ("correct-horse", "staple", "c3RhcGxl"):
            assert secret not in done.stdout


def test_nothing_to_inspect_is_said(tmp_path: Path) -> None:
    (tmp_path / "pod.yaml").write_text(POD)
    assert govscan(tmp_path, "inspect").returncode == 2
    done = govscan(tmp_path, "inspect", "pod.yaml", "--resource", "fraud/Pod/other")
    assert (done.returncode, "There is no resource" in done.stderr) == (2, True)


def test_what_could_not_be_read_is_said_beside_what_could(tmp_path: Path) -> None:
    (tmp_path / "pod.yaml").write_text(POD)
    (tmp_path / "broken.yaml").write_text("apiVersion: v1\nkind: Pod\nkind: Secret\nmetadata: {name: a}\n")
    done = govscan(tmp_path, "inspect", ".")
    assert done.returncode == 4
    assert len(yaml.safe_load(done.stdout)) == 2
    assert "broken.yaml" in done.stderr


def test_control_characters_do_not_reach_the_terminal(tmp_path: Path) -> None:
    (tmp_path / "pod.yaml").write_text(
        'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {a: "x\\e[31m\\u202Ey"}\n'
    )
    for kind in ("yaml", "json"):
        told = govscan(tmp_path, "inspect", "pod.yaml", "--native", "--format", kind).stdout
        assert "\x1b" not in told
        assert "\u202e" not in told
