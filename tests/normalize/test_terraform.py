"""Regions, tags, names, changes and references of Terraform resources, and what never happens."""

from collections.abc import Callable
from typing import Any

import pytest

from scanner import normalize
from scanner.model import Document, Ledger, Partition, Resource, Unknown
from scanner.normalize import _types
from scanner.normalize._gcp.getters import GETTERS as GCP_GETTERS
from scanner.normalize._reading import declared
from scanner.normalize.terraform import GETTERS

One = Callable[..., Resource]
Block = Callable[..., Document]
Read = Callable[..., dict[str, Resource]]

ARN = "arn:aws:kms:eu-central-1:1:key/k"


@pytest.mark.parametrize(
    ("address", "values", "config", "region"),
    [
        ("aws_sqs_queue.a", {"name": "q"}, {"region": "eu-west-1"}, "eu-west-1"),
        ("aws_sqs_queue.a", {"region": "us-east-1"}, {"region": "eu-west-1"}, "us-east-1"),
        ("aws_sqs_queue.a", {"arn": "arn:aws:sqs:us-east-1:1:q"}, {"region": "eu-west-1"}, "us-east-1"),
        ("aws_ebs_volume.a", {"availability_zone": "ap-south-1a"}, {}, "ap-south-1"),
        ("aws_sqs_queue.a", {"kms_key_id": ARN}, {}, "eu-central-1"),
        ("aws_iam_role.a", {"arn": "arn:aws:iam::1:role/r"}, {"region": "eu-west-1"}, ""),
        ("aws_route53_zone.a", {"name": "x"}, {"region": "eu-west-1"}, ""),
        ("google_storage_bucket.a", {"location": "EUROPE-WEST4"}, {}, "europe-west4"),
        (
            "google_compute_disk.a",
            {"zone": "https://www.googleapis.com/compute/v1/projects/p/zones/us-east1-b"},
            {},
            "us-east1-b",
        ),
        ("google_compute_subnetwork.a", {"region": None}, {"region": "us-east1"}, "us-east1"),
        ("google_compute_network.a", {"name": "n"}, {"region": "us-east1"}, ""),
        ("google_spanner_instance.a", {"config": "regional-europe-west1"}, {}, "europe-west1"),
        ("google_spanner_instance.a", {"config": "projects/p/instanceConfigs/nam3"}, {}, "nam3"),
        ("azurerm_resource_group.a", {"location": "East US"}, {}, "eastus"),
        ("azurerm_resource_group.a", {"location": "EastUs"}, {}, "eastus"),
        ("null_resource.a", {"id": "1"}, {}, ""),
    ],
)
def test_regions(one: One, address: str, values: dict[str, Any], config: dict[str, Any], region: str) -> None:
    assert one(address, values, provider_config=config).region == region


def test_the_region_of_others_is_not_taken_for_its_own(read: Read, block: Block) -> None:
    other = block("aws_sqs_queue.other", {"arn": "arn:aws:sqs:us-east-1:1:q"}, provider_config={})
    found = read(block("aws_sqs_queue.a", {"name": "q"}, provider_config={}), other)
    assert isinstance(found["aws_sqs_queue.a"].region, Unknown)


def test_a_data_source_of_the_same_provider_configuration_tells_the_region(read: Read, block: Block) -> None:
    config = {"region": Unknown("provider region comes from local.region", "region")}
    told = block("data.aws_region.current", {"id": "eu-west-1", "name": "eu-west-1"}, provider_config=config)
    mine = block("aws_sqs_queue.a", {"name": "q"}, provider_config=config)
    aliased = block("aws_sqs_queue.b", {"name": "q"}, provider_config=dict(config))
    found = read(told, mine, aliased)
    assert found["aws_sqs_queue.a"].region == "eu-west-1"
    assert found["aws_sqs_queue.b"].region is config["region"]
    assert "data.aws_region.current" not in found


def test_a_node_pool_is_where_its_cluster_is(one: One, block: Block, later: Unknown) -> None:
    cluster = block("azurerm_kubernetes_cluster.c", {"location": "West Europe"})
    reference = {"kubernetes_cluster_id": ["azurerm_kubernetes_cluster.c.id", "azurerm_kubernetes_cluster.c"]}
    pool = one(
        "azurerm_kubernetes_cluster_node_pool.p", {"kubernetes_cluster_id": later}, cluster, references=reference
    )
    assert pool.region == "westeurope"


@pytest.mark.parametrize(
    ("address", "values", "config", "tags"),
    [
        ("aws_sqs_queue.a", {"tags": {"a": "1"}, "tags_all": {"a": "1", "b": "2"}}, {}, {"a": "1", "b": "2"}),
        ("aws_sqs_queue.a", {"tags": {"a": "1"}}, {"default_tags": {"a": "0", "b": "2"}}, {"a": "1", "b": "2"}),
        (
            "aws_sqs_queue.a",
            {"tags": {"a": 1}},
            {"default_tags": {"b": True, "c": 7}},
            {"a": "1", "b": "true", "c": "7"},
        ),
        ("aws_sqs_queue.a", {"tags": None}, {}, {}),
        ("aws_route.a", {"id": "r"}, {"default_tags": {"b": "2"}}, {}),
        ("aws_autoscaling_group.a", {"tag": [{"key": "a", "value": "1"}]}, {"default_tags": {"b": "2"}}, {"a": "1"}),
        ("aws_autoscaling_group.a", {"tag": [{"key": "a", "value": False}]}, {}, {"a": "false"}),
        ("aws_autoscaling_group.a", {"tag": [], "tags": [{"key": "a", "value": "1"}]}, {}, {"a": "1"}),
        (
            "google_redis_instance.a",
            {"labels": {"a": "1"}, "effective_labels": {"a": "1", "b": "2"}},
            {},
            {"a": "1", "b": "2"},
        ),
        ("google_redis_instance.a", {"labels": {"a": "1"}}, {"default_tags": {"b": "2"}}, {"a": "1", "b": "2"}),
        (
            "google_sql_database_instance.a",
            {"database_version": "MYSQL_8_0", "settings": [{"user_labels": {"a": "1"}}]},
            {},
            {"a": "1"},
        ),
        ("google_container_cluster.a", {"resource_labels": {"a": "1"}}, {}, {"a": "1"}),
        ("google_container_cluster.a", {"resource_labels": {"a": "1"}}, {"default_tags": {"b": "2"}}, {"a": "1"}),
        (
            "google_container_cluster.a",
            {"resource_labels": {"a": "1"}, "terraform_labels": {"a": "1", "b": "2"}},
            {"default_tags": {"b": "2"}},
            {"a": "1", "b": "2"},
        ),
        ("azurerm_redis_cache.a", {"tags": {"a": "1"}}, {}, {"a": "1"}),
    ],
)
def test_tags(one: One, address: str, values: dict[str, Any], config: dict[str, Any], tags: dict[str, str]) -> None:
    assert one(address, values, provider_config=config).tags == tags


@pytest.mark.parametrize("address", ["aws_sqs_queue.a", "aws_instance.a"])
def test_tags_are_shown_where_they_are_written(one: One, address: str) -> None:
    assert one(address, {"tags": {"a": "1"}, "tags_all": {"a": "1"}}).citations["tags"].path == ("tags_all",)


def test_whether_default_labels_come_to_a_cluster_is_known_to_a_plan_alone(one: One) -> None:
    """They do from version 6 of the provider on."""
    config = {"default_tags": {"team": "ml", "env": "dev"}}
    tags = one("google_container_cluster.a", {"resource_labels": {"env": "x"}}, provider_config=config, actions=()).tags
    assert isinstance(tags.pop("team"), Unknown)
    assert tags == {"env": "x"}


def test_single_tags_stay_unknown_singly(one: One, later: Unknown) -> None:
    tags = one("aws_sqs_queue.a", {"tags_all": {"team": "ml", "cluster": later}}).tags
    assert (tags["team"], tags["cluster"]) == ("ml", later)


def test_tags_all_that_is_not_known_falls_back_to_what_is(one: One, later: Unknown) -> None:
    assert one("aws_sqs_queue.a", {"tags": {"a": "1"}, "tags_all": later}).tags == {"a": "1"}
    hidden = one("aws_sqs_queue.a", {"tags": {"a": "1"}, "tags_all": later}, provider_config={"default_tags": later})
    assert isinstance(hidden.tags, Unknown)


@pytest.mark.parametrize(
    ("address", "values", "name"),
    [
        ("aws_eks_node_group.gpu", {"node_group_name": "gpu-a"}, "gpu-a"),
        ("aws_eks_node_group.gpu", {"node_group_name_prefix": "gpu-"}, "gpu-*"),
        ("aws_s3_bucket.logs", {"bucket_prefix": ""}, "logs"),
        ("module.logs.aws_s3_bucket.this[0]", {}, "module.logs.aws_s3_bucket.this[0]"),
    ],
)
def test_names(one: One, later: Unknown, address: str, values: dict[str, Any], name: str) -> None:
    assert one(address, {"node_group_name": later, "bucket": later, **values}).name == name


def test_what_leaves_is_not_judged(read: Read, block: Block) -> None:
    actions = {"gone": ["delete"], "forgotten": ["forget"], "new": ["delete", "create"], "kept": ["no-op"]}
    found = read(*(block(f"aws_sqs_queue.{name}", {"name": name}, actions=words) for name, words in actions.items()))
    assert {resource.name: resource.change for resource in found.values()} == {"new": "replace", "kept": "no-op"}


def test_references_are_found_in_nested_blocks(one: One, later: Unknown) -> None:
    written = {
        "password": {"references": ["var.password"]},
        "plain": {"constant_value": "x"},
        "settings": [{"key": {"references": ["aws_kms_key.k.arn", "aws_kms_key.k"]}}],
    }
    resource = one("aws_thing.a", {"password": later}, expressions=written, sensitive=[("password",)])
    assert resource.type == "other"
    assert resource.references == {
        ("password",): ("var.password",),
        ("plain",): (),
        ("settings", 0, "key"): ("aws_kms_key.k.arn", "aws_kms_key.k"),
    }
    assert resource.sensitive == {("password",)}
    assert resource.origin.address == "aws_thing.a"


def test_a_hostile_document_is_one_problem_and_the_rest_goes_on(block: Block) -> None:
    ledger = Ledger()
    documents = [
        block("google_container_node_pool.bad", {"location": ["x"], "node_config": "text", "autoscaling": 5}),
        block("aws_s3_bucket.good", {"bucket": "good"}),
    ]
    inventory = normalize.inventory(Partition("plan", documents), ledger)
    assert [resource.name for resource in inventory] == ["good"]
    (problem,) = ledger.problems
    assert (problem.stage, problem.where) == ("normalize", "plan.json: google_container_node_pool.bad")


def test_repeated_uids_are_told_apart(block: Block) -> None:
    twice = [block("aws_sqs_queue.a", {"name": "q"})] * 2
    inventory = normalize.inventory(Partition("plan", twice), Ledger())
    assert [resource.uid for resource in inventory] == ["plan.json#aws_sqs_queue.a", "plan.json#aws_sqs_queue.a~2"]


@pytest.mark.parametrize(("dialect", "getters"), [("terraform", GETTERS), ("gcp", GCP_GETTERS)])
def test_every_getter_fills_a_declared_attribute_of_a_known_type(dialect: str, getters: Any) -> None:
    known = _types.canonical(dialect)
    for native, table in getters.items():
        assert native in known, native
        assert set(table) <= set(declared(known[native])), native


def test_every_resource_has_exactly_the_attributes_of_its_type(read: Read, block: Block) -> None:
    for native, kind in _types.canonical("terraform").items():
        written, _, inside = native.partition(":")  # what Azure's own API is asked for
        called, _, compute = inside.partition(":")
        body = {"properties": {"computeType": compute}}
        values = {
            "name": "a",
            "type": f"Microsoft.MachineLearningServices/workspaces/{called}@2024-04-01",
            "body": body,
        }
        resource = read(block(f"{written}.a", values if inside else {"name": "a"}))[f"{written}.a"]
        assert resource.type == kind, native
        assert list(resource.attributes) == list(declared(kind)), native
        assert set(resource.citations) >= {"region", "tags"}


@pytest.mark.parametrize(
    ("address", "values"),
    [
        (
            "aws_kms_replica_key.copy",
            {"primary_key_arn": "arn:aws:kms:us-east-1:111122223333:key/mrk-1"},
        ),
        (
            "aws_cloudwatch_event_target.far",
            {"rule": "orders", "arn": "arn:aws:events:us-east-1:111122223333:event-bus/orders"},
        ),
    ],
)
def test_an_arn_of_what_it_follows_or_leads_to_is_not_its_own(one: One, address: str, values: dict[str, Any]) -> None:
    assert isinstance(one(address, values, provider_config={}).region, Unknown)
    assert one(address, values).region == "eu-west-1"


@pytest.mark.parametrize(
    "values",
    [
        {"tags": {"team": "ml", "org:unit": "x", "name": "q"}},
        {"tags": {"team": "ml", "org:unit": "x", "name": "q"}, "tags_all": {"name": "q"}},
        {"tags": {"org:unit": "x"}, "tags_all": {"name": "q"}},
    ],
)
def test_what_a_provider_ignores_is_set_by_somebody_else(read: Read, block: Block, values: dict[str, Any]) -> None:
    settings = {"ignored_tags": ["team"], "ignored_prefixes": ["org:"], "default_tags": {"name": "q"}}
    tags = read(block("aws_sqs_queue.a", values, provider_config=settings))["aws_sqs_queue.a"].tags
    assert tags.keys() == {"team", "org:unit", "name"}
    assert [isinstance(tags[key], Unknown) for key in ("team", "org:unit", "name")] == [True, True, False]
