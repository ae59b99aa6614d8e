"""Managed Kubernetes clusters. An attribute of a cluster's nodes belongs to its node pools."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from scanner.model import Unknown, UnknownRead
from scanner.normalize._google_words import GKE_ENCRYPTS
from scanner.normalize._reading import Getter
from scanner.normalize._terraform.flow import named, nested
from scanner.normalize._terraform.item import Item
from scanner.normalize._terraform.words import ANYWHERE, flag, none

_WORKSPACES = ("azurerm_log_analytics_workspace",)


def _is_anywhere(ranges: Iterable[str]) -> bool:
    """Compared one by one: a set would not ask an unknown range whether it is equal."""
    return any(one == anywhere for one in ranges for anywhere in ANYWHERE)


def _eks_public(item: Item) -> bool:
    """The endpoint is public to everybody unless the configuration narrows it down; an empty list does not.

    https://docs.aws.amazon.com/eks/latest/APIReference/API_VpcConfigRequest.html
    """
    if not item.setting("vpc_config", 0, "endpoint_public_access", default=True):
        return False
    return _is_anywhere(item.setting("vpc_config", 0, "public_access_cidrs", default=()) or ["0.0.0.0/0"])


def _eks_secrets(item: Item) -> bool:
    """Clusters from version 1.28 encrypt secrets anyway, but with a key of Amazon's."""
    return not item.left_unset("encryption_config") and bool(item.get("encryption_config"))


def _gke_public(item: Item) -> bool:
    """Private nodes alone do not close the control plane; taking its addresses away does."""
    endpoints = ("control_plane_endpoints_config", 0, "ip_endpoints_config", 0, "enabled")
    if not item.left_unset(endpoints[0]) and not item.setting(*endpoints, default=True):
        return False
    private = item.peek("private_cluster_config")
    if isinstance(private, Unknown):
        if not item.left_alone("private_cluster_config"):
            raise UnknownRead(private)
    elif private and item.setting("private_cluster_config", 0, "enable_private_endpoint", default=False):
        return False
    networks = item.peek("master_authorized_networks_config")
    if networks is None or (isinstance(networks, Unknown) and item.left_alone("master_authorized_networks_config")):
        return True
    blocks = item.blocks("master_authorized_networks_config")
    return not blocks or _is_anywhere(block.get("cidr_block") for block in blocks[0].blocks("cidr_blocks"))


def _gke_secrets(item: Item) -> bool:
    return not item.left_unset("database_encryption") and item.get("database_encryption", 0, "state") in GKE_ENCRYPTS


def _gke_cost(item: Item) -> bool:
    if item.left_unset("cost_management_config"):
        return False
    return bool(item.setting("cost_management_config", 0, "enabled", default=False))


def _aks_public(item: Item) -> bool:
    """Argument names of provider 4 and 3 for the ranges that may connect."""
    if item.setting("private_cluster_enabled", default=False):
        return False
    if not item.setting("public_network_access_enabled", default=True):
        return False
    if not item.left_unset("api_server_access_profile"):
        ranges = item.setting("api_server_access_profile", 0, "authorized_ip_ranges", default=[])
    elif not item.left_unset("api_server_authorized_ip_ranges"):
        ranges = item.get("api_server_authorized_ip_ranges")
    else:
        return True
    return not ranges or _is_anywhere(ranges)


def _aks_logs(item: Item) -> list[Any]:
    """Of two agents, each has a workspace, which may be in any region."""
    key = "log_analytics_workspace_id"
    paths = [(*path, key) for block in ("oms_agent", "microsoft_defender") for path in nested(item, block)]
    found = [(path, one["region"]) for path in paths for one in named(item, *path, kinds=_WORKSPACES)]
    if found:
        item.cite(*found[0][0])
    return [region for _, region in found]


GETTERS: dict[str, dict[str, Getter]] = {
    "aws_eks_cluster": {"public_endpoint": _eks_public, "secrets_encryption": _eks_secrets, "log_regions": none},
    "google_container_cluster": {
        "public_endpoint": _gke_public,
        "secrets_encryption": _gke_secrets,
        "cost_allocation": _gke_cost,
        "log_regions": none,
    },
    "azurerm_kubernetes_cluster": {
        "public_endpoint": _aks_public,
        "secrets_encryption": lambda item: bool(item.get("key_management_service")),
        "cost_allocation": flag("cost_analysis_enabled", default=False),
        "log_regions": _aks_logs,
    },
}
