"""Amazon's fleets and batch environments: capacity that a service starts and ends as it is needed."""

from __future__ import annotations

import math
from typing import Any

from scanner.model import Unknown, UnknownRead
from scanner.normalize._amazon_words import largest, machine_size
from scanner.normalize._reading import Getter, no
from scanner.normalize._terraform.compute_aws import is_reserved
from scanner.normalize._terraform.item import Item
from scanner.normalize._terraform.tags import as_text, tags
from scanner.normalize._terraform.templates import launch_template, template_type
from scanner.normalize._terraform.words import none

_BATCH = ("compute_resources", 0)


def _batch_type(item: Item) -> str:
    """The largest type it may start. A family alone (`p4d`) or `optimal` leaves the size to Amazon."""
    if not item.get("compute_resources") or "FARGATE" in item.get(*_BATCH, "type"):
        return ""
    types = item.get(*_BATCH, "instance_type") or item.get(*_BATCH, "instance_types") or []
    unsized = [one for one in types if not machine_size(one)]
    if unsized or not types:
        raise UnknownRead(Unknown(f"Batch chooses the size of {', '.join(unsized) or 'its machines'}", "instance_type"))
    return largest(types)


def _batch_machines(item: Item, key: str) -> int:
    """Batch counts virtual processors; so many machines of the largest type hold them."""
    machine = _batch_type(item)
    return math.ceil((item.get(*_BATCH, key) or 0) / machine_size(machine)) if machine else 0


def _batch_spot(item: Item) -> bool:
    return bool(item.get("compute_resources")) and "SPOT" in item.get(*_BATCH, "type")


def _batch_machine_tags(item: Item) -> dict[str, Any]:
    """The environment's own tags stay on it. On Fargate it has no machines, so that nothing is left to be tagged."""
    if not item.get("compute_resources") or "FARGATE" in item.get(*_BATCH, "type"):
        return dict(tags(item))
    return as_text(item.get(*_BATCH, "tags") or {})


def _batch_reserved(item: Item) -> bool:
    path = (*_BATCH, "launch_template", 0)
    if not item.get("compute_resources") or not item.get(*path):
        return False
    template = launch_template(item, *path)
    return template is not None and is_reserved(template)


_FLEET = "launch_template_config"
_CAPACITY = ("target_capacity_specification", 0)


def _fleet_types(item: Item) -> list[str]:
    """The types of its overrides, and of the templates that are not overridden."""
    types = []
    for index, config in enumerate(item.blocks(_FLEET)):
        overrides = config.blocks("override")
        if any(one.get("instance_requirements") for one in overrides):
            raise UnknownRead(Unknown("it chooses its instance types by requirements", "instance_requirements"))
        chosen = [str(one.get("instance_type")) for one in overrides if one.get("instance_type")]
        template = None if chosen else launch_template(item, _FLEET, index, "launch_template_specification", 0)
        types += chosen or ([template_type(template)] if template else [])
    return types or [""]


def _fleet_size(item: Item) -> int:
    """A fleet keeps one size, in machines unless its types have weights or it counts processors or memory."""
    weighted = any(one.get("weighted_capacity") for config in item.blocks(_FLEET) for one in config.blocks("override"))
    if weighted or item.setting(*_CAPACITY, "target_capacity_unit_type", default="units") != "units":
        raise UnknownRead(Unknown("its capacity is not counted in machines", "target_capacity_specification"))
    return int(item.get(*_CAPACITY, "total_target_capacity") or 0)


def _fleet_spot(item: Item) -> bool:
    """Whether any part of it runs on spot capacity."""
    if item.get(*_CAPACITY, "default_target_capacity_type") == "spot":
        return True
    return int(item.setting(*_CAPACITY, "spot_target_capacity", default=0) or 0) > 0


GETTERS: dict[str, dict[str, Getter]] = {
    "aws_ec2_fleet": {
        "machine_type": lambda item: largest(_fleet_types(item)),
        "accelerators": none,
        "alternatives": _fleet_types,
        "minimum": _fleet_size,
        "maximum": _fleet_size,
        "spot": _fleet_spot,
        "reserved": no,
    },
    "aws_batch_compute_environment": {
        "machine_type": _batch_type,
        "accelerators": none,
        "alternatives": none,  # the count of machines holds for the largest type alone
        "minimum": lambda item: _batch_machines(item, "min_vcpus"),
        "maximum": lambda item: _batch_machines(item, "max_vcpus"),
        "spot": _batch_spot,
        "reserved": _batch_reserved,
        "machine_tags": _batch_machine_tags,
    },
}
