"""Accelerators over all the ways a platform asks a cluster for them, by each controller's own rules."""

from typing import Any

import pytest
import ryaml
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner import normalize
from scanner.analyze import accelerator_quota, accelerators
from scanner.model import Document, Fact, Inventory, Ledger, Origin, Partition, Unknown

Object = dict[str, Any]


def inventory(text: str | list[Object]) -> Inventory:
    bodies = [ryaml.loads(part) for part in text.split("\n---\n")] if isinstance(text, str) else text
    documents = [
        Document("kubernetes", body, Origin("all.yaml", "kubernetes_manifest", (index,), f"{body['kind']}/{body['metadata']['name']}"))
        for index, body in enumerate(bodies)
    ]  # fmt: skip
    return normalize.inventory(Partition("test", documents), Ledger())


def held(text: str, kind: str) -> tuple[Any, Any, Any]:
    """Most, fewest and model of the first object of a kind."""
    estate = inventory(text)
    uid = next(one.uid for one in estate if one.origin.address.startswith(f"{kind}/"))
    found = accelerators.derive(estate).get(uid, Fact({}))
    return tuple(
        _plain(found.values.get(field, accelerators.FIELDS[field].default)) for field in ("count", "minimum", "model")
    )  # type: ignore[return-value]  # three of them


def _plain(value: Any) -> Any:
    return f"unknown: {value.reason}" if isinstance(value, Unknown) else value


def pod(gpus: int = 1, name: str = "c") -> str:
    return f"{{spec: {{containers: [{{name: {name}, resources: {{limits: {{nvidia.com/gpu: {gpus}}}}}}}]}}}}"


LWS = "apiVersion: leaderworkerset.x-k8s.io/v1\nkind: LeaderWorkerSet\nmetadata: {name: llm}\nspec:\n  replicas: %d\n  leaderWorkerTemplate: {size: %d%s, workerTemplate: %s}\n"
VOLCANO = "apiVersion: batch.volcano.sh/v1alpha1\nkind: Job\nmetadata: {name: mpi}\nspec:\n  tasks:\n  - {replicas: 1, name: launcher, template: {spec: {containers: [{name: l}]}}}\n  - {replicas: 3, name: worker, template: %s}\n"
TRAIN = "apiVersion: trainer.kubeflow.org/v1alpha1\nkind: TrainJob\nmetadata: {name: tune, namespace: a}\nspec:\n  runtimeRef: {name: torch}\n%s"
RUNTIME = (
    "apiVersion: trainer.kubeflow.org/v1alpha1\nkind: ClusterTrainingRuntime\nmetadata: {name: torch}\nspec:\n"
    "  mlPolicy: {numNodes: 2}\n  template: {spec: {replicatedJobs: [{name: node, template: {spec: {template: %s}}}]}}\n"
)
PAIR = f"\n---\n{RUNTIME % pod(4, 'node')}"

SCALED_JOB = "apiVersion: keda.sh/v1alpha1\nkind: ScaledJob\nmetadata: {name: batch}\nspec:\n  jobTargetRef: {%stemplate: %s}\n%s"
LLM = "apiVersion: serving.kserve.io/v1alpha1\nkind: LLMInferenceService\nmetadata: {name: llama}\nspec:\n%s"
MAIN, ALONE = "template: {containers: [{name: main, resources: {limits: {nvidia.com/gpu: 8}}}]}", "nvidia-gpu"

CASES: dict[str, tuple[str, str, tuple[Any, Any, str]]] = {
    "jobs of KEDA": (SCALED_JOB % ("", pod(2), "  maxReplicaCount: 20\n"), "ScaledJob", (40, 0, "nvidia-gpu")),
    "jobs of KEDA, several pods each": (
        SCALED_JOB % ("parallelism: 4, completions: 3, ", pod(2), "  maxReplicaCount: 5\n  minReplicaCount: 1\n"),
        "ScaledJob", (30, 6, "nvidia-gpu"),
    ),
    "jobs of KEDA, its own most": (SCALED_JOB % ("", pod(1), ""), "ScaledJob", (100, 0, "nvidia-gpu")),
    "a language model": (LLM % f"  replicas: 3\n  {MAIN}\n", "LLMInferenceService", (24, 24, ALONE)),
    "a language model that scales": (
        LLM % f"  scaling: {{minReplicas: 1, maxReplicas: 4}}\n  {MAIN}\n", "LLMInferenceService", (32, 8, ALONE),
    ),
    "a language model over several machines": (
        LLM % f"  replicas: 2\n  parallelism: {{pipeline: 4}}\n  {MAIN}\n  worker: {MAIN.removeprefix('template: ')}\n",
        "LLMInferenceService", (64, 64, ALONE),
    ),
    "a language model over several machines, by data": (
        LLM % f"  parallelism: {{data: 16, dataLocal: 8}}\n  {MAIN}\n  worker: {MAIN.removeprefix('template: ')}\n",
        "LLMInferenceService", (16, 16, ALONE),
    ),
    "a language model with prefill": (
        LLM % f"  {MAIN}\n  prefill: {{replicas: 2, {MAIN}}}\n", "LLMInferenceService", (24, 24, ALONE),
    ),
    "leader and workers": (LWS % (2, 4, "", pod(8)), "LeaderWorkerSet", (64, 64, "nvidia-gpu")),
    "a leader of its own": (LWS % (2, 4, f", leaderTemplate: {pod(1)}", pod(8)), "LeaderWorkerSet", (50, 50, "nvidia-gpu")),
    "groups of one": (LWS % (3, 1, "", pod(2)), "LeaderWorkerSet", (6, 6, "nvidia-gpu")),
    "tasks of Volcano": (VOLCANO % pod(2), "Job", (6, 6, "nvidia-gpu")),
    "a training runtime": (TRAIN % "" + PAIR, "TrainJob", (8, 8, "nvidia-gpu")),
    "a training runtime on more nodes": (TRAIN % "  trainer: {numNodes: 5}\n" + PAIR, "TrainJob", (20, 20, "nvidia-gpu")),
    "a training runtime with other resources": (
        TRAIN % "  trainer: {resourcesPerNode: {limits: {nvidia.com/gpu: 1}}}\n" + PAIR, "TrainJob", (2, 2, "nvidia-gpu"),
    ),
    "a training runtime out of view": (
        TRAIN % "", "TrainJob", ("unknown: its training runtime torch is not among the files",) * 3,
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_jobs_that_run_in_groups(case: str) -> None:
    text, kind, expected = CASES[case]
    assert held(text, kind) == expected


def workflow(templates: str, **spec: Any) -> str:
    extra = "".join(f"  {key}: {value}\n" for key, value in spec.items())
    return f"apiVersion: argoproj.io/v1alpha1\nkind: Workflow\nmetadata: {{name: flow}}\nspec:\n  entrypoint: main\n{extra}  templates:\n{templates}"


def leaf(name: str, gpus: int) -> str:
    return f"  - {{name: {name}, container: {{image: i, resources: {{limits: {{nvidia.com/gpu: {gpus}}}}}}}}}\n"


LEAVES = leaf("train", 8) + leaf("eval", 2) + leaf("prep", 0)
LOOP = "unknown: how often a loop of the workflow runs is known once it runs"

# Templates beside the leaves (train 8, eval 2, prep 0), limits, most accelerators at once.
FLOWS: dict[str, tuple[str, dict[str, Any], Any]] = {
    "one pod": ("", {"entrypoint": "train"}, 8),
    "steps run one after the other": ("  - {name: main, steps: [[{name: a, template: train}], [{name: b, template: eval}]]}\n", {}, 8),
    "a group of steps runs together": ("  - {name: main, steps: [[{name: a, template: train}, {name: b, template: eval}]]}\n", {}, 10),
    "the widest group counts": (
        "  - {name: main, steps: [[{name: a, template: train}], [{name: b, template: eval, withItems: [1, 2, 3, 4, 5]}]]}\n", {}, 10,
    ),
    "a sequence with a count": ("  - {name: main, steps: [[{name: a, template: eval, withSequence: {count: '3'}}]]}\n", {}, 6),
    "a loop over a parameter": ("  - {name: main, steps: [[{name: a, template: eval, withParam: '{{x}}'}]]}\n", {}, LOOP),
    "a loop that is limited": ("  - {name: main, steps: [[{name: a, template: eval, withParam: '{{x}}'}]]}\n", {"parallelism": 4}, 8),
    "a limit on everything": ("  - {name: main, steps: [[{name: a, template: train, withItems: [1, 2, 3]}]]}\n", {"parallelism": 2}, 16),
    "a limit on one template": (
        "  - {name: main, parallelism: 1, steps: [[{name: a, template: train, withItems: [1, 2, 3]}]]}\n", {}, 8,
    ),
    "a chain of tasks": (
        "  - {name: main, dag: {tasks: [{name: a, template: train}, {name: b, template: eval, dependencies: [a]}]}}\n", {}, 8,
    ),
    "a chain through a task without accelerators": (
        "  - {name: main, dag: {tasks: [{name: a, template: train}, {name: p, template: prep, depends: a.Succeeded}, {name: b, template: train, depends: 'p && a'}]}}\n",
        {}, 8,
    ),
    "tasks that wait for nobody": ("  - {name: main, dag: {tasks: [{name: a, template: train}, {name: b, template: eval}]}}\n", {}, 10),
    "a fan of tasks": (
        "  - {name: main, dag: {tasks: [{name: p, template: prep}, {name: a, template: train, depends: p}, {name: b, template: train, depends: p}, {name: e, template: eval, depends: 'a && b'}]}}\n",
        {}, 16,
    ),
    "a graph within steps": (
        "  - {name: main, steps: [[{name: a, template: inner, withItems: [1, 2]}]]}\n  - {name: inner, dag: {tasks: [{name: a, template: train}]}}\n", {}, 16,
    ),
    "templates in a circle": ("  - {name: main, steps: [[{name: a, template: train}], [{name: b, template: main}]]}\n", {}, "unknown: templates of the workflow call each other in a circle"),
    "an exit handler comes afterwards": ("  - {name: main, steps: [[{name: a, template: train}]]}\n", {"onExit": "eval"}, 8),
    "a template of another object": ("  - {name: main, steps: [[{name: a, templateRef: {name: x, template: y}}]]}\n", {}, 0),
}  # fmt: skip


@pytest.mark.parametrize("case", FLOWS)
def test_a_workflow_counts_at_its_widest_point(case: str) -> None:
    templates, spec, expected = FLOWS[case]
    text = workflow(templates + LEAVES, **spec)
    if "entrypoint" in spec:
        text = text.replace("  entrypoint: main\n", "", 1)
    count = held(text, "Workflow")[0]
    assert count == expected


CLAIM = "apiVersion: resource.k8s.io/v1\nkind: ResourceClaimTemplate\nmetadata: {name: gpu, namespace: a}\nspec:\n  spec: {devices: {requests: [%s]}}\n"
SHARED = "apiVersion: resource.k8s.io/v1\nkind: ResourceClaim\nmetadata: {name: gpu, namespace: a}\nspec: {devices: {requests: [%s]}}\n"
USER = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: a}\nspec:\n  replicas: 3\n  template: {spec: {resourceClaims: [{name: g, %s: gpu}], containers: [{name: c}]}}\n"
PER_POD, TOGETHER = USER % "resourceClaimTemplateName", USER % "resourceClaimName"

CLAIMS: dict[str, tuple[str, tuple[Any, Any, str]]] = {
    "a claim for each pod": (PER_POD + "---\n" + CLAIM % "{name: g, exactly: {deviceClassName: gpu.nvidia.com, count: 2}}", (6, 6, "nvidia-gpu")),
    "the older spelling": (PER_POD + "---\n" + CLAIM % "{name: g, deviceClassName: gpu.nvidia.com}", (3, 3, "nvidia-gpu")),
    "one claim for all pods": (TOGETHER + "---\n" + SHARED % "{name: g, exactly: {deviceClassName: gpu.nvidia.com, count: 2}}", (2, 2, "nvidia-gpu")),
    "the first of alternatives": (
        PER_POD + "---\n" + CLAIM % "{name: g, firstAvailable: [{name: big, deviceClassName: nvidia-h100.acme.example}, {name: small, deviceClassName: gpu.nvidia.com}]}",
        (3, 3, "nvidia-h100"),
    ),
    "a network card": (PER_POD + "---\n" + CLAIM % "{name: n, exactly: {deviceClassName: rdma.acme.example}}", (0, 0, "")),
    "every device of a node": (
        PER_POD + "---\n" + CLAIM % "{name: g, exactly: {deviceClassName: gpu.nvidia.com, allocationMode: All}}",
        ("unknown: it claims all devices of a node", "unknown: it claims all devices of a node", "nvidia-gpu"),
    ),
    "a claim out of view": (PER_POD, ("unknown: what the claim gpu asks for is not among the files",) * 3),
}  # fmt: skip


@pytest.mark.parametrize("case", CLAIMS)
def test_claims_of_devices(case: str) -> None:
    text, expected = CLAIMS[case]
    assert held(text, "Deployment") == expected


POOL = "apiVersion: karpenter.sh/v1\nkind: NodePool\nmetadata: {name: pool}\nspec:\n%s  template: {spec: {requirements: [%s]}}\n"
ANY = "unknown: its limits name no accelerators, so Karpenter starts as many as its pods ask for"


@pytest.mark.parametrize(
    ("limits", "requirement", "expected"),
    [
        ("nvidia.com/gpu: 64", "{key: karpenter.k8s.aws/instance-family, operator: In, values: [p5]}", (64, 0, "nvidia-h100")),
        ("cpu: 100", "{key: karpenter.k8s.aws/instance-family, operator: In, values: [p5]}", (ANY, 0, "nvidia-h100")),
        ("cpu: 100", "{key: karpenter.k8s.aws/instance-family, operator: In, values: [m7i, c7i]}", (0, 0, "")),
        ("cpu: 100", "{key: karpenter.k8s.aws/instance-gpu-count, operator: Gt, values: ['0']}", (ANY, 0, "nvidia-gpu")),
        ("cpu: 100", "{key: karpenter.k8s.aws/instance-gpu-count, operator: In, values: ['0']}", (0, 0, "")),
        ("cpu: 100", "{key: karpenter.k8s.aws/instance-gpu-count, operator: DoesNotExist}", (0, 0, "")),
        ("cpu: 100", "{key: karpenter.k8s.aws/instance-gpu-name, operator: Exists}", (ANY, 0, "nvidia-gpu")),
        ("cpu: 100", "{key: karpenter.k8s.aws/instance-accelerator-count, operator: Gte, values: ['1']}", (ANY, 0, "aws-neuron")),
        (
            "cpu: 100",
            "{key: karpenter.k8s.aws/instance-gpu-count, operator: Gt, values: ['0']}, {key: karpenter.k8s.aws/instance-gpu-manufacturer, operator: In, values: [amd]}",
            (ANY, 0, "amd-gpu"),
        ),
        (
            "cpu: 100",
            "{key: karpenter.k8s.aws/instance-gpu-name, operator: In, values: [h100]}, {key: karpenter.k8s.aws/instance-gpu-count, operator: In, values: ['8']}",
            (ANY, 0, "nvidia-h100"),
        ),
        ("nvidia.com/gpu: 8", "{key: karpenter.k8s.aws/instance-category, operator: In, values: [g, p]}", (8, 0, "nvidia-gpu")),
        (
            "nvidia.com/gpu: 8",
            "{key: karpenter.k8s.aws/instance-family, operator: In, values: [p5, g5]}",
            (8, 0, "unknown: its nodes may have nvidia-a10g or nvidia-h100"),
        ),
        ("aws.amazon.com/neuron: 16", "{key: node.kubernetes.io/instance-type, operator: In, values: [trn1.32xlarge]}", (16, 0, "aws-trainium")),
    ],
)  # fmt: skip
def test_a_pool_of_karpenter(limits: str, requirement: str, expected: tuple[Any, Any, Any]) -> None:
    assert held(POOL % (f"  limits: {{{limits}}}\n", requirement), "NodePool") == expected


def test_one_pool_buys_spot_capacity_and_another_might() -> None:
    def spot(values: str) -> Any:
        requirement = f"{{key: karpenter.sh/capacity-type, operator: In, values: [{values}]}}, {{key: karpenter.k8s.aws/instance-family, operator: In, values: [p5]}}"
        (found,) = accelerators.derive(inventory(POOL % ("", requirement))).values()
        return _plain(found.values["spot"])

    assert (spot("spot"), spot("on-demand")) == (True, False)
    assert spot("spot, on-demand").startswith("unknown: it takes spot capacity or another")


def test_a_queue_counts_what_its_jobs_may_ask_for() -> None:
    job = "apiVersion: batch/v1\nkind: Job\nmetadata: {name: %s, namespace: a, labels: {kueue.x-k8s.io/queue-name: %s}}\nspec: {template: %s}\n"
    queue = "apiVersion: kueue.x-k8s.io/v1beta1\nkind: ClusterQueue\nmetadata: {name: all}\nspec: {resourceGroups: [{flavors: [{name: f, resources: [{name: nvidia.com/gpu, nominalQuota: 4}, {name: cpu, nominalQuota: 100}]}]}]}\n"
    local = "apiVersion: kueue.x-k8s.io/v1beta1\nkind: LocalQueue\nmetadata: {name: mine, namespace: a}\nspec: {clusterQueue: all}\n"
    parts = [
        queue,
        local,
        job % ("one", "mine", pod(2)),
        job % ("two", "mine", pod(3)),
        job % ("three", "other", pod(9)),
    ]
    estate = inventory("---\n".join(parts))
    uid = next(one.uid for one in estate if one.native_type.endswith("ClusterQueue"))
    found = accelerator_quota.derive(estate)[uid].values
    assert (found["granted"], found["demand"], found["model"], found["borrows"]) == (4, 5, "nvidia-gpu", False)


ODD = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 3) | st.text(max_size=3) | st.builds(Unknown, st.just("odd")),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(
        st.sampled_from(
            ["template", "spec", "templates", "steps", "dag", "tasks", "name", "container", "dependencies", "withItems",
             "replicas", "leaderWorkerTemplate", "size", "resourceGroups", "flavors", "resources", "hard", "devices",
             "requests", "requirements", "limits", "replicatedJobs", "entrypoint", "parallelism", "trainer"]
        ), inner, max_size=4,
    ),
    max_leaves=25,
)  # fmt: skip
KINDS = st.sampled_from(
    [
        ("argoproj.io/v1alpha1", "Workflow"), ("leaderworkerset.x-k8s.io/v1", "LeaderWorkerSet"),
        ("batch.volcano.sh/v1alpha1", "Job"), ("trainer.kubeflow.org/v1alpha1", "TrainJob"),
        ("trainer.kubeflow.org/v1alpha1", "ClusterTrainingRuntime"), ("kueue.x-k8s.io/v1beta1", "ClusterQueue"),
        ("v1", "ResourceQuota"), ("resource.k8s.io/v1", "ResourceClaimTemplate"), ("karpenter.sh/v1", "NodePool"),
        ("serving.kserve.io/v1alpha1", "ServingRuntime"), ("serving.kserve.io/v1beta1", "InferenceService"),
    ]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(KINDS, ODD), max_size=4))
def test_no_shape_breaks_it(objects: list[tuple[tuple[str, str], Any]]) -> None:
    bodies = [
        {"apiVersion": api, "kind": kind, "metadata": {"name": "x"}, "spec": spec} for (api, kind), spec in objects
    ]
    estate = inventory(bodies)
    for fact in (accelerators, accelerator_quota):
        for found in fact.derive(estate).values():
            assert set(found.values) <= set(fact.FIELDS)
