"""Exported Google assets, and the same estate seen as a Terraform plan."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from scanner import normalize
from scanner.model import Document, Ledger, Origin, Partition, Resource, Unknown

Block = Callable[..., Document]
Read = Callable[..., dict[str, Resource]]

PROJECT = "projects/p"


def asset(kind: str, name: str, data: Mapping[str, Any] | None, **rest: Any) -> Document:
    full = f"//{kind.partition('/')[0]}/{name}"
    body = {"name": full, "assetType": kind, **({"resource": {"data": dict(data)}} if data is not None else {}), **rest}
    return Document("gcp", body, Origin("assets.json", "gcp_assets", (0,), full))


def only(*documents: Document) -> Resource:
    ledger = Ledger()
    inventory = normalize.inventory(Partition("assets", documents), ledger)
    assert ledger.problems == []
    return next(iter(inventory))


BUCKET = {"name": "models", "location": "EU", "labels": {"team": "ml"}, "versioning": {"enabled": True}}
SQL: dict[str, Any] = {
    "databaseVersion": "POSTGRES_15",
    "region": "europe-west4",
    "gceZone": "europe-west4-a",
    "settings": {
        "userLabels": {"team": "ml"},
        "ipConfiguration": {"ipv4Enabled": False, "sslMode": "ENCRYPTED_ONLY"},
        "backupConfiguration": {"enabled": True},
    },
}
POOL = {
    "name": "gpu",
    "config": {
        "machineType": "a2-highgpu-1g",
        "accelerators": [{"acceleratorType": "nvidia-tesla-a100", "acceleratorCount": "1"}],
        "spot": True,
    },
    "autoscaling": {"enabled": True, "maxNodeCount": 4},
    "locations": ["europe-west4-a", "europe-west4-b"],
}
CLUSTER = {"name": "c", "location": "europe-west4", "resourceLabels": {"team": "ml"}, "nodePools": [POOL]}


def test_a_bucket_without_its_policy_may_be_public() -> None:
    bucket = only(asset("storage.googleapis.com/Bucket", "models", BUCKET))
    assert (bucket.type, bucket.name, bucket.region, bucket.tags) == ("storage.bucket", "models", "eu", {"team": "ml"})
    assert bucket.attributes["versioned"] is True
    assert bucket.citations["attributes.versioned"].path == ("resource", "data", "versioning", "enabled")
    assert isinstance(bucket.attributes["public"], Unknown)


@pytest.mark.parametrize(("member", "public"), [("allUsers", True), ("user:a@example.com", False)])
def test_a_bucket_with_its_policy(*, member: str, public: bool) -> None:
    policy = {"bindings": [{"role": "roles/storage.objectViewer", "members": [member]}]}
    assert only(asset("storage.googleapis.com/Bucket", "b", BUCKET, iamPolicy=policy)).attributes["public"] is public
    enforced = {**BUCKET, "iamConfiguration": {"publicAccessPrevention": "enforced"}}
    assert only(asset("storage.googleapis.com/Bucket", "b", enforced, iamPolicy=policy)).attributes["public"] is False


def test_an_export_without_resource_data_says_nothing() -> None:
    database = only(asset("sqladmin.googleapis.com/Instance", f"{PROJECT}/instances/a", None))
    assert all(isinstance(value, Unknown) for value in database.attributes.values())
    assert isinstance(database.region, Unknown)
    assert isinstance(database.tags, Unknown)


def test_a_database() -> None:
    database = only(asset("sqladmin.googleapis.com/Instance", f"{PROJECT}/instances/a", SQL))
    assert (database.region, database.tags) == ("europe-west4", {"team": "ml"})
    assert database.attributes == {
        "engine": "postgres",
        "tls_required": True,
        "client_certificate_required": False,
        "minimum_tls": "",
        "public": False,
        "encryption": "provider",
        "key_region": "",
        "replica_regions": [],
        "backup_regions": ["eu"],
    }


def test_a_replica_is_looked_up_among_the_assets() -> None:
    kind = "sqladmin.googleapis.com/Instance"
    source = asset(kind, f"{PROJECT}/instances/a", {**SQL, "replicaNames": ["b"]})
    replica = asset(kind, f"{PROJECT}/instances/b", {**SQL, "region": "us-east1"})
    assert only(source, replica).attributes["replica_regions"] == ["us-east1"]
    assert isinstance(only(source).attributes["replica_regions"], Unknown)


def test_node_pools_inside_of_a_cluster_count_unless_exported_themselves() -> None:
    name = f"{PROJECT}/locations/europe-west4/clusters/c"
    cluster = asset("container.googleapis.com/Cluster", name, CLUSTER)
    exported = asset("container.googleapis.com/NodePool", f"{name}/nodePools/gpu", POOL)
    for documents in ([cluster], [cluster, exported]):
        inventory = normalize.inventory(Partition("assets", documents), Ledger())
        (pool,) = inventory.by_type("kubernetes.node_pool")
        assert (pool.name, pool.region, pool.tags) == ("gpu", "europe-west4", {"team": "ml"})
        tags = pool.attributes.pop("machine_tags")  # an exported pool does not say what its cluster is labeled with
        assert isinstance(tags, Unknown) or tags == {"team": "ml"}
        assert pool.attributes == {
            "machine_type": "a2-highgpu-1g",
            "accelerators": [{"model": "nvidia-tesla-a100", "count": 1}],
            "minimum": 0,
            "maximum": 8,
            "spot": True,
            "reserved": False,
            "alternatives": [],
            "added": 0,
        }


@pytest.mark.parametrize(
    ("kind", "data", "expected"),
    [
        (
            "redis.googleapis.com/Instance",
            {"transitEncryptionMode": "SERVER_AUTHENTICATION"},
            {"tls_required": True, "minimum_tls": "", "replica_regions": []},
        ),
        ("redis.googleapis.com/Instance", {}, {"tls_required": False, "minimum_tls": "", "replica_regions": []}),
        (
            "bigquery.googleapis.com/Dataset",
            {"location": "US"},
            {"tls_required": True, "encryption": "provider", "replica_regions": [], "key_region": ""},
        ),
        (
            "secretmanager.googleapis.com/Secret",
            {"replication": {"automatic": {}}, "rotation": {"rotationPeriod": "2592000s"}},
            {"replica_regions": ["global"], "encryption": "provider", "renewed": True},
        ),
        (
            "secretmanager.googleapis.com/Secret",
            {
                "replication": {
                    "userManaged": {
                        "replicas": [
                            {"location": "europe-west4", "customerManagedEncryption": {"kmsKeyName": "projects/p/k"}}
                        ]
                    }
                }
            },
            {"replica_regions": ["europe-west4"], "encryption": "customer", "renewed": False},
        ),
        (
            "compute.googleapis.com/Disk",
            {"diskEncryptionKey": {"kmsKeyName": "projects/p/locations/global/keyRings/r/cryptoKeys/k"}},
            {
                "encryption": "customer",
                "key_region": "global",
                "shared": False,
                "tls_required": True,
                "replica_regions": [],
            },
        ),
        (
            "tpu.googleapis.com/Node",
            {"acceleratorConfig": {"type": "V4", "topology": "2x2x1"}, "schedulingConfig": {"preemptible": True}},
            {
                "machine_type": "v4-8",
                "accelerators": [],
                "minimum": 1,
                "maximum": 1,
                "added": 0,
                "spot": True,
                "reserved": False,
            },
        ),
    ],
)
def test_other_assets(kind: str, data: dict[str, Any], expected: dict[str, Any]) -> None:
    assert only(asset(kind, f"{PROJECT}/locations/us-central1/things/a", data)).attributes == expected


def test_a_database_that_takes_connectors_alone() -> None:
    data = {"databaseVersion": "POSTGRES_15", "settings": {"connectorEnforcement": "REQUIRED"}}
    found = only(asset("sqladmin.googleapis.com/Instance", f"{PROJECT}/instances/a", {**data, "region": "us-east4"}))
    assert (found.attributes["tls_required"], found.attributes["client_certificate_required"]) == (True, True)


def test_a_cluster_without_an_address_that_encrypts_everything() -> None:
    data = {
        "databaseEncryption": {"state": "ALL_OBJECTS_ENCRYPTION_ENABLED"},
        "controlPlaneEndpointsConfig": {"ipEndpointsConfig": {"enabled": False}},
        "costManagementConfig": {"enabled": True},
    }
    found = only(asset("container.googleapis.com/Cluster", f"{PROJECT}/locations/us-central1/clusters/a", data))
    assert found.attributes == {
        "public_endpoint": False,
        "secrets_encryption": True,
        "cost_allocation": True,
        "log_regions": [],
    }


@pytest.mark.parametrize(("model", "reserved"), [("FLEX_START", True), ("SPOT", False)])
def test_an_instance_that_waits_for_its_machine_is_queued(model: str, *, reserved: bool) -> None:
    data = {"machineType": "a3-highgpu-8g", "scheduling": {"provisioningModel": model}}
    found = only(asset("compute.googleapis.com/Instance", f"{PROJECT}/zones/us-central1-a/instances/a", data))
    assert found.attributes["reserved"] is reserved


def test_the_older_spelling_of_the_type() -> None:
    document = asset("storage.googleapis.com/Bucket", "b", BUCKET)
    body = {("asset_type" if key == "assetType" else key): value for key, value in document.body.items()}
    assert only(Document("gcp", body, document.origin)).type == "storage.bucket"


def test_twins_differ_by_unknown_only(read: Read, block: Block) -> None:
    planned = read(
        block(
            "google_sql_database_instance.a",
            {
                "name": "a",
                "region": "europe-west4",
                "database_version": "POSTGRES_15",
                "settings": [
                    {
                        "user_labels": {"team": "ml"},
                        "ip_configuration": [{"ipv4_enabled": False, "ssl_mode": "ENCRYPTED_ONLY"}],
                        "backup_configuration": [{"enabled": True}],
                    }
                ],
            },
        ),
        block(
            "google_container_node_pool.gpu",
            {
                "name": "gpu",
                "location": "europe-west4",
                "node_locations": ["europe-west4-a", "europe-west4-b"],
                "cluster": "c",
                "autoscaling": [{"min_node_count": 0, "max_node_count": 4}],
                "node_config": [
                    {
                        "machine_type": "a2-highgpu-1g",
                        "spot": True,
                        "guest_accelerator": [{"type": "nvidia-tesla-a100", "count": 1}],
                    }
                ],
            },
            actions=("no-op",),
        ),
        block(
            "google_container_cluster.c",
            {
                "name": "c",
                "location": "europe-west4",
                "resource_labels": {"team": "ml"},
                "remove_default_node_pool": True,
            },
        ),
    )
    name = f"{PROJECT}/locations/europe-west4/clusters/c"
    pairs = {
        "google_sql_database_instance.a": asset("sqladmin.googleapis.com/Instance", f"{PROJECT}/instances/a", SQL),
        "google_container_cluster.c": asset("container.googleapis.com/Cluster", name, CLUSTER),
    }
    for address, document in pairs.items():
        _same(planned[address], only(document))
    inventory = normalize.inventory(Partition("assets", [pairs["google_container_cluster.c"]]), Ledger())
    _same(planned["google_container_node_pool.gpu"], inventory.by_type("kubernetes.node_pool")[0])


def _same(planned: Resource, exported: Resource) -> None:
    assert (planned.type, planned.name, planned.region) == (exported.type, exported.name, exported.region)
    assert planned.tags == exported.tags
    for name, value in planned.attributes.items():
        other = exported.attributes[name]
        assert isinstance(value, Unknown) or isinstance(other, Unknown) or value == other, name
