"""Resources that Terraform asks Azure's own API for, because the provider `azurerm` has no type for them.

All are of the type `azapi_resource`; what they are is in its `type`, as the API calls it. The body is an object, or the
text of one in older versions of the provider. Here it is Azure ML (endpoints, deployments and computes), and the
accounts of Azure's AI services with the models that are deployed in them.

https://learn.microsoft.com/azure/templates/microsoft.cognitiveservices/accounts/deployments
https://learn.microsoft.com/azure/templates/microsoft.machinelearningservices/workspaces/onlineendpoints/deployments
https://learn.microsoft.com/azure/templates/microsoft.machinelearningservices/workspaces/computes
"""

from __future__ import annotations

from scanner.model import UnknownRead
from scanner.normalize._reading import Getter, always, no
from scanner.normalize._terraform.bodies import body_of
from scanner.normalize._terraform.compute_azure import SERVICE
from scanner.normalize._terraform.item import Item
from scanner.normalize._terraform.tags import own_tags
from scanner.normalize._terraform.words import none

TYPE = "azapi_resource"
_LEARNING = "microsoft.machinelearningservices/workspaces/"
_COMPUTES = "computes"
MODEL_ACCOUNTS = "microsoft.cognitiveservices/accounts"
_CAPACITY = ("sku", "capacity")
_INNER = ("properties", "properties")
"""A compute has its own settings inside of those that all computes have."""


def word(item: Item) -> str:
    """The type of a resource, with what it is in the API: `azapi_resource:onlineendpoints/deployments`."""
    if item.type != TYPE:
        return item.type
    kind = str(item.body.get("type")).partition("@")[0].lower().removeprefix(_LEARNING)
    if kind == _COMPUTES:
        try:
            kind = f"{kind}:{str(body_of(item).get('properties', 'computeType')).lower()}"
        except (UnknownRead, ValueError):
            return TYPE
    return f"{TYPE}:{kind}"


def _text(*path: str) -> Getter:
    return lambda item: str(body_of(item).get(*path) or "")


def _instances(key: str) -> Getter:
    """As many as its capacity says, unless it scales by itself or an autoscale setting is about it."""

    def getter(item: Item) -> int:
        body = body_of(item)
        scaled = body.get("properties", "scaleSettings", f"{key}Instances")
        if scaled is not None:
            return int(scaled)
        setting = item.satellite("azurerm_monitor_autoscale_setting", "target_resource_id")
        if setting is None or not setting.setting("enabled", default=True):
            return int(body.get(*_CAPACITY) or 1)
        limits = [int(profile.get("capacity", 0, f"{key}imum")) for profile in setting.blocks("profile")]
        return max(limits) if key == "max" else min(limits)

    return getter


def _nodes(key: str) -> Getter:
    return lambda item: int(body_of(item).get(*_INNER, "scaleSettings", key) or 0)


def _is_low_priority(item: Item) -> bool:
    return str(body_of(item).get(*_INNER, "vmPriority") or "").lower() == "lowpriority"


def _idle_shutdown(item: Item) -> bool:
    return bool(body_of(item).get(*_INNER, "idleTimeBeforeShutdown"))


GETTERS: dict[str, dict[str, Getter]] = {
    f"{TYPE}:onlineendpoints": SERVICE,
    f"{TYPE}:{MODEL_ACCOUNTS}": SERVICE,
    f"{TYPE}:onlineendpoints/deployments": {
        "machine_type": _text("properties", "instanceType"),
        "accelerators": none,
        "minimum": _instances("min"),
        "maximum": _instances("max"),
        "spot": no,
        "reserved": no,
        "log_regions": none,
    },
    f"{TYPE}:{_COMPUTES}:amlcompute": {
        "machine_type": _text(*_INNER, "vmSize"),
        "accelerators": none,
        "alternatives": none,
        "machine_tags": own_tags,
        "minimum": _nodes("minNodeCount"),
        "maximum": _nodes("maxNodeCount"),
        "spot": _is_low_priority,
        "reserved": no,
    },
    f"{TYPE}:{_COMPUTES}:computeinstance": {
        "machine_type": _text(*_INNER, "vmSize"),
        "accelerators": none,
        "minimum": always(1),
        "maximum": always(1),
        "spot": no,
        "reserved": no,
        "idle_shutdown": _idle_shutdown,
    },
}
