"""Amazon's machines, with launch templates folded in."""

from __future__ import annotations

import math

from scanner.model import Unknown, UnknownRead
from scanner.normalize._reading import Block, Getter
from scanner.normalize._terraform_item import Item
from scanner.normalize._terraform_templates import launch_template
from scanner.normalize._terraform_words import always, largest, machine_size, no, none, text

_SPOT_PATH = ("instance_market_options", 0, "market_type")


def _is_spot(template: Item) -> bool:
    if template.left_unset("instance_market_options"):
        return False
    return bool(template.setting(*_SPOT_PATH, default="") == "spot")


def _instance_type(item: Item) -> str:
    template = None if item.left_unset("launch_template") else launch_template(item, "launch_template", 0)
    if template is not None and item.left_unset("instance_type"):
        return str(template.get("instance_type") or "")
    return str(item.get("instance_type") or "")


def _instance_spot(item: Item) -> bool:
    if _is_spot(item):
        return True
    template = None if item.left_unset("launch_template") else launch_template(item, "launch_template", 0)
    return template is not None and _is_spot(template)


_MIXED = ("mixed_instances_policy", 0)
_MIXED_TEMPLATE = (*_MIXED, "launch_template", 0)


def _group_template(item: Item) -> Item | None:
    """The template of a scaling group, wherever it names it."""
    if not item.left_unset("mixed_instances_policy") and item.blocks("mixed_instances_policy"):
        return launch_template(item, *_MIXED_TEMPLATE, "launch_template_specification", 0)
    if not item.left_unset("launch_template") and item.blocks("launch_template"):
        return launch_template(item, "launch_template", 0)
    return item.target("launch_configuration", kinds=("aws_launch_configuration",))


def _group_type(item: Item) -> str:
    """The largest type it may start; without a choice, that of its template."""
    mixed = not item.left_unset("mixed_instances_policy") and item.blocks("mixed_instances_policy")
    overrides = item.blocks(*_MIXED_TEMPLATE, "override") if mixed else []
    types = [override.get("instance_type") for override in overrides]
    if any(types):
        return largest(filter(None, types))
    if overrides:
        raise UnknownRead(Unknown("it chooses its instance types by requirements", "instance_requirements"))
    template = _group_template(item)
    return str(template.get("instance_type") or "") if template else ""


def _group_spot(item: Item) -> bool:
    """Whether any part of it runs on spot capacity."""
    if not item.left_unset("mixed_instances_policy") and item.blocks("mixed_instances_policy"):
        path = (*_MIXED, "instances_distribution", 0, "on_demand_percentage_above_base_capacity")
        return bool(item.setting(*path, default=100) < 100)  # noqa: PLR2004  # percent
    template = _group_template(item)
    if template is None:
        return False
    if template.type == "aws_launch_configuration":
        return bool(template.setting("spot_price", default=""))
    return _is_spot(template)


def _node_type(item: Item) -> str:
    """The largest type of the group; its template's; or Amazon's default."""
    if not item.left_unset("instance_types") and item.get("instance_types"):
        return largest(item.get("instance_types"))
    template = None if item.left_unset("launch_template") else launch_template(item, "launch_template", 0)
    chosen = template.get("instance_type") if template else None
    return str(chosen or "t3.medium")


def _node_spot(item: Item) -> bool:
    return bool(item.setting("capacity_type", default="ON_DEMAND") == "SPOT")


def _variants(item: Item) -> list[Block]:
    """Variants that run on machines of their own; a serverless one does not."""
    kinds = ("production_variants", "shadow_production_variants")
    found = [variant for kind in kinds if not item.left_unset(kind) for variant in item.blocks(kind)]
    return [variant for variant in found if not variant.get("serverless_config")]


def _variant_type(item: Item) -> str:
    types = {str(variant.get("instance_type")) for variant in _variants(item)}
    if len(types) > 1:
        raise UnknownRead(Unknown("its variants run on different types, which no single count describes"))
    return types.pop() if types else ""


def _variant_minimum(item: Item) -> int:
    return sum(_scaled(variant, "min_instance_count") for variant in _variants(item))


def _variant_maximum(item: Item) -> int:
    return sum(_scaled(variant, "max_instance_count") for variant in _variants(item))


def _scaled(variant: Block, key: str) -> int:
    scaled = variant.get("managed_instance_scaling", 0, key)
    return int(variant.get("initial_instance_count") or 1) if scaled is None else int(scaled)


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


ONE_MACHINE: dict[str, Getter] = {"accelerators": none, "minimum": always(1), "maximum": always(1)}

GETTERS: dict[str, dict[str, Getter]] = {
    "aws_instance": {**ONE_MACHINE, "machine_type": _instance_type, "spot": _instance_spot},
    "aws_autoscaling_group": {
        "machine_type": _group_type,
        "accelerators": none,
        "minimum": lambda item: item.get("min_size"),
        "maximum": lambda item: item.get("max_size"),
        "spot": _group_spot,
    },
    "aws_eks_node_group": {
        "machine_type": _node_type,
        "accelerators": none,
        "minimum": lambda item: item.get("scaling_config", 0, "min_size"),
        "maximum": lambda item: item.get("scaling_config", 0, "max_size"),
        "spot": _node_spot,
    },
    "aws_sagemaker_notebook_instance": {**ONE_MACHINE, "machine_type": text("instance_type"), "spot": no},
    "aws_sagemaker_endpoint_configuration": {
        "machine_type": _variant_type,
        "accelerators": none,
        "minimum": _variant_minimum,
        "maximum": _variant_maximum,
        "spot": no,
    },
    "aws_batch_compute_environment": {
        "machine_type": _batch_type,
        "accelerators": none,
        "minimum": lambda item: _batch_machines(item, "min_vcpus"),
        "maximum": lambda item: _batch_machines(item, "max_vcpus"),
        "spot": _batch_spot,
    },
}
