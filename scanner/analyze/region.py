"""The fact `region`: where on earth a resource is, and where copies of its data go.

What counts as a jurisdiction is said in `_places.py`. A Kubernetes workload is where its node selector or required
affinity pins it; without a pin it has no region.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from scanner.analyze._guard import guarded
from scanner.analyze._places import Place, common_jurisdiction, jurisdiction_of, place
from scanner.model import Citation, Fact, FactField, Inventory, Resource, Unknown

DOC = "Where on earth a resource is, and where copies of its data go."
READS = frozenset({"*"})
FIELDS = {
    "name": FactField("string", "", "The provider's own name of the region, also where the source names a zone of it."),
    "jurisdiction": FactField(
        "string",
        "",
        "`EU` for a member state of the European Union, else the country's ISO code (`GB`, `CH`, `US`); "
        "`GLOBAL` for everywhere or several at once; empty for a resource that has no region.",
    ),
    "country": FactField("string", "", "ISO 3166 alpha-2 code of the country; empty if there are several or none."),
    "kind": FactField("string", "none", "`region`, `zone`, `multi_region`, `dual_region`, `global` or `none`."),
    "replica_jurisdictions": FactField("list(string)", [], "Jurisdictions that hold a copy of the data."),
    "backup_jurisdictions": FactField("list(string)", [], "Jurisdictions that hold backups."),
}

COPIES = {"replica_jurisdictions": "replica_regions", "backup_jurisdictions": "backup_regions"}
"""Field to the canonical attribute that lists regions."""

OWN = ("name", "jurisdiction", "country", "kind")


def derive(inventory: Inventory) -> Mapping[str, Fact]:
    """A fact for every resource that has a region, or copies in one."""
    shared: dict[str, dict[str, Any]] = {}
    found = {}
    for resource in inventory:
        values = _own(resource, shared)
        copies = _copies(resource)
        if values or copies:
            found[resource.uid] = Fact({**values, **copies} if copies else values, _citations(resource, values, copies))
    return found


def _own(resource: Resource, shared: dict[str, dict[str, Any]]) -> dict[str, Any]:
    region = resource.region
    if isinstance(region, Unknown):
        return dict.fromkeys(OWN, region)
    if not region:
        pinned = guarded(lambda: _pinned(resource.attributes.get("regions", ())))
        return dict.fromkeys(OWN, pinned) if isinstance(pinned, Unknown) else pinned
    if region not in shared:
        shared[region] = _values(place(region))
    return shared[region]


def _values(where: Place) -> dict[str, Any]:
    return {"name": where.name, "jurisdiction": where.jurisdiction, "country": where.country, "kind": where.kind}


def _pinned(regions: Iterable[str]) -> dict[str, Any]:
    """What the regions of a workload have in common. Two zones of one region are one place."""
    places = {where.name: where for where in (place(region.lower()) for region in regions)}
    if not places:
        return {}
    if len(places) == 1:
        return _values(next(iter(places.values())))
    return {
        "name": "",
        "jurisdiction": guarded(lambda: common_jurisdiction(where.jurisdiction for where in places.values())),
        "country": guarded(lambda: _common_country(where.country for where in places.values())),
        "kind": "multi_region",
    }


def _common_country(countries: Iterable[str]) -> str:
    distinct = set(countries)
    return distinct.pop() if len(distinct) == 1 else ""


def _copies(resource: Resource) -> dict[str, Any]:
    """The fields about copies, for a type that can say something about them."""
    copies: dict[str, Any] = {}
    for field, attribute in COPIES.items():
        regions = resource.attributes.get(attribute, ())
        if isinstance(regions, Unknown):
            copies[field] = regions
        elif regions:
            copies[field] = [jurisdiction_of(region) for region in regions]
    return copies


def _citations(resource: Resource, values: Mapping[str, Any], copies: Mapping[str, Any]) -> dict[str, Citation]:
    cited = resource.citations
    own = cited.get("attributes.regions" if resource.type == "workload" else "region")
    citations = dict.fromkeys(values, own) if own else {}
    for field in copies:
        citation = cited.get(f"attributes.{COPIES[field]}")
        if citation:
            citations[field] = citation
    return citations
