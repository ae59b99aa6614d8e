"""Accelerators that are reserved, provisioned on demand of pods, deployed behind endpoints, or bought in fleets."""

from collections.abc import Callable
from typing import Any

from scanner import analyze
from scanner.model import Document, Inventory, Ledger, Resource, Unknown

One = Callable[..., Resource]
Block = Callable[..., Document]
Read = Callable[..., dict[str, Resource]]


def shape(resource: Resource) -> tuple[Any, ...]:
    found = resource.attributes
    return (found["machine_type"], found["minimum"], found["maximum"])


def accelerators(*resources: Resource) -> dict[str, tuple[Any, Any]]:
    facts = analyze.facts(Inventory(resources), Ledger(), {"accelerators"})
    found = {one.name: facts.values_for(one.uid)["accelerators"] for one in resources}
    return {name: (values["count"], values["model"]) for name, values in found.items()}


def test_reservations_hold_accelerators_that_nobody_counts_twice(one: One) -> None:
    aws = one("aws_ec2_capacity_reservation.r", {"instance_type": "p4d.24xlarge", "instance_count": 3})
    assert accelerators(aws) == {"r": (24, "nvidia-a100")}
    assert aws.type == "capacity.reservation"
    properties = {
        "machine_type": "n1-standard-8",
        "guest_accelerators": [
            {"accelerator_type": "projects/p/zones/z/acceleratorTypes/nvidia-tesla-t4", "accelerator_count": 2}
        ],
    }
    google = one(
        "google_compute_reservation.r",
        {
            "name": "r",
            "zone": "europe-west4-a",
            "specific_reservation": [{"count": 4, "instance_properties": [properties]}],
        },
    )
    assert accelerators(google) == {"r": (8, "nvidia-t4")}
    azure = one(
        "azurerm_capacity_reservation.r", {"name": "r", "sku": [{"name": "Standard_NC24ads_A100_v4", "capacity": 2}]}
    )
    assert accelerators(azure) == {"r": (2, "nvidia-a100-80gb")}


def test_a_group_counts_the_type_with_most_accelerators_not_the_one_with_most_processors(one: One) -> None:
    override = [{"instance_type": "m5.24xlarge"}, {"instance_type": "g5.12xlarge"}, {"instance_type": "g5.xlarge"}]
    mixed = [
        {"launch_template": [{"launch_template_specification": [{"launch_template_id": "lt-1"}], "override": override}]}
    ]
    group = {"name": "g", "min_size": 0, "max_size": 5, "mixed_instances_policy": mixed}
    assert accelerators(one("aws_autoscaling_group.g", group)) == {"g": (20, "nvidia-a10g")}
    nodes = {
        "node_group_name": "n",
        "instance_types": ["m5.24xlarge", "g5.12xlarge"],
        "scaling_config": [{"min_size": 0, "max_size": 2}],
    }
    assert accelerators(one("aws_eks_node_group.n", nodes)) == {"n": (8, "nvidia-a10g")}


def test_a_group_whose_types_have_weights_counts_no_machines(one: One) -> None:
    override = [{"instance_type": "g5.12xlarge", "weighted_capacity": "4"}]
    mixed = [{"launch_template": [{"override": override}]}]
    group = one("aws_autoscaling_group.g", {"min_size": 0, "max_size": 16, "mixed_instances_policy": mixed})
    assert isinstance(group.attributes["maximum"], Unknown)


def test_fleets(one: One, block: Block) -> None:
    config = [{"launch_template_specification": [{"launch_template_id": "lt-1"}], "override": []}]
    made = block("aws_launch_template.t", {"id": "lt-1", "instance_type": "p4d.24xlarge"})
    capacity = [{"default_target_capacity_type": "spot", "total_target_capacity": 3}]
    fleet = one("aws_ec2_fleet.f", {"launch_template_config": config, "target_capacity_specification": capacity}, made)
    assert (*shape(fleet), fleet.attributes["spot"]) == ("p4d.24xlarge", 3, 3, True)
    processors = [{**capacity[0], "target_capacity_unit_type": "vcpu"}]
    counted = one(
        "aws_ec2_fleet.f", {"launch_template_config": config, "target_capacity_specification": processors}, made
    )
    assert isinstance(counted.attributes["maximum"], Unknown)
    spot = one("aws_spot_instance_request.s", {"instance_type": "g5.xlarge"})
    assert (*shape(spot), spot.attributes["spot"]) == ("g5.xlarge", 1, 1, True)


def test_an_endpoint_is_as_large_as_its_autoscaling_target_lets_it_grow(
    read: Read, block: Block, later: Unknown
) -> None:
    variant = {"variant_name": "main", "instance_type": "ml.g5.12xlarge", "initial_instance_count": 1}
    config = block("aws_sagemaker_endpoint_configuration.c", {"name": "c", "production_variants": [variant]})
    endpoint = block("aws_sagemaker_endpoint.e", {"name": "e", "endpoint_config_name": "c"})
    target = {
        "service_namespace": "sagemaker",
        "resource_id": "endpoint/e/variant/main",
        "min_capacity": 2,
        "max_capacity": 9,
    }
    scaled = read(config, endpoint, block("aws_appautoscaling_target.t", target))
    assert shape(scaled["aws_sagemaker_endpoint_configuration.c"]) == ("ml.g5.12xlarge", 2, 9)
    other = read(
        config, endpoint, block("aws_appautoscaling_target.t", {**target, "resource_id": "service/default/web"})
    )
    assert shape(other["aws_sagemaker_endpoint_configuration.c"]) == ("ml.g5.12xlarge", 1, 1)
    canary = block("aws_sagemaker_endpoint.canary", {"name": "canary", "endpoint_config_name": "c"})
    both = read(config, endpoint, canary, block("aws_appautoscaling_target.t", target))
    assert shape(both["aws_sagemaker_endpoint_configuration.c"]) == ("ml.g5.12xlarge", 3, 10)
    references = {"resource_id": ["aws_sagemaker_endpoint.e.name", "aws_sagemaker_endpoint.e"]}
    dark = block("aws_appautoscaling_target.t", {**target, "resource_id": later}, references=references)
    found = read(config, endpoint, dark)["aws_sagemaker_endpoint_configuration.c"]
    assert isinstance(found.attributes["maximum"], Unknown)


def test_what_a_cluster_may_provision_by_itself(read: Read, block: Block) -> None:
    limits = [
        {"resource_type": "cpu", "maximum": 100},
        {"resource_type": "memory", "maximum": 400},
        {"resource_type": "nvidia-l4", "maximum": 16},
    ]
    scaling = [{"enabled": True, "resource_limits": limits}]
    cluster = {
        "name": "c",
        "location": "europe-west4",
        "remove_default_node_pool": True,
        "cluster_autoscaling": scaling,
    }
    found = read(block("google_container_cluster.c", cluster))
    pool = found["google_container_cluster.c/auto-provisioning"]
    assert accelerators(pool) == {"auto-provisioning": (16, "nvidia-l4")}
    assert pool.citations["attributes.accelerators"].path == ("cluster_autoscaling", 0, "resource_limits")
    only_processors = [{"enabled": True, "resource_limits": limits[:2]}]
    assert len(read(block("google_container_cluster.c", {**cluster, "cluster_autoscaling": only_processors}))) == 1
    off = [{"enabled": False, "resource_limits": limits}]
    assert len(read(block("google_container_cluster.c", {**cluster, "cluster_autoscaling": off}))) == 1


def test_models_deployed_on_vertex_ai(one: One, block: Block) -> None:
    spec = [{"machine_type": "g2-standard-12", "accelerator_type": "NVIDIA_L4", "accelerator_count": 1}]
    dedicated = [{"machine_spec": spec, "min_replica_count": 1, "max_replica_count": 4, "spot": True}]
    deployed = one(
        "google_vertex_ai_endpoint_with_model_garden_deployment.m",
        {"location": "europe-west4", "deploy_config": [{"dedicated_resources": dedicated}]},
    )
    assert (accelerators(deployed), deployed.attributes["spot"]) == ({"m": (4, "nvidia-l4")}, True)
    pool = one(
        "google_vertex_ai_deployment_resource_pool.p",
        {"name": "p", "dedicated_resources": [{"machine_spec": spec, "min_replica_count": 2}]},
    )
    assert accelerators(pool) == {"p": (2, "nvidia-l4")}
    left = one("google_vertex_ai_endpoint_with_model_garden_deployment.m", {"location": "europe-west4"})
    assert isinstance(left.attributes["machine_type"], Unknown)


def test_a_scale_set_of_mixed_sizes(one: One) -> None:
    values = {
        "name": "s",
        "location": "westeurope",
        "sku_name": "Mix",
        "instances": 3,
        "sku_profile": [
            {"allocation_strategy": "LowestPrice", "vm_sizes": ["Standard_D4s_v5", "Standard_NC24ads_A100_v4"]}
        ],
    }
    assert accelerators(one("azurerm_orchestrated_virtual_machine_scale_set.s", values)) == {
        "s": (3, "nvidia-a100-80gb")
    }


def test_what_a_change_adds(one: One) -> None:
    def sized(maximum: int) -> dict[str, Any]:
        return {"instance_types": ["p5.48xlarge"], "scaling_config": [{"min_size": 0, "max_size": maximum}]}

    def added(actions: tuple[str, ...], before: Any = None) -> Any:
        group = one("aws_eks_node_group.g", sized(12), actions=actions, before=before)
        return group.attributes["added"]

    assert added(("create",)) == 12
    assert added(("update",), sized(2)) == 10
    assert added(("update",), sized(20)) == 0
    assert added(("no-op",), sized(12)) == 0
    assert added(("delete", "create"), sized(12)) == 0
    assert added(()) == 0


def test_a_pool_inside_of_a_cluster_grows_too(read: Read, block: Block) -> None:
    def cluster(count: int) -> dict[str, Any]:
        return {
            "name": "c",
            "default_node_pool": [{"name": "gpu", "vm_size": "Standard_NC24ads_A100_v4", "node_count": count}],
        }

    found = read(block("azurerm_kubernetes_cluster.c", cluster(5), actions=("update",), before=cluster(2)))
    assert found["azurerm_kubernetes_cluster.c/gpu"].attributes["added"] == 3


def test_a_cluster_of_the_provider_that_follows_the_api(one: One) -> None:
    groups = [
        {"instance_type": "ml.p5.48xlarge", "instance_count": 4},
        {"instance_type": "ml.p5.48xlarge", "instance_count": 2},
    ]
    assert accelerators(one("awscc_sagemaker_cluster.c", {"instance_groups": groups})) == {"c": (48, "nvidia-h100")}
    restricted = {"restricted_instance_groups": groups}
    assert accelerators(one("awscc_sagemaker_cluster.c", restricted)) == {"c": (48, "nvidia-h100")}
    spot = [{**group, "capacity_requirements": {"spot": {}}} for group in groups]
    assert one("awscc_sagemaker_cluster.c", {"instance_groups": spot}).attributes["spot"] is True
    assert one("awscc_sagemaker_cluster.c", {"instance_groups": groups}).attributes["spot"] is False


def test_a_flexible_group_of_google_and_what_batch_reserves(one: One, block: Block) -> None:
    made = block("google_compute_region_instance_template.t", {"name": "t", "id": "t", "machine_type": "n2-standard-8"})
    group = {
        "name": "g",
        "region": "europe-west4",
        "version": [{"instance_template": "t"}],
        "target_size": 3,
        "instance_flexibility_policy": [
            {"instance_selections": [{"name": "gpu", "machine_types": ["g2-standard-24"]}]}
        ],
    }
    assert accelerators(one("google_compute_region_instance_group_manager.g", group, made)) == {"g": (6, "nvidia-l4")}
    resources = {
        "type": "EC2",
        "instance_type": ["p4d.24xlarge"],
        "max_vcpus": 192,
        "launch_template": [{"launch_template_id": "lt-1"}],
    }
    target = [{"capacity_reservation_target": [{"capacity_reservation_id": "cr-1"}]}]
    template = block("aws_launch_template.t", {"id": "lt-1", "capacity_reservation_specification": target})
    batch = one("aws_batch_compute_environment.b", {"compute_resources": [resources]}, template)
    assert batch.attributes["reserved"] is True
    plain = one("aws_batch_compute_environment.b", {"compute_resources": [{**resources, "launch_template": []}]})
    assert plain.attributes["reserved"] is False
