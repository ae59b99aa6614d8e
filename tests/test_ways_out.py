"""Residency as a flow, on a real plan: every door by which the data of an estate leaves, and the line that opens it."""

from pathlib import Path

from scanner import load, policy
from scanner.model import Verdict
from scanner.scan import Request, scan

FOLDER = Path(__file__).resolve().parent.parent / "fixtures" / "terraform" / "ways-out-aws"
DOORS = {
    ("backup-outside-jurisdiction", "aws_dynamodb_table.accounts"): "destination_vault_arn",
    ("data-passed-on-outside-jurisdiction", "aws_s3_bucket.features"): "bucket = aws_s3_bucket.far.arn",
    ("log-sink-outside-jurisdiction", "aws_cloudtrail.main"): "s3_bucket_name",
    ("peering-outside-jurisdiction", "aws_vpc.main"): "peer_region",
    ("processing-outside-jurisdiction", "aws_s3_bucket.features"): "model_data_url",
    ("replica-outside-jurisdiction", "aws_kms_key.mrk"): "primary_key_arn",
    ("replica-outside-jurisdiction", 'aws_s3_bucket.copies["a"]'): "bucket = aws_s3_bucket.far.arn",
}


def test_every_door_is_found_once_at_the_line_that_opens_it() -> None:
    packs = tuple(policy.packs(policy.shipped()))
    result = scan(Request((str(FOLDER / "plan.json"),), packs, load.Options(base=FOLDER)))
    flows = {one.id for one in result.policies.values() if any("data_flow" in v.program.text for v in one.validations)}
    found = {
        (one.policy_id, one.resource_uid.partition("#")[2]): (FOLDER / one.origin.uri)
        .read_text(encoding="utf-8")
        .splitlines()[one.origin.line - 1]
        for one in result.findings
        if one.policy_id in flows and one.verdict is Verdict.FAIL
    }
    assert found.keys() == DOORS.keys()
    assert [key for key, words in DOORS.items() if words not in found[key]] == []
