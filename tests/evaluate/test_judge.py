"""Verdicts and what they say."""

from pathlib import Path

import pytest

from scanner import evaluate
from scanner.model import Citation, Inventory, Origin, Unknown
from tests.evaluate.harness import Facts, a_policy, a_resource, verdicts

LATER = Unknown("known after apply", "tls")


@pytest.mark.parametrize(("value", "expected"), [(True, "pass"), (False, "fail"), (LATER, "unknown")])
def test_an_attribute_decides(tmp_path: Path, value: object, expected: str) -> None:
    resource = a_resource(attributes={"tls_required": value, "regions": []})
    assert verdicts(a_policy(tmp_path), resource) == {"b": expected}


def test_unknown_does_not_matter_where_the_rest_decides(tmp_path: Path) -> None:
    checks = ["resource.attributes.tls_required && false", "resource.attributes.tls_required || true"]
    resource = a_resource(attributes={"tls_required": LATER, "regions": []})
    found = [
        verdicts(a_policy(tmp_path, validations=[{"expression": check, "message": "broken"}]), resource)["b"]
        for check in checks
    ]
    assert found == ["fail", "pass"]


def test_one_false_validation_outweighs_an_unknown_one(tmp_path: Path) -> None:
    policy = a_policy(
        tmp_path,
        validations=[
            {"expression": "resource.attributes.tls_required", "message": "first"},
            {"expression": "resource.region == 'eu-west-3'", "message": "in {resource.region}"},
        ],
    )
    resource = a_resource(attributes={"tls_required": LATER, "regions": []})
    judged = list(evaluate.Judge([policy]).partition(Inventory([resource]), Facts()))
    assert [(one.verdict, one.message) for one in judged] == [("fail", "in eu-west-1")]


def test_when_false_is_not_applicable_and_when_unknown_is_unknown(tmp_path: Path) -> None:
    policy = a_policy(tmp_path, when="resource.region == 'eu-west-1'")
    assert verdicts(policy, a_resource(region="us-east-1")) == {"b": "not_applicable"}
    bad = {"tls_required": False, "regions": []}
    assert verdicts(policy, a_resource(region=LATER, attributes=bad)) == {"b": "unknown"}


def test_an_unknown_gate_does_not_matter_where_nothing_is_wrong_behind_it(tmp_path: Path) -> None:
    policy = a_policy(tmp_path, when="resource.region == 'eu-west-1'")
    assert verdicts(policy, a_resource(region=LATER)) == {"b": "pass"}


def test_where_false_is_no_judgement_at_all(tmp_path: Path) -> None:
    policy = a_policy(tmp_path, match={"types": ["storage.*"], "where": "'pii' in resource.tags"})
    assert verdicts(policy, a_resource(), a_resource("c", tags={"pii": "yes"})) == {"c": "pass"}


def test_an_expression_that_breaks_is_an_error_not_a_failure(tmp_path: Path) -> None:
    check = {"expression": "resource.native.spec.replicas > 1", "message": "one replica"}
    assert verdicts(a_policy(tmp_path, validations=[check]), a_resource()) == {"b": "error"}


def test_what_must_be_proven_fails_when_unknown(tmp_path: Path) -> None:
    resource = a_resource(attributes={"tls_required": LATER, "regions": []})
    assert verdicts(a_policy(tmp_path, on_unknown="fail"), resource) == {"b": "fail"}


def test_the_finding_points_at_the_value_that_broke_it_and_names_the_resource(tmp_path: Path) -> None:
    elsewhere = Citation(Origin("policy.tf", "terraform_plan", (), "aws_s3_bucket_policy.b"), ("policy",))
    resource = a_resource(
        attributes={"tls_required": False, "regions": []}, citations={"attributes.tls_required": elsewhere}
    )
    [one] = evaluate.Judge([a_policy(tmp_path)]).partition(Inventory([resource]), Facts())
    assert one.place == elsewhere
    assert [citation.origin.address for citation in one.related] == ["aws_s3_bucket.b"]
    assert [(read.path, read.value) for read in one.reads] == [("resource.attributes.tls_required", False)]


def test_a_reason_for_unknown_reaches_the_message(tmp_path: Path) -> None:
    resource = a_resource(attributes={"tls_required": Unknown("access denied: s3:GetBucketPolicy"), "regions": []})
    [one] = evaluate.Judge([a_policy(tmp_path)]).partition(Inventory([resource]), Facts())
    assert "access denied: s3:GetBucketPolicy" in one.message
