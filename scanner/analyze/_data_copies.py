"""In which other regions the data of a resource has copies, and which of them a change takes away.

Copies are what is kept up to date and what is backed up. One that cannot be told is held against the one of the same
maker: what nobody changes is not lost.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from msgspec import Struct

from scanner.analyze._places import place
from scanner.model import Inventory, Resource, Unknown

KEPT = ("replication", "backup")


class Step(Protocol):
    """A flow of the data, as far as it matters here."""

    @property
    def kind(self) -> str:
        """The field of the fact that it is in."""

    @property
    def values(self) -> Mapping[str, Any]:
        """Its `region`, and what it is made `by`."""


class Copies(Struct, frozen=True):
    """The regions, beside its own, that surely hold a copy; and those that cannot be told, by their makers."""

    regions: frozenset[str]
    doubts: Mapping[tuple[str, str], Unknown]


def copies(resource: Resource, steps: Iterable[Step]) -> Copies:
    """What is told of one resource by the flows of its data."""
    own = _name(resource.region)
    regions: set[str] = set()
    doubts: dict[tuple[str, str], Unknown] = {}
    for step in steps:
        if step.kind not in KEPT:
            continue
        there = _name(step.values["region"])
        if isinstance(there, Unknown) or isinstance(own, Unknown):
            doubts[step.kind, step.values["by"]] = there if isinstance(there, Unknown) else own
        elif there and there != own:
            regions.add(there)
    return Copies(frozenset(regions), doubts)


def held(now: Copies) -> list[str] | Unknown:
    """The regions that hold copies, or why they cannot be told."""
    return next(iter(now.doubts.values()), sorted(now.regions))


def lost(was: Copies, now: Copies, spared: frozenset[str]) -> list[str] | Unknown:
    """The regions that held copies and will not. `spared` are those of what only leaves Terraform's hands."""
    gone = was.regions - now.regions - spared
    if gone and now.doubts:
        return next(iter(now.doubts.values()))
    if gone:
        return sorted(gone)
    return next((why for maker, why in was.doubts.items() if maker not in now.doubts), [])


def spared(before: Inventory) -> frozenset[str]:
    """The regions of what a change only forgets."""
    names = [_name(one.region) for one in before if one.change == "forget"]
    return frozenset(name for name in names if not isinstance(name, Unknown))


def _name(region: Any) -> Any:
    """The region, without the zone in it; the region that holds the copies of a geo-redundant one."""
    if isinstance(region, Unknown):
        return region
    found = place(region)
    return Unknown(f"which region '{region}' is, is in no table") if region and not found.name else found.name


class Past(Struct, frozen=True):
    """The flows of the time before the change, if it was another."""

    inventory: Inventory | None
    steps: Mapping[str, Sequence[Step]]
    spared: frozenset[str]


def past(before: Inventory | None, steps: Mapping[str, Sequence[Step]]) -> Past:
    """What is asked of the time before, put together once for all resources."""
    return Past(before, steps, spared(before) if before is not None else frozenset())


def told(resource: Resource, steps: Iterable[Step], before: Past) -> dict[str, Any]:
    """The fields `copies` and `lost` of one resource, as far as there is something to say."""
    now = copies(resource, steps)
    fields: dict[str, Any] = {"copies": held(now)}
    former = before.inventory.get(resource.uid) if before.inventory is not None else None
    if former is not None:
        fields["lost"] = lost(copies(former, before.steps.get(resource.uid, ())), now, before.spared)
    return {name: value for name, value in fields.items() if isinstance(value, Unknown) or value}
