"""Machines: instances, node pools and TPUs, as Google's APIs show them. Counts are of machines."""

from __future__ import annotations

from typing import Any

from scanner.normalize._gcp.asset import Asset
from scanner.normalize._google_words import AWAITED, last_part, tpu_type, zones_of
from scanner.normalize._reading import Getter

_BY_NAME = "SPECIFIC_RESERVATION"


def _attached(asset: Asset, *path: str) -> list[dict[str, Any]]:
    found = [
        {"model": last_part(block.get("acceleratorType")), "count": int(block.get("acceleratorCount") or 0)}
        for block in asset.blocks(*path)
    ]
    asset.cite(*path)
    return [accelerator for accelerator in found if accelerator["count"]]


def _pool_limit(each: str, total: str) -> Getter:
    """Counts are for each zone, except the totals of an autoscaler. A pool that does not scale has its first size."""

    def getter(asset: Asset) -> int:
        zones = len(asset.get("locations") or ()) or zones_of(asset.region())
        if not asset.get("autoscaling", "enabled"):
            return int(asset.get("initialNodeCount") or 0) * zones
        whole = asset.get("autoscaling", total)
        return int(whole) if whole else int(asset.get("autoscaling", each) or 0) * zones

    return getter


def _is_spot(*path: str) -> Getter:
    return lambda asset: bool(asset.get(*path, "spot")) or bool(asset.get(*path, "preemptible"))


def _pool_reserved(asset: Asset) -> bool:
    """It names a reservation, or asks for its machines in a queue."""
    return (
        bool(asset.get("queuedProvisioning", "enabled"))
        or bool(asset.get("config", "flexStart"))
        or asset.get("config", "reservationAffinity", "consumeReservationType") == _BY_NAME
    )


def _instance_spot(asset: Asset) -> bool:
    return bool(asset.get("scheduling", "preemptible")) or asset.get("scheduling", "provisioningModel") == "SPOT"


def _instance_reserved(asset: Asset) -> bool:
    if asset.get("scheduling", "provisioningModel") in AWAITED:
        return True
    return bool(asset.get("reservationAffinity", "consumeReservationType") == _BY_NAME)


def _tpu_machine(asset: Asset) -> str:
    config = asset.get("acceleratorConfig")
    if config and not asset.get("acceleratorType"):
        return tpu_type(asset.get("acceleratorConfig", "type"), asset.get("acceleratorConfig", "topology"))
    return last_part(asset.get("acceleratorType"))


_UNCHANGED: dict[str, Getter] = {"added": lambda _: 0}
_ONE: dict[str, Getter] = {"minimum": lambda _: 1, "maximum": lambda _: 1, **_UNCHANGED}

NODE_POOL: dict[str, Getter] = {
    **_UNCHANGED,
    "machine_type": lambda asset: last_part(asset.get("config", "machineType") or "e2-medium"),
    "accelerators": lambda asset: _attached(asset, "config", "accelerators"),
    "minimum": _pool_limit("minNodeCount", "totalMinNodeCount"),
    "maximum": _pool_limit("maxNodeCount", "totalMaxNodeCount"),
    "spot": _is_spot("config"),
    "reserved": _pool_reserved,
    "alternatives": lambda _: [],
}

GETTERS: dict[str, dict[str, Getter]] = {
    "compute.googleapis.com/Instance": {
        **_ONE,
        "machine_type": lambda asset: last_part(asset.get("machineType")),
        "accelerators": lambda asset: _attached(asset, "guestAccelerators"),
        "spot": _instance_spot,
        "reserved": _instance_reserved,
    },
    "container.googleapis.com/NodePool": NODE_POOL,
    "tpu.googleapis.com/Node": {
        **_ONE,
        "machine_type": _tpu_machine,
        "accelerators": lambda _: [],
        "spot": _is_spot("schedulingConfig"),
        "reserved": lambda asset: bool(asset.get("schedulingConfig", "reserved")),
    },
}
