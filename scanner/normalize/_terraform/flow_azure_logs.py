"""Where Azure sends logs."""

from __future__ import annotations

from scanner.normalize._reading import Getter
from scanner.normalize._terraform.flow import (
    Ends,
    each_named,
    flow,
    here,
    named,
    nested,
    whatever,
    written,
)
from scanner.normalize._terraform.item import Item
from scanner.normalize._terraform.region import azure_name

_WORKSPACES = ("azurerm_log_analytics_workspace",)


def _observed(item: Item) -> Ends:
    """Whatever a diagnostic setting or a flow log is about: a resource of any type."""
    return whatever(item, "target_resource_id", "what it is about is not in this plan")


def _watched(item: Item) -> Ends:
    """The network of a flow log; before there were those of networks, a security group."""
    key = "network_security_group_id"
    if not item.left_unset(key) and item.left_unset("target_resource_id"):
        return named(item, key, kinds=("azurerm_network_security_group",))
    return _observed(item)


def _workspace(key: str) -> Getter:
    return lambda item: named(item, key, kinds=_WORKSPACES)


def _analyzed(item: Item) -> Ends:
    """A storage account is in the region of what is logged; the workspace that analyzes may be anywhere."""
    return [
        one
        for path in nested(item, "traffic_analytics", where=lambda item, path: bool(item.get(*path, "enabled")))
        for one in written(item, *path, "workspace_region", read=azure_name)
    ]


_collected = each_named("destinations", "log_analytics", key="workspace_resource_id", kinds=_WORKSPACES)


GETTERS: dict[str, dict[str, Getter]] = {
    # An event hub or a storage account is in the region of what it is about; a workspace may be anywhere.
    "azurerm_monitor_diagnostic_setting": flow(_observed, _workspace("log_analytics_workspace_id")),
    "azurerm_application_insights": flow(here, _workspace("workspace_id")),
    "azurerm_container_app_environment": flow(here, _workspace("log_analytics_workspace_id")),
    "azurerm_monitor_data_collection_rule": flow(here, _collected),
    "azurerm_network_watcher_flow_log": flow(_watched, _analyzed),
}
"""Native type to where data comes from and where it goes."""
