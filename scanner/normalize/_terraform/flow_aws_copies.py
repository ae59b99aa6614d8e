"""What keeps copies of data in other regions of AWS: replication, and backups that are copied.

Not here, because the provider has nothing that copies: FSx (its backups are copied by AWS Backup, and SnapMirror is set
up on the file system itself), and parameters of Systems Manager.
"""

from __future__ import annotations

from scanner.model import Path
from scanner.normalize._reading import Getter
from scanner.normalize._terraform.flow import (
    Ends,
    each_named,
    each_written,
    every,
    flow,
    here,
    home,
    local,
    named,
    nested,
    place_or_arn,
    places,
    written,
)
from scanner.normalize._terraform.item import Item

_BUCKETS = ("aws_s3_bucket",)
_VAULTS = ("aws_backup_vault", "aws_backup_logically_air_gapped_vault")
_DOMAINS = ("aws_opensearch_domain", "aws_elasticsearch_domain")
_SELECTED = (
    "aws_db_instance",
    "aws_rds_cluster",
    "aws_docdb_cluster",
    "aws_neptune_cluster",
    "aws_dynamodb_table",
    "aws_ebs_volume",
    "aws_efs_file_system",
    "aws_fsx_lustre_file_system",
    "aws_fsx_ontap_volume",
    "aws_fsx_openzfs_file_system",
    "aws_fsx_windows_file_system",
    "aws_instance",
    "aws_redshift_cluster",
    "aws_s3_bucket",
)
"""What AWS Backup takes copies of: https://docs.aws.amazon.com/aws-backup/latest/devguide/whatisbackup.html"""


def _enabled(item: Item, path: Path) -> bool:
    return bool(item.get(*path, "status") != "Disabled")


def _bucket_copies(item: Item) -> Ends:
    return [
        one
        for path in nested(item, "rule", where=_enabled)
        for one in named(item, *path, "destination", 0, "bucket", kinds=_BUCKETS)
    ]


def _file_system_copy(item: Item) -> Ends:
    """The copy is made in the region of the zone, or in the region that is named, or is a file system that is there."""
    path = ("destination", 0)
    return (
        written(item, *path, "region")
        or written(item, *path, "availability_zone_name")
        or named(item, *path, "file_system_id", kinds=("aws_efs_file_system",))
    )


_vault_copies = each_named("rule", "copy_action", key="destination_vault_arn", kinds=_VAULTS)


def _selected(item: Item) -> Ends:
    """What the selections of a plan name; what they choose by tags or wildcards is in the region of the plan."""
    selections = item.estate.links("aws_backup_selection", "plan_id", item.type).certain.get(item.origin.address, ())
    found = [one for selection in selections for one in every(selection, "resources", kinds=_SELECTED)]
    return [one for one in found if one["resource"]] or home(item)


def _snapshots(item: Item) -> Ends:
    """Copies that the lifecycle manager makes of snapshots and images, by a schedule or when one is shared."""
    if item.setting("state", default="ENABLED") == "DISABLED":
        return []
    places = [
        *nested(item, "policy_details", "schedule", "cross_region_copy_rule"),
        *nested(item, "policy_details", "action", "cross_region_copy"),
    ]
    return [one for path in places for one in written(item, *path, "target", read=place_or_arn)]


def _members(item: Item) -> Ends:
    """The cache clusters that follow the primary one of a global datastore."""
    links = item.estate.links("aws_elasticache_replication_group", "global_replication_group_id", item.type)
    return [one for member in links.certain.get(item.origin.address, ()) for one in here(member)]


def _copied_lake(item: Item) -> Ends:
    paths = nested(item, "configuration", "replication_configuration")
    return [one for path in paths for one in places(item, *path, "regions")]


def _event_copies(item: Item) -> Ends:
    """A global endpoint sends every event to both of its regions, unless that is switched off."""
    if any(item.get(*path, "state") == "DISABLED" for path in nested(item, "replication_config")):
        return []
    return each_written("routing_config", "failover_config", "secondary", key="route")(item)


def _incident_copies(item: Item) -> Ends:
    """The block is called `regions` from version 6 of the provider on, which may still fill in the older `region`."""
    return each_written("regions", key="name")(item) or each_written("region", key="name")(item)


def _domain(block: str) -> Getter:
    """A search domain of this plan, else the region that is written beside its name."""

    def getter(item: Item) -> Ends:
        found = named(item, block, 0, "domain_name", kinds=_DOMAINS)
        return found if found and found[0]["resource"] else written(item, block, 0, "region")

    return getter


_CLUSTERS = ("aws_dsql_cluster",)

REPLICATION: dict[str, dict[str, Getter]] = {
    "aws_s3_bucket_replication_configuration": flow(local("bucket", *_BUCKETS), _bucket_copies),
    "aws_efs_replication_configuration": flow(local("source_file_system_id", "aws_efs_file_system"), _file_system_copy),
    "aws_dynamodb_table_replica": flow(
        lambda item: named(item, "global_table_arn", kinds=("aws_dynamodb_table",)),
        lambda item: here(item, "global_table_arn"),
    ),
    "aws_dynamodb_global_table": flow(local("name", "aws_dynamodb_table"), each_written("replica", key="region_name")),
    "aws_kms_replica_key": flow(
        lambda item: named(item, "primary_key_arn", kinds=("aws_kms_key",)),
        lambda item: here(item, "primary_key_arn"),
    ),
    "aws_kms_replica_external_key": flow(
        lambda item: named(item, "primary_key_arn", kinds=("aws_kms_external_key",)),
        lambda item: here(item, "primary_key_arn"),
    ),
    "aws_elasticache_global_replication_group": flow(
        local("primary_replication_group_id", "aws_elasticache_replication_group"), _members
    ),
    "aws_msk_replicator": flow(
        lambda item: named(item, "replication_info_list", 0, "source_kafka_cluster_arn", kinds=("aws_msk_cluster",)),
        lambda item: named(item, "replication_info_list", 0, "target_kafka_cluster_arn", kinds=("aws_msk_cluster",)),
    ),
    "aws_dsql_cluster_peering": flow(
        local("identifier", *_CLUSTERS),
        # The witness keeps some of the transaction log: https://docs.aws.amazon.com/aurora-dsql/latest/userguide/what-is-aurora-dsql.html
        lambda item: [*every(item, "clusters", kinds=_CLUSTERS), *written(item, "witness_region")],
    ),
    # The follower pulls from the leader: https://docs.aws.amazon.com/opensearch-service/latest/developerguide/replication.html
    "aws_opensearch_outbound_connection": flow(_domain("remote_domain_info"), _domain("local_domain_info")),
    "aws_directory_service_region": flow(
        local("directory_id", "aws_directory_service_directory"), lambda item: written(item, "region_name")
    ),
    "aws_securitylake_data_lake": flow(each_written("configuration", key="region"), _copied_lake),
    "aws_ssmincidents_replication_set": flow(home, _incident_copies),
    "aws_cloudwatch_event_endpoint": flow(home, _event_copies),
}

BACKUP: dict[str, dict[str, Getter]] = {
    "aws_backup_plan": flow(_selected, _vault_copies),
    "aws_db_instance_automated_backups_replication": flow(
        lambda item: named(item, "source_db_instance_arn", kinds=("aws_db_instance",)),
        lambda item: here(item, "source_db_instance_arn"),
    ),
    "aws_db_snapshot_copy": flow(home, lambda item: written(item, "destination_region")),
    "aws_rds_cluster_snapshot_copy": flow(home, lambda item: written(item, "destination_region")),
    "aws_ebs_snapshot_copy": flow(
        lambda item: written(item, "source_region"), lambda item: here(item, "source_region")
    ),
    "aws_ami_copy": flow(lambda item: written(item, "source_ami_region"), lambda item: here(item, "source_ami_region")),
    "aws_dlm_lifecycle_policy": flow(home, _snapshots),
    "aws_imagebuilder_distribution_configuration": flow(home, each_written("distribution", key="region")),
}

GETTERS: dict[str, dict[str, Getter]] = {**REPLICATION, **BACKUP}
"""Native type to where data comes from and where it goes."""
