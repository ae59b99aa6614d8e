"""What makes data flow on AWS: replication, copies of backups, logs, peering, transfers, and models that are fed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from scanner.model import Path, Unknown
from scanner.normalize._reading import Getter
from scanner.normalize._terraform_flow import (
    Ends,
    end,
    every,
    flow,
    here,
    home,
    named,
    no_flow,
    place_of,
    told,
    written,
)
from scanner.normalize._terraform_item import Item
from scanner.patterns import regex

_BUCKETS = ("aws_s3_bucket",)
_LOG_STORES = (
    "aws_s3_bucket",
    "aws_cloudwatch_log_group",
    "aws_kinesis_stream",
    "aws_kinesis_firehose_delivery_stream",
)
_SELECTED = (
    "aws_db_instance",
    "aws_rds_cluster",
    "aws_docdb_cluster",
    "aws_neptune_cluster",
    "aws_dynamodb_table",
    "aws_ebs_volume",
    "aws_efs_file_system",
    "aws_instance",
    "aws_s3_bucket",
)
"""What AWS Backup takes copies of: https://docs.aws.amazon.com/aws-backup/latest/devguide/whatisbackup.html"""


def _local(key: str, *kinds: str) -> Callable[[Item], Ends]:
    """What an argument names, which is always in the region of the resource itself."""

    def getter(item: Item) -> Ends:
        found = named(item, key, kinds=kinds)
        return found if found and found[0]["resource"] else home(item)

    return getter


def _bucket_copies(item: Item) -> Ends:
    return [
        one
        for index, rule in enumerate(item.blocks("rule"))
        if rule.get("status") != "Disabled"
        for one in named(item, "rule", index, "destination", 0, "bucket", kinds=_BUCKETS)
    ]


def _file_system_copy(item: Item) -> Ends:
    """The copy is made in the region of the zone, or in the region that is named, or is a file system that is there."""
    path = ("destination", 0)
    return (
        written(item, *path, "region")
        or written(item, *path, "availability_zone_name")
        or named(item, *path, "file_system_id", kinds=("aws_efs_file_system",))
    )


def _table_copies(item: Item) -> Ends:
    return [
        one for index in range(len(item.blocks("replica"))) for one in written(item, "replica", index, "region_name")
    ]


def _vault_copies(item: Item) -> Ends:
    return [
        one
        for rule, block in enumerate(item.blocks("rule"))
        for index in range(len(block.get("copy_action") or ()))
        for one in named(item, "rule", rule, "copy_action", index, "destination_vault_arn", kinds=("aws_backup_vault",))
    ]


def _selected(item: Item) -> Ends:
    """What the selections of a plan name; what they choose by tags or wildcards is in the region of the plan."""
    selections = item.estate.links("aws_backup_selection", "plan_id", item.type).certain.get(item.origin.address, ())
    found = [one for selection in selections for one in every(selection, "resources", kinds=_SELECTED)]
    return [one for one in found if one["resource"]] or home(item)


def _source_region(key: str) -> Any:
    return lambda item: written(item, key)


def _flow_logs(item: Item) -> Ends:
    """A log group is in the region of the network; a bucket or a stream need not be."""
    if item.setting("log_destination_type", default="cloud-watch-logs") == "cloud-watch-logs":
        return []
    return named(item, "log_destination", kinds=_LOG_STORES)


def _invocation_logs(item: Item) -> Ends:
    """Prompts and answers of Bedrock in full; log groups are in the region of the calls."""
    return named(item, *_single(item, "logging_config", "s3_config"), "bucket_name", kinds=_BUCKETS)


def _single(item: Item, *names: str) -> Path:
    """The path of blocks that there can be one of, which a plan writes without a list around them."""
    path: Path = ()
    for name in names:
        path = (*path, name)
        path = (*path, 0) if isinstance(item.peek(*path), list) else path
    return path


def _peer(item: Item) -> Ends:
    """A peer without a region of its own is in the same one."""
    if not item.left_unset("peer_region"):
        return written(item, "peer_region")
    return [end(("peer_vpc_id",), place_of(item))]


def _locations(key: str) -> Any:
    """The bucket behind a DataSync location, else where the location is."""

    def getter(item: Item) -> Ends:
        found = item.estate.pointed(item, (key,), ("aws_datasync_location_s3",))
        if len(found) != 1:
            return named(item, key, kinds=("aws_datasync_location_efs", "aws_datasync_location_fsx_lustre_file_system"))
        return [{**one, "path": [key]} for one in named(found[0], "s3_bucket_arn", kinds=_BUCKETS)]

    return getter


def _delivered(item: Item) -> Ends:
    found = named(item, "extended_s3_configuration", 0, "bucket_arn", kinds=_BUCKETS)
    endpoint = ("http_endpoint_configuration",)
    return found if item.left_unset(*endpoint) or not item.get(*endpoint) else []


def _streams(item: Item) -> Ends:
    return named(item, "kinesis_source_configuration", 0, "kinesis_stream_arn", kinds=("aws_kinesis_stream",)) or home(
        item
    )


def _model_data(item: Item) -> Ends:
    """Buckets that the containers of a model load it from."""
    places = [
        (kind, index, *rest)
        for kind in ("primary_container", "container")
        for index in range(0 if item.left_unset(kind) else len(item.blocks(kind)))
        for rest in (("model_data_url",), ("model_data_source", 0, "s3_data_source", 0, "s3_uri"))
    ]
    return [one for place in places for one in named(item, *place, kinds=_BUCKETS)]


_PROFILES = {"us": "us", "us-gov": "us", "eu": "eu", "jp": "ap-northeast-1", "ca": "ca-central-1", "au": "australia"}
_EVERYWHERE = ("apac", "global")
_ARN_ENDS = regex(r"^(?:[^:]*:){5}")
"""What an ARN has before the name of the thing."""


def _inference_regions(item: Item) -> Ends:
    """A system profile is named after the geography that it spreads requests over; a model is where its ARN says.

    https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-support.html
    """
    path = ("model_source", 0, "copy_from")
    value = item.peek(*path)
    if isinstance(value, Unknown):
        return [end(path, value)]
    kind, _, name = _ARN_ENDS.sub("", str(value)).partition("/")
    if kind != "inference-profile":
        return [end(path, told(str(value), "copy_from"))]
    geography = name.partition(".")[0]
    if geography in _EVERYWHERE:
        return [end(path, "global")]
    unknown = Unknown(f"the regions of inference profile '{name[:60]}' are in no table", "copy_from")
    return [end(path, _PROFILES.get(geography, unknown))]


def _members(item: Item) -> Ends:
    """The cache clusters that follow the primary one of a global datastore."""
    links = item.estate.links("aws_elasticache_replication_group", "global_replication_group_id", item.type)
    return [one for member in links.certain.get(item.origin.address, ()) for one in here(member)]


GETTERS: dict[str, dict[str, Getter]] = {
    "aws_s3_bucket_replication_configuration": flow(_local("bucket", *_BUCKETS), _bucket_copies),
    "aws_efs_replication_configuration": flow(
        _local("source_file_system_id", "aws_efs_file_system"), _file_system_copy
    ),
    "aws_dynamodb_table_replica": flow(
        lambda item: named(item, "global_table_arn", kinds=("aws_dynamodb_table",)),
        lambda item: here(item, "global_table_arn"),
    ),
    "aws_dynamodb_global_table": flow(_local("name", "aws_dynamodb_table"), _table_copies),
    "aws_kms_replica_key": flow(
        lambda item: named(item, "primary_key_arn", kinds=("aws_kms_key",)),
        lambda item: here(item, "primary_key_arn"),
    ),
    "aws_elasticache_global_replication_group": flow(
        _local("primary_replication_group_id", "aws_elasticache_replication_group"), _members
    ),
    "aws_msk_replicator": flow(
        lambda item: named(item, "replication_info_list", 0, "source_kafka_cluster_arn", kinds=("aws_msk_cluster",)),
        lambda item: named(item, "replication_info_list", 0, "target_kafka_cluster_arn", kinds=("aws_msk_cluster",)),
    ),
    "aws_backup_plan": flow(_selected, _vault_copies),
    "aws_db_instance_automated_backups_replication": flow(
        lambda item: named(item, "source_db_instance_arn", kinds=("aws_db_instance",)),
        lambda item: here(item, "source_db_instance_arn"),
    ),
    "aws_db_snapshot_copy": flow(home, lambda item: written(item, "destination_region")),
    "aws_rds_cluster_snapshot_copy": flow(home, lambda item: written(item, "destination_region")),
    "aws_ebs_snapshot_copy": flow(_source_region("source_region"), lambda item: here(item, "source_region")),
    "aws_ami_copy": flow(_source_region("source_ami_region"), lambda item: here(item, "source_ami_region")),
    "aws_cloudtrail": flow(home, lambda item: named(item, "s3_bucket_name", kinds=_BUCKETS)),
    "aws_flow_log": flow(
        _local("vpc_id", "aws_vpc"),
        _flow_logs,
    ),
    "aws_config_delivery_channel": flow(home, lambda item: named(item, "s3_bucket_name", kinds=_BUCKETS)),
    "aws_guardduty_publishing_destination": flow(home, lambda item: named(item, "destination_arn", kinds=_BUCKETS)),
    "aws_bedrock_model_invocation_logging_configuration": flow(home, _invocation_logs),
    "aws_cloudwatch_log_destination": flow(home, lambda item: named(item, "target_arn", kinds=_LOG_STORES)),
    "aws_cloudwatch_log_subscription_filter": flow(
        _local("log_group_name", "aws_cloudwatch_log_group"),
        lambda item: named(item, "destination_arn", kinds=("aws_cloudwatch_log_destination", *_LOG_STORES)),
    ),
    "aws_vpc_peering_connection": flow(_local("vpc_id", "aws_vpc"), _peer),
    "aws_ec2_transit_gateway_peering_attachment": flow(
        _local("transit_gateway_id", "aws_ec2_transit_gateway"),
        lambda item: written(item, "peer_region"),
    ),
    "aws_datasync_task": flow(_locations("source_location_arn"), _locations("destination_location_arn")),
    "aws_ssm_resource_data_sync": flow(home, lambda item: written(item, "s3_destination", 0, "region")),
    "aws_kinesis_firehose_delivery_stream": flow(_streams, _delivered),
    "aws_sagemaker_model": flow(_model_data, here),
    "aws_mwaa_environment": no_flow(),  # its bucket has to be in its own region
    "aws_sagemaker_domain": no_flow(),
    "aws_bedrock_inference_profile": flow(home, _inference_regions),
}
"""Native type to where data comes from and where it goes."""
