"""What moves data on AWS: jobs, streams, subscriptions, exports, and doors that lead to buckets of several regions.

Not here, because both ends are in one region: what links FSx for Lustre with a bucket, and zero-ETL integrations.
"""

from __future__ import annotations

from collections.abc import Mapping

from scanner.model import Path, Unknown
from scanner.normalize._reading import Getter
from scanner.normalize._terraform.flow import Ends, each_named, end, flow, home, local, named, nested, written
from scanner.normalize._terraform.item import Item
from scanner.patterns import regex

_BUCKETS = ("aws_s3_bucket",)
_LOCATIONS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "aws_datasync_location_s3": ("s3_bucket_arn", _BUCKETS),
    "aws_datasync_location_efs": ("efs_file_system_arn", ("aws_efs_file_system",)),
    "aws_datasync_location_fsx_lustre_file_system": ("fsx_filesystem_arn", ("aws_fsx_lustre_file_system",)),
    "aws_datasync_location_fsx_openzfs_file_system": ("fsx_filesystem_arn", ("aws_fsx_openzfs_file_system",)),
    "aws_datasync_location_fsx_windows_file_system": ("fsx_filesystem_arn", ("aws_fsx_windows_file_system",)),
    "aws_datasync_location_fsx_ontap_file_system": (
        "storage_virtual_machine_arn",
        ("aws_fsx_ontap_storage_virtual_machine",),
    ),
    "aws_datasync_location_azure_blob": ("container_url", ("azurerm_storage_account", "azurerm_storage_container")),
    "aws_datasync_location_object_storage": ("bucket_name", ("google_storage_bucket",)),
}
"""The argument of each kind of location that names what holds the data."""

_DATABASES = (
    "aws_db_instance",
    "aws_rds_cluster",
    "aws_docdb_cluster",
    "aws_neptune_cluster",
    "aws_redshift_cluster",
    "azurerm_postgresql_flexible_server",
    "azurerm_mysql_flexible_server",
    "azurerm_mssql_server",
    "google_sql_database_instance",
)
_HOST = regex(r"(?:.*\.)?([a-z]{2}(?:-[a-z]+)+-\d)\.(?:[a-z0-9-]+\.)*amazonaws\.com(?:\.cn)?$")
_OTHER_FORMATS = (
    "redshift",
    "elasticsearch",
    "opensearch",
    "opensearchserverless",
    "splunk",
    "http_endpoint",
    "snowflake",
    "iceberg",
)
"""Destinations of a delivery stream that is not S3 alone; beside it stands the bucket that it goes through."""


def _location(key: str) -> Getter:
    """What is behind a DataSync location."""

    def getter(item: Item) -> Ends:
        found = item.estate.pointed(item, (key,), _LOCATIONS)
        if len(found) != 1:
            return named(item, key, kinds=())
        argument, kinds = _LOCATIONS[found[0].type]
        return [{**one, "path": [key]} for one in named(found[0], argument, kinds=kinds)]

    return getter


def _endpoint(key: str) -> Getter:
    """What an endpoint of the database migration service leads to."""

    def getter(item: Item) -> Ends:
        found = item.estate.pointed(item, (key,), ("aws_dms_endpoint", "aws_dms_s3_endpoint"))
        if len(found) != 1:
            return [end((key,), Unknown("what the endpoint leads to is not in this plan", key))]
        return [{**one, "path": [key]} for one in _behind(found[0], key)]

    return getter


def _behind(endpoint: Item, key: str) -> Ends:
    if endpoint.type == "aws_dms_s3_endpoint":
        return named(endpoint, "bucket_name", kinds=_BUCKETS)
    stores = [
        *each_named("s3_settings", key="bucket_name", kinds=_BUCKETS)(endpoint),
        *each_named("kinesis_settings", key="stream_arn", kinds=("aws_kinesis_stream",))(endpoint),
    ]
    return stores or _server(endpoint, key)


def _server(endpoint: Item, key: str) -> Ends:
    """A database of this plan, else the region in the name of its host."""
    found = named(endpoint, "server_name", kinds=_DATABASES)
    if found and found[0]["resource"]:
        return found
    match = _HOST.match(str(endpoint.peek("server_name")))
    unknown = Unknown("where the server of the endpoint is, is not in this plan", key)
    return [end(("server_name",), match[1] if match else unknown)]


def _delivered(item: Item) -> Ends:
    """The buckets of a delivery stream; where an address of somebody else's is, nobody knows."""
    places: list[Path] = [
        *nested(item, "extended_s3_configuration"),
        *(path for name in _OTHER_FORMATS for path in nested(item, f"{name}_configuration", "s3_configuration")),
    ]
    return [one for path in places for one in named(item, *path, "bucket_arn", kinds=_BUCKETS)]


def _streams(item: Item) -> Ends:
    found = named(item, "kinesis_source_configuration", 0, "kinesis_stream_arn", kinds=("aws_kinesis_stream",))
    return found or home(item)


def _subscriber(item: Item) -> Ends:
    """A queue or a function that gets the messages of a topic; the other ways of delivery lead to people and hosts."""
    kinds = {
        "sqs": "aws_sqs_queue",
        "lambda": "aws_lambda_function",
        "firehose": "aws_kinesis_firehose_delivery_stream",
    }
    kind = kinds.get(str(item.get("protocol")))
    return named(item, "endpoint", kinds=(kind,)) if kind else []


def _other_bus(item: Item) -> Ends:
    """Rules send events into another region by way of its bus alone.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cross-region.html
    """
    found = named(item, "arn", kinds=("aws_cloudwatch_event_bus",))
    is_bus = ":event-bus/" in str(item.peek("arn"))
    return found if is_bus or (found and found[0]["resource"]) else []


def _behind_access_point(item: Item) -> Ends:
    """Requests go to the nearest of its buckets, so that what is written may end up in any.

    What the buckets pass on is told of them.
    """
    blocks = nested(item, "details", "region")
    return [{**one, "resource": ""} for path in blocks for one in named(item, *path, "bucket", kinds=_BUCKETS)]


def _shared_files(item: Item) -> Ends:
    return written(item, "bucket_region") or named(item, "location_arn", kinds=_BUCKETS)


def _migration() -> dict[str, Getter]:
    return flow(_endpoint("source_endpoint_arn"), _endpoint("target_endpoint_arn"))


GETTERS: dict[str, dict[str, Getter]] = {
    "aws_datasync_task": flow(_location("source_location_arn"), _location("destination_location_arn")),
    "aws_dms_replication_task": _migration(),
    "aws_dms_replication_config": _migration(),
    "aws_dynamodb_table_export": flow(
        local("table_arn", "aws_dynamodb_table"), lambda item: named(item, "s3_bucket", kinds=_BUCKETS)
    ),
    "aws_redshift_data_share_consumer_association": flow(
        lambda item: named(item, "data_share_arn", kinds=()), lambda item: written(item, "consumer_region")
    ),
    "aws_ssm_resource_data_sync": flow(home, lambda item: written(item, "s3_destination", 0, "region")),
    "aws_kinesis_firehose_delivery_stream": flow(_streams, _delivered),
    "aws_sns_topic_subscription": flow(local("topic_arn", "aws_sns_topic"), _subscriber),
    "aws_cloudwatch_event_target": flow(home, _other_bus),
    "aws_s3control_multi_region_access_point": flow(home, _behind_access_point),
    "aws_storagegateway_nfs_file_share": flow(home, _shared_files),
    "aws_storagegateway_smb_file_share": flow(home, _shared_files),
}
"""Native type to where data comes from and where it goes."""
