"""Schemas of CustomResourceDefinitions are read for those who ask for them; what could not be known is never a pass."""

import json
from pathlib import Path

import pytest

from tests.cli.command import govscan, write_policy

DEFINITION = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: models.acme.io}
spec:
  group: acme.io
  names: {kind: Model, plural: models}
  scope: Namespaced
  versions:
    - name: v1
      schema:
        openAPIV3Schema:
          type: object
          x-kubernetes-preserve-unknown-fields: true
      served: true
"""
OPEN = '"x-kubernetes-preserve-unknown-fields"'


@pytest.mark.parametrize(
    ("asks", "verdict"),
    [
        (f"resource.native.spec.versions.all(one, !({OPEN} in one.schema.openAPIV3Schema))", "fail"),
        (f"resource.native.spec.versions.all(one, one.schema.all(key, !({OPEN} in one.schema[key])))", "unknown"),
        ("resource.native.spec.versions.all(one, one.served)", "pass"),
    ],
)
def test_a_policy_that_names_the_schema_is_told_it_and_any_other_is_not_misled(
    tmp_path: Path, asks: str, verdict: str
) -> None:
    (tmp_path / "crd.yaml").write_text(DEFINITION)
    match = {"native_types": ["apiextensions.k8s.io/CustomResourceDefinition"]}
    validation = {"expression": asks, "message": "{resource.name} takes anything"}
    write_policy(tmp_path / "ours", "open-definition", match=match, validations=[validation], params=None)
    done = govscan(tmp_path, "scan", "crd.yaml", "--pack", "ours", "--report", "out.json")
    result = json.loads((tmp_path / "out.json").read_text())
    assert result["summary"]["verdicts"][verdict] == 1, done.stdout
    if verdict == "unknown":
        [finding] = result["findings"]
        assert "no policy names openAPIV3Schema" in json.dumps(finding)


def test_inspecting_shows_a_schema(tmp_path: Path) -> None:
    (tmp_path / "crd.yaml").write_text(DEFINITION)
    done = govscan(tmp_path, "inspect", "crd.yaml", "--native")
    assert "x-kubernetes-preserve-unknown-fields: true" in done.stdout, done.stderr
