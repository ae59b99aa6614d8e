"""Launch templates of a live AWS account: what a version says of the machines that are started from it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scanner.model import Unknown, UnknownRead
from scanner.normalize._aws.thing import Thing

_TEMPLATE = "AWS::EC2::LaunchTemplate"
_TEMPLATE_KEYS = ("LaunchTemplateId", "id", "launchTemplateId", "LaunchTemplateName", "name", "launchTemplateName")
"""How services name a launch template: EC2, EKS and Batch, each by its id or else by its name."""


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


def market(data: Mapping[str, Any]) -> str:
    """`spot`, `capacity-block`, or empty for the market everybody buys on."""
    return str((data.get("InstanceMarketOptions") or {}).get("MarketType") or "")


def is_reserved(data: Mapping[str, Any]) -> bool:
    """Whether it asks for a capacity block, or names a reservation."""
    asked = data.get("CapacityReservationSpecification") or {}
    return market(data) == "capacity-block" or bool(asked.get("CapacityReservationTarget"))


def template_tags(data: Mapping[str, Any]) -> dict[str, str]:
    """What it puts on the machines that are started from it."""
    found = [one for one in data.get("TagSpecifications") or () if one.get("ResourceType") == "instance"]
    return {tag["Key"]: tag["Value"] for one in found for tag in one.get("Tags") or ()}


def template_type(data: Mapping[str, Any]) -> str:
    """The type of machine it names; empty where it names none."""
    if data.get("InstanceRequirements"):
        raise UnknownRead(Unknown("it chooses its instance types by requirements", "InstanceRequirements"))
    return str(data.get("InstanceType") or "")
