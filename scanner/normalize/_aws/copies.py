"""Copies in other regions that a live AWS account shows at the thing itself, and Terraform as a resource."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec.structs import replace

from scanner.model import Resource, Unknown
from scanner.normalize._aws.thing import Thing
from scanner.normalize._reading import read

_KEY, _REPLICATION = "AWS::KMS::Key", "data.replication"
_REPLICAS = ("DescribeKey", "MultiRegionConfiguration", "ReplicaKeys")


def replications(thing: Thing, resource: Resource) -> Iterator[Resource]:
    """What makes copies of a key: they have the same key material, so that what it opens is opened there too.

    https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-keys-overview.html
    """
    if thing.type != _KEY:
        return
    replicas, cited = read(lambda one: one.get(*_REPLICAS) or [], thing)
    if isinstance(replicas, Unknown) or not replicas:
        return
    yield replace(
        resource,
        uid=f"{resource.uid}/replicas",
        type=_REPLICATION,
        tags={},
        attributes={
            "sources": [_end(resource.region, resource.uid)],
            "destinations": [_end(one["Region"]) for one in replicas],
        },
        origin=replace(resource.origin, address=f"{resource.origin.address}/replicas"),
        citations=dict.fromkeys(("region", "tags", "attributes.sources", "attributes.destinations"), cited),
    )


def _end(region: Any, uid: str = "") -> dict[str, Any]:
    return {"region": region, "resource": uid, "path": _REPLICAS}
