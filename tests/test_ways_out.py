"""Residency as a flow, on a real plan: every door by which the data of an estate leaves, and the line that opens it."""

import shutil
from pathlib import Path

import pytest

from scanner import load, policy
from scanner.model import Verdict
from scanner.scan import Request, scan

FOLDER = Path(__file__).resolve().parent.parent / "fixtures" / "terraform" / "ways-out-aws"
DOORS = {
    ("backup-outside-jurisdiction", "aws_dlm_lifecycle_policy.disks"): "target ",
    ("backup-outside-jurisdiction", "aws_dynamodb_table.accounts"): "destination_vault_arn",
    ("backup-outside-jurisdiction", "aws_imagebuilder_distribution_configuration.serving"): "region ",
    ("data-passed-on-outside-jurisdiction", "aws_s3_bucket.features"): "bucket = aws_s3_bucket.far.arn",
    ("log-sink-outside-jurisdiction", "aws_cloudtrail.main"): "s3_bucket_name",
    ("log-sink-outside-jurisdiction", "aws_cloudwatch_log_delivery.bedrock"): "delivery_destination_arn",
    ("log-sink-outside-jurisdiction", "aws_config_configuration_aggregator.all"): "regions ",
    ("log-sink-outside-jurisdiction", "aws_securityhub_finding_aggregator.all"): "linking_mode",
    ("log-sink-outside-jurisdiction", "aws_ssm_association.inventory"): "s3_region",
    ("peering-outside-jurisdiction", "aws_vpc.edge"): "service_region",
    ("peering-outside-jurisdiction", "aws_vpc.main"): "peer_region",
    ("processing-outside-jurisdiction", "aws_s3_bucket.features"): "model_data_url",
    ("processing-outside-jurisdiction", "aws_s3_bucket.manuals"): "bucket_arn",
    ("replica-outside-jurisdiction", "aws_cloudwatch_event_endpoint.orders"): "route",
    ("replica-outside-jurisdiction", "aws_directory_service_directory.staff"): "region_name",
    ("replica-outside-jurisdiction", "aws_kms_key.mrk"): "primary_key_arn",
    ("replica-outside-jurisdiction", "aws_opensearch_domain.logs"): "region ",
    ("replica-outside-jurisdiction", 'aws_s3_bucket.copies["a"]'): "bucket = aws_s3_bucket.far.arn",
    ("replica-outside-jurisdiction", "aws_ssmincidents_replication_set.incidents"): 'name = "us-east-1"',
    ("transfer-outside-jurisdiction", "aws_cloudwatch_event_target.far"): "event-bus/orders",
    ("transfer-outside-jurisdiction", "aws_db_instance.ledger"): "target_endpoint_arn",
    ("transfer-outside-jurisdiction", "aws_dynamodb_table.accounts"): "s3_bucket",
    ("transfer-outside-jurisdiction", "aws_kinesis_firehose_delivery_stream.clicks"): "bucket_arn",
    ("transfer-outside-jurisdiction", "aws_s3_bucket.manuals"): "destination_location_arn",
    (
        "transfer-outside-jurisdiction",
        "aws_s3control_multi_region_access_point.models",
    ): "bucket = aws_s3_bucket.far.id",
    ("transfer-outside-jurisdiction", "aws_sns_topic.alerts"): "endpoint ",
    ("transfer-outside-jurisdiction", "aws_ssm_resource_data_sync.inventory"): "region ",
}


@pytest.mark.parametrize("source", ["plan.json", ""])
def test_every_door_is_found_once_at_the_line_that_opens_it(source: str, tmp_path: Path) -> None:
    """The plan and the configuration alone tell the same."""
    if not source:
        for file in FOLDER.glob("*.tf"):
            shutil.copy(file, tmp_path)
    folder = FOLDER if source else tmp_path
    packs = tuple(policy.packs(policy.shipped()))
    result = scan(Request((str(folder / source),), packs, load.Options(base=folder)))
    flows = {one.id for one in result.policies.values() if any("data_flow" in v.program.text for v in one.validations)}
    found = {
        (one.policy_id, one.resource_uid.partition("#")[2]): (folder / one.origin.uri)
        .read_text(encoding="utf-8")
        .splitlines()[one.origin.line - 1]
        for one in result.findings
        if one.policy_id in flows and one.verdict is Verdict.FAIL
    }
    assert found.keys() == DOORS.keys()
    assert [key for key, words in DOORS.items() if words not in found[key]] == []
