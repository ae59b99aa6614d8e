"""What makes data flow on Azure: replication, vaults, diagnostic settings, peering, integration runtimes, models."""

from __future__ import annotations

from typing import Any

from scanner.model import Unknown
from scanner.normalize._reading import Getter
from scanner.normalize._terraform_flow import Ends, end, flow, here, home, named, no_flow, place_of, uid, written
from scanner.normalize._terraform_item import Item
from scanner.normalize._terraform_region import azure_name

_ACCOUNTS = ("azurerm_storage_account",)
_NAMESPACES = ("azurerm_eventhub_namespace",)
_VNETS = ("azurerm_virtual_network",)
_SQL = ("azurerm_mssql_server",)
_CACHES = ("azurerm_redis_cache",)
_MODEL_ACCOUNTS = ("azurerm_cognitive_account", "azurerm_ai_services")


def _paired(key: str, words: tuple[str, ...], default: str) -> Any:
    """The paired region, where a vault copies what it holds there."""

    def getter(item: Item) -> Ends:
        chosen = item.peek(key)
        if isinstance(chosen, Unknown) and not item.left_alone(key):
            return [end((key,), chosen)]
        own = place_of(item)
        kept = default if chosen is None or isinstance(chosen, Unknown) else chosen
        return [end((key,), own if isinstance(own, Unknown) else f"pair of {own}")] if kept in words else []

    return getter


def _partners(item: Item) -> Ends:
    return [
        one
        for index in range(len(item.blocks("partner_server")))
        for one in named(item, "partner_server", index, "id", kinds=_SQL)
    ]


def _observed(item: Item) -> Ends:
    """Whatever a diagnostic setting is about: a resource of any type."""
    found = item.estate.referred(item, "target_resource_id")
    if len(found) == 1:
        return [end(("target_resource_id",), place_of(found[0]), uid(found[0]))]
    return [end(("target_resource_id",), Unknown("what it is about is not in this plan", "target_resource_id"))]


def _diagnostics(item: Item) -> Ends:
    """An event hub or a storage account is in the region of what it is about; a workspace may be anywhere."""
    return named(item, "log_analytics_workspace_id", kinds=("azurerm_log_analytics_workspace",))


def _captured(item: Item) -> Ends:
    """Events that are written into a storage account as they come."""
    if item.left_unset("capture_description") or not item.get("capture_description", 0, "enabled"):
        return []
    return named(item, "capture_description", 0, "destination", 0, "storage_account_id", kinds=_ACCOUNTS)


def _runtime(item: Item) -> Ends:
    """`AutoResolve` lets the service choose the region of each run.

    https://learn.microsoft.com/azure/data-factory/concepts-integration-runtime#azure-ir-location
    """
    return written(
        item, "location", read=lambda place: "global" if place.lower() == "autoresolve" else azure_name(place)
    )


def _deployment(item: Item) -> Ends:
    """Which regions answer the requests to a model is in the name of the deployment's SKU.

    `Global...` is any. A data zone is the European Union or the United States, whichever the account is in, which is
    one jurisdiction with the account's own region; the other SKUs stay in that region.
    https://learn.microsoft.com/azure/ai-services/openai/how-to/deployment-types
    """
    path = ("sku", 0, "name")
    name = item.peek(*path)
    if isinstance(name, Unknown):
        return [end(path, name)]
    if str(name).startswith("Global"):
        return [end(path, "global")]
    return [{**one, "path": list(path)} for one in named(item, "cognitive_account_id", kinds=_MODEL_ACCOUNTS)]


GETTERS: dict[str, dict[str, Getter]] = {
    "azurerm_storage_object_replication": flow(
        lambda item: named(item, "source_storage_account_id", kinds=_ACCOUNTS),
        lambda item: named(item, "destination_storage_account_id", kinds=_ACCOUNTS),
    ),
    "azurerm_mssql_failover_group": flow(lambda item: named(item, "server_id", kinds=_SQL), _partners),
    "azurerm_redis_linked_server": flow(
        lambda item: named(item, "target_redis_cache_name", kinds=_CACHES),
        lambda item: written(item, "linked_redis_cache_location", read=azure_name),
    ),
    "azurerm_recovery_services_vault": flow(
        home, _paired("storage_mode_type", ("GeoRedundant",), default="GeoRedundant")
    ),
    "azurerm_data_protection_backup_vault": flow(home, _paired("redundancy", ("GeoRedundant",), default="")),
    "azurerm_monitor_diagnostic_setting": flow(_observed, _diagnostics),
    "azurerm_application_insights": flow(
        here, lambda item: named(item, "workspace_id", kinds=("azurerm_log_analytics_workspace",))
    ),
    "azurerm_eventhub": flow(
        lambda item: named(item, "namespace_id", kinds=_NAMESPACES) or named(item, "namespace_name", kinds=_NAMESPACES),
        _captured,
    ),
    "azurerm_virtual_network_peering": flow(
        lambda item: named(item, "virtual_network_name", kinds=_VNETS),
        lambda item: named(item, "remote_virtual_network_id", kinds=_VNETS),
    ),
    "azurerm_virtual_hub_connection": flow(
        lambda item: named(item, "virtual_hub_id", kinds=("azurerm_virtual_hub",)),
        lambda item: named(item, "remote_virtual_network_id", kinds=_VNETS),
    ),
    "azurerm_data_factory_integration_runtime_azure": flow(
        lambda item: named(item, "data_factory_id", kinds=("azurerm_data_factory",)), _runtime
    ),
    "azurerm_cognitive_deployment": flow(
        lambda item: named(item, "cognitive_account_id", kinds=_MODEL_ACCOUNTS),
        _deployment,
    ),
    "azurerm_data_factory": no_flow(),
    "azurerm_machine_learning_workspace": flow(lambda item: named(item, "storage_account_id", kinds=_ACCOUNTS), here),
}
"""Native type to where data comes from and where it goes."""
