"""Azure's machines. An AKS cluster brings its first node pool along as a block of its own."""

from __future__ import annotations

from scanner.model import Unknown, UnknownRead
from scanner.normalize._reading import Getter, always, no
from scanner.normalize._terraform.item import Item
from scanner.normalize._terraform.tags import own_tags
from scanner.normalize._terraform.words import none, renamed, text

_POOL_SCALES = renamed("auto_scaling_enabled", "enable_auto_scaling", default=False)


def _priority(key: str, word: str) -> Getter:
    return lambda item: bool(item.setting(key, default="Regular") == word)


def _autoscale_limit(item: Item, limit: str) -> int:
    """A scale set has as many machines as its autoscale setting says, else as many as it says itself."""
    setting = item.satellite("azurerm_monitor_autoscale_setting", "target_resource_id")
    if setting is None or not setting.setting("enabled", default=True):
        return int(item.setting("instances", default=0))
    limits = [int(profile.get("capacity", 0, limit)) for profile in setting.blocks("profile")]
    return max(limits) if limit == "maximum" else min(limits)


def _pool_limit(key: str) -> Getter:
    def getter(item: Item) -> int:
        return int(item.get(key) or 0) if _POOL_SCALES(item) else int(item.setting("node_count", default=1))

    return getter


def _batch_nodes(item: Item, *kinds: str) -> int:
    """How many nodes a pool of Azure Batch has; a formula may ask for any number.

    https://registry.terraform.io/providers/hashicorp/azurerm/latest/docs/resources/batch_pool
    """
    if item.left_unset("fixed_scale") or not item.get("fixed_scale"):
        raise UnknownRead(Unknown("a formula decides how many nodes it has", "auto_scale"))
    defaults = {"dedicated": 1, "low_priority": 0}
    return sum(int(item.setting("fixed_scale", 0, f"target_{kind}_nodes", default=defaults[kind])) for kind in kinds)


def _all_batch_nodes(item: Item) -> int:
    return _batch_nodes(item, "dedicated", "low_priority")


def _is_reserved(item: Item) -> bool:
    return item.is_set("capacity_reservation_group_id")


def _mixed_types(item: Item) -> list[str]:
    """A scale set whose SKU is `Mix` has its sizes in a block."""
    return [] if item.left_unset("sku_profile") else list(item.get("sku_profile", 0, "vm_sizes") or ())


def _mixed_type(item: Item) -> str:
    sku = str(item.setting("sku_name", default=""))
    return sku if sku != "Mix" else next(iter(_mixed_types(item)), "")


POOL: dict[str, Getter] = {
    "machine_type": text("vm_size"),
    "accelerators": none,
    "alternatives": none,
    "minimum": _pool_limit("min_count"),
    "maximum": _pool_limit("max_count"),
    "spot": _priority("priority", "Spot"),
    "reserved": _is_reserved,
    "machine_tags": own_tags,
}
"""A node pool, also the one nested in a cluster, whose own tags do not come to its machines.

https://learn.microsoft.com/azure/aks/use-tags
"""

_MACHINE: dict[str, Getter] = {
    "machine_type": text("size"),
    "accelerators": none,
    "minimum": always(1),
    "maximum": always(1),
    "spot": _priority("priority", "Spot"),
    "reserved": _is_reserved,
}

SERVICE: dict[str, Getter] = {
    "machine_type": always(""),
    "accelerators": none,
    "minimum": always(0),
    "maximum": always(0),
    "spot": no,
    "reserved": no,
    "log_regions": none,
}
"""An endpoint whose machines are somebody else's: Azure's own, or those of its deployments."""

_SCALE_SET: dict[str, Getter] = {
    "machine_type": text("sku"),
    "accelerators": none,
    "alternatives": none,
    "minimum": lambda item: _autoscale_limit(item, "minimum"),
    "maximum": lambda item: _autoscale_limit(item, "maximum"),
    "spot": _priority("priority", "Spot"),
    "reserved": _is_reserved,
    "machine_tags": own_tags,
}

GETTERS: dict[str, dict[str, Getter]] = {
    "azurerm_virtual_machine": {**_MACHINE, "machine_type": text("vm_size"), "spot": no, "reserved": no},
    "azurerm_linux_virtual_machine": _MACHINE,
    "azurerm_windows_virtual_machine": _MACHINE,
    "azurerm_linux_virtual_machine_scale_set": _SCALE_SET,
    "azurerm_windows_virtual_machine_scale_set": _SCALE_SET,
    "azurerm_orchestrated_virtual_machine_scale_set": {
        **_SCALE_SET,
        "machine_type": _mixed_type,
        "alternatives": _mixed_types,
    },
    "azurerm_kubernetes_cluster_node_pool": POOL,
    "azurerm_cognitive_account": SERVICE,
    "azurerm_ai_services": SERVICE,
    "azurerm_machine_learning_compute_instance": {
        **_MACHINE,
        "machine_type": text("virtual_machine_size"),
        "spot": no,
        "reserved": no,
    },
    "azurerm_batch_pool": {
        "machine_type": text("vm_size"),
        "accelerators": none,
        "alternatives": none,
        "machine_tags": lambda _: {},
        "minimum": _all_batch_nodes,
        "maximum": _all_batch_nodes,
        "spot": lambda item: not _batch_nodes(item, "dedicated"),
        "reserved": no,
    },
    "azurerm_machine_learning_compute_cluster": {
        "machine_type": text("vm_size"),
        "accelerators": none,
        "alternatives": none,
        "machine_tags": own_tags,
        "minimum": lambda item: item.get("scale_settings", 0, "min_node_count"),
        "maximum": lambda item: item.get("scale_settings", 0, "max_node_count"),
        "spot": _priority("vm_priority", "LowPriority"),
        "reserved": no,
    },
}
