"""What an account lists, but nobody of the account has made or owns: it is no thing to be judged.

Services make things of their own to do what they were asked for: a scaling group for a node group, keys for themselves.
What was asked for is judged, and counts its machines; what came of it would be judged and counted a second time.
"""

from __future__ import annotations

from collections.abc import Iterator

from scanner.normalize._amazon_words import is_amazons_alias
from scanner.normalize._aws.thing import Thing
from scanner.normalize._reading import read

_GONE = frozenset(
    {
        *("terminated", "shutting-down"),
        *("cancelled", "cancelling", "expired", "failed", "payment-failed", "unsupported", "unavailable"),
    }
)
"""States of machines, and of reservations, that hold nothing any more or never did.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CapacityReservation.html
"""
_RESERVATION = "AWS::EC2::CapacityReservation"
_STATES = {"AWS::EC2::Instance": ("State", "Name"), _RESERVATION: ("State",)}
_GROUP, _TEMPLATE = "AWS::AutoScaling::AutoScalingGroup", "AWS::EC2::LaunchTemplate"
_POOL, _ENVIRONMENT = "AWS::EKS::Nodegroup", "AWS::Batch::ComputeEnvironment"
_POOL_TAG, _BATCH_TAG = "eks:nodegroup-name", "AWSBatchServiceTag"
"""What EKS and Batch put on all they make; their own roles allow them nothing without it.

https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSServiceRoleForAmazonEKSNodegroup.html
https://docs.aws.amazon.com/aws-managed-policy/latest/reference/BatchServiceRolePolicy.html
"""


def is_left_out(thing: Thing) -> bool:
    """Whether it surely is none of the account's own things, or none any more."""
    asked = (_is_gone, _is_anothers, _is_amazons, _is_made_by_eks, _is_made_by_batch)
    return any(read(one, thing)[0] is True for one in asked)


def _is_gone(thing: Thing) -> bool:
    """AWS shows machines for an hour longer than they are there."""
    path = _STATES.get(thing.type)
    return path is not None and str(thing.entry(*path)) in _GONE


def _is_anothers(thing: Thing) -> bool:
    """Reservations that another account shares are listed too.

    https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/capacity-reservation-sharing.html
    """
    return thing.type == _RESERVATION and thing.entry("OwnerId") not in {None, "", thing.body["account"]}


def _is_amazons(thing: Thing) -> bool:
    """A key for one of its services, or a group of default parameters."""
    name = str(thing.body["name"])
    if thing.type == "AWS::KMS::Alias":
        return is_amazons_alias(name)
    if thing.type == "AWS::KMS::Key":
        return thing.is_amazons_key()
    return thing.type.endswith("ParameterGroup") and name.startswith("default.")


def _is_made_by_eks(thing: Thing) -> bool:
    """The scaling group of a node group, and the copy of a launch template that it starts its machines from."""
    if thing.type == _GROUP:
        return thing.body["name"] in thing.account.once("groups of pools", lambda: set(_groups_of_pools(thing)))
    if thing.type == _TEMPLATE and is_tagged(thing, _POOL_TAG):
        return any(one.body["name"] == thing.get("tags", _POOL_TAG) for one in thing.all(_POOL))
    return False


def _groups_of_pools(thing: Thing) -> Iterator[str]:
    for pool in thing.all(_POOL):
        for group in pool.get("DescribeNodegroup", "resources", "autoScalingGroups") or ():
            yield str(group["name"])


def _is_made_by_batch(thing: Thing) -> bool:
    """The scaling groups and launch templates of a compute environment that is there."""
    return thing.type in {_GROUP, _TEMPLATE} and is_started_by_batch(thing)


def is_started_by_batch(thing: Thing) -> bool:
    """Whether it comes of a compute environment, which says how many machines there may be."""
    return is_tagged(thing, _BATCH_TAG) and bool(thing.all(_ENVIRONMENT, lambda one: one.entry("type") != "UNMANAGED"))


def is_tagged(thing: Thing, key: str) -> bool:
    """Whether it has a tag, whatever the tag says."""
    return key in (thing.get("tags") or {})
