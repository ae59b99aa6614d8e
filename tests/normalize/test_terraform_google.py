"""Google's resources as people write them: what is left to the provider, and what odd but legal words mean."""

from collections.abc import Callable
from typing import Any

import pytest

from scanner.model import Document, Resource, Unknown

One = Callable[..., Resource]
Block = Callable[..., Document]

GOOGLE = {"region": "europe-west4", "zone": "europe-west4-a"}
WRITTEN: dict[str, Any] = {"actions": (), "provider_config": GOOGLE}
"""A configuration that no plan was made of."""


@pytest.mark.parametrize(
    ("kind", "place"),
    [
        ("google_api_gateway_gateway", "europe-west4"),
        ("google_cloudfunctions_function", "europe-west4"),
        ("google_redis_cluster", "europe-west4"),
        ("google_vertex_ai_deployment_resource_pool", "europe-west4"),
        ("google_container_cluster", "europe-west4-a"),
        ("google_bigquery_dataset", "us"),
    ],
)
def test_where_a_resource_is_that_names_no_place(one: One, later: Unknown, kind: str, place: str) -> None:
    assert one(f"{kind}.a", {"name": "a"}, **WRITTEN).region == place
    key = "location" if kind in {"google_container_cluster", "google_bigquery_dataset"} else "region"
    planned = "US" if place == "us" else later
    assert (
        one(f"{kind}.a", {"name": "a", key: planned}, expressions={"name": {}}, provider_config=GOOGLE).region == place
    )


def test_a_place_that_comes_from_the_environment_is_not_known(one: One) -> None:
    nowhere: dict[str, Any] = {"actions": (), "provider_config": {}}
    assert isinstance(one("google_redis_instance.a", {"name": "a"}, **nowhere).region, Unknown)
    assert one("google_storage_transfer_job.a", {"name": "a"}, **nowhere).region == ""
    assert one("google_bigquery_dataset.a", {"dataset_id": "a"}, **nowhere).region == "us"


def test_a_cluster_of_bigtable_without_a_zone_is_in_the_providers(one: One, later: Unknown) -> None:
    values = {"name": "bt", "cluster": [{"cluster_id": "a"}, {"cluster_id": "b", "zone": "us-east1-b"}]}
    found = one("google_bigtable_instance.bt", values, **WRITTEN)
    assert (found.region, found.attributes["replica_regions"]) == ("europe-west4-a", ["us-east1-b"])
    last = {"name": "bt", "cluster": [{"cluster_id": "a", "zone": "us-east1-b"}, {"cluster_id": "b"}]}
    found = one("google_bigtable_instance.bt", last, **WRITTEN)
    assert (found.region, found.attributes["replica_regions"]) == ("us-east1-b", ["europe-west4-a"])
    planned = {"name": "bt", "cluster": [{"cluster_id": "a", "zone": later}]}
    shown = {"cluster": [{"cluster_id": {"constant_value": "a"}}]}
    found = one("google_bigtable_instance.bt", planned, expressions=shown, provider_config=GOOGLE)
    assert found.region == "europe-west4-a"
    chosen = {"cluster": [{"zone": {"references": ["var.zone"]}}]}
    found = one("google_bigtable_instance.bt", planned, expressions=chosen, provider_config=GOOGLE)
    assert isinstance(found.region, Unknown)
    assert isinstance(
        one("google_bigtable_instance.bt", last, actions=(), provider_config={}).attributes["replica_regions"], Unknown
    )
