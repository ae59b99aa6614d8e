"""Where AWS sends logs, findings and inventories.

Not here, because both ends are in one region: links of CloudWatch's observability access manager, access logs of load
balancers, and access logs of buckets.
"""

from __future__ import annotations

from scanner.normalize._reading import Getter
from scanner.normalize._terraform.flow import (
    Ends,
    each_named,
    end,
    flow,
    here,
    home,
    local,
    named,
    nested,
    place_of,
    places,
    uid,
    written,
)
from scanner.normalize._terraform.item import Item

_BUCKETS = ("aws_s3_bucket",)
_STORES = (
    "aws_s3_bucket",
    "aws_cloudwatch_log_group",
    "aws_kinesis_stream",
    "aws_kinesis_firehose_delivery_stream",
)
_EVERY_REGION = "global"


def _to_bucket(key: str) -> dict[str, Getter]:
    return flow(home, lambda item: named(item, key, kinds=_BUCKETS))


def _flow_logs(item: Item) -> Ends:
    """A log group is in the region of the network; a bucket or a stream need not be."""
    if item.setting("log_destination_type", default="cloud-watch-logs") == "cloud-watch-logs":
        return []
    return named(item, "log_destination", kinds=_STORES)


_invocation_logs = each_named("logging_config", "s3_config", key="bucket_name", kinds=_BUCKETS)
"""Prompts and answers of Bedrock in full; log groups are in the region of the calls."""


def _delivered(item: Item) -> Ends:
    """Behind the name of a delivery's destination is a store."""
    found = item.estate.pointed(item, ("delivery_destination_arn",), ("aws_cloudwatch_log_delivery_destination",))
    if len(found) != 1:
        return named(item, "delivery_destination_arn", kinds=())
    store = ("delivery_destination_configuration", 0, "destination_resource_arn")
    return [{**one, "path": ["delivery_destination_arn"]} for one in named(found[0], *store, kinds=_STORES)]


def _recorded(item: Item) -> Ends:
    """Whatever writes the logs of a delivery: a knowledge base, a distribution, a network."""
    sources = item.estate.pointed(item, ("delivery_source_name",), ("aws_cloudwatch_log_delivery_source",))
    found = item.estate.referred(sources[0], "resource_arn") if len(sources) == 1 else []
    return [end(("delivery_source_name",), place_of(one), uid(one)) for one in found] or home(item)


def _aggregated(item: Item) -> Ends:
    """The regions that an aggregator of AWS Config takes from."""
    blocks = [*nested(item, "account_aggregation_source"), *nested(item, "organization_aggregation_source")]
    return [
        one
        for path in blocks
        for one in (
            [end((*path, "all_regions"), _EVERY_REGION)]
            if item.setting(*path, "all_regions", default=False)
            else places(item, *path, "regions")
        )
    ]


def _linked(item: Item) -> Ends:
    """The regions whose findings Security Hub gathers in its own."""
    if str(item.get("linking_mode")).startswith("ALL_REGIONS"):
        return [end(("linking_mode",), _EVERY_REGION)]
    return places(item, "specified_regions")


def _command_output(item: Item) -> Ends:
    return [
        one
        for path in nested(item, "output_location")
        for one in written(item, *path, "s3_region") or named(item, *path, "s3_bucket_name", kinds=_BUCKETS)
    ]


GETTERS: dict[str, dict[str, Getter]] = {
    "aws_cloudtrail": _to_bucket("s3_bucket_name"),
    "aws_flow_log": flow(local("vpc_id", "aws_vpc"), _flow_logs),
    "aws_config_delivery_channel": _to_bucket("s3_bucket_name"),
    "aws_config_configuration_aggregator": flow(_aggregated, here),
    "aws_securityhub_finding_aggregator": flow(_linked, here),
    "aws_guardduty_publishing_destination": _to_bucket("destination_arn"),
    "aws_bedrock_model_invocation_logging_configuration": flow(home, _invocation_logs),
    "aws_cloudwatch_log_delivery": flow(_recorded, _delivered),
    "aws_cloudwatch_log_destination": flow(home, lambda item: named(item, "target_arn", kinds=_STORES)),
    "aws_cloudwatch_log_subscription_filter": flow(
        local("log_group_name", "aws_cloudwatch_log_group"),
        lambda item: named(item, "destination_arn", kinds=("aws_cloudwatch_log_destination", *_STORES)),
    ),
    "aws_ssm_association": flow(home, _command_output),
}
"""Native type to where data comes from and where it goes."""
