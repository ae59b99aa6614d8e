"""Where the data is that a workload names: by URL, and by the buckets that the rest of a scan knows."""

import json
from pathlib import Path
from typing import Any

import pytest

from scanner import load, policy
from scanner.analyze import data_stores
from scanner.analyze._addresses import endpoints, image, stores
from scanner.model import Unknown, Verdict
from scanner.scan import Request, scan
from tests.analyze.test_accelerators_in_clusters import inventory

KNOWN = {"acme-models": "europe-west4", "acmemodels": "westeurope"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("gs://acme-models/fraud/1", [("acme-models", "europe-west4")]),
        ("s3://acme-models", [("acme-models", "europe-west4")]),
        ("--in=s3a://one/x --out=s3a://acme-models/y", [("one", None), ("acme-models", "europe-west4")]),
        ("https://acme.s3.eu-central-1.amazonaws.com/m", [("acme", "eu-central-1")]),
        ("https://acme.s3-us-west-2.amazonaws.com/m", [("acme", "us-west-2")]),
        ("https://s3.ap-south-1.amazonaws.com/acme/m", [("acme", "ap-south-1")]),
        ("https://acme-models.s3.amazonaws.com/m", [("acme-models", "europe-west4")]),
        ("https://storage.googleapis.com/acme-models/m", [("acme-models", "europe-west4")]),
        ("abfss://weights@acmemodels.dfs.core.windows.net/fraud", [("acmemodels", "westeurope")]),
        ("https://acmemodels.blob.core.windows.net/weights", [("acmemodels", "westeurope")]),
        ("https://acme.s3.dualstack.eu-west-1.amazonaws.com/m", [("acme", "eu-west-1")]),
        ("https://s3.dualstack.us-east-1.amazonaws.com/acme/m", [("acme", "us-east-1")]),
        ("https://acme.s3-fips.us-gov-west-1.amazonaws.com/m", [("acme", "us-gov-west-1")]),
        ("http://acme-models.storage.googleapis.com/m", [("acme-models", "europe-west4")]),
        ("http://acme.s3.eu-central-1.amazonaws.com/m", [("acme", "eu-central-1")]),
        ("pvc://models/fraud", []),
        ("https://example.com/s3://", []),
    ],
)
def test_stores(text: str, expected: list[tuple[str, Any]]) -> None:
    found = [(one.name, None if isinstance(one.region, Unknown) else one.region) for one in stores(text, KNOWN)]
    assert found == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://bedrock-runtime.us-east-1.amazonaws.com", [("bedrock-runtime.us-east-1.amazonaws.com", "us-east-1")]),
        ("europe-west4-aiplatform.googleapis.com:443", [("europe-west4-aiplatform.googleapis.com", "europe-west4")]),
        ("https://westeurope.api.cognitive.microsoft.com/", [("westeurope.api.cognitive.microsoft.com", "westeurope")]),
        ("postgres://db.c1.us-east-1.rds.amazonaws.com:5432", [("db.c1.us-east-1.rds.amazonaws.com", "us-east-1")]),
        ("aiplatform.us-central1.rep.googleapis.com", [("aiplatform.us-central1.rep.googleapis.com", "us-central1")]),
        ("https://llm.eastus2.inference.ml.azure.com/score", [("llm.eastus2.inference.ml.azure.com", "eastus2")]),
        ("https://acme.s3.eu-central-1.amazonaws.com/m", []),
        ("123456789012.dkr.ecr.us-east-1.amazonaws.com/a", []),
        ("https://api.acme.example", []),
    ],
)
def test_endpoints(text: str, expected: list[tuple[str, str]]) -> None:
    assert [(one.name, one.region) for one in endpoints(text)] == expected


@pytest.mark.parametrize(
    ("reference", "region"),
    [
        ("123456789012.dkr.ecr.eu-west-1.amazonaws.com/a:1", "eu-west-1"),
        ("us-docker.pkg.dev/acme/a/b@sha256:0", "us"),
        ("gcr.io/acme/a", "us"),
        ("eu.gcr.io/acme/a", "europe"),
        ("docker.io/library/redis", None),
        ("acme.azurecr.io/a", None),
    ],
)
def test_images(reference: str, region: str | None) -> None:
    found = image(reference)
    assert (found.region if found else None) == region


SERVICE = (
    "apiVersion: serving.kserve.io/v1beta1\nkind: InferenceService\nmetadata: {name: fraud, namespace: serving}\n"
    "spec:\n  predictor:\n    model:\n      modelFormat: {name: onnx}\n      storageUri: gs://acme-models/fraud\n"
)


def test_a_bucket_that_nothing_tells_of_is_unknown() -> None:
    (found,) = data_stores.derive(inventory(SERVICE)).values()
    assert "nothing in this scan says" in found.values["stores"][0]["region"].reason
    assert found.citations["stores"].path == ("spec", "predictor", "model", "storageUri")


def test_what_kubectl_remembers_of_an_older_version_does_not_count() -> None:
    note = json.dumps({"spec": "s3://acme-models"})
    text = f"apiVersion: v1\nkind: Pod\nmetadata:\n  name: p\n  annotations: {{kubectl.kubernetes.io/last-applied-configuration: '{note}'}}\nspec: {{containers: []}}\n"
    assert data_stores.derive(inventory(text)) == {}


@pytest.mark.parametrize(("location", "verdict"), [("EU", Verdict.PASS), ("US", Verdict.FAIL)])
def test_a_plan_in_the_same_scan_tells_where_a_manifests_bucket_is(
    tmp_path: Path, root: Path, location: str, verdict: Verdict
) -> None:
    """One scan over the plan that makes the bucket and the manifest that reads it; the manifest is named first."""
    plan: dict[str, Any] = json.loads((root / "fixtures/terraform/training-gcp/plan.json").read_text())
    bucket = next(one for one in plan["resource_changes"] if one["type"] == "google_storage_bucket")
    planned = next(
        one for one in plan["planned_values"]["root_module"]["resources"] if one["address"] == bucket["address"]
    )
    for values in (bucket["change"]["after"], planned["values"]):
        values |= {"name": "acme-models", "location": location}
    (tmp_path / "plan.json").write_text(json.dumps(plan))
    (tmp_path / "service.yaml").write_text(SERVICE)
    targets = (str(tmp_path / "service.yaml"), str(tmp_path / "plan.json"))
    packs = (policy.shipped() / "residency",)
    settings = policy.Settings(only=("workload-data-outside-jurisdiction",))
    result = scan(Request(targets, packs, load.Options(base=tmp_path), settings))
    verdicts = [finding.verdict for finding in result.findings] or [Verdict.PASS]
    assert verdicts == [verdict]
    assert len(result.tallies["workload-data-outside-jurisdiction"][verdict]) == 1


BUCKETS = """
apiVersion: v1
kind: Pod
metadata: {name: p, namespace: a}
spec:
  volumes:
  - {name: v, csi: {driver: gcsfuse.csi.storage.gke.io, volumeAttributes: {bucketName: %s}}}
  containers:
  - {name: c, env: [{name: MODEL_BUCKET, value: %s}, {name: BUCKETS, value: "10"}]}
"""


@pytest.mark.parametrize(
    ("mounted", "named", "expected"),
    [
        ("acme-models", "x", [("acme-models", "europe-west4")]),
        ("other", "acme-models", [("other", None), ("acme-models", "europe-west4")]),
        ("_", "other", []),
    ],
)
def test_a_bucket_may_be_named_without_a_url(mounted: str, named: str, expected: list[tuple[str, Any]]) -> None:
    estate = inventory(BUCKETS % (mounted, named))
    estate.elsewhere.buckets.update(KNOWN)
    found = data_stores.derive(estate)
    places = [one for fact in found.values() for one in fact.values.get("stores", [])]
    assert [(one["name"], None if isinstance(one["region"], Unknown) else one["region"]) for one in places] == expected
