"""Google's machines, with instance templates and autoscalers folded in."""

from __future__ import annotations

from typing import Any

from scanner.model import Unknown, UnknownRead
from scanner.normalize._google_words import AWAITED, last_part, zones_of
from scanner.normalize._reading import Getter, always, no
from scanner.normalize._terraform.item import Item
from scanner.normalize._terraform.region import google_name
from scanner.normalize._terraform.tags import group_labels, pool_labels
from scanner.normalize._terraform.templates import GOOGLE_TEMPLATES, group_templates
from scanner.normalize._terraform.words import known_region, none, says

_NAMES_RESERVATION = says("reservation_affinity", "type", "SPECIFIC_RESERVATION")
"""Any reservation that is open may be used without being named."""

_TAKES_RESERVATION = says("reservation_affinity", "consume_reservation_type", "SPECIFIC_RESERVATION")
"""The same of a node pool."""

_AUTOSCALERS = {
    "google_compute_instance_group_manager": "google_compute_autoscaler",
    "google_compute_region_instance_group_manager": "google_compute_region_autoscaler",
}


def attached(item: Item, key: str, count: str = "count", model: str = "type") -> list[dict[str, Any]]:
    """Accelerators attached under `key`; a block with a count of 0 attaches none."""
    if item.left_unset(key):
        return []
    found = [{"model": last_part(block.get(model)), "count": int(block.get(count) or 0)} for block in item.blocks(key)]
    item.cite(key)
    return [accelerator for accelerator in found if accelerator["count"]]


def _is_spot(item: Item) -> bool:
    """`preemptible` is the older word for spot."""
    if item.left_unset("scheduling"):
        return False
    if item.setting("scheduling", 0, "preemptible", default=False):
        return True
    return bool(item.setting("scheduling", 0, "provisioning_model", default="STANDARD") == "SPOT")


def _is_awaited(item: Item) -> bool:
    if item.left_unset("scheduling"):
        return False
    return item.setting("scheduling", 0, "provisioning_model", default="STANDARD") in AWAITED


def _is_reserved(item: Item) -> bool:
    return _is_awaited(item) or _NAMES_RESERVATION(item)


def _one_template(item: Item) -> Item:
    templates = group_templates(item)
    if len({template.get("machine_type") for template in templates}) != 1:
        raise UnknownRead(Unknown("its versions run on different machine types", "version"))
    return templates[0]


def _instance_template(item: Item) -> Item:
    """What an instance takes that it does not say itself."""
    template = item.target("source_instance_template", kinds=GOOGLE_TEMPLATES)
    if template is None:
        raise UnknownRead(Unknown("it names no template", "source_instance_template"))
    return template


def _said_or(key: str, read: Getter) -> Getter:
    """A getter that reads the instance where it says something under the key, else its template."""
    return lambda item: read(_instance_template(item) if item.left_unset(key) else item)


def _group_limit(item: Item, limit: str) -> int:
    """What its autoscaler allows, else its target size; that of an autoscaler that is turned off, too."""
    scaler = item.satellite(_AUTOSCALERS[item.type], "target")
    if scaler is None or scaler.setting("autoscaling_policy", 0, "mode", default="ON") == "OFF":
        return int(item.setting("target_size", default=0))
    return int(scaler.get("autoscaling_policy", 0, limit))


def _group_alternatives(item: Item) -> list[str]:
    """The machine types that a flexible group may take instead of that of its template."""
    if "instance_flexibility_policy" not in item.body or item.left_unset("instance_flexibility_policy"):
        return []
    selections = item.blocks("instance_flexibility_policy", 0, "instance_selections")
    return [google_name(str(one)) for selection in selections for one in selection.get("machine_types") or ()]


def _pool_config(item: Item) -> Item | None:
    """Its `node_config`; None where all of it is the provider's default."""
    if item.left_unset("node_config") or not item.get("node_config"):
        return None
    return item.item("node_config", 0)


def _pool_machine(item: Item) -> str:
    config = _pool_config(item)
    return str(config.setting("machine_type", default="e2-medium")) if config else "e2-medium"


def _pool_accelerators(item: Item) -> list[dict[str, Any]]:
    config = _pool_config(item)
    if config is None:
        return []
    return attached(config, "guest_accelerator")


def _pool_spot(item: Item) -> bool:
    config = _pool_config(item)
    if config is None:
        return False
    return any(bool(config.setting(key, default=False)) for key in ("spot", "preemptible"))


def _pool_reserved(item: Item) -> bool:
    """It names a reservation, or asks for its machines in a queue (dynamic workload scheduler, flex start)."""
    if not item.left_unset("queued_provisioning") and item.get("queued_provisioning", 0, "enabled"):
        return True
    config = _pool_config(item)
    if config is None:
        return False
    return bool(config.setting("flex_start", default=False)) or _TAKES_RESERVATION(config)


def _pool_zones(item: Item) -> int:
    """Its own zones, else those of its cluster, else what Google takes for such a place.

    The default pool is in those of its cluster, of which a zonal one leaves its first zone unsaid.
    """
    is_default = item.type == "google_container_cluster" and not item.prefix
    if not is_default and not item.left_unset("node_locations") and item.get("node_locations"):
        return len(item.get("node_locations"))
    cluster = _cluster(item)
    if cluster is None or cluster.left_unset("node_locations") or not cluster.get("node_locations"):
        return zones_of(known_region(item))
    zone = zones_of(known_region(cluster)) == 1
    return len(cluster.get("node_locations")) + (1 if zone else 0)


def _cluster(item: Item) -> Item | None:
    """The cluster of a pool; a cluster is its own for the pools written inside of it."""
    if item.type == "google_container_cluster":
        return Item(item.document, item.estate, last=item.last)
    try:
        return item.target("cluster", kinds=("google_container_cluster",))
    except UnknownRead:
        return None


def _pool_limit(per_zone: str, total: str) -> Getter:
    """Counts are for each zone, except the totals of an autoscaler."""

    def getter(item: Item) -> int:
        if not item.left_unset("autoscaling") and item.get("autoscaling"):
            whole = item.get("autoscaling", 0, total)
            each = item.get("autoscaling", 0, per_zone)
            return int(whole) if whole else int(each or 0) * _pool_zones(item)
        count = item.setting("node_count", default=None)
        if count is None:
            count = item.setting("initial_node_count", default=1)
        return int(count) * _pool_zones(item)

    return getter


POOL: dict[str, Getter] = {
    "machine_type": _pool_machine,
    "accelerators": _pool_accelerators,
    "alternatives": none,
    "minimum": _pool_limit("min_node_count", "total_min_node_count"),
    "maximum": _pool_limit("max_node_count", "total_max_node_count"),
    "spot": _pool_spot,
    "reserved": _pool_reserved,
    "machine_tags": pool_labels,
}
"""A node pool, also one that is nested in a cluster."""


def _provisioned(cluster: Item) -> list[dict[str, Any]]:
    """The limits of node auto-provisioning that are about accelerators, not about processors and memory."""
    path = ("cluster_autoscaling", 0, "resource_limits")
    limits = cluster.blocks(*path)
    found = [
        {"model": str(limit.get("resource_type")), "count": int(limit.get("maximum") or 0)}
        for limit in limits
        if limit.get("resource_type") not in {"cpu", "memory"}
    ]
    cluster.cite(*path)
    return found


AUTO_POOL: dict[str, Getter] = {
    "machine_type": always(""),
    "accelerators": _provisioned,
    "alternatives": none,
    "minimum": always(0),
    "maximum": always(1),
    "reserved": no,
    "machine_tags": pool_labels,
}
"""What a cluster may provision by itself, as if one machine held all of it. On which terms is for the pods to say."""


def machine(*path: str | int) -> Getter:
    """A getter for a machine type, which may be a path."""
    return lambda item: google_name(item.setting(*path, default=""))


_ONE: dict[str, Getter] = {"minimum": always(1), "maximum": always(1)}

_GROUP: dict[str, Getter] = {
    "machine_type": lambda item: google_name(_one_template(item).get("machine_type")),
    "accelerators": lambda item: attached(_one_template(item), "guest_accelerator"),
    "alternatives": _group_alternatives,
    "minimum": lambda item: _group_limit(item, "min_replicas"),
    "maximum": lambda item: _group_limit(item, "max_replicas"),
    "spot": lambda item: _is_spot(_one_template(item)),
    "reserved": lambda item: _is_reserved(_one_template(item)),
    "machine_tags": group_labels,
}

GETTERS: dict[str, dict[str, Getter]] = {
    "google_compute_instance": {
        **_ONE,
        "machine_type": machine("machine_type"),
        "accelerators": lambda item: attached(item, "guest_accelerator"),
        "spot": _is_spot,
        "reserved": _is_reserved,
    },
    "google_compute_instance_from_template": {
        **_ONE,
        "machine_type": _said_or("machine_type", machine("machine_type")),
        "accelerators": _said_or("guest_accelerator", lambda item: attached(item, "guest_accelerator")),
        "spot": _said_or("scheduling", _is_spot),
        "reserved": lambda item: (
            _said_or("scheduling", _is_awaited)(item) or _said_or("reservation_affinity", _NAMES_RESERVATION)(item)
        ),
    },
    "google_compute_instance_group_manager": _GROUP,
    "google_compute_region_instance_group_manager": _GROUP,
    "google_container_node_pool": POOL,
}
