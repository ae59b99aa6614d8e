"""Warehouses, registries, disks and Vault roles: where data is kept, and under whose key."""

from __future__ import annotations

from scanner.model import Unknown, UnknownRead, known
from scanner.normalize._amazon_words import is_copied
from scanner.normalize._reading import Block, Getter, no, yes
from scanner.normalize._terraform.account_aws import require_same_account, settings_beside, volume_encryption
from scanner.normalize._terraform.item import Item
from scanner.normalize._terraform.keys_aws import switched, whose_key
from scanner.normalize._terraform.policy import refuses_plaintext
from scanner.normalize._terraform.region import bigtable_zones
from scanner.normalize._terraform.replicas import followers
from scanner.normalize._terraform.tables_aws import GETTERS as TABLES
from scanner.normalize._terraform.words import (
    azure_regions,
    flag,
    is_on,
    key_of,
    key_region,
    none,
    nowhere,
    other_regions,
)


def _redshift_tls(item: Item) -> bool:
    """Decided by the parameter group. The older of the default groups takes clear text.

    https://docs.aws.amazon.com/redshift/latest/mgmt/connecting-ssl-support.html
    """
    key = "cluster_parameter_group_name"
    if item.peek(key) == "default.redshift-1.0":
        return False
    group = item.target(key, kinds=("aws_redshift_parameter_group",))
    for parameter in group.blocks("parameter") if group else ():
        if parameter.get("name") == "require_ssl":
            return is_on(parameter.get("value"))
    if group and group.get("family") == "redshift-1.0":
        return False
    raise UnknownRead(Unknown("which default group it gets depends on when it is made", key))


def _workgroup_tls(item: Item) -> bool:
    """Older workgroups take clear text by default, newer ones do not."""
    for parameter in [] if item.left_unset("config_parameter") else item.blocks("config_parameter"):
        if parameter.get("parameter_key") == "require_ssl":
            return is_on(parameter.get("parameter_value"))
    raise UnknownRead(Unknown("whether it takes clear text by default depends on when it is made", "config_parameter"))


def _workgroup_key(item: Item) -> str:
    namespace = item.target("namespace_name", kinds=("aws_redshiftserverless_namespace",))
    return "provider" if namespace is None else str(whose_key()(namespace))


def _efs_tls(item: Item) -> bool:
    """Clients choose whether they mount it over TLS, unless its policy refuses them."""
    policy = item.satellite("aws_efs_file_system_policy", "file_system_id")
    return policy is not None and refuses_plaintext(policy)


def _redshift_copies(item: Item) -> list[str]:
    """Snapshots copied to another region, as a block of the cluster or as a resource of its own."""
    places = (
        []
        if item.left_unset("snapshot_copy")
        else [block.get("destination_region") for block in item.blocks("snapshot_copy")]
    )
    copies = item.satellites("aws_redshift_snapshot_copy", "cluster_identifier")
    return other_regions(item, [*places, *(copy.get("destination_region") for copy in copies)])


def _ecr_copies(item: Item) -> list[str]:
    """Replication is set once for the whole registry of an account and region."""
    places = []
    for setting in settings_beside(item, "aws_ecr_replication_configuration"):
        for rule in setting.blocks("replication_configuration", 0, "rule"):
            if _ecr_copied(item, rule):
                require_same_account(item, setting)
                places += [one.get("region") for one in rule.blocks("destination")]
    return other_regions(item, places) if places else []


def _ecr_copied(item: Item, rule: Block) -> bool:
    filters = [(str(one.get("filter_type")), str(one.get("filter"))) for one in rule.blocks("repository_filter")]
    return not filters or is_copied(str(item.get("name")), filters)


def _disk_key(*keys: str) -> Getter:
    """A key of the customer's own, in the key service or given with every request."""
    return lambda item: "customer" if any(item.is_set("disk_encryption_key", 0, key) for key in keys) else "provider"


def _azure_disk_key(item: Item) -> str:
    """That of a set of its own region. Disks of confidential machines name theirs by another argument."""
    sets = ("disk_encryption_set_id", "secure_vm_disk_encryption_set_id")
    return "customer" if any(item.is_set(key) for key in sets) else "provider"


def _bigtable_copies(item: Item) -> list[str]:
    """Every cluster of an instance has all of its data; the first is taken for the instance's own place."""
    return other_regions(item, [known(zone) for zone in bigtable_zones(item)])


def _depends_on_clients(_: Item) -> bool:
    raise UnknownRead(Unknown("whether its traffic is encrypted depends on the machines that mount it"))


_DISK: dict[str, Getter] = {"shared": no, "tls_required": yes, "replica_regions": none}
_SHARED: dict[str, Getter] = {"shared": yes, "tls_required": _depends_on_clients, "replica_regions": none}
_FSX: dict[str, Getter] = {
    **_SHARED,
    # always encrypted: https://docs.aws.amazon.com/fsx/latest/OpenZFSGuide/encryption-rest.html
    "encryption": whose_key(),
    "key_region": nowhere,
}

GETTERS: dict[str, dict[str, Getter]] = {
    "google_bigquery_dataset": {
        "tls_required": yes,
        "encryption": key_of("default_encryption_configuration", 0, "kms_key_name"),
        "key_region": key_region("default_encryption_configuration", 0, "kms_key_name"),
        "replica_regions": none,
    },
    "aws_redshift_cluster": {
        "tls_required": _redshift_tls,
        # off up to provider 5, on from 6: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/guides/version-6-upgrade
        "encryption": switched("encrypted", default=None),
        "key_region": nowhere,
        "replica_regions": _redshift_copies,
    },
    "aws_redshiftserverless_workgroup": {
        "tls_required": _workgroup_tls,
        "encryption": _workgroup_key,
        "key_region": nowhere,
        "replica_regions": none,
    },
    "azurerm_synapse_workspace": {
        "tls_required": yes,
        "encryption": lambda item: "customer" if item.get("customer_managed_key") else "provider",
        "key_region": nowhere,
        "replica_regions": none,
    },
    "aws_ecr_repository": {"replica_regions": _ecr_copies},
    "google_artifact_registry_repository": {"replica_regions": none},
    "azurerm_container_registry": {"replica_regions": lambda item: azure_regions(item, "georeplications", "location")},
    **TABLES,
    "google_bigtable_instance": {"replica_regions": _bigtable_copies},
    "google_firestore_database": {"replica_regions": none},
    "aws_kms_key": {"multi_region": flag("multi_region", default=False)},
    "aws_kms_external_key": {"multi_region": flag("multi_region", default=False)},
    "google_kms_key_ring": {"multi_region": no},
    "azurerm_key_vault": {"multi_region": no},
    "azurerm_key_vault_managed_hardware_security_module": {"multi_region": no},
    "aws_ebs_volume": {**_DISK, "encryption": volume_encryption, "key_region": nowhere},
    "aws_efs_file_system": {
        **_SHARED,
        "encryption": switched("encrypted", default=False),
        "key_region": nowhere,
        "tls_required": _efs_tls,
    },
    "aws_fsx_lustre_file_system": _FSX,
    "aws_fsx_ontap_file_system": _FSX,
    "aws_fsx_openzfs_file_system": _FSX,
    "aws_fsx_windows_file_system": _FSX,
    "google_compute_disk": {
        **_DISK,
        "encryption": _disk_key("kms_key_self_link", "raw_key", "rsa_encrypted_key"),
        "key_region": key_region("disk_encryption_key", 0, "kms_key_self_link"),
    },
    "google_compute_region_disk": {
        **_DISK,
        "encryption": _disk_key("kms_key_name", "raw_key", "rsa_encrypted_key"),
        "key_region": key_region("disk_encryption_key", 0, "kms_key_name"),
    },
    "google_filestore_instance": {
        "encryption": key_of("kms_key_name"),
        "key_region": key_region("kms_key_name"),
        **_SHARED,
        "replica_regions": followers("initial_replication", 0, "replicas", 0, "peer_instance"),
    },
    "azurerm_netapp_volume": {
        **_SHARED,
        "encryption": lambda item: (
            "customer"
            if item.setting("encryption_key_source", default="Microsoft.NetApp") == "Microsoft.KeyVault"
            else "provider"
        ),
        "key_region": nowhere,
        "replica_regions": followers("data_protection_replication", 0, "remote_volume_resource_id"),
    },
    "azurerm_managed_disk": {**_DISK, "encryption": _azure_disk_key, "key_region": nowhere},
}
