"""Tags, what can have them, and whose a resource is."""

from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from scanner.analyze import owner, tags
from scanner.model import Inventory, Resource, Unknown

AFTER_APPLY = Unknown("known after apply", "tags")
Make = Callable[..., Resource]
Estate = Callable[..., Inventory]


def team(*resources: Resource) -> Any:
    """Owner of the first of them, in a partition with the others."""
    return owner.derive(Inventory(resources))[resources[0].uid].values.get("team", "")


def taggable(resource: Resource) -> Any:
    return tags.derive(Inventory([resource]))[resource.uid].values["taggable"]


def test_whether_a_resource_of_the_api_has_a_place_may_be_open(make: Make) -> None:
    native = {"tags": AFTER_APPLY, "location": AFTER_APPLY, "body": {}}
    left = make(native_type="azapi_resource", native=native, references={("type",): ()})
    assert taggable(left) is AFTER_APPLY
    assert taggable(replace(left, references={("location",): ("var.place",)})) is True


def test_tags_are_passed_on_with_their_unknowns_in_place(make: Make) -> None:
    some, none = make(name="some", tags={"team": "ml", "stamp": AFTER_APPLY}), make(name="none", tags=AFTER_APPLY)
    facts = tags.derive(Inventory([some, none]))
    assert facts[some.uid].values["all"]["team"] == "ml"
    assert facts[some.uid].values["all"]["stamp"] is AFTER_APPLY
    assert facts[none.uid].values["all"] is AFTER_APPLY
    assert facts[some.uid].citations["all"] is some.citations["tags"]


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        ({"kind": "storage.bucket"}, True),
        ({"kind": "load_balancer.listener"}, False),
        ({"kind": "mesh.peer_authentication", "provider": "kubernetes", "native": {"metadata": {}}}, False),
        ({"kind": "ml.workspace", "native_type": "google_vertex_ai_metadata_store"}, False),
        ({"native_type": "aws_vpc", "native": {"tags": None, "cidr_block": "10.0.0.0/16"}}, True),
        ({"native_type": "aws_vpc", "native": {"tags_all": AFTER_APPLY}}, True),
        ({"native_type": "aws_s3_bucket_policy", "native": {"bucket": "b", "policy": "{}"}}, False),
        ({"native_type": "google_compute_network", "provider": "gcp", "native": {"name": "n"}}, False),
        ({"native_type": "google_pubsub_topic", "provider": "gcp", "native": {"labels": {}}}, True),
        ({"provider": "gcp", "native": {"resource": {"data": {"labels": {"a": "b"}}}}}, True),
        ({"native_type": "azapi_resource", "native": {"tags": None, "location": None, "body": {}}}, False),
        ({"native_type": "azapi_resource", "native": {"tags": None, "location": "westeurope"}}, True),
        ({"native_type": "azapi_resource", "native": {"location": AFTER_APPLY}}, True),
        ({"native_type": "azapi_resource", "native": {"body": '{"location": "westeurope"}'}}, True),
        ({"native_type": "azapi_resource", "native": {"body": "{"}}, False),
        ({"native_type": "core/Service", "provider": "kubernetes", "native": {"metadata": {"name": "s"}}}, True),
        ({"native_type": "kubernetes_role", "provider": "kubernetes", "native": {"metadata": [{"labels": {}}]}}, True),
        (
            {"native_type": "kubernetes_labels", "provider": "kubernetes", "native": {"metadata": [{"name": "x"}]}},
            False,
        ),
        ({"native_type": "kubernetes_namespace", "provider": "kubernetes", "native": {"id": "x"}}, False),
    ],
)
def test_what_can_have_tags(make: Make, resource: dict[str, Any], expected: bool) -> None:  # a table row
    assert taggable(make(resource.pop("kind", "other"), **resource)) is expected


@pytest.mark.parametrize(
    ("tag_map", "expected"),
    [
        ({"team": "ml"}, "ml"),
        ({"Team": "ml"}, "ml"),
        ({"TEAM": " ml "}, "ml"),
        ({"owner": "ana", "team": "ml"}, "ml"),
        ({"cost-center": "4711", "Owner": "ana"}, "ana"),
        ({"Cost Center": "4711"}, "4711"),
        ({"example.com/costCenter": "4711"}, "4711"),
        ({"team": "", "owner": "ana"}, "ana"),
        ({"app.kubernetes.io/part-of": "shop", "teammate": "no"}, ""),
        ({"team": "ml", "owner": AFTER_APPLY}, "ml"),
        ({}, ""),
    ],
)
def test_the_most_direct_ownership_tag_wins(make: Make, tag_map: dict[str, Any], expected: str) -> None:
    assert team(make(tags=tag_map)) == expected


@pytest.mark.parametrize("tag_map", [AFTER_APPLY, {"team": AFTER_APPLY}, {"team": AFTER_APPLY, "owner": "ana"}])
def test_an_unknown_tag_that_would_decide_makes_the_owner_unknown(make: Make, tag_map: Any) -> None:
    assert team(make(tags=tag_map)) is AFTER_APPLY


def test_a_workload_belongs_to_its_own_labels_then_its_pods_then_its_namespace(make: Make) -> None:
    def run(labels: dict[str, str], pod_labels: dict[str, str], namespace: Any = "prod") -> Any:
        attributes = {"pod_labels": pod_labels, "namespace": namespace}
        workload = make("workload", tags=labels, attributes=attributes, provider="kubernetes")
        return team(workload, make("kubernetes.namespace", name="prod", tags={"team": "platform"}))

    assert run({"team": "web"}, {"team": "pods"}) == "web"
    assert run({}, {"team": "pods"}) == "pods"
    assert run({}, {}) == "platform"
    assert run({}, {}, "elsewhere") == ""
    assert run({}, {}, AFTER_APPLY) is AFTER_APPLY


def test_a_namespace_that_nobody_named_matters_only_if_it_may_have_an_owner(make: Make) -> None:
    attributes = {"pod_labels": {}, "namespace": AFTER_APPLY}
    workload = make("workload", tags={}, attributes=attributes, provider="kubernetes")
    assert team(workload, make("kubernetes.namespace", name="prod", tags={"env": "prod"})) == ""


def test_namespaces_that_are_declared_twice_must_agree_about_their_owner(make: Make) -> None:
    def run(*teams: str) -> Any:
        attributes = {"pod_labels": {}, "namespace": "prod"}
        workload = make("workload", tags={}, attributes=attributes, provider="kubernetes")
        declared = [
            make("kubernetes.namespace", name="prod", address=f"n{number}", tags={"team": name} if name else {})
            for number, name in enumerate(teams)
        ]
        return team(workload, *declared)

    assert run("ml", "ml", "") == "ml"
    assert run("ml", "web").reason == "2 files declare namespace prod, with different owners"


def test_an_argument_called_resource_that_is_not_known_is_no_place_for_tags(make: Make) -> None:
    assert taggable(make(native_type="aws_api_gateway_x", native={"resource": AFTER_APPLY})) is False


@pytest.mark.parametrize("tag", [7, True, ["ml"], None])
def test_a_tag_that_is_no_text_takes_no_fact_from_the_other_resources(make: Make, tag: Any) -> None:
    strange = make(name="strange", tags={"team": tag})
    assert owner.derive(Inventory([strange, other := make(tags={"team": "ml"})]))[other.uid].values == {"team": "ml"}


def test_a_missing_owner_is_cited_where_it_could_be_written(make: Make) -> None:
    resource = make(tags={})
    assert owner.derive(Inventory([resource]))[resource.uid].citations["team"] is resource.citations["tags"]


@pytest.mark.parametrize(
    ("native_type", "native", "expected"),
    [
        ("aws_sqs_queue", {}, True),
        ("aws_lb_listener", {}, True),
        ("aws_autoscaling_group", {}, True),
        ("aws_iam_role_policy", {}, False),
        ("aws_inspector_resource_group", {"tags": {"a": "b"}}, False),  # they choose instances
        ("aws_thing_of_tomorrow", {"tags": None, "tags_all": {}}, True),
        ("google_pubsub_topic", {}, True),
        ("google_sql_database_instance", {}, True),
        ("google_compute_instance_group_manager", {}, True),
        ("google_compute_network", {}, False),
        ("google_monitoring_notification_channel", {"labels": {"email_address": "a@acme.example"}}, False),
        ("google_thing_of_tomorrow", {"effective_labels": {}}, True),
        ("azurerm_virtual_network", {}, True),
        ("azurerm_subnet", {}, False),
        ("azurerm_app_configuration_key", {"tags": {}}, False),
    ],
)
def test_the_schemas_of_the_providers_say_what_can_have_tags(
    make: Make, native_type: str, native: dict[str, Any], expected: bool
) -> None:
    assert taggable(make("other", native_type=native_type, native=native)) is expected


def test_spellings_of_one_word_are_told_and_nothing_is_said_of_keys_that_are_not_known(make: Make) -> None:
    written = {"Cost-Center": "1", "team": "ml", "cost_center": AFTER_APPLY, "costcentre": "2", "COST CENTER": "3"}
    some, none = make(name="some", tags=written), make(name="none", tags=AFTER_APPLY)
    facts = tags.derive(Inventory([some, none]))
    assert facts[some.uid].values["alike"] == [["Cost-Center", "cost_center", "COST CENTER"]]
    assert facts[none.uid].values["alike"] is AFTER_APPLY


def a_namespace(make: Make, name: str, tags: Any) -> Resource:
    return make("kubernetes.namespace", name=name, provider="kubernetes", tags=tags)


NAMELESS = Unknown("the manifest names no namespace")


@pytest.mark.parametrize(
    ("namespace", "declared", "expected"),
    [
        ("ml", [], {}),
        ("ml", [("web", {"team": "shop"})], {}),
        ("ml", [("ml", {"team": "fraud"}), ("web", {"team": "shop"})], {"team": "fraud"}),
        ("ml", [("ml", {"team": "fraud"}), ("ml", {"team": "fraud"})], {"team": "fraud"}),
        ("ml", [("ml", {"team": "fraud"}), ("ml", {"team": "shop"})], {"team": "unknown"}),
        ("ml", [("ml", {"team": "fraud"}), ("ml", {})], {"team": "unknown"}),
        ("ml", [("ml", {}), ("ml", {"team": "fraud"})], {"team": "unknown"}),
        ("ml", [("ml", AFTER_APPLY)], "unknown"),
        (NAMELESS, [], {}),
        (NAMELESS, [("ml", {}), ("web", {})], {}),
        (NAMELESS, [("ml", {"team": "fraud"})], {"team": "unknown"}),
    ],
)
def test_a_workload_has_the_labels_of_its_namespace(
    make: Make, namespace: Any, declared: list[tuple[str, Any]], expected: Any
) -> None:
    workload = make("workload", provider="kubernetes", attributes={"namespace": namespace})
    namespaces = [a_namespace(make, name, labels) for name, labels in declared]
    found = tags.derive(Inventory([workload, *namespaces]))[workload.uid].values["of_namespace"]
    told = "unknown" if isinstance(found, Unknown) else found
    if isinstance(told, dict):
        told = {key: "unknown" if isinstance(value, Unknown) else value for key, value in told.items()}
    assert told == expected
