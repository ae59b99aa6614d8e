"""Residency as a flow: every door by which the data of an estate leaves, and the line that opens it.

Of AWS there is a real plan, which says the same as its configuration; of the other clouds the configuration.
"""

import shutil
from pathlib import Path

import pytest

from scanner import load, policy
from scanner.model import Verdict
from scanner.scan import Request, scan

FOLDERS = Path(__file__).resolve().parent.parent / "fixtures"
Doors = dict[tuple[str, str], str]
AWS: Doors = {
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


AZURE: Doors = {
    ("backup-outside-jurisdiction", "azurerm_shared_image_version.serving"): '"East US"',
    ("data-passed-on-outside-jurisdiction", "azurerm_storage_account.lake"): "activities_json",
    ("log-sink-outside-jurisdiction", "azurerm_monitor_data_collection_rule.machines"): "workspace_resource_id",
    ("log-sink-outside-jurisdiction", "azurerm_virtual_network.main"): "workspace_region",
    ("peering-outside-jurisdiction", "azurerm_data_factory.etl"): "target_resource_id",
    ("processing-outside-jurisdiction", "azurerm_data_factory.etl"): '"eastus"',
    ("replica-outside-jurisdiction", "azurerm_app_configuration.settings"): "location ",
    ("replica-outside-jurisdiction", "azurerm_linux_virtual_machine.scorer"): "target_recovery_fabric_id",
    ("replica-outside-jurisdiction", "azurerm_managed_redis.sessions"): "linked_managed_redis_ids",
    ("replica-outside-jurisdiction", "azurerm_mssql_server.orders"): "eastus2",
    ("replica-outside-jurisdiction", "azurerm_netapp_volume.models"): "location ",
    ("replica-outside-jurisdiction", "azurerm_redis_enterprise_database.cache"): "cache_far",
    ("transfer-outside-jurisdiction", "azurerm_storage_account.lake"): "linked_service",
    ("transfer-outside-jurisdiction", "azurerm_storage_account.near"): "activities_json",
    ("transfer-outside-jurisdiction", "azurerm_stream_analytics_job.fraud"): "storage_account_name",
}
GOOGLE: Doors = {
    ("backup-outside-jurisdiction", "google_alloydb_cluster.orders"): "us-central1",
    ("backup-outside-jurisdiction", "google_compute_disk.ledger"): "storage_locations",
    ("backup-outside-jurisdiction", "google_compute_snapshot_settings.project"): "location ",
    ("backup-outside-jurisdiction", "google_netapp_backup_vault.models"): "backup_region",
    ("log-sink-outside-jurisdiction", "google_scc_v2_organization_scc_big_query_export.findings"): "dataset ",
    ("processing-outside-jurisdiction", "google_storage_bucket.staging"): "temp_gcs_location",
    ("replica-outside-jurisdiction", "google_compute_disk.ledger"): "ledger_far",
    ("replica-outside-jurisdiction", "google_filestore_instance.home"): "us-east1",
    ("replica-outside-jurisdiction", "google_memorystore_instance.features"): "us-east1",
    ("replica-outside-jurisdiction", "google_netapp_volume_replication.models"): "storage_pool",
    ("replica-outside-jurisdiction", "google_redis_cluster.sessions"): "us-east1",
    ("transfer-outside-jurisdiction", "google_healthcare_dataset.clinic"): "dataset_uri",
}


@pytest.mark.parametrize(
    ("name", "source", "doors"),
    [
        ("terraform/ways-out-aws", "plan.json", AWS),
        ("terraform/ways-out-aws", "", AWS),
        ("ways-out/azure", "", AZURE),
        ("ways-out/google", "", GOOGLE),
    ],
)
def test_every_door_is_found_once_at_the_line_that_opens_it(
    name: str, source: str, doors: Doors, tmp_path: Path
) -> None:
    """The plan and the configuration alone tell the same."""
    folder = FOLDERS / name
    if not source:
        for file in folder.glob("*.tf"):
            shutil.copy(file, tmp_path)
        folder = tmp_path
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
    assert found.keys() == doors.keys()
    assert [key for key, words in doors.items() if words not in found[key]] == []


SEALED = """
provider "aws" { region = "eu-west-1" }
resource "aws_backup_logically_air_gapped_vault" "us" {
  region             = "us-east-1"
  name               = "us"
  min_retention_days = 7
  max_retention_days = 35
}
resource "aws_backup_plan" "daily" {
  name = "daily"
  rule {
    rule_name         = "daily"
    target_vault_name = "main"
    copy_action { destination_vault_arn = aws_backup_logically_air_gapped_vault.us.arn }
  }
}
"""


def test_a_copy_may_go_to_a_vault_that_is_sealed_off(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(SEALED)
    pack = FOLDERS.parent / "policies" / "residency"
    result = scan(Request((str(tmp_path),), (pack,), load.Options(base=tmp_path)))
    (found,) = [one for one in result.findings if one.policy_id == "backup-outside-jurisdiction"]
    assert (found.verdict, found.resource_uid.partition("#")[2]) == (Verdict.FAIL, "aws_backup_plan.daily")
