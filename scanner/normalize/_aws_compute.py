"""Machines of a live AWS account, and the groups that start them, with their launch templates folded in.

A machine that a group has started counts nothing by itself: the group says how many there may be.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scanner.model import Unknown, UnknownRead
from scanner.normalize._amazon_words import largest
from scanner.normalize._aws_left_out import is_started_by_batch, is_tagged
from scanner.normalize._aws_thing import Thing
from scanner.normalize._aws_words import tags_of
from scanner.normalize._reading import Getter, always

_GROUP_TAG = "aws:autoscaling:groupName"
_TEMPLATE = "AWS::EC2::LaunchTemplate"
_TEMPLATE_KEYS = ("LaunchTemplateId", "id", "launchTemplateId", "LaunchTemplateName", "name", "launchTemplateName")
"""How services name a launch template: EC2, EKS and Batch, each by its id or else by its name."""


def _count(thing: Thing) -> int:
    return 0 if is_tagged(thing, _GROUP_TAG) or is_started_by_batch(thing) else 1


def _instance_reserved(thing: Thing) -> bool:
    """It is a capacity block, or names a reservation; any open one may be used without being named."""
    if thing.entry("InstanceLifecycle") == "capacity-block":
        return True
    return bool(thing.entry("CapacityReservationSpecification", "CapacityReservationTarget"))


def template_data(thing: Thing, named: Any) -> Mapping[str, Any]:
    """What a launch template says, in the version that is named."""
    if not named:
        return {}
    key = next((named[name] for name in _TEMPLATE_KEYS if named.get(name)), "")
    template = thing.one(_TEMPLATE, f"launch-template/{key}") or thing.one(_TEMPLATE, str(key))
    if template is None:
        raise UnknownRead(Unknown(f"the launch template {key} is not among those that were read", "LaunchTemplate"))
    versions = template.get("DescribeLaunchTemplateVersions") or ()
    wanted = str(named.get("Version") or named.get("version") or "$Default")
    found = [one for one in versions if _is_version(one, wanted)]
    if wanted == "$Latest" and versions:
        found = [max(versions, key=lambda one: int(one["VersionNumber"]))]
    if not found:
        raise UnknownRead(Unknown(f"version {wanted} of {template.body['name']} is not there", "LaunchTemplate"))
    data: Mapping[str, Any] = found[0].get("LaunchTemplateData") or {}
    return data


def _is_version(one: Mapping[str, Any], wanted: str) -> bool:
    return bool(one.get("DefaultVersion")) if wanted == "$Default" else str(one.get("VersionNumber")) == wanted


def _market(data: Mapping[str, Any]) -> str:
    return str((data.get("InstanceMarketOptions") or {}).get("MarketType") or "")


def is_reserved(data: Mapping[str, Any]) -> bool:
    """Whether it asks for a capacity block, or names a reservation."""
    asked = data.get("CapacityReservationSpecification") or {}
    return _market(data) == "capacity-block" or bool(asked.get("CapacityReservationTarget"))


def _template_tags(data: Mapping[str, Any]) -> dict[str, str]:
    found = [one for one in data.get("TagSpecifications") or () if one.get("ResourceType") == "instance"]
    return {tag["Key"]: tag["Value"] for one in found for tag in one.get("Tags") or ()}


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


def _group_types(thing: Thing) -> list[str]:
    overrides = thing.entry(*_MIXED, "Overrides") or ()
    if any(one.get("InstanceRequirements") for one in overrides):
        raise UnknownRead(Unknown("it chooses its instance types by requirements", "InstanceRequirements"))
    return [str(one["InstanceType"]) for one in overrides if one.get("InstanceType")]


def _group_type(thing: Thing) -> str:
    return largest(_group_types(thing) or [str(_group_data(thing).get("InstanceType") or "")])


def _group_size(key: str) -> Getter:
    """Sizes count machines, unless types have weights."""

    def getter(thing: Thing) -> int:
        weights = [one.get("WeightedCapacity") for one in thing.entry(*_MIXED, "Overrides") or ()]
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
    return _market(_group_data(thing)) == "spot"


def _group_reserved(thing: Thing) -> bool:
    """A group may name a reservation itself, beside what its template does."""
    return is_reserved(thing.entry() or {}) or is_reserved(_group_data(thing))


def _group_machine_tags(thing: Thing) -> dict[str, Any]:
    passed_on = [tag for tag in thing.entry("Tags") or () if tag.get("PropagateAtLaunch")]
    return _template_tags(_group_data(thing)) | {tag["Key"]: tag.get("Value") or "" for tag in passed_on}


_POOL = "DescribeNodegroup"


def _pool_data(thing: Thing) -> Mapping[str, Any]:
    return template_data(thing, thing.get(_POOL, "launchTemplate"))


def _pool_types(thing: Thing) -> list[str]:
    return list(thing.get(_POOL, "instanceTypes") or ())


def _pool_type(thing: Thing) -> str:
    types = _pool_types(thing)
    return largest(types) if types else str(_pool_data(thing).get("InstanceType") or "t3.medium")


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
        "machine_tags": lambda thing: tags_of(_template_tags(_pool_data(thing))),
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
