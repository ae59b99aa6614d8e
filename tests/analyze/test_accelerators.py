"""How many accelerators resources can hold: machines times their number, pods times theirs, and what stays unknown."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.analyze import accelerators
from scanner.model import Citation, Fact, Inventory, Origin, Resource, Unknown

AFTER_APPLY = Unknown("known after apply", "scaling_config")
Make = Callable[..., Resource]
Estate = Callable[..., Inventory]


def fact_of(resource: Resource) -> Fact | None:
    return accelerators.derive(Inventory([resource])).get(resource.uid)


def pool(make: Make, **given_attributes: Any) -> Resource:
    attributes = {
        "machine_type": "m5.large",
        "accelerators": [],
        "minimum": 0,
        "maximum": 1,
        "spot": False,
        "reserved": False,
    }
    kind = given_attributes.pop("kind", "kubernetes.node_pool")
    native = given_attributes.pop("native", {})
    tags = given_attributes.pop("tags", {})
    references = given_attributes.pop("references", {})
    return make(kind, attributes={**attributes, **given_attributes}, native=native, tags=tags, references=references)


def workload(make: Make, spec: Any, minimum: Any = 1, maximum: Any = 1, **attributes: Any) -> Resource:
    template = {"path": ["spec", "template", "spec"], "spec": spec, "minimum": minimum, "maximum": maximum}
    given_attributes = {"pod_templates": [template], "spot": False, "role": "general", **attributes}
    native = {"spec": {"template": {"spec": spec}}}
    return make("workload", provider="kubernetes", attributes=given_attributes, native=native)


def container(amount: Any = 1, name: str = "nvidia.com/gpu", section: str = "limits", **more: Any) -> dict[str, Any]:
    return {"name": "main", "resources": {section: {"cpu": "4", name: amount}}, **more}


def test_a_group_without_a_size_keeps_the_fact_of_no_other_resource_away(make: Make) -> None:
    strange, other = (
        make("ml.tpu", name, attributes={**pool(make, machine_type="p5.48xlarge").attributes, "maximum": most})
        for name, most in (("strange", None), ("other", 4))
    )
    found = accelerators.derive(Inventory([strange, other]))
    assert found[other.uid].values["count"] == 32
    assert found[strange.uid].values["count"].reason == "it has a shape that its provider would refuse (TypeError)"


def test_a_group_of_several_types_runs_the_poorest_at_least_and_the_richest_at_most(make: Make) -> None:
    types = {"machine_type": "g2-standard-8", "alternatives": ["g2-standard-96", "a2-highgpu-4g"]}
    found = fact_of(pool(make, **types, minimum=2, maximum=3))
    assert found is not None
    assert (found.values["minimum"], found.values["count"]) == (2, 24)


def test_a_group_of_machines(make: Make) -> None:
    found = fact_of(pool(make, machine_type="p5.48xlarge", minimum=1, maximum=4, spot=True))
    assert found
    assert found.values == {
        "count": 32,
        "minimum": 8,
        "model": "nvidia-h100",
        "kind": "gpu",
        "spot": True,
        "reserved": False,
        "added": 0,
        "role": "general",
    }


def test_machines_without_accelerators_say_nothing(make: Make) -> None:
    assert fact_of(pool(make)) is None
    assert fact_of(pool(make, maximum=AFTER_APPLY)) is None


def test_attached_ones_count_and_implied_ones_are_not_counted_twice(make: Make) -> None:
    t4 = [{"model": "nvidia-tesla-t4", "count": 2}]
    attached = fact_of(pool(make, machine_type="n1-standard-8", accelerators=t4, maximum=3))
    assert attached
    assert (attached.values["count"], attached.values["model"]) == (6, "nvidia-t4")
    repeated = fact_of(
        pool(make, machine_type="a2-highgpu-1g", accelerators=[{"model": "nvidia-tesla-a100", "count": 1}])
    )
    assert repeated
    assert repeated.values["count"] == 1


def test_attaching_none_is_having_none(make: Make) -> None:
    none = [{"model": "nvidia-tesla-t4", "count": 0}]
    assert fact_of(pool(make, machine_type="n1-standard-8", accelerators=none)) is None


@pytest.mark.parametrize("policy", [AFTER_APPLY, [AFTER_APPLY], [{"tpu_topology": AFTER_APPLY}], [], ["x"], None, "x"])
def test_without_a_topology_the_size_of_a_tpu_pool_stays_unknown(make: Make, policy: Any) -> None:
    native = {"placement_policy": policy}
    found = fact_of(pool(make, machine_type="ct5lp-hightpu-4t", maximum=AFTER_APPLY, native=native))
    assert found
    assert found.values["count"] is AFTER_APPLY
    assert found.values["model"] == "tpu-v5e"


def test_an_unknown_size_leaves_the_model_known(make: Make) -> None:
    found = fact_of(pool(make, machine_type="g5.xlarge", maximum=AFTER_APPLY))
    assert found
    assert found.values["count"] is AFTER_APPLY
    assert (found.values["minimum"], found.values["model"], found.values["kind"]) == (0, "nvidia-a10g", "gpu")


def test_an_unknown_machine_leaves_nothing_known_but_spot(make: Make) -> None:
    found = fact_of(pool(make, machine_type=AFTER_APPLY))
    assert found
    assert all(found.values[field] is AFTER_APPLY for field in ("count", "minimum", "model", "kind"))
    assert found.values["spot"] is False


def test_an_unknown_number_of_attached_ones_leaves_the_model_known(make: Make) -> None:
    attached = [{"model": "nvidia-tesla-t4", "count": AFTER_APPLY}]
    found = fact_of(pool(make, machine_type="n1-standard-8", accelerators=attached))
    assert found
    assert found.values["count"] is AFTER_APPLY
    assert found.values["model"] == "nvidia-t4"


def test_the_number_is_cited_where_the_group_gets_its_size(make: Make) -> None:
    origin = Origin("main.tf", "terraform_plan")
    places = {name: Citation(origin, (name,)) for name in ("attributes.maximum", "attributes.machine_type")}
    attributes = {
        "machine_type": "p5.48xlarge",
        "accelerators": [],
        "minimum": 0,
        "maximum": 9,
        "spot": False,
        "reserved": False,
    }
    found = fact_of(make("kubernetes.node_pool", attributes=attributes, citations=places))
    assert found
    assert found.citations["count"].path == ("attributes.maximum",)
    assert found.citations["model"].path == ("attributes.machine_type",)
    places["attributes.maximum"] = Citation(origin, ())  # nobody writes how many machines a single machine is
    single = fact_of(make("ml.notebook", attributes=attributes, citations=places))
    assert single is not None
    assert single.citations["count"].path == ("attributes.machine_type",)


def test_a_tpu_by_its_type(make: Make) -> None:
    found = fact_of(pool(make, kind="ml.tpu", machine_type="v5litepod-16"))
    assert found
    assert (found.values["count"], found.values["model"], found.values["kind"]) == (16, "tpu-v5e", "tpu")


def test_a_node_pool_that_is_one_tpu_slice_has_the_size_of_its_topology(make: Make) -> None:
    native = {"placement_policy": [{"type": "COMPACT", "tpu_topology": "4x4"}]}
    found = fact_of(pool(make, machine_type="ct5lp-hightpu-4t", maximum=AFTER_APPLY, native=native))
    assert found
    assert found.values["count"] == 16


@pytest.mark.parametrize(
    ("kind", "role"), [("ml.training", "training"), ("ml.endpoint", "serving"), ("ml.notebook", "notebook")]
)
def test_machine_learning_services_say_what_they_are_for(make: Make, kind: str, role: str) -> None:
    found = fact_of(pool(make, kind=kind, machine_type="ml.g5.xlarge"))
    assert found
    assert found.values["role"] == role


@pytest.mark.parametrize(
    "fields",
    [
        {"native": {"labels": {"role": "training"}}},
        {"native": {"node_labels": {"acme.example/workload-type": "Training"}}},
        {"native": {"node_config": [{"labels": {"purpose": "fine-tuning"}}]}},
        {"native": {"resource": {"data": {"config": {"labels": {"role": "trainer"}}}}}},
        {"tags": {"Role": "training"}, "native": {"labels": Unknown("known after apply")}},
    ],
)
def test_machines_are_for_what_their_tags_and_node_labels_say(make: Make, fields: dict[str, Any]) -> None:
    found = fact_of(pool(make, machine_type="p4d.24xlarge", **fields))
    assert found
    assert found.values["role"] == "training"


def test_labels_that_say_nothing_leave_machines_general(make: Make) -> None:
    labels = {"role": "arn:aws:iam::1:role/node", "team": "training", "zone": Unknown("known after apply")}
    found = fact_of(pool(make, machine_type="p4d.24xlarge", native={"labels": labels}))
    assert found
    assert found.values["role"] == "general"


def test_labels_that_only_the_provider_fills_in_leave_machines_general(make: Make) -> None:
    native = {"node_labels": Unknown("known after apply"), "name": "h100"}
    found = fact_of(pool(make, machine_type="p4d.24xlarge", native=native, references={("name",): ()}))
    assert found
    assert found.values["role"] == "general"


@pytest.mark.parametrize(
    "fields",
    [
        {"tags": Unknown("known after apply"), "native": {"labels": {"team": "training"}}},
        {"native": {"labels": Unknown("known after apply")}},
        {"native": {"labels": {"role": Unknown("known after apply")}}},
        {"native": {"node_config": Unknown("known after apply")}},
        {"native": {"node_config": [{"labels": Unknown("known after apply")}]}},
    ],
)
def test_what_machines_are_for_is_unknown_while_their_labels_are(make: Make, fields: dict[str, Any]) -> None:
    found = fact_of(pool(make, machine_type="p4d.24xlarge", **fields))
    assert found
    assert isinstance(found.values["role"], Unknown)


def test_pods_times_replicas(make: Make) -> None:
    found = fact_of(workload(make, {"containers": [container(2)]}, minimum=1, maximum=5, role="serving", spot=True))
    assert found
    assert found.values == {
        "count": 10,
        "minimum": 2,
        "model": "nvidia-gpu",
        "kind": "gpu",
        "spot": True,
        "role": "serving",
    }
    limits = ("spec", "template", "spec", "containers", 0, "resources", "limits", "nvidia.com/gpu")
    assert found.citations["count"].path == limits


@pytest.mark.parametrize(
    ("spec", "count"),
    [
        ({"containers": [container("2"), container(1)]}, 3),
        ({"containers": [container(1)], "initContainers": [container(4), container(2)]}, 4),
        ({"containers": [container(1)], "initContainers": [container(2, restartPolicy="Always")]}, 3),
        ({"containers": [container(2, section="requests")]}, 2),
        ({"containers": [container(4, "aws.amazon.com/neuroncore")]}, 2),
        ({"containers": [container(3, "aws.amazon.com/neuroncore")]}, 2),
    ],
)
def test_containers_of_a_pod_together(make: Make, spec: Any, count: int) -> None:
    found = fact_of(workload(make, spec))
    assert found
    assert found.values["count"] == count


@pytest.mark.parametrize(
    ("name", "model", "kind"),
    [
        ("nvidia.com/gpu", "nvidia-gpu", "gpu"),
        ("nvidia.com/mig-1g.5gb", "nvidia-mig-1g.5gb", "gpu"),
        ("amd.com/gpu", "amd-gpu", "gpu"),
        ("google.com/tpu", "tpu", "tpu"),
        ("aws.amazon.com/neuron", "aws-neuron", "neuron"),
        ("aws.amazon.com/neurondevice", "aws-neuron", "neuron"),
        ("habana.ai/gaudi", "intel-gaudi", "gaudi"),
        ("gpu.intel.com/i915", "intel-gpu", "gpu"),
    ],
)
def test_extended_resources_and_their_kinds(make: Make, name: str, model: str, kind: str) -> None:
    found = fact_of(workload(make, {"containers": [container(1, name)]}))
    assert found
    assert (found.values["model"], found.values["kind"]) == (model, kind)


def affinity(label: str, *values: str) -> dict[str, Any]:
    terms = [{"matchExpressions": [{"key": label, "operator": "In", "values": list(values)}]}]
    return {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": terms}}}


@pytest.mark.parametrize(
    ("scheduling", "model"),
    [
        ({"nodeSelector": {"cloud.google.com/gke-accelerator": "nvidia-h100-80gb"}}, "nvidia-h100"),
        ({"nodeSelector": {"nvidia.com/gpu.product": "NVIDIA-A100-SXM4-80GB"}}, "nvidia-a100-80gb"),
        ({"nodeSelector": {"node.kubernetes.io/instance-type": "g5.12xlarge"}}, "nvidia-a10g"),
        ({"nodeSelector": {"node.kubernetes.io/instance-type": "m5.large"}}, "nvidia-gpu"),
        ({"nodeSelector": {"karpenter.k8s.aws/instance-family": "g6e"}}, "nvidia-l40s"),
        ({"nodeSelector": {"cloud.google.com/gke-tpu-accelerator": "tpu-v6e-slice"}}, "nvidia-gpu"),
        ({"affinity": affinity("karpenter.k8s.aws/instance-gpu-name", "t4")}, "nvidia-t4"),
        ({"affinity": affinity("node.kubernetes.io/instance-type", "g5.xlarge", "g5.2xlarge")}, "nvidia-a10g"),
        ({"nodeSelector": None, "affinity": "nonsense"}, "nvidia-gpu"),
    ],
)
def test_the_nodes_a_pod_insists_on_tell_the_model(make: Make, scheduling: dict[str, Any], model: str) -> None:
    found = fact_of(workload(make, {"containers": [container(1)], **scheduling}))
    assert found
    assert found.values["model"] == model


def test_a_choice_of_models_is_unknown_but_not_their_number(make: Make) -> None:
    choice = affinity("nvidia.com/gpu.product", "NVIDIA-H100-80GB-HBM3", "NVIDIA-A100-SXM4-40GB")
    found = fact_of(workload(make, {"containers": [container(1)], "affinity": choice}))
    assert found
    assert found.values["count"] == 1
    assert isinstance(found.values["model"], Unknown)
    assert found.values["model"].reason == "its pods may run on nvidia-a100 or nvidia-h100"


def test_several_templates_are_summed_and_several_models_are_mixed(make: Make) -> None:
    templates = [
        {"path": ["spec", "head"], "spec": {"containers": [container(1)]}, "minimum": 1, "maximum": 1},
        {
            "path": ["spec", "worker"],
            "spec": {"containers": [container(8, "google.com/tpu")]},
            "minimum": 0,
            "maximum": 4,
        },
    ]
    found = fact_of(workload(make, {}, pod_templates=templates))
    assert found
    assert found.values | {"spot": False} == {
        "count": 33,
        "minimum": 1,
        "model": "mixed",
        "kind": "mixed",
        "spot": False,
        "role": "general",
    }


@pytest.mark.parametrize(
    "spec",
    [{}, {"containers": None}, {"containers": "x"}, {"containers": [None, 3]}, {"containers": [{"resources": None}]}],
)
def test_pods_that_ask_for_nothing_say_nothing_whatever_their_shape(make: Make, spec: Any) -> None:
    assert fact_of(workload(make, spec, maximum=AFTER_APPLY)) is None


def test_no_limit_on_pods_is_an_unknown_count_and_a_known_minimum(make: Make) -> None:
    found = fact_of(workload(make, {"containers": [container(1)]}, maximum=AFTER_APPLY))
    assert found
    assert found.values["count"] is AFTER_APPLY
    assert found.values["minimum"] == 1


@pytest.mark.parametrize("amount", ["1.5", "lots", -1, None, True, ["1"]])
def test_what_is_no_number_of_devices_is_unknown(make: Make, amount: Any) -> None:
    found = fact_of(workload(make, {"containers": [container(amount)]}))
    assert found
    assert isinstance(found.values["count"], Unknown)
    assert found.values["model"] == "nvidia-gpu"


@pytest.mark.parametrize(
    "spec",
    [
        AFTER_APPLY,
        {"containers": AFTER_APPLY},
        {"containers": [AFTER_APPLY]},
        {"containers": [{"resources": AFTER_APPLY}]},
    ],
)
def test_an_unknown_pod_is_unknown(make: Make, spec: Any) -> None:
    found = fact_of(workload(make, spec))
    assert found
    assert found.values["count"] is AFTER_APPLY


KEYS = st.sampled_from(
    [
        "containers",
        "initContainers",
        "resources",
        "limits",
        "requests",
        "nvidia.com/gpu",
        "google.com/tpu",
        "affinity",
        "nodeAffinity",
        "nodeSelector",
        "node.kubernetes.io/instance-type",
        "nvidia.com/gpu.product",
        "restartPolicy",
        "key",
        "values",
        "operator",
    ]
)
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=8)
    | st.builds(Unknown, st.just("known after apply"))
    | st.just("In")
)
SHAPES = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4))


@given(st.dictionaries(KEYS, SHAPES, max_size=6))
def test_no_shape_of_a_pod_breaks_the_fact(spec: dict[str, Any]) -> None:
    template = {"path": ["spec"], "spec": spec, "minimum": 1, "maximum": 2}
    attributes = {"pod_templates": [template], "spot": False, "role": "general"}
    origin = Origin("a.yaml", "kubernetes_manifest")
    found = fact_of(
        Resource("u", "workload", "core/Pod", "kubernetes", "p", "", {}, attributes, {"spec": spec}, origin)
    )
    assert found is None or isinstance(found.values["count"], int | Unknown)


@given(st.integers(0, 64), st.integers(0, 500), st.sampled_from(["each", "most", "neither"]))
def test_the_product_is_known_exactly_when_it_can_be(each: int, most: int, hidden: str) -> None:
    template = {
        "path": [],
        "spec": {"containers": [container(AFTER_APPLY if hidden == "each" else each)]},
        "minimum": 0,
        "maximum": AFTER_APPLY if hidden == "most" else most,
    }
    attributes = {"pod_templates": [template], "spot": False, "role": "general"}
    origin = Origin("a.yaml", "kubernetes_manifest")
    found = fact_of(Resource("u", "workload", "core/Pod", "kubernetes", "p", "", {}, attributes, {}, origin))
    if hidden == "each" or (hidden == "most" and each):
        assert found
        assert found.values["count"] is AFTER_APPLY
    else:
        assert (found.values["count"] if found else 0) == each * most
