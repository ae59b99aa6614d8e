"""How many machines of which type, as Terraform plans them."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from scanner.model import Document, Resource, Unknown

One = Callable[..., Resource]
Block = Callable[..., Document]
Read = Callable[..., dict[str, Resource]]


def shape(resource: Resource) -> tuple[Any, ...]:
    found = resource.attributes
    return (found["machine_type"], found["minimum"], found["maximum"], found["spot"])


def template(block: Block, **values: Any) -> Document:
    return block("aws_launch_template.gpu", {"name": "gpu", "id": "lt-1", **values})


def test_one_machine(one: One) -> None:
    assert shape(one("aws_instance.a", {"instance_type": "p5.48xlarge"})) == ("p5.48xlarge", 1, 1, False)
    old = one("azurerm_virtual_machine.a", {"vm_size": "Standard_NC6s_v3", "location": "West Europe"})
    assert (shape(old), old.region) == (("Standard_NC6s_v3", 1, 1, False), "westeurope")
    spot = {"instance_type": "g5.xlarge", "instance_market_options": [{"market_type": "spot"}]}
    assert shape(one("aws_instance.a", spot)) == ("g5.xlarge", 1, 1, True)
    azure = {"size": "Standard_NC24ads_A100_v4", "priority": "Spot"}
    assert shape(one("azurerm_linux_virtual_machine.a", azure)) == ("Standard_NC24ads_A100_v4", 1, 1, True)


def test_accelerators_attached_by_hand(one: One) -> None:
    machine = one(
        "google_compute_instance.a",
        {
            "machine_type": "n1-standard-8",
            "zone": "europe-west4-a",
            "guest_accelerator": [{"type": "projects/p/zones/z/acceleratorTypes/nvidia-tesla-t4", "count": 2}],
            "scheduling": [{"provisioning_model": "SPOT"}],
        },
    )
    assert machine.attributes["accelerators"] == [{"model": "nvidia-tesla-t4", "count": 2}]
    assert machine.citations["attributes.accelerators"].path == ("guest_accelerator",)
    assert (machine.region, machine.attributes["spot"]) == ("europe-west4-a", True)


def test_a_scaling_group_takes_its_type_from_its_template(one: One, block: Block, later: Unknown) -> None:
    group = {"min_size": 0, "max_size": 8, "launch_template": [{"id": later, "version": "$Latest"}]}
    written = {"launch_template": [{"id": {"references": ["aws_launch_template.gpu.id", "aws_launch_template.gpu"]}}]}
    made = template(block, instance_type="p4d.24xlarge", instance_market_options=[{"market_type": "spot"}])
    asg = one("aws_autoscaling_group.g", group, made, expressions=written)
    assert shape(asg) == ("p4d.24xlarge", 0, 8, True)
    assert asg.citations["attributes.machine_type"].origin.address == "aws_launch_template.gpu"
    alone = one("aws_autoscaling_group.g", {**group, "launch_template": [{"id": "lt-elsewhere"}]})
    assert isinstance(alone.attributes["machine_type"], Unknown)
    assert alone.attributes["maximum"] == 8


def test_of_several_types_the_largest_counts(one: One, block: Block) -> None:
    policy = {
        "instances_distribution": [{"on_demand_percentage_above_base_capacity": 50}],
        "launch_template": [
            {
                "launch_template_specification": [{"launch_template_id": "lt-1"}],
                "override": [
                    {"instance_type": "g5.xlarge"},
                    {"instance_type": "g5.48xlarge"},
                    {"instance_type": "g5.4xlarge"},
                ],
            }
        ],
    }
    group = {"min_size": 1, "max_size": 4, "mixed_instances_policy": [policy]}
    assert shape(one("aws_autoscaling_group.g", group, template(block))) == ("g5.48xlarge", 1, 4, True)


def test_eks_node_groups(one: One, block: Block, later: Unknown) -> None:
    scaling = {"scaling_config": [{"min_size": 0, "max_size": 5, "desired_size": 0}]}
    listed = {**scaling, "instance_types": ["g5.2xlarge", "g5.12xlarge"], "capacity_type": "SPOT"}
    assert shape(one("aws_eks_node_group.n", listed)) == ("g5.12xlarge", 0, 5, True)
    plain = one(
        "aws_eks_node_group.n",
        {**scaling, "instance_types": later, "capacity_type": later},
        references={"node_role_arn": ["x"]},
    )
    assert shape(plain) == ("t3.medium", 0, 5, False)
    templated = {**scaling, "launch_template": [{"id": "lt-1"}]}
    assert (
        shape(one("aws_eks_node_group.n", templated, template(block, instance_type="trn1.32xlarge")))[0]
        == "trn1.32xlarge"
    )


def test_a_template_that_is_yet_to_be_made_is_one_of_the_plans(one: One, block: Block, later: Unknown) -> None:
    """As in the EKS module, where the node group names its template through a local value."""
    group = {"scaling_config": [{"min_size": 0, "max_size": 5}], "launch_template": [{"id": later}]}
    written = {"launch_template": [{"id": {"references": ["local.launch_template_id"]}}]}
    alike = [block(f"aws_launch_template.t[{index}]", {"id": later, "instance_type": None}) for index in (0, 1)]
    other = block("aws_launch_template.gpu", {"id": later, "instance_type": "p5.48xlarge"})
    old = block("aws_launch_template.old", {"id": "lt-1", "instance_type": "p5.48xlarge"}, actions=("no-op",))
    assert (
        one("aws_eks_node_group.n", group, *alike, old, expressions=written).attributes["machine_type"] == "t3.medium"
    )
    for templates in ([*alike, other], [old], []):
        told = one("aws_eks_node_group.n", group, *templates, expressions=written)
        assert isinstance(told.attributes["machine_type"], Unknown)


def test_instance_groups_of_google(one: One, block: Block, later: Unknown) -> None:
    made = block(
        "google_compute_instance_template.t",
        {
            "machine_type": "a2-highgpu-1g",
            "self_link": "https://www.googleapis.com/compute/v1/projects/p/global/instanceTemplates/t",
            "guest_accelerator": [{"type": "nvidia-tesla-a100", "count": 1}],
            "labels": {"team": "ml"},
        },
    )
    group = {
        "zone": "europe-west4-b",
        "version": [{"instance_template": "projects/p/global/instanceTemplates/t"}],
        "target_size": 2,
    }
    address = "google_compute_instance_group_manager.g"
    fixed = one(address, group, made)
    assert shape(fixed) == ("a2-highgpu-1g", 2, 2, False)
    assert fixed.tags == {"team": "ml"}
    scaler = block(
        "google_compute_autoscaler.s",
        {"target": later, "autoscaling_policy": [{"min_replicas": 1, "max_replicas": 16}]},
        references={"target": [f"{address}.id", address]},
    )
    assert shape(one(address, {**group, "target_size": later}, made, scaler)) == ("a2-highgpu-1g", 1, 16, False)


@pytest.mark.parametrize(
    ("place", "extra", "maximum"),
    [
        ("europe-west4-a", {"autoscaling": [{"min_node_count": 0, "max_node_count": 4}]}, 4),
        ("europe-west4", {"autoscaling": [{"min_node_count": 0, "max_node_count": 4}]}, 12),
        ("europe-west4", {"autoscaling": [{"max_node_count": 4}], "node_locations": ["europe-west4-a"]}, 4),
        ("europe-west4", {"autoscaling": [{"total_min_node_count": 0, "total_max_node_count": 7}]}, 7),
        ("europe-west4", {"node_count": 2}, 6),
        ("europe-west4", {"initial_node_count": 1}, 3),
    ],
)
def test_gke_counts_nodes_for_each_zone(one: One, place: str, extra: dict[str, Any], maximum: int) -> None:
    config = {"machine_type": "a3-highgpu-8g", "spot": True, "resource_labels": {"team": "ml"}, "labels": {"no": "tag"}}
    pool = one("google_container_node_pool.p", {"location": place, "node_config": [config], **extra})
    assert (pool.attributes["machine_type"], pool.attributes["maximum"], pool.attributes["spot"]) == (
        "a3-highgpu-8g",
        maximum,
        True,
    )
    assert pool.tags == {"team": "ml"}


def test_pools_inside_of_clusters_are_pools(read: Read, block: Block, later: Unknown) -> None:
    default = {
        "name": "gpu",
        "vm_size": "Standard_ND96isr_H100_v5",
        "auto_scaling_enabled": True,
        "min_count": 1,
        "max_count": 3,
    }
    aks = block(
        "azurerm_kubernetes_cluster.c", {"name": "c", "location": "Sweden Central", "default_node_pool": [default]}
    )
    gke = block(
        "google_container_cluster.c",
        {
            "name": "c",
            "location": "us-central1",
            "node_pool": later,
            "initial_node_count": 1,
            "remove_default_node_pool": None,
        },
        references={"network": ["var.network"]},
    )
    removed = block(
        "google_container_cluster.r", {"name": "r", "location": "us-central1", "remove_default_node_pool": True}
    )
    found = read(aks, gke, removed)
    pool = found["azurerm_kubernetes_cluster.c/gpu"]
    assert (pool.type, pool.name, pool.region) == ("kubernetes.node_pool", "gpu", "swedencentral")
    assert shape(pool) == ("Standard_ND96isr_H100_v5", 1, 3, False)
    assert pool.citations["attributes.maximum"].path == ("default_node_pool", 0, "max_count")
    assert shape(found["google_container_cluster.c/default-pool"]) == ("e2-medium", 3, 3, False)
    assert not [address for address in found if address.startswith("google_container_cluster.r/")]


@pytest.mark.parametrize(
    ("values", "machine"),
    [
        ({"accelerator_type": "v5litepod-16"}, "v5litepod-16"),
        ({"accelerator_config": [{"type": "V4", "topology": "2x2x2"}]}, "v4-16"),
        ({"accelerator_config": [{"type": "V5LITE_POD", "topology": "4x4"}]}, "v5litepod-16"),
        ({"accelerator_config": [{"type": "V6E", "topology": "2x4"}]}, "v6e-8"),
        ({}, "v2-8"),
    ],
)
def test_tpus(one: One, values: dict[str, Any], machine: str) -> None:
    assert shape(one("google_tpu_v2_vm.t", {"zone": "us-central2-b", **values})) == (machine, 1, 1, False)


def test_queued_tpus(one: One) -> None:
    spec = {"node_id": "a", "node": [{"accelerator_type": "v5p-8"}]}
    queued = one("google_tpu_v2_queued_resource.q", {"zone": "us-east5-a", "tpu": [{"node_spec": [spec, spec]}]})
    assert shape(queued)[:3] == ("v5p-8", 2, 2)


def test_what_serves_and_trains(one: One) -> None:
    variant = {"instance_type": "ml.p4d.24xlarge", "initial_instance_count": 2}
    scaled = {"managed_instance_scaling": [{"min_instance_count": 1, "max_instance_count": 6}]}
    config = one("aws_sagemaker_endpoint_configuration.e", {"production_variants": [variant, {**variant, **scaled}]})
    assert shape(config) == ("ml.p4d.24xlarge", 3, 8, False)
    serverless = {"serverless_config": [{"max_concurrency": 2}]}
    assert shape(one("aws_sagemaker_endpoint_configuration.e", {"production_variants": [serverless]})) == (
        "",
        0,
        0,
        False,
    )
    capacity = {"type": "SPOT", "min_vcpus": 0, "max_vcpus": 384, "instance_type": ["p5.48xlarge"]}
    assert shape(one("aws_batch_compute_environment.b", {"compute_resources": [capacity]})) == (
        "p5.48xlarge",
        0,
        2,
        True,
    )
    family = one("aws_batch_compute_environment.b", {"compute_resources": [{**capacity, "instance_type": ["p5"]}]})
    assert isinstance(family.attributes["maximum"], Unknown)
    cluster = {
        "vm_size": "Standard_NC6s_v3",
        "vm_priority": "LowPriority",
        "scale_settings": [{"min_node_count": 0, "max_node_count": 4}],
    }
    assert shape(one("azurerm_machine_learning_compute_cluster.c", cluster)) == ("Standard_NC6s_v3", 0, 4, True)


def test_tags_that_reach_the_machines(one: One, block: Block, later: Unknown) -> None:
    made = template(block, tag_specifications=[{"resource_type": "instance", "tags": {"team": "ml", "a": "template"}}])
    group = {
        "launch_template": [{"id": "lt-1"}],
        "tag": [
            {"key": "a", "value": "group", "propagate_at_launch": True},
            {"key": "b", "value": "stays", "propagate_at_launch": False},
        ],
    }
    asg = one("aws_autoscaling_group.g", group, made)
    assert asg.attributes["machine_tags"] == {"team": "ml", "a": "group"}
    assert set(asg.tags) == {"a", "b"}
    alone = one("aws_eks_node_group.g", {"tags": {"team": "ml"}})
    assert (alone.tags, alone.attributes["machine_tags"]) == ({"team": "ml"}, {})
    dark = one("aws_eks_node_group.g", {"launch_template": [{"id": "lt-elsewhere"}]})
    assert isinstance(dark.attributes["machine_tags"], Unknown)
    pool = {"cluster": "c", "node_config": [{"resource_labels": {"team": "ml"}}]}
    cluster = block("google_container_cluster.c", {"name": "c", "resource_labels": {"env": "prod"}})
    assert one("google_container_node_pool.p", pool, cluster).attributes["machine_tags"] == {
        "team": "ml",
        "env": "prod",
    }


def test_capacity_that_is_reserved_or_queued_for(one: One, block: Block) -> None:
    target = [{"capacity_reservation_target": [{"capacity_reservation_id": "cr-1"}]}]
    opened = [{"capacity_reservation_preference": "open", "capacity_reservation_target": []}]
    named = {"type": "SPECIFIC_RESERVATION", "specific_reservation": [{"key": "k", "values": ["r"]}]}
    reserved = {
        ("aws_instance.a", "capacity_reservation_specification"): (target, opened),
        ("aws_autoscaling_group.a", "capacity_reservation_specification"): (
            [{"capacity_reservation_target": [{"capacity_reservation_ids": ["cr-1"]}]}],
            [{"capacity_reservation_preference": "default", "capacity_reservation_target": []}],
        ),
        ("aws_eks_node_group.a", "capacity_type"): ("CAPACITY_BLOCK", "ON_DEMAND"),
        ("google_compute_instance.a", "reservation_affinity"): ([named], [{"type": "ANY_RESERVATION"}]),
        ("google_compute_instance.a", "scheduling"): (
            [{"provisioning_model": "FLEX_START"}],
            [{"provisioning_model": "SPOT"}],
        ),
        ("google_container_node_pool.a", "queued_provisioning"): ([{"enabled": True}], []),
        ("google_container_node_pool.a", "node_config"): ([{"flex_start": True}], [{"spot": True}]),
        ("azurerm_linux_virtual_machine.a", "capacity_reservation_group_id"): ("/groups/g", None),
    }
    for (address, key), (yes, no) in reserved.items():
        assert one(address, {key: yes}).attributes["reserved"] is True, address
        assert one(address, {key: no}).attributes["reserved"] is False, address


DEPLOYMENTS = "Microsoft.MachineLearningServices/workspaces/onlineEndpoints/deployments@2024-04-01"
COMPUTES = "Microsoft.MachineLearningServices/workspaces/computes@2024-04-01"
SERVED = {"properties": {"instanceType": "Standard_NC24ads_A100_v4"}, "sku": {"name": "Default", "capacity": 3}}


@pytest.mark.parametrize("body", [SERVED, json.dumps(SERVED)])
def test_a_deployment_that_the_api_is_asked_for(one: One, body: Any) -> None:
    """The body is an object, or text in older versions of the provider."""
    found = one("azapi_resource.blue", {"type": DEPLOYMENTS, "name": "blue", "location": "West Europe", "body": body})
    assert (found.type, found.region) == ("ml.endpoint", "westeurope")
    assert found.attributes["machine_type"] == "Standard_NC24ads_A100_v4"
    assert (found.attributes["minimum"], found.attributes["maximum"]) == (3, 3)


def test_a_deployment_that_scales(one: One, block: Block) -> None:
    body = {"properties": {**SERVED["properties"], "scaleSettings": {"minInstances": 1, "maxInstances": 6}}}
    found = one("azapi_resource.blue", {"type": DEPLOYMENTS, "name": "blue", "body": body})
    assert (found.attributes["minimum"], found.attributes["maximum"]) == (1, 6)
    profile = {"capacity": [{"minimum": 2, "maximum": 9, "default": 2}]}
    scaled = block("azurerm_monitor_autoscale_setting.blue", {"target_resource_id": "/blue", "profile": [profile]})
    found = one("azapi_resource.blue", {"id": "/blue", "type": DEPLOYMENTS, "name": "blue", "body": SERVED}, scaled)
    assert (found.attributes["minimum"], found.attributes["maximum"]) == (2, 9)


def test_computes_of_azure_ml_by_what_they_are(one: One, later: Unknown) -> None:
    inner = {"vmSize": "Standard_ND96asr_v4", "vmPriority": "LowPriority", "scaleSettings": {"maxNodeCount": 4}}
    body = {"properties": {"computeType": "AmlCompute", "properties": inner}}
    cluster = one("azapi_resource.gpu", {"type": COMPUTES, "name": "gpu", "body": body})
    assert cluster.type == "ml.training"
    assert {key: cluster.attributes[key] for key in ("maximum", "minimum", "spot")} == {
        "maximum": 4,
        "minimum": 0,
        "spot": True,
    }
    body = {"properties": {"computeType": "ComputeInstance", "properties": {"vmSize": "Standard_NC24ads_A100_v4"}}}
    notebook = one("azapi_resource.nb", {"type": COMPUTES, "name": "nb", "body": body})
    assert (notebook.type, notebook.attributes["idle_shutdown"]) == ("ml.notebook", False)
    assert one("azapi_resource.dark", {"type": COMPUTES, "name": "dark", "body": later}).type == "other"


def test_a_resource_of_the_api_is_where_its_workspace_is(one: One, block: Block) -> None:
    workspace = block("azurerm_machine_learning_workspace.ws", {"id": "/ws", "name": "ws", "location": "westeurope"})
    endpoint = {"type": DEPLOYMENTS.replace("/deployments", ""), "name": "e", "parent_id": "/ws", "body": {}}
    assert one("azapi_resource.e", endpoint, workspace).region == "westeurope"


def test_a_choice_with_a_template_of_its_own_starts_what_that_says(one: One, block: Block) -> None:
    def group(*overrides: dict[str, Any]) -> Any:
        made = {"launch_template_specification": [{"launch_template_id": "lt-1"}], "override": list(overrides)}
        policy = {"instances_distribution": [], "launch_template": [made]}
        values = {"min_size": 1, "max_size": 4, "mixed_instances_policy": [policy]}
        others = (
            block("aws_launch_template.big", {"name": "big", "id": "lt-2", "instance_type": "p4d.24xlarge"}),
            block("aws_launch_template.free", {"name": "free", "id": "lt-3", "instance_requirements": [{}]}),
        )
        found = one("aws_autoscaling_group.g", values, template(block, instance_type="m5.large"), *others)
        return found.attributes["machine_type"]

    own = {"launch_template_specification": [{"launch_template_id": "lt-2"}]}
    assert group({"instance_type": "m5.xlarge"}, own) == "p4d.24xlarge"
    assert group({**own, "instance_type": "p5.48xlarge"}) == "p5.48xlarge"
    assert isinstance(group({"launch_template_specification": [{"launch_template_id": "lt-3"}]}), Unknown)
    assert isinstance(group({"instance_type": "m5.xlarge"}, {"instance_requirements": [{}]}), Unknown)


def test_a_template_that_chooses_by_requirements_leaves_the_type_open(one: One, block: Block) -> None:
    free = template(block, instance_requirements=[{"vcpu_count": [{"min": 4}]}])
    group = {"min_size": 1, "max_size": 4, "launch_template": [{"id": "lt-1"}]}
    assert isinstance(one("aws_autoscaling_group.g", group, free).attributes["machine_type"], Unknown)
    fleet = {
        "launch_template_config": [{"launch_template_specification": [{"launch_template_id": "lt-1"}]}],
        "target_capacity_specification": [{"total_target_capacity": 2, "default_target_capacity_type": "on-demand"}],
    }
    assert isinstance(one("aws_ec2_fleet.f", fleet, free).attributes["machine_type"], Unknown)
