"""What keeps copies of data in other regions of Azure: replication, failover groups, vaults that are geo-redundant.

Not here: the disaster recovery of an Event Hubs or Service Bus namespace copies the names of its entities, no messages.
https://learn.microsoft.com/azure/event-hubs/event-hubs-geo-dr
"""

from __future__ import annotations

from scanner.model import Unknown
from scanner.normalize._reading import Getter
from scanner.normalize._terraform.flow import (
    Ends,
    each_named,
    each_written,
    end,
    every,
    flow,
    here,
    home,
    named,
    place_of,
    written,
)
from scanner.normalize._terraform.item import Item
from scanner.normalize._terraform.region import azure_name

_ACCOUNTS = ("azurerm_storage_account",)
_SQL = ("azurerm_mssql_server",)
_INSTANCES = ("azurerm_mssql_managed_instance",)
_MACHINES = ("azurerm_linux_virtual_machine", "azurerm_windows_virtual_machine", "azurerm_virtual_machine")
_REDIS = ("azurerm_managed_redis",)


def _paired(key: str, words: tuple[str, ...], default: str) -> Getter:
    """The paired region, where a vault copies what it holds there."""

    def getter(item: Item) -> Ends:
        chosen = item.peek(key)
        if isinstance(chosen, Unknown) and not item.left_alone(key):
            return [end((key,), chosen)]
        own = place_of(item)
        kept = default if chosen is None or isinstance(chosen, Unknown) else chosen
        return [end((key,), own if isinstance(own, Unknown) else f"pair of {own}")] if kept in words else []

    return getter


def _registered(item: Item) -> Ends:
    """Where the registrations of devices are copied to: by default the paired region."""
    chosen = item.peek("replication_region")
    if chosen == "None":
        return []
    if chosen == "Default":
        return list(_paired("replication_region", ("Default",), "")(item))
    return written(item, "replication_region", read=azure_name)


REPLICATION: dict[str, dict[str, Getter]] = {
    "azurerm_storage_object_replication": flow(
        lambda item: named(item, "source_storage_account_id", kinds=_ACCOUNTS),
        lambda item: named(item, "destination_storage_account_id", kinds=_ACCOUNTS),
    ),
    "azurerm_mssql_failover_group": flow(
        lambda item: named(item, "server_id", kinds=_SQL), each_named("partner_server", key="id", kinds=_SQL)
    ),
    "azurerm_mssql_managed_instance_failover_group": flow(
        lambda item: named(item, "managed_instance_id", kinds=_INSTANCES),
        lambda item: named(item, "partner_managed_instance_id", kinds=_INSTANCES),
    ),
    "azurerm_redis_linked_server": flow(
        lambda item: named(item, "target_redis_cache_name", kinds=("azurerm_redis_cache",)),
        lambda item: written(item, "linked_redis_cache_location", read=azure_name),
    ),
    "azurerm_managed_redis_geo_replication": flow(
        lambda item: named(item, "managed_redis_id", kinds=_REDIS),
        lambda item: every(item, "linked_managed_redis_ids", kinds=_REDIS),
    ),
    "azurerm_site_recovery_replicated_vm": flow(
        lambda item: named(item, "source_vm_id", kinds=_MACHINES),
        lambda item: named(item, "target_recovery_fabric_id", kinds=("azurerm_site_recovery_fabric",)),
    ),
    "azurerm_active_directory_domain_service_replica_set": flow(
        lambda item: named(item, "domain_service_id", kinds=("azurerm_active_directory_domain_service",)),
        lambda item: written(item, "location", read=azure_name),
    ),
    "azurerm_app_configuration": flow(here, each_written("replica", key="location", read=azure_name)),
    "azurerm_notification_hub_namespace": flow(here, _registered),
}

BACKUP: dict[str, dict[str, Getter]] = {
    "azurerm_recovery_services_vault": flow(
        home, _paired("storage_mode_type", ("GeoRedundant",), default="GeoRedundant")
    ),
    "azurerm_data_protection_backup_vault": flow(home, _paired("redundancy", ("GeoRedundant",), default="")),
    "azurerm_shared_image_version": flow(here, each_written("target_region", key="name", read=azure_name)),
    "azurerm_gallery_application_version": flow(here, each_written("target_region", key="name", read=azure_name)),
}

GETTERS: dict[str, dict[str, Getter]] = {**REPLICATION, **BACKUP}
"""Native type to where data comes from and where it goes."""
