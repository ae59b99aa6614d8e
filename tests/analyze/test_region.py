"""Region names of the three clouds, and what the fact says about resources that carry them."""

import json
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest
import ryaml
from hypothesis import given
from hypothesis import strategies as st

from scanner.analyze import region
from scanner.analyze._places import place
from scanner.model import Inventory, Resource, Unknown

AFTER_APPLY = Unknown("known after apply", "location")
Make = Callable[..., Resource]
Estate = Callable[..., Inventory]


@pytest.mark.parametrize(
    ("name", "country", "jurisdiction", "kind"),
    [
        ("eu-west-1", "IE", "EU", "region"),
        ("eu-west-2", "GB", "GB", "region"),
        ("eu-central-2", "CH", "CH", "region"),
        ("eusc-de-east-1", "DE", "EU", "region"),
        ("us-gov-west-1", "US", "US", "region"),
        ("cn-northwest-1", "CN", "CN", "region"),
        ("europe-west4", "NL", "EU", "region"),
        ("europe-west6", "CH", "CH", "region"),
        ("northamerica-south1", "MX", "MX", "region"),
        ("northeurope", "IE", "EU", "region"),
        ("norwayeast", "NO", "NO", "region"),
        ("usgovvirginia", "US", "US", "region"),
        ("chinanorth3", "CN", "CN", "region"),
        ("East US", "US", "US", "region"),
        ("eu", "", "EU", "multi_region"),
        ("us", "US", "US", "multi_region"),
        ("asia", "", "GLOBAL", "multi_region"),
        ("eur4", "", "EU", "dual_region"),
        ("eur5", "", "GLOBAL", "dual_region"),
        ("nam14", "", "GLOBAL", "multi_region"),
        ("asia1", "JP", "JP", "dual_region"),
        ("aws-us-east-1", "US", "US", "region"),
        ("azure-northeurope", "IE", "EU", "region"),
        ("asia2", "", "GLOBAL", "multi_region"),
        ("in", "IN", "IN", "dual_region"),
        ("global", "", "GLOBAL", "global"),
        ("", "", "", "none"),
    ],
)
def test_a_name_is_known_by_country_and_jurisdiction(name: str, country: str, jurisdiction: str, kind: str) -> None:
    where = place(name)
    assert (where.country, where.jurisdiction, where.kind) == (country, jurisdiction, kind)


@pytest.mark.parametrize(
    ("zone", "region_name", "jurisdiction"),
    [
        ("eu-west-1a", "eu-west-1", "EU"),
        ("us-gov-east-1c", "us-gov-east-1", "US"),
        ("europe-west4-a", "europe-west4", "EU"),
        ("us-south1-ai1b", "us-south1", "US"),
        ("us-west-2-lax-1a", "us-west-2", "US"),
        ("us-east-1-bue-1a", "us-east-1", "AR"),
        ("eu-west-2-wl1-man-wlz-1", "eu-west-2", "GB"),
        ("ap-southeast-2-akl-1a", "ap-southeast-2", "NZ"),
    ],
)
def test_a_zone_belongs_to_its_region_but_lies_where_it_lies(zone: str, region_name: str, jurisdiction: str) -> None:
    where = place(zone)
    assert (where.name, where.kind, where.jurisdiction) == (region_name, "zone", jurisdiction)


@pytest.mark.parametrize("name", ["eu-west-9", "nyc1", "eu-west-1-xyz-1a", "europe-west99-a", "eu-west-1abc"])
def test_a_name_in_no_table_is_unknown_and_never_guessed(name: str) -> None:
    where = place(name)
    assert where.name == name
    assert isinstance(where.jurisdiction, Unknown)
    assert where.jurisdiction.reason == f"region '{name}' is not in govscan's table"


@given(st.text(max_size=40))
def test_any_text_is_either_listed_or_unknown(name: str) -> None:
    jurisdiction = place(name).jurisdiction
    assert isinstance(jurisdiction, Unknown) or jurisdiction in {"", "EU", "GLOBAL"} or len(jurisdiction) == 2


def test_a_resource_in_a_region(make: Make, inventory: Estate) -> None:
    resource = make("storage.bucket", region="europe-west4")
    fact = region.derive(inventory(resource))[resource.uid]
    assert fact.values == {"name": "europe-west4", "country": "NL", "jurisdiction": "EU", "kind": "region"}
    assert fact.citations["jurisdiction"] is resource.citations["region"]


def test_an_unknown_region_stays_the_same_unknown(make: Make, inventory: Estate) -> None:
    resource = make("storage.bucket", region=AFTER_APPLY)
    values = region.derive(inventory(resource))[resource.uid].values
    assert all(values[field] is AFTER_APPLY for field in ("name", "jurisdiction", "country", "kind"))


def test_a_resource_without_a_region_has_the_defaults(make: Make, inventory: Estate) -> None:
    assert region.derive(inventory(make("kubernetes.secret"))) == {}


def test_copies_are_told_by_jurisdiction_and_an_unknown_one_hides_no_known_one(make: Make, inventory: Estate) -> None:
    copies = ["us-east-1", AFTER_APPLY, "eu", "pair of brazilsouth", "pair of polandcentral"]
    resource = make("database.instance", attributes={"replica_regions": copies, "backup_regions": AFTER_APPLY})
    values = region.derive(inventory(resource))[resource.uid].values
    america, hidden, europe, pair, no_pair = values["replica_jurisdictions"]
    assert (america, europe, pair) == ("US", "EU", "US")
    assert hidden is AFTER_APPLY
    assert isinstance(no_pair, Unknown)
    assert values["backup_jurisdictions"] is AFTER_APPLY


@pytest.mark.parametrize(
    ("pins", "expected"),
    [
        (["europe-west4-a", "europe-west4-b"], ("europe-west4", "EU", "NL", "zone")),
        (["europe-west4", "europe-west1"], ("", "EU", "", "multi_region")),
        (["europe-west4", "us-east1"], ("", "GLOBAL", "", "multi_region")),
        (["us-west1", "us-east1"], ("", "US", "US", "multi_region")),
    ],
)
def test_a_workload_is_where_it_is_pinned(
    make: Make, inventory: Estate, pins: list[str], expected: tuple[str, ...]
) -> None:
    resource = make("workload", provider="kubernetes", attributes={"regions": pins})
    values = region.derive(inventory(resource))[resource.uid].values
    assert (values["name"], values["jurisdiction"], values["country"], values["kind"]) == expected


@pytest.mark.parametrize("pins", [AFTER_APPLY, ["us-east1", AFTER_APPLY]])
def test_an_unknown_pin_makes_the_place_unknown(make: Make, inventory: Estate, pins: object) -> None:
    resource = make("workload", attributes={"regions": pins})
    assert region.derive(inventory(resource))[resource.uid].values["jurisdiction"] is AFTER_APPLY


def test_an_unpinned_workload_has_no_region(make: Make, inventory: Estate) -> None:
    assert region.derive(inventory(make("workload", attributes={"regions": []}))) == {}


def test_the_table_names_every_region_once_and_pairs_only_regions_it_knows(root: Path) -> None:
    table = ryaml.loads((root / "scanner/analyze/regions.yaml").read_text())
    names = [name for of in table["regions"].values() for found in of.values() for name in found]
    assert len(names) == len(set(names))
    assert not set(names) & (set(table["areas"]) | set(table["undisclosed"]))
    azure = {name for found in table["regions"]["azure"].values() for name in found}
    assert azure >= set(table["pairs"]) | set(table["pairs"].values())


def test_every_region_botocore_knows_is_in_the_table() -> None:
    partitions = [
        partition for path in botocore_endpoints() for partition in json.loads(path.read_text())["partitions"]
    ]
    if not partitions:
        pytest.skip("botocore is not installed here")
    for partition in partitions:
        for name, spec in partition["regions"].items():
            assert place(name).kind == "region", (name, spec["description"])


def botocore_endpoints() -> list[Path]:
    spec = find_spec("botocore")
    inside = [Path(next(iter(spec.submodule_search_locations or [])))] if spec else []
    elsewhere = Path("/root/.pyenv/versions").glob("*/lib/python3.*/site-packages/botocore")
    return [path for folder in (*inside, *elsewhere) if (path := folder / "data" / "endpoints.json").is_file()]
