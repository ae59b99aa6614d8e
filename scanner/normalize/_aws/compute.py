"""Machines of a live AWS account, and the groups that start them, with their launch templates folded in.

A machine that a group has started counts nothing by itself: the group says how many there may be.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from scanner.model import Unknown, UnknownRead
from scanner.normalize._amazon_words import largest
from scanner.normalize._aws.left_out import is_started_by_batch, is_tagged
from scanner.normalize._aws.templates import is_reserved, market, template_data, template_tags, template_type
from scanner.normalize._aws.thing import Thing
from scanner.normalize._aws.words import tags_of
from scanner.normalize._reading import Getter, always

_GROUP_TAG = "aws:autoscaling:groupName"


def _count(thing: Thing) -> int:
    return 0 if is_tagged(thing, _GROUP_TAG) or is_started_by_batch(thing) else 1


def _instance_reserved(thing: Thing) -> bool:
    """It is a capacity block, or names a reservation; any open one may be used without being named."""
    if thing.entry("InstanceLifecycle") == "capacity-block":
        return True
    return bool(thing.entry("CapacityReservationSpecification", "CapacityReservationTarget"))


_MIXED = ("MixedInstancesPolicy", "LaunchTemplate")


def _group_data(thing: Thing) -> Mapping[str, Any]:
    """What the group starts its machines from: a launch template, or a launch configuration of old."""
    named = thing.entry(*_MIXED, "LaunchTemplateSpecification") or thing.entry("LaunchTemplate")
    if named:
        return template_data(thing, named)
    old = thing.entry("LaunchConfigurationName")
    found = thing.one("AWS::AutoScaling::LaunchConfiguration", str(old)) if old else None
    if found is None:
        raise UnknownRead(Unknown("what it starts its machines from is not among what was read", "LaunchTemplate"))
    spot = {"InstanceMarketOptions": {"MarketType": "spot"}} if found.entry("SpotPrice") else {}
    return {"InstanceType": found.entry("InstanceType"), **spot}


def _overrides(thing: Thing) -> list[Mapping[str, Any]]:
    return list(thing.entry(*_MIXED, "Overrides") or ())


def _override_data(thing: Thing, override: Mapping[str, Any]) -> Mapping[str, Any]:
    """What one of its choices starts machines from: a template of its own, or that of the group."""
    own = override.get("LaunchTemplateSpecification")
    return template_data(thing, own) if own else _group_data(thing)


def _override_type(thing: Thing, override: Mapping[str, Any]) -> str:
    if override.get("InstanceType") or override.get("InstanceRequirements"):
        return template_type(override)
    return template_type(_override_data(thing, override))


def _group_types(thing: Thing) -> list[str]:
    """The types that it may choose from.

    https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_LaunchTemplateOverrides.html
    """
    return [_override_type(thing, one) for one in _overrides(thing)]


def _group_type(thing: Thing) -> str:
    return largest(_group_types(thing) or [template_type(_group_data(thing))])


def _of_every_template(question: Callable[[Mapping[str, Any]], Any], what: str) -> Getter:
    """A getter for what all the templates that it may use say alike."""

    def getter(thing: Thing) -> Any:
        datas = [_override_data(thing, one) for one in _overrides(thing)] or [_group_data(thing)]
        first, *others = map(question, datas)
        if any(other != first for other in others):
            raise UnknownRead(Unknown(f"its launch templates differ in {what}", "LaunchTemplateSpecification"))
        return first

    return getter


def _group_size(key: str) -> Getter:
    """Sizes count machines, unless types have weights."""

    def getter(thing: Thing) -> int:
        weights = [one.get("WeightedCapacity") for one in _overrides(thing)]
        if any(weight not in {None, "", "1"} for weight in weights):
            raise UnknownRead(Unknown("its size counts weights of its types, not machines", key))
        return int(thing.entry(key))

    return getter


def _group_spot(thing: Thing) -> bool:
    """Whether any part of it runs on spot capacity."""
    mixed = thing.entry("MixedInstancesPolicy")
    if mixed:
        share = (mixed.get("InstancesDistribution") or {}).get("OnDemandPercentageAboveBaseCapacity")
        return share is not None and int(share) < 100  # noqa: PLR2004  # percent
    return market(_group_data(thing)) == "spot"


_group_template_reserves = _of_every_template(is_reserved, "what they reserve")
_group_template_tags = _of_every_template(template_tags, "the tags of machines")


def _group_reserved(thing: Thing) -> bool:
    """A group may name a reservation itself, beside what its template does."""
    return is_reserved(thing.entry() or {}) or bool(_group_template_reserves(thing))


def _group_machine_tags(thing: Thing) -> dict[str, Any]:
    passed_on = [tag for tag in thing.entry("Tags") or () if tag.get("PropagateAtLaunch")]
    return {**_group_template_tags(thing), **{tag["Key"]: tag.get("Value") or "" for tag in passed_on}}


_POOL = "DescribeNodegroup"


def _pool_data(thing: Thing) -> Mapping[str, Any]:
    return template_data(thing, thing.get(_POOL, "launchTemplate"))


def _pool_types(thing: Thing) -> list[str]:
    return list(thing.get(_POOL, "instanceTypes") or ())


def _pool_type(thing: Thing) -> str:
    types = _pool_types(thing)
    return largest(types) if types else template_type(_pool_data(thing)) or "t3.medium"


def _pool_reserved(thing: Thing) -> bool:
    return thing.get(_POOL, "capacityType") == "CAPACITY_BLOCK" or is_reserved(_pool_data(thing))


_SAME: dict[str, Getter] = {"accelerators": always([]), "added": always(0)}

GETTERS: dict[str, dict[str, Getter]] = {
    "AWS::EC2::Instance": {
        **_SAME,
        "machine_type": lambda thing: str(thing.entry("InstanceType") or ""),
        "minimum": _count,
        "maximum": _count,
        "spot": lambda thing: thing.entry("InstanceLifecycle") == "spot",
        "reserved": _instance_reserved,
    },
    "AWS::AutoScaling::AutoScalingGroup": {
        **_SAME,
        "machine_type": _group_type,
        "alternatives": _group_types,
        "minimum": _group_size("MinSize"),
        "maximum": _group_size("MaxSize"),
        "spot": _group_spot,
        "reserved": _group_reserved,
        "machine_tags": _group_machine_tags,
    },
    "AWS::EKS::Nodegroup": {
        **_SAME,
        "machine_type": _pool_type,
        "alternatives": _pool_types,
        "minimum": lambda thing: int(thing.get(_POOL, "scalingConfig", "minSize")),
        "maximum": lambda thing: int(thing.get(_POOL, "scalingConfig", "maxSize")),
        "spot": lambda thing: thing.get(_POOL, "capacityType") == "SPOT",
        "reserved": _pool_reserved,
        "machine_tags": lambda thing: tags_of(template_tags(_pool_data(thing))),
    },
    "AWS::EC2::CapacityReservation": {
        "accelerators": always([]),
        "machine_type": lambda thing: str(thing.entry("InstanceType")),
        "minimum": lambda thing: int(thing.entry("TotalInstanceCount")),
        "maximum": lambda thing: int(thing.entry("TotalInstanceCount")),
        "ends": lambda thing: thing.entry("EndDateType") == "limited",
        "open": lambda thing: thing.entry("InstanceMatchCriteria") != "targeted",
    },
}
