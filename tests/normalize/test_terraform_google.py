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


DEFAULTS = {**GOOGLE, "default_tags": {"team": "ml", "env": "prod"}}


def test_the_providers_default_labels_come_to_machines_by_their_template(one: One, block: Block) -> None:
    """What the provider makes of labels becomes a part of the template, and so of every machine made from it."""
    group = {"name": "g", "zone": "europe-west4-a", "version": [{"instance_template": "t"}], "target_size": 1}
    written = {"name": "t", "machine_type": "e2-medium", "labels": {"env": "test"}}
    address = "google_compute_instance_group_manager.g"
    template = block("google_compute_instance_template.t", written, actions=(), provider_config=DEFAULTS)
    of_files = one(address, group, template, actions=(), provider_config=DEFAULTS)
    merged = {**written, "terraform_labels": {"team": "ml", "env": "test"}}
    planned = one(address, group, block("google_compute_instance_template.t", merged), provider_config=DEFAULTS)
    assert of_files.tags == planned.tags == {"team": "ml", "env": "test"}
    assert of_files.attributes["machine_tags"] == planned.attributes["machine_tags"] == {"team": "ml", "env": "test"}


@pytest.mark.parametrize(
    ("state", "encrypted"), [("ENCRYPTED", True), ("ALL_OBJECTS_ENCRYPTION_ENABLED", True), ("DECRYPTED", False)]
)
def test_secrets_of_a_cluster_that_encrypts_everything(one: One, state: str, *, encrypted: bool) -> None:
    cluster = {"name": "c", "location": "europe-west4", "database_encryption": [{"state": state, "key_name": "k"}]}
    assert one("google_container_cluster.c", cluster).attributes["secrets_encryption"] is encrypted


SPANNER = {"name": "s", "config": "eur3"}


@pytest.mark.parametrize(
    ("config", "encryption"),
    [
        ({"kms_key_names": ["projects/p/locations/eur3/keyRings/r/cryptoKeys/k"]}, "customer"),
        ({"kms_key_name": "projects/p/locations/eur3/keyRings/r/cryptoKeys/k", "kms_key_names": []}, "customer"),
        ({"kms_key_name": "", "kms_key_names": None}, "provider"),
    ],
)
def test_a_database_of_spanner_may_have_a_key_for_each_region(
    one: One, block: Block, config: dict[str, Any], encryption: str
) -> None:
    database = block("google_spanner_database.d", {"name": "d", "instance": "s", "encryption_config": [config]})
    assert one("google_spanner_instance.s", SPANNER, database).attributes["encryption"] == encryption


def test_a_partition_of_spanner_keeps_data_elsewhere(one: One, block: Block) -> None:
    partition = {"name": "p", "instance": "s", "config": "regional-us-east1"}
    found = one("google_spanner_instance.s", SPANNER, block("google_spanner_instance_partition.p", partition))
    assert (found.region, found.attributes["replica_regions"]) == ("eur3", ["us-east1"])
