"""Region names of the three clouds turned into countries and jurisdictions, by the table `regions.yaml`.

A *jurisdiction* is whose law the data lies under, as one code: `EU` for member states of the European Union, else the
ISO 3166 alpha-2 code of the country (`GB`, `CH`, `US`, and `NO` for a state of the EEA that is not a member), and
`GLOBAL` for the whole world or for several jurisdictions at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import ryaml
from msgspec import Struct
from msgspec.structs import replace

from scanner.model import Unknown
from scanner.patterns import regex

EUROPEAN_UNION = "EU"
GLOBAL = "GLOBAL"
PAIRED = "pair of "
"""Before an Azure region: not that region, but the one that holds its geo-redundant copies."""

ZONES = (
    regex(r"(?P<region>[a-z]{2,4}(?:-[a-z]+)+-\d+)[a-z]"),  # AWS: eu-west-1a
    regex(r"(?P<region>[a-z]+-[a-z]+\d+)-(?:ai\d+)?[a-z]"),  # Google: europe-west4-a, us-south1-ai1b
    regex(r"(?P<region>[a-z]+\d?)-\d"),  # Azure, as its clusters label nodes: westeurope-1
)
LOCAL_ZONE = regex(r"(?P<region>[a-z]{2}-[a-z]+-\d+)-(?:wl\d+-)?(?P<place>[a-z]{3})(?:-wlz)?-?\d*[a-z]?")


class Place(Struct, frozen=True):
    """Where something named like a region is."""

    name: str
    """The region, where the source named a zone of it."""
    kind: Any
    """`region zone multi_region dual_region global none`; may be `Unknown`."""
    country: Any
    """ISO 3166 alpha-2; empty for several or for somewhere in the EU; may be `Unknown`."""
    jurisdiction: Any


NOWHERE = Place("", "none", "", "")


@cache
def place(name: str) -> Place:
    """Where a region, zone or area is; a name that no table has is known by its name only."""
    whole = name.lower()
    key = whole.removeprefix(PAIRED).replace(" ", "")
    if not key:
        return NOWHERE
    if whole.startswith(PAIRED):
        return _pair(key)
    return _listed(key) or _zone(key) or _of_another_cloud(key) or _unlisted(key)


def jurisdiction_of(region: Any) -> Any:
    """The jurisdiction of a region by its name; unknown as the region is."""
    return region if isinstance(region, Unknown) else place(region).jurisdiction


def common_jurisdiction(jurisdictions: Iterable[str]) -> str:
    """The one jurisdiction of several places, `GLOBAL` if they differ."""
    distinct = set(jurisdictions)
    return distinct.pop() if len(distinct) == 1 else GLOBAL


def _listed(key: str) -> Place | None:
    table = _table()
    if key in table["country_of"]:
        country = table["country_of"][key]
        return Place(key, "region", country, _jurisdiction(country))
    if key in table["areas"]:
        return _area(key, table["areas"][key])
    if key in table["undisclosed"]:
        unknown = Unknown(f"the provider does not publish the country of region '{key}'")
        return Place(key, "region", unknown, unknown)
    return None


def _area(key: str, area: Mapping[str, Any]) -> Place:
    countries = area["in"]
    country = countries[0] if len(countries) == 1 and countries[0] != EUROPEAN_UNION else ""
    return Place(key, area["kind"], country, common_jurisdiction(map(_jurisdiction, countries)))


def _zone(key: str) -> Place | None:
    for pattern in ZONES:
        match = pattern.fullmatch(key)
        region = _listed(match["region"]) if match else None
        if region:
            return Place(region.name, "zone", region.country, region.jurisdiction)
    local = LOCAL_ZONE.fullmatch(key)
    if not local or not _listed(local["region"]):
        return None
    country = _table()["places"].get(local["place"])
    return Place(local["region"], "zone", country, _jurisdiction(country)) if country else None


def _of_another_cloud(key: str) -> Place | None:
    """BigQuery calls the regions of other clouds, in which it works as well, by their cloud: `aws-us-east-1`.

    https://cloud.google.com/bigquery/docs/locations#omni-loc
    """
    cloud, _, region = key.partition("-")
    found = _listed(region) if cloud in {"aws", "azure"} else None
    return replace(found, name=key) if found else None


def _unlisted(key: str) -> Place:
    unknown = Unknown(f"region '{key}' is not in govscan's table")
    return Place(key, unknown, unknown, unknown)


def _pair(key: str) -> Place:
    paired = _table()["pairs"].get(key)
    if paired:
        return place(paired)
    unknown = Unknown(f"Azure region '{key}' has no pair in govscan's table")
    return Place("", unknown, unknown, unknown)


def _jurisdiction(country: str) -> str:
    return EUROPEAN_UNION if country in _table()["european_union"] else country


@cache
def _table() -> dict[str, Any]:
    """The table, turned around so that names are keys."""
    table: dict[str, Any] = ryaml.loads(Path(__file__).with_name("regions.yaml").read_text(encoding="utf-8"))
    listed = (
        (region, country) for of in table["regions"].values() for country, names in of.items() for region in names
    )
    table["country_of"] = dict(listed)
    table["places"] = {code: country for country, codes in table["places"].items() for code in codes}
    return table
