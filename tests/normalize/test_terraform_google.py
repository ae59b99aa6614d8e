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
        ("google_vertex_ai_feature_online_store", "europe-west4"),
        ("google_vertex_ai_index", "europe-west4"),
        ("google_vertex_ai_tensorboard", "europe-west4"),
        ("google_compute_region_disk", "europe-west4"),
        ("google_compute_subnetwork", "europe-west4"),
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


def sql(name: str, **values: Any) -> tuple[str, dict[str, Any]]:
    """An instance of Cloud SQL that takes clear text, unless the values say otherwise."""
    common = {"name": name, "region": "europe-west4", "database_version": "POSTGRES_15", "settings": [{}]}
    return f"google_sql_database_instance.{name}", {**common, **values}


def test_where_connectors_are_the_one_way_in_they_bring_tls_and_a_certificate(one: One, later: Unknown) -> None:
    enforced = {"connector_enforcement": "REQUIRED", "ip_configuration": [{"ssl_mode": later}]}
    found = one(*sql("a", settings=[enforced])).attributes
    assert (found["tls_required"], found["client_certificate_required"]) == (True, True)
    loose = {"connector_enforcement": "NOT_REQUIRED", "ip_configuration": [{"ssl_mode": "ENCRYPTED_ONLY"}]}
    found = one(*sql("a", settings=[loose])).attributes
    assert (found["tls_required"], found["client_certificate_required"]) == (True, False)
    dark = {"connector_enforcement": later, "ip_configuration": [{"ssl_mode": "ENCRYPTED_ONLY"}]}
    shown = [{"connector_enforcement": {"references": ["var.x"]}, "ip_configuration": [{}]}]
    found = one(*sql("a", settings=[dark]), expressions={"settings": shown}).attributes
    assert found["tls_required"] is True
    assert isinstance(found["client_certificate_required"], Unknown)


KEY = "projects/p/locations/europe-west4/keyRings/r/cryptoKeys/k"


@pytest.mark.parametrize(
    ("values", "encryption"),
    [
        ({"master_instance_name": "primary"}, "customer"),
        ({"master_instance_name": "primary", "region": "us-east4"}, "provider"),
        ({"master_instance_name": "primary", "region": "us-east4", "encryption_key_name": KEY}, "customer"),
        ({"clone": [{"source_instance_name": "primary"}]}, "customer"),
        ({"master_instance_name": "elsewhere"}, None),
        ({}, "provider"),
    ],
)
def test_a_copy_of_cloud_sql_has_the_key_of_what_it_is_made_from(
    one: One, block: Block, values: dict[str, Any], encryption: str | None
) -> None:
    primary = block(*sql("primary", encryption_key_name=KEY))
    found = one(*sql("copy", **values), primary).attributes["encryption"]
    assert isinstance(found, Unknown) if encryption is None else found == encryption


ALLOY = {"cluster_id": "a", "name": "a", "location": "europe-west4"}
OPEN = {"ssl_config": [{"ssl_mode": "ALLOW_UNENCRYPTED_AND_ENCRYPTED"}]}


def test_alloydb_by_connectors_alone(one: One, block: Block) -> None:
    def attributes(*connections: dict[str, Any]) -> dict[str, Any]:
        instances = [
            block(f"google_alloydb_instance.i{index}", {"cluster": "a", "client_connection_config": [connection]})
            for index, connection in enumerate(connections)
        ]
        return dict(one("google_alloydb_cluster.a", ALLOY, *instances).attributes)

    enforced = {"require_connectors": True}
    assert attributes({**enforced, **OPEN})["tls_required"] is True
    assert attributes(OPEN)["tls_required"] is False
    assert attributes(enforced, enforced)["client_certificate_required"] is True
    assert attributes(enforced, {})["client_certificate_required"] is False
    assert attributes()["client_certificate_required"] is False


@pytest.mark.parametrize(("enabled", "places"), [(True, ["us-central1"]), (False, []), (None, ["us-central1"])])
def test_backups_of_alloydb_that_are_switched_off(one: One, places: list[str], *, enabled: bool | None) -> None:
    policy = {"location": "us-central1", "enabled": enabled}
    cluster = one("google_alloydb_cluster.a", {**ALLOY, "automated_backup_policy": [policy]})
    assert cluster.attributes["backup_regions"] == places


REDIRECT = [{"https_redirect": True}]
MATCHER = {"name": "m", "default_url_redirect": REDIRECT}


@pytest.mark.parametrize(
    ("url_map", "redirects"),
    [
        ({"default_url_redirect": REDIRECT}, True),
        ({"default_url_redirect": REDIRECT, "path_matcher": [MATCHER]}, True),
        ({"default_url_redirect": REDIRECT, "path_matcher": [{"name": "m", "default_service": "b"}]}, False),
        ({"default_url_redirect": REDIRECT, "path_matcher": [{**MATCHER, "path_rule": [{"service": "b"}]}]}, False),
        (
            {
                "default_url_redirect": REDIRECT,
                "path_matcher": [{**MATCHER, "path_rule": [{"url_redirect": REDIRECT}]}],
            },
            True,
        ),
        ({"default_service": "b", "path_matcher": [MATCHER]}, False),
    ],
)
def test_a_url_map_redirects_where_all_of_it_does(
    one: One, block: Block, url_map: dict[str, Any], *, redirects: bool
) -> None:
    made = block("google_compute_url_map.m", {"name": "m", **url_map})
    proxy = one("google_compute_target_http_proxy.p", {"name": "p", "url_map": "m"}, made)
    assert proxy.attributes["redirects_to_tls"] is redirects


def test_a_proxy_of_tls_without_http_is_a_listener(one: One, block: Block) -> None:
    policy = block("google_compute_ssl_policy.s", {"name": "s", "min_tls_version": "TLS_1_2", "profile": "MODERN"})
    proxy = one("google_compute_target_ssl_proxy.p", {"name": "p", "ssl_policy": "s"}, policy)
    assert (proxy.type, proxy.attributes["tls"], proxy.attributes["minimum_tls"]) == (
        "load_balancer.listener",
        True,
        "1.2",
    )
    assert one("google_compute_target_ssl_proxy.p", {"name": "p"}).attributes["minimum_tls"] == "1.0"


def test_memcached_speaks_no_tls(one: One) -> None:
    cache = one("google_memcache_instance.m", {"name": "m", "node_count": 1}, **WRITTEN)
    assert (cache.type, cache.region, cache.attributes["tls_required"]) == ("cache.instance", "europe-west4", False)


def test_an_instance_from_a_template_takes_what_it_does_not_say(one: One, block: Block, later: Unknown) -> None:
    template = block(
        "google_compute_instance_template.t",
        {
            "name": "t",
            "machine_type": "n1-standard-8",
            "guest_accelerator": [{"type": "nvidia-tesla-t4", "count": 2}],
            "scheduling": [{"provisioning_model": "SPOT", "preemptible": True}],
            "labels": {"team": "ml"},
        },
    )
    address, named = "google_compute_instance_from_template.i", {"name": "i", "source_instance_template": "t"}
    left = dict.fromkeys(("machine_type", "guest_accelerator", "scheduling", "reservation_affinity"), later)
    written = {key: {"constant_value": value} for key, value in named.items()}
    for found in (
        one(address, named, template, **WRITTEN),
        one(address, {**named, **left}, template, expressions=written),
    ):
        attributes = found.attributes
        assert (attributes["machine_type"], attributes["spot"], attributes["reserved"]) == (
            "n1-standard-8",
            True,
            False,
        )
        assert attributes["accelerators"] == [{"model": "nvidia-tesla-t4", "count": 2}]
        assert found.tags == {}
    own = one(address, {**named, "machine_type": "a2-highgpu-1g", "guest_accelerator": []}, template)
    assert (own.attributes["machine_type"], own.attributes["accelerators"]) == ("a2-highgpu-1g", [])
    elsewhere = one(address, {**named, "source_instance_template": "other"}, template, **WRITTEN)
    assert isinstance(elsewhere.attributes["machine_type"], Unknown)


@pytest.mark.parametrize(
    ("cluster", "machines"),
    [
        ({"location": "europe-west4-a", "node_locations": ["europe-west4-b"]}, 6),
        ({"location": "europe-west4", "node_locations": ["europe-west4-b"]}, 3),
        ({"location": "europe-west4"}, 9),
        ({"location": "europe-west4-a"}, 3),
    ],
)
def test_the_default_pool_is_in_the_zones_of_its_cluster(
    read: Callable[..., dict[str, Resource]], block: Block, cluster: dict[str, Any], machines: int
) -> None:
    found = read(block("google_container_cluster.c", {"name": "c", "initial_node_count": 3, **cluster}))
    assert found["google_container_cluster.c/default-pool"].attributes["maximum"] == machines


def test_what_is_a_part_of_something_elsewhere_is_where_its_path_says(one: One) -> None:
    pool = {"name": "p", "cluster": "projects/p/locations/europe-west4/clusters/elsewhere", "node_count": 1}
    found = one("google_container_node_pool.p", pool, **WRITTEN)
    assert (found.region, found.attributes["maximum"]) == ("europe-west4", 3)
    key = {"name": "k", "key_ring": "projects/p/locations/global/keyRings/r"}
    assert one("google_kms_crypto_key.k", key, **WRITTEN).region == "global"


def test_an_endpoint_holds_what_was_deployed_on_it_since(one: One, later: Unknown) -> None:
    empty = {"name": "e", "location": "europe-west4"}
    made = one("google_vertex_ai_endpoint.e", {**empty, "deployed_models": later}, expressions={"name": {}})
    for endpoint in (made, one("google_vertex_ai_endpoint.e", empty, **WRITTEN)):
        assert (endpoint.attributes["machine_type"], endpoint.attributes["maximum"]) == ("", 0)
    spec = {"machine_type": "g2-standard-12", "accelerator_type": "NVIDIA_L4", "accelerator_count": 1}
    model = {"dedicated_resources": [{"machine_spec": [spec], "min_replica_count": 1, "max_replica_count": 4}]}
    stands: dict[str, Any] = {"actions": ("no-op",)}
    served = one("google_vertex_ai_endpoint.e", {**empty, "deployed_models": [model]}, **stands).attributes
    assert (served["accelerators"], served["minimum"], served["maximum"]) == (
        [{"model": "NVIDIA_L4", "count": 1}],
        1,
        4,
    )
    several = one("google_vertex_ai_endpoint.e", {**empty, "deployed_models": [model, model]}, **stands).attributes
    assert isinstance(several["accelerators"], Unknown)


def test_a_queued_tpu_is_not_spot(one: One) -> None:
    node = {"node_spec": [{"node": [{"accelerator_type": "v6e-64"}]}]}
    assert one("google_tpu_v2_queued_resource.q", {"zone": "us-east5-a", "tpu": [node]}).attributes["spot"] is False


@pytest.mark.parametrize(
    ("constraint", "labels"),
    [
        ("~> 6.0", {"team": "ml", "env": "test"}),
        (">= 6.10, < 8", {"team": "ml", "env": "test"}),
        ("7.2.0", {"team": "ml", "env": "test"}),
        ("~> 5.40", {"env": "test"}),
        (">= 5.0, < 6.0.0", {"env": "test"}),
        ("5.44.1", {"env": "test"}),
        (">= 5.40, < 8", None),
        ("~> 5", None),
        (">= 4.0, != 6.1.0", None),
        (None, None),
    ],
)
def test_default_labels_come_to_clusters_by_the_version_of_the_provider(
    one: One, constraint: str | None, labels: dict[str, str] | None
) -> None:
    settings = {**GOOGLE, "default_tags": {"team": "ml", "env": "prod"}}
    settings |= {"version": constraint} if constraint else {}
    cluster = {"name": "c", "location": "europe-west4", "resource_labels": {"env": "test"}}
    tags = one("google_container_cluster.c", cluster, actions=(), provider_config=settings).tags
    if labels is None:
        assert (isinstance(tags["team"], Unknown), tags["env"]) == (True, "test")
    else:
        assert tags == labels


def test_a_regional_disk_is_a_disk(one: One) -> None:
    values = {"name": "d", "region": "europe-west4", "replica_zones": ["europe-west4-a", "europe-west4-b"]}
    plain = one("google_compute_region_disk.d", values)
    assert (plain.type, plain.region) == ("disk.volume", "europe-west4")
    assert (plain.attributes["encryption"], plain.attributes["key_region"]) == ("provider", "")
    keyed = one("google_compute_region_disk.d", {**values, "disk_encryption_key": [{"kms_key_name": KEY}]})
    assert (keyed.attributes["encryption"], keyed.attributes["key_region"]) == ("customer", "europe-west4")


def test_a_job_from_a_flex_template_works_where_it_runs(one: One, block: Block) -> None:
    bucket = block("google_storage_bucket.b", {"name": "b", "location": "EU"})
    values = {"name": "j", "region": "us-east1", "temp_location": "gs://b/tmp"}
    job = one("google_dataflow_flex_template_job.j", values, bucket)
    assert [one["region"] for one in job.attributes["sources"]] == ["eu"]
    assert [one["region"] for one in job.attributes["destinations"]] == ["us-east1"]


def test_a_pool_inside_of_a_cluster_bears_its_own_labels_and_those_of_the_cluster(
    read: Callable[..., dict[str, Resource]], block: Block
) -> None:
    labeled = {"name": "gpu", "node_count": 1, "node_config": [{"resource_labels": {"team": "ml", "env": "test"}}]}
    cluster = {
        "name": "c",
        "location": "europe-west4",
        "resource_labels": {"env": "prod", "cost-center": "7"},
        "node_pool": [labeled, {"name": "cpu", "node_count": 1}],
    }
    for how in ({}, WRITTEN):
        found = read(block("google_container_cluster.c", cluster, **how))
        gpu, cpu = found["google_container_cluster.c/gpu"], found["google_container_cluster.c/cpu"]
        assert gpu.tags == gpu.attributes["machine_tags"] == {"env": "test", "cost-center": "7", "team": "ml"}
        assert cpu.tags == cpu.attributes["machine_tags"] == {"env": "prod", "cost-center": "7"}
        assert gpu.citations["tags"].path == ("node_pool", 0, "node_config", 0, "resource_labels")


def test_a_reservation_takes_its_accelerators_from_a_template(one: One, block: Block) -> None:
    accelerator = {"type": "nvidia-tesla-t4", "count": 4}
    template = {"name": "t", "machine_type": "n1-standard-8", "guest_accelerator": [accelerator]}
    reserved = {"zone": "europe-west4-a", "specific_reservation": [{"count": 2, "source_instance_template": "t"}]}
    found = one("google_compute_reservation.r", reserved, block("google_compute_instance_template.t", template))
    assert found.attributes["machine_type"] == "n1-standard-8"
    assert found.attributes["accelerators"] == [{"model": "nvidia-tesla-t4", "count": 4}]


@pytest.mark.parametrize(
    ("reference", "encryption"),
    [("data.google_kms_crypto_key.k", "customer"), ("data.google_kms_key_ring.r", None), ("var.key", None)],
)
def test_a_key_that_is_looked_up_is_the_customers(
    one: One, later: Unknown, reference: str, encryption: str | None
) -> None:
    values = {"name": "b", "location": "EU", "encryption": [{"default_kms_key_name": later}]}
    written = {"encryption": [{"default_kms_key_name": {"references": [f"{reference}.id", reference]}}]}
    found = one("google_storage_bucket.b", values, expressions=written).attributes["encryption"]
    assert isinstance(found, Unknown) if encryption is None else found == encryption


@pytest.mark.parametrize(("mode", "sizes"), [("ON", (1, 16)), ("ONLY_SCALE_OUT", (1, 16)), ("OFF", (2, 2))])
def test_an_autoscaler_that_is_turned_off_scales_nothing(
    one: One, block: Block, mode: str, sizes: tuple[int, int]
) -> None:
    policy = {"min_replicas": 1, "max_replicas": 16, "mode": mode}
    scaler = block("google_compute_autoscaler.s", {"target": "g", "autoscaling_policy": [policy]})
    group = {"name": "g", "zone": "europe-west4-a", "target_size": 2}
    found = one("google_compute_instance_group_manager.g", group, scaler).attributes
    assert (found["minimum"], found["maximum"]) == sizes
