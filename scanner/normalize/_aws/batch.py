"""Batch environments of a live AWS account, whose size is counted in virtual processors, and replicators of brokers."""

from __future__ import annotations

import math
from typing import Any

from scanner.model import Unknown, UnknownRead
from scanner.normalize._amazon_words import largest, machine_size
from scanner.normalize._aws.templates import is_reserved, template_data
from scanner.normalize._aws.thing import Thing
from scanner.normalize._aws.words import arn_region, tags_of
from scanner.normalize._reading import Getter, always

_OWN = "computeResources"
_REPLICATOR = "DescribeReplicator"


def _has_machines(thing: Thing) -> bool:
    return bool(thing.entry(_OWN)) and "FARGATE" not in str(thing.entry(_OWN, "type"))


def _machine(thing: Thing) -> str:
    """The largest type it may start. A family alone (`p4d`) or `optimal` leaves the size to Amazon."""
    if not _has_machines(thing):
        return ""
    types = [str(one) for one in thing.entry(_OWN, "instanceTypes") or ()]
    unsized = [one for one in types if not machine_size(one)]
    if unsized or not types:
        raise UnknownRead(Unknown(f"Batch chooses the size of {', '.join(unsized) or 'its machines'}", "instanceTypes"))
    return largest(types)


def _machines(key: str) -> Getter:
    """So many machines of the largest type hold the processors."""

    def getter(thing: Thing) -> int:
        machine = _machine(thing)
        return math.ceil((thing.entry(_OWN, key) or 0) / machine_size(machine)) if machine else 0

    return getter


def _reserved(thing: Thing) -> bool:
    if not _has_machines(thing) or not thing.entry(_OWN, "launchTemplate"):
        return False
    return is_reserved(template_data(thing, thing.entry(_OWN, "launchTemplate")))


def _machine_tags(thing: Thing) -> dict[str, Any]:
    """The environment's own tags stay on it. On Fargate it has no machines, so that nothing is left to be tagged."""
    return tags_of((thing.entry(_OWN, "tags") if _has_machines(thing) else thing.get("tags")) or {})


def _ends(side: str) -> Getter:
    """Where a replicator reads from, or writes to. A cluster that is none of AWS's has no region."""

    def getter(thing: Thing) -> list[dict[str, Any]]:
        aliases = {one[f"{side}KafkaClusterAlias"] for one in thing.get(_REPLICATOR, "ReplicationInfoList") or ()}
        clusters = [one for one in thing.get(_REPLICATOR, "KafkaClusters") or () if one["KafkaClusterAlias"] in aliases]
        arns = [(one.get("AmazonMskCluster") or {}).get("MskClusterArn") or "" for one in clusters]
        return [{"region": arn_region(arn), "resource": "", "path": (_REPLICATOR,)} for arn in arns]

    return getter


GETTERS: dict[str, dict[str, Getter]] = {
    "AWS::Batch::ComputeEnvironment": {
        "machine_type": _machine,
        "accelerators": always([]),
        "alternatives": always([]),  # the count of machines holds for the largest type alone
        "minimum": _machines("minvCpus"),
        "maximum": _machines("maxvCpus"),
        "added": always(0),
        "spot": lambda thing: bool(thing.entry(_OWN)) and "SPOT" in str(thing.entry(_OWN, "type")),
        "reserved": _reserved,
        "machine_tags": _machine_tags,
    },
    "AWS::MSK::Replicator": {"sources": _ends("Source"), "destinations": _ends("Target")},
}
