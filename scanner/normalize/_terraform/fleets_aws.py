"""Amazon's fleets and batch environments: capacity that a service starts and ends as it is needed."""

from __future__ import annotations

import math
from typing import Any

from scanner.model import Unknown, UnknownRead
from scanner.normalize._amazon_words import largest, machine_size
from scanner.normalize._reading import Block, Getter, no, yes
from scanner.normalize._terraform.compute_aws import is_reserved
from scanner.normalize._terraform.item import Item
from scanner.normalize._terraform.tags import as_text, tags, template_tags
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


def _parts(item: Item) -> list[Block]:
    return [] if item.left_unset(_FLEET) else item.blocks(_FLEET)


def _part_types(item: Item, overrides: str) -> list[str]:
    """The types of the overrides of each part, and of the templates that are not overridden."""
    types = []
    for index, part in enumerate(_parts(item)):
        chosen = part.blocks(overrides)
        if any(one.get("instance_requirements") for one in chosen):
            raise UnknownRead(Unknown("it chooses its instance types by requirements", "instance_requirements"))
        named = [str(one.get("instance_type")) for one in chosen if one.get("instance_type")]
        template = None if named else launch_template(item, _FLEET, index, "launch_template_specification", 0)
        types += named or ([template_type(template)] if template else [])
    return types


def _fleet_types(item: Item) -> list[str]:
    return _part_types(item, "override") or [""]


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


def _fleet_machine_tags(item: Item) -> dict[str, Any]:
    """What the templates of all its parts put on machines; its own tags stay on the fleet.

    https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/ec2_fleet (`tags`)
    """
    key = "launch_template_specification"
    found = [_tags_put_on(launch_template(item, _FLEET, index, key, 0)) for index in range(len(_parts(item)))]
    return _common([*found, *(as_text(one.get("tags") or {}) for one in _specifications(item))])


def _tags_put_on(template: Item | None) -> dict[str, Any]:
    return {} if template is None else template_tags(template)


def _common(several: list[dict[str, Any]]) -> dict[str, Any]:
    """The tags that every machine gets, whichever part starts it."""
    first, *others = several or [{}]
    return {key: value for key, value in first.items() if all(key in one for one in others)}


_SPECIFIED = "launch_specification"


def _specifications(item: Item) -> list[Block]:
    """The machines that an older kind of fleet describes by itself."""
    return [] if item.left_unset(_SPECIFIED) else item.blocks(_SPECIFIED)


def _spot_fleet_types(item: Item) -> list[str]:
    types = [str(one.get("instance_type")) for one in _specifications(item)]
    return [*types, *_part_types(item, "overrides")] or [""]


def _spot_fleet_size(item: Item) -> int:
    """In machines, unless its types have weights or it counts processors or memory."""
    overrides = [one for part in _parts(item) for one in part.blocks("overrides")]
    weights = [one.get("weighted_capacity") for one in (*_specifications(item), *overrides)]
    unit = item.setting("target_capacity_unit_type", default="units")
    if any(weight not in {None, "", "1", 0, 1} for weight in weights) or unit != "units":
        raise UnknownRead(Unknown("its capacity is not counted in machines", "target_capacity"))
    return int(item.get("target_capacity") or 0)


GETTERS: dict[str, dict[str, Getter]] = {
    "aws_spot_fleet_request": {
        "machine_type": lambda item: largest(_spot_fleet_types(item)),
        "accelerators": none,
        "alternatives": _spot_fleet_types,
        "minimum": _spot_fleet_size,
        "maximum": _spot_fleet_size,
        "spot": yes,
        "reserved": no,
        "machine_tags": _fleet_machine_tags,
    },
    "aws_ec2_fleet": {
        "machine_type": lambda item: largest(_fleet_types(item)),
        "accelerators": none,
        "alternatives": _fleet_types,
        "minimum": _fleet_size,
        "maximum": _fleet_size,
        "spot": _fleet_spot,
        "reserved": no,
        "machine_tags": _fleet_machine_tags,
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
