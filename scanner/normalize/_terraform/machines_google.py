"""Google's TPUs that are rented directly, and its notebooks."""

from __future__ import annotations

from typing import Any

from scanner.model import Unknown, UnknownRead
from scanner.normalize._google_words import tpu_type
from scanner.normalize._reading import Getter, always, no, yes
from scanner.normalize._terraform.compute_google import attached, machine
from scanner.normalize._terraform.item import Item
from scanner.normalize._terraform.words import none


def _tpu_machine(item: Item) -> str:
    """The accelerator type, also for a slice that is described by its topology."""
    if (
        "accelerator_config" in item.body
        and not item.left_unset("accelerator_config")
        and item.get("accelerator_config")
    ):
        return tpu_type(item.get("accelerator_config", 0, "type"), item.get("accelerator_config", 0, "topology"))
    return str(item.setting("accelerator_type", default="v2-8"))


def _tpu_spot(item: Item) -> bool:
    if item.left_unset("scheduling_config") or not item.get("scheduling_config"):
        return False
    return any(bool(item.setting("scheduling_config", 0, key, default=False)) for key in ("spot", "preemptible"))


def _tpu_reserved(item: Item) -> bool:
    if item.left_unset("scheduling_config") or not item.get("scheduling_config"):
        return False
    return bool(item.setting("scheduling_config", 0, "reserved", default=False))


_SPECS = ("tpu", 0, "node_spec")


def _queued_machine(item: Item) -> str:
    types = {spec.get("node", 0, "accelerator_type") or "v2-8" for spec in item.blocks(*_SPECS)}
    if len(types) != 1:
        raise UnknownRead(Unknown("it asks for slices of different types", "tpu[0].node_spec"))
    return str(types.pop())


def _queued_count(item: Item) -> int:
    return len(item.blocks(*_SPECS))


def _workbench_accelerators(item: Item) -> list[dict[str, Any]]:
    if item.left_unset("gce_setup") or not item.get("gce_setup"):
        return []
    return attached(item.item("gce_setup", 0), "accelerator_configs", "core_count")


def _workbench_stops(item: Item) -> bool:
    """After three idle hours unless the metadata say otherwise; an empty text or zero turns it off.

    https://cloud.google.com/vertex-ai/docs/workbench/instances/idle-shutdown
    """
    metadata = {} if item.left_unset("gce_setup") else item.get("gce_setup", 0, "metadata") or {}
    return str(metadata.get("idle-timeout-seconds", "10800")) not in {"", "0"}


_ONE: dict[str, Getter] = {"minimum": always(1), "maximum": always(1)}

GETTERS: dict[str, dict[str, Getter]] = {
    "google_tpu_node": {
        **_ONE,
        "machine_type": _tpu_machine,
        "accelerators": none,
        "spot": _tpu_spot,
        "reserved": _tpu_reserved,
    },
    "google_tpu_v2_vm": {
        **_ONE,
        "machine_type": _tpu_machine,
        "accelerators": none,
        "spot": _tpu_spot,
        "reserved": _tpu_reserved,
    },
    "google_tpu_v2_queued_resource": {
        "machine_type": _queued_machine,
        "accelerators": none,
        "minimum": _queued_count,
        "maximum": _queued_count,
        "spot": no,  # the provider has no argument for it
        "reserved": yes,
    },
    "google_workbench_instance": {
        "idle_shutdown": _workbench_stops,
        **_ONE,
        "machine_type": machine("gce_setup", 0, "machine_type"),
        "accelerators": _workbench_accelerators,
        "spot": no,
        "reserved": no,
    },
    "google_notebooks_instance": {
        **_ONE,
        "machine_type": machine("machine_type"),
        "accelerators": lambda item: attached(item, "accelerator_config", "core_count"),
        "spot": no,
        "reserved": no,
    },
}
