"""The fact `data_flow`: where the data of a resource goes, by what, and what reaches another jurisdiction that way.

What makes data flow is told by three things: copies that a resource keeps of itself (`replica_regions`,
`backup_regions`, `log_regions`), the region of its key (`key_region`), and the resources that move data (`sources` and
`destinations`): replications, backup plans, log sinks, peerings, transfers, and what loads data to work on it.

A flow belongs to the resource whose data it is, if that is in the partition, and else to what makes it flow. It is
cited from what makes it flow. Flows are followed: a bucket that is replicated to a second one, which a job copies
to a third, reaches the third. Networks that are joined and keys pass on no data by themselves and are not followed.

Each flow is a map: `region` and `jurisdiction` of where it goes, `from` (jurisdiction of where it comes from; empty for
nowhere in particular) and `by` (name of what makes it flow). One that cannot be told is unknown by itself.

Which regions hold copies is said once more without all that, together with those that the change takes away: the one
thing that no verdict on what stands now or stood before can tell.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct

from scanner.analyze._data_copies import Past, past, told
from scanner.analyze._guard import each
from scanner.analyze._places import jurisdiction_of
from scanner.errors import HOSTILE_SHAPE
from scanner.model import Citation, Fact, FactField, Inventory, Resource, Unknown

DOC = "Where the data of a resource goes, and by what."
READS = frozenset({"*"})
_FLOWS = "list(map(string, dyn))"
_SHAPE = "each with `region`, `jurisdiction`, `from` (jurisdiction) and `by`."
FIELDS = {
    "replication": FactField(_FLOWS, [], f"Copies that are kept up to date, {_SHAPE}"),
    "backup": FactField(_FLOWS, [], f"Backups and copies of them, {_SHAPE}"),
    "logs": FactField(_FLOWS, [], f"Where logs are sent, {_SHAPE}"),
    "peering": FactField(_FLOWS, [], f"Networks it is joined with, {_SHAPE}"),
    "transfer": FactField(_FLOWS, [], f"Where jobs and streams move data, {_SHAPE}"),
    "processing": FactField(_FLOWS, [], f"Where data is loaded or sent to be worked on, {_SHAPE}"),
    "key": FactField(_FLOWS, [], f"Where the key is that opens the data, {_SHAPE}"),
    "further": FactField(
        _FLOWS, [], "What data reaches over more than one of these steps, likewise, with `route` (names along the way)."
    ),
    "copies": FactField("list(string)", [], "Regions beside its own that hold replicas or backups."),
    "lost": FactField("list(string)", [], "Regions that held replicas or backups before the change, and will not."),
}

KINDS = {
    "data.replication": "replication",
    "backup.plan": "backup",
    "log.sink": "logs",
    "network.peering": "peering",
    "data.transfer": "transfer",
    "data.processing": "processing",
    "ml.workspace": "processing",
}
"""Canonical type of what moves data to the field that its flows are in."""

COPIES = {"replica_regions": "replication", "backup_regions": "backup", "log_regions": "logs"}
FOLLOWED = ("replication", "backup", "logs", "transfer", "processing")
LONGEST = 6
"""Steps that are followed; longer chains are rare, and a wheel of many buckets has very many of them."""


class Step(Struct, frozen=True):
    """One flow of one resource's data."""

    kind: str
    target: str
    """The uid of the resource it goes to; empty for one that is not in the partition."""
    values: Mapping[str, Any]
    citation: Citation | None
    moved: bool = True
    """A resource of its own makes it flow, and is cited more exactly than what the resource says of itself."""


def derive(inventory: Inventory) -> Mapping[str, Fact]:
    """A fact for every resource whose data goes somewhere, or went."""
    steps, broken = _every(inventory)
    was, _ = _every(inventory.before) if inventory.before is not None else ({}, {})
    before = past(inventory.before, was)
    moving = (moved for uid in {**steps, **was} if (moved := inventory.get(uid)) is not None)
    return each(moving, lambda resource: _fact(resource, steps, before, inventory), FIELDS) | broken


def _every(inventory: Inventory) -> tuple[dict[str, list[Step]], dict[str, Fact]]:
    """The flows of every resource's data, by its uid; and facts for those that defeat this."""
    steps: dict[str, list[Step]] = {}
    broken: dict[str, Fact] = {}
    for resource in inventory:
        try:
            for subject, step in list(_steps(resource, inventory)):
                steps.setdefault(subject, []).append(step)
        except HOSTILE_SHAPE as error:
            reason = f"it has a shape that its provider would refuse ({type(error).__name__})"
            broken[resource.uid] = Fact(dict.fromkeys(FIELDS, Unknown(reason)))
    return steps, broken


def _steps(resource: Resource, inventory: Inventory) -> Iterator[tuple[str, Step]]:
    attributes = resource.attributes
    if resource.type in KINDS:
        yield from _moved(resource, inventory)
        return
    for attribute, kind in COPIES.items():
        regions = attributes.get(attribute, ())
        for region in [regions] if isinstance(regions, Unknown) else regions:
            yield resource.uid, _own(resource, kind, region, attribute)
    key = attributes.get("key_region", "")
    if isinstance(key, Unknown) or key:
        yield resource.uid, _own(resource, "key", key, "key_region")


def _own(resource: Resource, kind: str, region: Any, attribute: str) -> Step:
    values = _values(region, jurisdiction_of(resource.region), resource.name)
    return Step(kind, "", values, resource.citations.get(f"attributes.{attribute}"), moved=False)


def _moved(mover: Resource, inventory: Inventory) -> Iterator[tuple[str, Step]]:
    """Every source to every destination of its lane, as a step of the source; joined networks go both ways."""
    sources, destinations = _ends(mover, "sources"), _ends(mover, "destinations")
    for source in sources:
        for destination in destinations:
            is_same = source["resource"] and source["resource"] == destination["resource"]
            if is_same or source.get("lane") != destination.get("lane"):
                continue
            citation = Citation(mover.origin, tuple(destination["path"] or source["path"]))
            yield _step(mover, source, destination, citation, inventory)
            if mover.type == "network.peering":
                yield _step(mover, destination, source, citation, inventory)


def _step(
    mover: Resource, source: Mapping[str, Any], destination: Mapping[str, Any], citation: Citation, inventory: Inventory
) -> tuple[str, Step]:
    subject = source["resource"] if inventory.get(source["resource"]) else mover.uid
    values = _values(destination["region"], jurisdiction_of(source["region"]), mover.name)
    return subject, Step(KINDS[mover.type], destination["resource"], values, citation)


def _ends(mover: Resource, attribute: str) -> Sequence[Mapping[str, Any]]:
    """The ends of a mover; one that says nothing about its sources moves data from nowhere in particular."""
    ends = mover.attributes[attribute]
    if isinstance(ends, Unknown):
        return [{"region": ends, "resource": "", "path": ()}]
    return ends or ([{"region": "", "resource": "", "path": ()}] if attribute == "sources" else ())


def _values(region: Any, source: Any, by: str) -> dict[str, Any]:
    return {"region": region, "jurisdiction": jurisdiction_of(region), "from": source, "by": by}


def _fact(resource: Resource, steps: Mapping[str, Sequence[Step]], before: Past, inventory: Inventory) -> Fact:
    own = sorted(steps.get(resource.uid, ()), key=lambda step: not step.moved)
    found = [*own, *_further(resource, steps, inventory)]
    by_kind: dict[str, list[Step]] = {}
    seen = set()
    for step in found:
        same = (step.kind, repr(step.values["region"]), repr(step.values["from"]))
        if same not in seen and not _is_nowhere(step):
            by_kind.setdefault(step.kind, []).append(step)
        seen.add(same)
    cited = {kind: next(filter(_leaves, of_kind), of_kind[0]).citation for kind, of_kind in by_kind.items()}
    return Fact(
        {kind: [step.values for step in of_kind] for kind, of_kind in by_kind.items()} | told(resource, own, before),
        {kind: citation for kind, citation in cited.items() if citation},
    )


def _further(resource: Resource, steps: Mapping[str, Sequence[Step]], inventory: Inventory) -> Iterator[Step]:
    """The steps that follow on the first ones, as steps of the resource."""
    own = jurisdiction_of(resource.region)
    seen = {resource.uid}
    open_ends = [(resource.uid, [resource.name])]
    for depth in range(LONGEST):
        following: list[tuple[str, list[str]]] = []
        for uid, route in open_ends:
            for step in sorted(steps.get(uid, ()), key=lambda step: not step.moved):
                if step.kind not in FOLLOWED:
                    continue
                if depth:
                    values = {**step.values, "from": own, "route": " > ".join([*route, step.values["by"]])}
                    yield Step("further", "", values, step.citation)
                target = inventory.get(step.target)
                if target is not None and step.target not in seen:
                    seen.add(step.target)
                    following.append((step.target, [*route, target.name]))
        open_ends = following


def _is_nowhere(step: Step) -> bool:
    """It goes to what has no region, such as a topic, about which another resource decides."""
    jurisdiction = step.values["jurisdiction"]
    return not isinstance(jurisdiction, Unknown) and jurisdiction == ""


def _leaves(step: Step) -> bool:
    """Whether it surely goes to another jurisdiction: the line to show first."""
    there, here = step.values["jurisdiction"], step.values["from"]
    return not isinstance(there, Unknown) and (isinstance(here, Unknown) or there != here)
