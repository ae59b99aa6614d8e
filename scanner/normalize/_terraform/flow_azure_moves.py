"""What moves data on Azure, joins its networks, or sends data to be worked on."""

from __future__ import annotations

from typing import Any

from scanner.model import Path, Unknown
from scanner.normalize._reading import Getter
from scanner.normalize._terraform.azapi import MODEL_ACCOUNTS
from scanner.normalize._terraform.bodies import body_of
from scanner.normalize._terraform.flow import Ends, end, flow, here, named, nested, no_flow, whatever
from scanner.normalize._terraform.item import Item

_ACCOUNTS = ("azurerm_storage_account",)
_NAMESPACES = ("azurerm_eventhub_namespace",)
_VNETS = ("azurerm_virtual_network",)
_GATEWAYS = ("azurerm_virtual_network_gateway",)
_MODEL_ACCOUNTS = ("azurerm_cognitive_account", "azurerm_ai_services", "azapi_resource")


def _captured(item: Item) -> Ends:
    """Events that are written into a storage account as they come."""
    if item.left_unset("capture_description") or not item.get("capture_description", 0, "enabled"):
        return []
    return named(item, "capture_description", 0, "destination", 0, "storage_account_id", kinds=_ACCOUNTS)


def _deployment(item: Item) -> Ends:
    """Which regions answer the requests to a model is in the name of the deployment's SKU.

    `Global...` is any. A data zone is the European Union or the United States, whichever the account is in, which is
    one jurisdiction with the account's own region; the other SKUs stay in that region.
    https://learn.microsoft.com/azure/ai-services/openai/how-to/deployment-types
    """
    is_old = not item.left_unset("scale") and item.blocks("scale")  # up to provider 3
    path = ("scale", 0, "type") if is_old else ("sku", 0, "name")
    return _answered(item, item.peek(*path), path, "cognitive_account_id")


def _api_deployment(item: Item) -> Ends:
    return _answered(item, body_of(item).peek("sku", "name"), ("body", "sku", "name"), "parent_id")


def _answered(item: Item, name: Any, path: Path, account: str) -> Ends:
    if isinstance(name, Unknown):
        return [end(path, name)]
    if str(name).startswith("Global"):
        return [end(path, "global")]
    return [{**one, "path": list(path)} for one in named(item, account, kinds=_MODEL_ACCOUNTS)]


_ENDPOINTS = {
    "eventhub_endpoint_id": ("azurerm_eventhub",),
    "service_bus_queue_endpoint_id": ("azurerm_servicebus_queue",),
    "service_bus_topic_endpoint_id": ("azurerm_servicebus_topic",),
}


def _events(key: str) -> Getter:
    """What a subscription is about: a resource of any type, or a topic of one."""
    return lambda item: whatever(item, key, "what its events are about is not in this plan")


def _subscribed(item: Item) -> Ends:
    """Hubs, queues and topics that get the events; a webhook or a function gets them where it runs."""
    queues = nested(item, "storage_queue_endpoint")
    return [
        *(one for key, kinds in _ENDPOINTS.items() for one in named(item, key, kinds=kinds)),
        *(one for path in queues for one in named(item, *path, "storage_account_id", kinds=_ACCOUNTS)),
    ]


def _output(key: str, *kinds: str) -> dict[str, Getter]:
    """Where a job of Stream Analytics writes what it has worked out."""
    jobs = ("azurerm_stream_analytics_job",)
    return flow(
        lambda item: named(item, "stream_analytics_job_name", kinds=jobs), lambda item: named(item, key, kinds=kinds)
    )


def _other_gateway(item: Item) -> Ends:
    if item.get("type") != "Vnet2Vnet":
        return []
    return named(item, "peer_virtual_network_gateway_id", kinds=_GATEWAYS)


PEERING: dict[str, dict[str, Getter]] = {
    "azurerm_virtual_network_peering": flow(
        lambda item: named(item, "virtual_network_name", kinds=_VNETS),
        lambda item: named(item, "remote_virtual_network_id", kinds=_VNETS),
    ),
    "azurerm_virtual_hub_connection": flow(
        lambda item: named(item, "virtual_hub_id", kinds=("azurerm_virtual_hub",)),
        lambda item: named(item, "remote_virtual_network_id", kinds=_VNETS),
    ),
    "azurerm_virtual_network_gateway_connection": flow(
        lambda item: named(item, "virtual_network_gateway_id", kinds=_GATEWAYS), _other_gateway
    ),
}

TRANSFER: dict[str, dict[str, Getter]] = {
    "azurerm_eventhub": flow(
        lambda item: named(item, "namespace_id", kinds=_NAMESPACES) or named(item, "namespace_name", kinds=_NAMESPACES),
        _captured,
    ),
    "azurerm_eventgrid_event_subscription": flow(_events("scope"), _subscribed),
    "azurerm_eventgrid_system_topic_event_subscription": flow(_events("system_topic"), _subscribed),
    "azurerm_stream_analytics_output_blob": _output("storage_account_name", *_ACCOUNTS),
    "azurerm_stream_analytics_output_table": _output("storage_account_name", *_ACCOUNTS),
    "azurerm_stream_analytics_output_eventhub": _output("servicebus_namespace", *_NAMESPACES),
    "azurerm_stream_analytics_output_mssql": _output("server", "azurerm_mssql_server"),
}

PROCESSING: dict[str, dict[str, Getter]] = {
    "azurerm_cognitive_deployment": flow(
        lambda item: named(item, "cognitive_account_id", kinds=_MODEL_ACCOUNTS),
        _deployment,
    ),
    f"azapi_resource:{MODEL_ACCOUNTS}/deployments": flow(
        lambda item: named(item, "parent_id", kinds=_MODEL_ACCOUNTS),
        _api_deployment,
    ),
    "azurerm_databricks_workspace": no_flow(),
    "azurerm_machine_learning_workspace": flow(lambda item: named(item, "storage_account_id", kinds=_ACCOUNTS), here),
    "azurerm_ai_foundry": flow(lambda item: named(item, "storage_account_id", kinds=_ACCOUNTS), here),
}

GETTERS: dict[str, dict[str, Getter]] = {**PEERING, **TRANSFER, **PROCESSING}
"""Native type to where data comes from and where it goes."""
