"""Amazon's machines, with launch templates folded in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from scanner.model import Unknown, UnknownRead
from scanner.normalize._amazon_words import largest
from scanner.normalize._reading import Block, Getter, always, no, yes
from scanner.normalize._terraform.item import Item
from scanner.normalize._terraform.tags import as_text, template_tags
from scanner.normalize._terraform.templates import launch_template, own_template, template_type
from scanner.normalize._terraform.words import none

_RESERVED_ALONE = "capacity-reservations-only"


def _market(template: Item) -> str:
    """`spot`, `capacity-block`, or empty for the market everybody buys on."""
    if template.left_unset("instance_market_options"):
        return ""
    return str(template.setting("instance_market_options", 0, "market_type", default=""))


def _is_spot(template: Item) -> bool:
    return _market(template) == "spot"


def is_reserved(template: Item) -> bool:
    """Whether it asks for a capacity block, names a reservation, or starts nowhere else than in one.

    Any open one may be used without being named.
    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CapacityReservationSpecification.html
    """
    if _market(template) == "capacity-block":
        return True
    key = "capacity_reservation_specification"
    if template.left_unset(key) or not template.get(key):
        return False
    if template.get(key, 0, "capacity_reservation_target"):
        return True
    return bool(template.setting(key, 0, "capacity_reservation_preference", default="open") == _RESERVED_ALONE)


def _instance_type(item: Item) -> str:
    template = own_template(item)
    if template is not None and item.left_unset("instance_type"):
        return template_type(template)
    return str(item.get("instance_type") or "")


def _instance(question: Callable[[Item], bool]) -> Getter:
    """A getter for what the instance says itself, or its template."""

    def getter(item: Item) -> bool:
        if question(item):
            return True
        template = own_template(item)
        return template is not None and question(template)

    return getter


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
    if overrides:
        return largest(_override_type(item, index, one) for index, one in enumerate(overrides))
    template = _group_template(item)
    return template_type(template) if template else ""


def _override_type(item: Item, index: int, override: Block) -> str:
    """What one of its choices names: a type, requirements, a template of its own, or nothing beside the group's."""
    named = override.get("instance_type")
    if named:
        return str(named)
    if override.get("instance_requirements"):
        raise UnknownRead(Unknown("it chooses its instance types by requirements", "instance_requirements"))
    own = "launch_template_specification"
    chosen = bool(override.get(own))
    path = (*_MIXED_TEMPLATE, "override", index, own, 0)
    template = launch_template(item, *path) if chosen else _group_template(item)
    if chosen and template is None:
        raise UnknownRead(Unknown("the launch template of one of its choices does not stand yet", own))
    return template_type(template) if template else ""


def _group_types(item: Item) -> list[str]:
    """All types it may start."""
    mixed = not item.left_unset("mixed_instances_policy") and item.blocks("mixed_instances_policy")
    overrides = item.blocks(*_MIXED_TEMPLATE, "override") if mixed else []
    return [_override_type(item, index, one) for index, one in enumerate(overrides)]


def _group_size(key: str) -> Getter:
    """Its sizes count machines, unless its types have weights."""

    def getter(item: Item) -> Any:
        mixed = not item.left_unset("mixed_instances_policy") and item.blocks("mixed_instances_policy")
        weights = [one.get("weighted_capacity") for one in item.blocks(*_MIXED_TEMPLATE, "override")] if mixed else []
        if any(weight not in {None, "", "1"} for weight in weights):
            raise UnknownRead(Unknown("its size counts weights of its types, not machines", key))
        return item.get(key)

    return getter


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


def _group_reserved(item: Item) -> bool:
    """A group may name a reservation itself, beside what its template does."""
    if is_reserved(item):
        return True
    template = _group_template(item)
    return template is not None and template.type == "aws_launch_template" and is_reserved(template)


def _group_machine_tags(item: Item) -> dict[str, Any]:
    """Those of its template, and over them its own that are passed on."""
    template = _group_template(item)
    tags = {} if template is None or template.type != "aws_launch_template" else template_tags(template)
    passed_on = [one for one in (*item.blocks("tags"), *item.blocks("tag")) if one.get("propagate_at_launch")]
    return tags | as_text({one.get("key"): one.peek("value") for one in passed_on})


def _node_machine_tags(item: Item) -> dict[str, Any]:
    """The tags of a managed node group stay on the group.

    https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateNodegroup.html (`tags`)
    """
    template = own_template(item)
    return template_tags(template) if template else {}


def _node_type(item: Item) -> str:
    """The largest type of the group; its template's; or Amazon's default."""
    if not item.left_unset("instance_types") and item.get("instance_types"):
        return largest(item.get("instance_types"))
    template = own_template(item)
    chosen = template.get("instance_type") if template else None
    return str(chosen or "t3.medium")


def _node_types(item: Item) -> list[str]:
    return [] if item.left_unset("instance_types") else list(item.get("instance_types") or ())


def _node_spot(item: Item) -> bool:
    return bool(item.setting("capacity_type", default="ON_DEMAND") == "SPOT")


def _node_reserved(item: Item) -> bool:
    if item.setting("capacity_type", default="ON_DEMAND") == "CAPACITY_BLOCK":
        return True
    template = own_template(item)
    return template is not None and is_reserved(template)


_ONE: dict[str, Getter] = {"accelerators": none, "minimum": always(1), "maximum": always(1)}

GETTERS: dict[str, dict[str, Getter]] = {
    "aws_instance": {
        **_ONE,
        "machine_type": _instance_type,
        "spot": _instance(_is_spot),
        "reserved": _instance(is_reserved),
    },
    "aws_spot_instance_request": {
        **_ONE,
        "machine_type": _instance_type,
        "spot": yes,
        "reserved": no,
    },
    "aws_autoscaling_group": {
        "machine_type": _group_type,
        "accelerators": none,
        "alternatives": _group_types,
        "minimum": _group_size("min_size"),
        "maximum": _group_size("max_size"),
        "spot": _group_spot,
        "reserved": _group_reserved,
        "machine_tags": _group_machine_tags,
    },
    "aws_eks_node_group": {
        "machine_type": _node_type,
        "accelerators": none,
        "alternatives": _node_types,
        "minimum": lambda item: item.get("scaling_config", 0, "min_size"),
        "maximum": lambda item: item.get("scaling_config", 0, "max_size"),
        "spot": _node_spot,
        "reserved": _node_reserved,
        "machine_tags": _node_machine_tags,
    },
}
