"""The pods of jobs that run in groups: LeaderWorkerSet, Volcano Job, and Kubeflow's TrainJob with its runtime.

Sources: the API references of leaderworkerset.x-k8s.io/v1, batch.volcano.sh/v1alpha1 and trainer.kubeflow.org/v1alpha1.
"""

from __future__ import annotations

from collections.abc import Iterator

from scanner.bodies import at, items, mapping, text
from scanner.model import Unknown, UnknownRead
from scanner.normalize._kubernetes.merging import named, over
from scanner.normalize._kubernetes.shapes import Object, number
from scanner.normalize._kubernetes.templates import PodTemplate, fixed, template_at

_RUNTIME = "runtime"
"""Key under which `with_runtime` puts what a TrainJob has from its runtime, beside what people write."""


def leader_worker_set(body: Object) -> Iterator[PodTemplate]:
    """Each replica is a group of `size` pods: a leader, and workers that are like it where it has no own template."""
    replicas, path = number(at(body, "spec", "replicas"), 1), ("spec", "leaderWorkerTemplate")
    size = number(at(body, *path, "size"), 1)
    leads = at(body, *path, "leaderTemplate") is not None
    if leads:
        yield fixed(template_at(body, *path, "leaderTemplate"), replicas)
    yield fixed(template_at(body, *path, "workerTemplate"), replicas).times(max(size - leads, 0))


def volcano_job(body: Object, *path: str) -> Iterator[PodTemplate]:
    """One template for each task."""
    for index, task in enumerate(items(at(body, *path, "tasks"))):
        yield fixed(template_at(body, *path, "tasks", index, "template"), number(at(task, "replicas"), 1))


def train_job(body: Object) -> Iterator[PodTemplate]:
    """The replicated jobs of the runtime, with what the job says about its trainer written over them."""
    runtime = at(body, "spec", _RUNTIME)
    if runtime is None:
        name = text(at(body, "spec", "runtimeRef", "name"))
        raise UnknownRead(Unknown(f"its training runtime {name} is not among the files", "spec.runtimeRef"))
    jobs = [_written_over(body, mapping(job)) for job in items(at(runtime, "jobs"))]
    for job in jobs:
        template = _with_resources(body, template_at(at(job, "template", "spec"), "template"), runtime)
        yield fixed(template, _pods(body, job, runtime, alone=len(jobs) == 1))


def _written_over(body: Object, job: Object) -> Object:
    """A job of the runtime with what the TrainJob changes in it, in any of the ways that its versions know."""
    for field in ("podSpecOverrides", "podTemplateOverrides"):
        for change in map(mapping, items(at(body, "spec", field))):
            targets = {text(at(one, "name")) for one in items(change.get("targetJobs"))}
            if text(job.get("name")) in targets:
                job = over(job, {"template": {"spec": {"template": {"spec": mapping(change.get("spec"))}}}})
    for patch in items(at(body, "spec", "runtimePatches")):
        jobs = items(at(patch, "trainingRuntimeSpec", "template", "spec", "replicatedJobs"))
        job = over(job, named(map(mapping, jobs), text(job.get("name"))))
    return job


_ANCESTOR = "trainer.kubeflow.org/trainjob-ancestor-step"


def _pods(body: Object, job: Object, runtime: Object, *, alone: bool) -> int:
    """The trainer has a pod for each node; of MPI it is the launcher, which may be one of the nodes itself.

    Source: the plugins of kubeflow/trainer (`mpi.go`, and `Trainer` in `jobset/builder.go`).
    """
    policy = at(runtime, "policy")
    nodes = number(at(body, "spec", "trainer", "numNodes"), number(at(policy, "numNodes"), 1))
    trains = alone or at(job, "template", "metadata", "labels", _ANCESTOR) == "trainer"
    if trains and at(policy, "mpi") is None:
        return nodes
    if text(job.get("name")) == _NODE and at(policy, "mpi") is not None:
        return max(nodes - 1, 1) if _launcher_is_node(runtime) else nodes
    return number(at(job, "template", "spec", "parallelism"), 1) * number(job.get("replicas"), 1)


_NODE = "node"


def _launcher_is_node(runtime: Object) -> bool:
    return at(runtime, "policy", "mpi", "runLauncherAsNode") is True


def _with_resources(body: Object, template: PodTemplate, runtime: Object) -> PodTemplate:
    """Resources of the job replace those of every container that is a node."""
    resources = at(body, "spec", "trainer", "resourcesPerNode")
    named = {_NODE, "launcher"} if _launcher_is_node(runtime) else {_NODE}
    containers = [
        {**mapping(one), **({"resources": resources} if resources and text(at(one, "name")) in named else {})}
        for one in items(template.spec.get("containers"))
    ]
    path = ("spec", "trainer", "resourcesPerNode") if resources else ("spec", "runtimeRef")
    return PodTemplate(path, {**template.spec, "containers": containers}, template.labels, template.annotations)


def with_runtime(body: Object, runtime: Object) -> Object:
    """A TrainJob with the replicated jobs of its runtime in it, and how that runs them."""
    jobs = items(at(runtime, "spec", "template", "spec", "replicatedJobs"))
    found = {"jobs": jobs, "policy": mapping(at(runtime, "spec", "mlPolicy"))}
    return {**body, "spec": {**mapping(body.get("spec")), _RUNTIME: found}}
