"""What makes data flow on Google Cloud: snapshots and backups, log sinks, peering, transfers, indexes that are fed."""

from __future__ import annotations

import re

from scanner.model import Unknown
from scanner.normalize._reading import Getter
from scanner.normalize._terraform.flow import (
    Ends,
    each_named,
    each_written,
    end,
    flow,
    here,
    home,
    named,
    nested,
    no_flow,
    place_of,
    places,
    uid,
    written,
)
from scanner.normalize._terraform.item import Item
from scanner.normalize._terraform.region import google_name

_BUCKETS = ("google_storage_bucket",)
_DATASETS = ("google_bigquery_dataset",)
_LOG_STORES = (
    *_BUCKETS,
    "google_bigquery_dataset",
    "google_logging_project_bucket_config",
    "google_logging_organization_bucket_config",
    "google_logging_folder_bucket_config",
)


def _sink(item: Item) -> Ends:
    """Where a sink writes to. One that is disabled writes nothing; a topic or project has no region of its own."""
    if item.setting("disabled", default=False):
        return []
    value = item.peek("destination")
    if isinstance(value, str) and "/locations/" not in value and value.startswith(("pubsub.", "logging.")):
        return []
    return named(item, "destination", kinds=_LOG_STORES)


def _snapshots(item: Item) -> Ends:
    path = ("snapshot_schedule_policy", 0, "snapshot_properties", 0, "storage_locations")
    return [] if item.left_unset(path[0]) else places(item, *path)


def _subnetworks(key: str) -> Getter:
    """A network has no region; its subnetworks have, and their routes are what a peering exchanges."""

    def getter(item: Item) -> Ends:
        found = item.estate.pointed(item, (key,), ("google_compute_network",))
        if len(found) != 1:
            return [end((key,), Unknown("the subnetworks of the network are not in this plan", key))]
        links = item.estate.links("google_compute_subnetwork", "network", "google_compute_network")
        return [end((key,), place_of(one)) for one in links.certain.get(found[0].origin.address, ())]

    return getter


_TO_BUCKET = ("cloud_storage_config", 0, "bucket")
_ABSENT = Unknown("the data set of the table is not in this plan", "table")
_SPECS = ("transfer_spec", "replication_spec")


def _transfer_sources(item: Item) -> Ends:
    return [
        *_of_specs(item, "gcs_data_source", "bucket_name", _BUCKETS),
        *_of_specs(item, "aws_s3_data_source", "bucket_name", ("aws_s3_bucket",)),
        *_of_specs(item, "azure_blob_storage_data_source", "storage_account", ("azurerm_storage_account",)),
    ]


def _of_specs(item: Item, block: str, key: str, kinds: tuple[str, ...]) -> Ends:
    return [
        one for spec in _SPECS if not item.left_unset(spec) for one in named(item, spec, 0, block, 0, key, kinds=kinds)
    ]


def _topic(item: Item) -> Ends:
    """A topic has no region, whether it is in the plan or not."""
    return [one for one in named(item, "topic", kinds=("google_pubsub_topic",)) if one["resource"]]


def _subscribed(item: Item) -> Ends:
    """A subscription that writes into a bucket or a table instead of waiting for somebody to pull."""
    bucket = [] if item.left_unset("cloud_storage_config") else named(item, *_TO_BUCKET, kinds=_BUCKETS)
    return bucket if item.left_unset("bigquery_config") else [*bucket, *table(item, "bigquery_config", 0, "table")]


def table(item: Item, *path: str | int) -> Ends:
    """The data set of `project.dataset.table`, with or without `bq://` before it."""
    value = item.peek(*path)
    if not isinstance(value, str):
        return named(item, *path, kinds=_DATASETS)
    dataset = re.split(r"[.:]", value.removeprefix("bq://"))[1:2]
    found = item.estate.named(dataset[0], _DATASETS) if dataset else []
    return [end(path, place_of(found[0]), uid(found[0]))] if len(found) == 1 else [end(path, _ABSENT)]


def _streamed(item: Item) -> Ends:
    path = ("destination_config", 0, "bigquery_destination_config", 0)
    return [
        *written(item, *path, "source_hierarchy_datasets", 0, "dataset_template", 0, "location"),
        *named(item, *path, "single_target_dataset", 0, "dataset_id", kinds=_DATASETS),
    ]


_settled = each_written("storage_location", "locations", key="location")
"""Where the snapshots of a project are kept that say nothing about it."""


def _streamed_records(item: Item) -> Ends:
    """Health records that are written into a warehouse as they change."""
    blocks = nested(item, "stream_configs", "bigquery_destination")
    return [one for path in blocks for one in table(item, *path, "dataset_uri")]


_DISKS = ("google_compute_disk", "google_compute_region_disk")
_SINK = flow(home, _sink)
_FINDINGS = flow(home, lambda item: named(item, "dataset", kinds=_DATASETS))
_WORKSPACES = (
    "google_vertex_ai_featurestore",
    "google_vertex_ai_metadata_store",
    "google_vertex_ai_dataset",
    "google_vertex_ai_feature_online_store",
    "google_vertex_ai_tensorboard",
    "google_composer_environment",
)

GETTERS: dict[str, dict[str, Getter]] = {
    "google_compute_disk_async_replication": flow(
        lambda item: named(item, "primary_disk", kinds=_DISKS),
        each_named("secondary_disk", key="disk", kinds=_DISKS),
    ),
    "google_netapp_volume_replication": flow(
        lambda item: written(item, "location"),
        lambda item: named(
            item, "destination_volume_parameters", 0, "storage_pool", kinds=("google_netapp_storage_pool",)
        ),
    ),
    "google_netapp_backup_vault": flow(here, lambda item: written(item, "backup_region", read=google_name)),
    "google_compute_image": flow(
        lambda item: named(item, "source_disk", kinds=_DISKS) or home(item),
        lambda item: places(item, "storage_locations"),
    ),
    "google_compute_snapshot_settings": flow(home, _settled),
    "google_alloydb_backup": flow(
        lambda item: named(item, "cluster_name", kinds=("google_alloydb_cluster",)), lambda item: here(item, "location")
    ),
    **{
        f"google_scc_{version}{level}_scc_big_query_export": _FINDINGS
        for version in ("", "v2_")
        for level in ("project", "folder", "organization")
    },
    "google_healthcare_fhir_store": flow(
        lambda item: named(item, "dataset", kinds=("google_healthcare_dataset",)), _streamed_records
    ),
    "google_dataflow_job": flow(lambda item: named(item, "temp_gcs_location", kinds=_BUCKETS), here),
    "google_dataflow_flex_template_job": flow(lambda item: named(item, "temp_location", kinds=_BUCKETS), here),
    "google_compute_resource_policy": flow(home, _snapshots),
    "google_compute_snapshot": flow(
        lambda item: named(item, "source_disk", kinds=_DISKS),
        lambda item: places(item, "storage_locations"),
    ),
    "google_filestore_backup": flow(
        lambda item: named(item, "source_instance", kinds=("google_filestore_instance",)),
        lambda item: here(item, "location"),
    ),
    "google_gke_backup_backup_plan": flow(
        lambda item: named(item, "cluster", kinds=("google_container_cluster",)), lambda item: here(item, "location")
    ),
    "google_logging_project_sink": _SINK,
    "google_logging_folder_sink": _SINK,
    "google_logging_organization_sink": _SINK,
    "google_logging_billing_account_sink": _SINK,
    "google_compute_network_peering": flow(_subnetworks("network"), _subnetworks("peer_network")),
    "google_storage_transfer_job": flow(
        _transfer_sources, lambda item: _of_specs(item, "gcs_data_sink", "bucket_name", _BUCKETS)
    ),
    "google_bigquery_data_transfer_config": flow(
        lambda item: named(item, "params", "source_dataset_id", kinds=_DATASETS),
        lambda item: named(item, "destination_dataset_id", kinds=_DATASETS),
    ),
    "google_pubsub_subscription": flow(_topic, _subscribed),
    "google_datastream_stream": flow(lambda item: here(item, "source_config"), _streamed),
    **{kind: no_flow() for kind in _WORKSPACES},
    "google_vertex_ai_index": flow(lambda item: named(item, "metadata", 0, "contents_delta_uri", kinds=_BUCKETS), here),
}
"""Native type to where data comes from and where it goes."""
