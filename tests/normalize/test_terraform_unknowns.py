"""An unknown value, wherever it stands, never breaks a resource and never turns one known value into another."""

import copy
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from msgspec.structs import replace

from scanner.model import Document, Resource, Unknown

Block = Callable[..., Document]
Read = Callable[..., dict[str, Resource]]

RULE = {"apply_server_side_encryption_by_default": [{"sse_algorithm": "aws:kms", "kms_master_key_id": "arn:aws:kms:k"}]}
ESTATE: dict[str, dict[str, Any]] = {
    "aws_s3_bucket.logs": {"bucket": "logs", "tags": {"team": "ml"}},
    "aws_s3_bucket_server_side_encryption_configuration.logs": {"bucket": "logs", "rule": [RULE]},
    "aws_s3_bucket_versioning.logs": {"bucket": "logs", "versioning_configuration": [{"status": "Enabled"}]},
    "aws_s3_bucket_acl.logs": {"bucket": "logs", "acl": "public-read"},
    "aws_db_parameter_group.tls": {"name": "tls", "parameter": [{"name": "rds.force_ssl", "value": "1"}]},
    "aws_db_instance.db": {
        "identifier": "db",
        "engine": "postgres",
        "engine_version": "14.9",
        "parameter_group_name": "tls",
        "publicly_accessible": True,
        "storage_encrypted": True,
    },
    "aws_launch_template.gpu": {"name": "gpu", "instance_type": "p5.48xlarge"},
    "aws_autoscaling_group.gpu": {"min_size": 1, "max_size": 8, "launch_template": [{"name": "gpu"}]},
    "aws_eks_node_group.gpu": {
        "instance_types": ["g5.xlarge", "g5.12xlarge"],
        "capacity_type": "SPOT",
        "scaling_config": [{"min_size": 0, "max_size": 4}],
    },
    "aws_msk_cluster.events": {
        "encryption_info": [{"encryption_in_transit": [{"client_broker": "PLAINTEXT"}]}],
        "client_authentication": [{"tls": [{"certificate_authority_arns": ["arn:aws:acm-pca:x"]}]}],
    },
    "aws_lb_listener.web": {"protocol": "HTTPS", "mutual_authentication": [{"mode": "verify"}]},
    "google_storage_bucket.models": {"name": "models", "location": "EU", "versioning": [{"enabled": True}]},
    "google_storage_bucket_iam_member.all": {"bucket": "models", "member": "allUsers"},
    "google_sql_database_instance.db": {
        "name": "db",
        "region": "europe-west4",
        "database_version": "POSTGRES_15",
        "settings": [
            {
                "user_labels": {"team": "ml"},
                "ip_configuration": [{"ssl_mode": "ENCRYPTED_ONLY", "ipv4_enabled": False}],
                "backup_configuration": [{"enabled": True, "location": "us"}],
            }
        ],
    },
    "google_container_cluster.c": {
        "name": "c",
        "location": "europe-west4",
        "resource_labels": {"team": "ml"},
        "remove_default_node_pool": True,
        "master_authorized_networks_config": [{"cidr_blocks": [{"cidr_block": "10.0.0.0/8"}]}],
        "database_encryption": [{"state": "ENCRYPTED"}],
    },
    "google_container_node_pool.gpu": {
        "cluster": "c",
        "location": "europe-west4",
        "autoscaling": [{"min_node_count": 1, "max_node_count": 4}],
        "node_config": [
            {"machine_type": "a2-highgpu-1g", "spot": True, "guest_accelerator": [{"type": "a100", "count": 1}]}
        ],
    },
    "google_tpu_v2_vm.t": {"zone": "us-central2-b", "accelerator_config": [{"type": "V4", "topology": "2x2x2"}]},
    "azurerm_storage_account.a": {
        "location": "West Europe",
        "account_replication_type": "GRS",
        "min_tls_version": "TLS1_0",
        "https_traffic_only_enabled": False,
    },
    "azurerm_kubernetes_cluster.c": {
        "location": "West Europe",
        "default_node_pool": [
            {"name": "gpu", "vm_size": "Standard_ND96", "auto_scaling_enabled": True, "min_count": 1, "max_count": 3}
        ],
    },
    "azurerm_cosmosdb_account.a": {
        "location": "westeurope",
        "geo_location": [{"location": "westeurope"}, {"location": "northeurope"}],
        "key_vault_key_id": "https://v.vault.azure.net/keys/k",
    },
}
NAMES = {"bucket", "name", "identifier"}
"""What others join by, and uids are made of. A name that is known to others is known to the thing itself."""


def _leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place at which Terraform may leave a value open: it opens up the blocks that somebody wrote."""
    is_blocks = isinstance(value, list) and any(isinstance(one, dict) for one in value)
    if is_blocks or (isinstance(value, dict) and (not path or isinstance(path[-1], int))):
        steps = enumerate(value) if isinstance(value, list) else value.items()
        for step, entry in steps:
            yield from _leaves(entry, (*path, step))
    elif path[-1] not in NAMES:
        yield path
        if isinstance(value, dict):
            yield from ((*path, key) for key in value)


PLACES = [(address, path) for address, values in ESTATE.items() for path in _leaves(values)]


@pytest.mark.parametrize(("address", "path"), PLACES)
def test_planted(read: Read, block: Block, address: str, path: tuple[Any, ...]) -> None:
    documents = {name: block(name, values) for name, values in ESTATE.items()}
    before = _flat(read(*documents.values()))
    documents[address] = _planted(documents[address], path)
    after = _flat(read(*documents.values()))
    assert {place for place in before if place[1] == "region"} <= set(after)
    flipped = {
        place: (before[place], value)
        for place, value in after.items()
        if place in before and not _open(before[place]) and not _open(value) and value != before[place]
    }
    assert flipped == {}


def test_planting_has_an_effect(read: Read, block: Block) -> None:
    """So that the test above cannot pass because nobody looks."""
    documents = {name: block(name, values) for name, values in ESTATE.items()}
    documents["aws_s3_bucket_acl.logs"] = _planted(documents["aws_s3_bucket_acl.logs"], ("acl",))
    found = read(*documents.values())["aws_s3_bucket.logs"]
    assert found.attributes["public"].reason == "planted"
    assert found.citations["attributes.public"].origin.address == "aws_s3_bucket_acl.logs"


def _planted(document: Document, path: tuple[Any, ...]) -> Document:
    values = copy.deepcopy(document.body["values"])
    inside = values
    for step in path[:-1]:
        inside = inside[step]
    inside[path[-1]] = Unknown("planted", ".".join(map(str, path)))
    return replace(document, body={**document.body, "values": values})


def _flat(found: dict[str, Resource]) -> dict[tuple[str, str], Any]:
    return {
        (address, name): value
        for address, resource in found.items()
        for name, value in {"region": resource.region, "tags": resource.tags, **resource.attributes}.items()
    }


def _open(value: Any) -> bool:
    entries = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return isinstance(value, Unknown) or any(_open(entry) for entry in entries)


@pytest.mark.parametrize(("configured", "expected"), [(True, False), (False, None)])
def test_where_nothing_is_written_the_provider_chooses(
    block: Block, read: Read, configured: bool, expected: bool | None
) -> None:
    """Of an empty block a plan shows no expressions, as of one whose configuration was cut out of it."""
    key = block("aws_kms_key.a", {"multi_region": Unknown("known after apply", "multi_region")}, expressions={})
    found = read(replace(key, body={**key.body, "configured": configured}))["aws_kms_key.a"].attributes["multi_region"]
    assert found is False if expected is False else isinstance(found, Unknown)
