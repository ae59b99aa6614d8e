"""The pods of jobs that run in groups: LeaderWorkerSet, Volcano Job, and Kubeflow's TrainJob with its runtime.

Sources: the API references of leaderworkerset.x-k8s.io/v1, batch.volcano.sh/v1alpha1 and trainer.kubeflow.org/v1alpha1.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scanner.bodies import at, items, mapping, text
from scanner.model import Unknown, UnknownRead
from scanner.normalize._kubernetes_shapes import Object, number
from scanner.normalize._kubernetes_templates import PodTemplate, fixed, template_at

_RUNTIME = "runtime"
"""Key under which `with_runtime` puts the replicated jobs of a TrainJob's runtime, beside what people write."""


def leader_worker_set(body: Object) -> Iterator[PodTemplate]:
    """Each replica is a group of `size` pods: a leader, and workers that are like it where it has no own template."""
    replicas, path = number(at(body, "spec", "replicas"), 1), ("spec", "leaderWorkerTemplate")
    size = number(at(body, *path, "size"), 1)
    leads = at(body, *path, "leaderTemplate") is not None
    if leads:
        yield fixed(template_at(body, *path, "leaderTemplate"), replicas)
    yield fixed(template_at(body, *path, "workerTemplate"), replicas).times(max(size - leads, 0))


def volcano_job(body: Object) -> Iterator[PodTemplate]:
    """One template for each task."""
    for index, task in enumerate(items(at(body, "spec", "tasks"))):
        yield fixed(template_at(body, "spec", "tasks", index, "template"), number(at(task, "replicas"), 1))


def train_job(body: Object) -> Iterator[PodTemplate]:
    """The replicated jobs of the runtime, with what the job says about its trainer written over them."""
    jobs = items(at(body, "spec", _RUNTIME))
    if not jobs:
        name = text(at(body, "spec", "runtimeRef", "name"))
        raise UnknownRead(Unknown(f"its training runtime {name} is not among the files", "spec.runtimeRef"))
    for job in jobs:
        spec = at(job, "template", "spec")
        template = template_at(spec, "template")
        count = number(at(spec, "parallelism"), 1) * number(at(job, "replicas"), 1)
        if at(job, "template", "metadata", "labels", _ANCESTOR) == "trainer" or len(jobs) == 1:
            template, count = _trainer(body, template, number(at(body, "spec", "trainer", "numNodes"), count))
        yield fixed(template, count)


_ANCESTOR = "trainer.kubeflow.org/trainjob-ancestor-step"


def _trainer(body: Object, template: PodTemplate, count: int) -> tuple[PodTemplate, int]:
    """Resources of the job replace those of the container named `node`."""
    resources = at(body, "spec", "trainer", "resourcesPerNode")
    containers = [
        {**mapping(one), **({"resources": resources} if resources and at(one, "name") == "node" else {})}
        for one in items(template.spec.get("containers"))
    ]
    path = ("spec", "trainer", "resourcesPerNode") if resources else ("spec", "runtimeRef")
    return PodTemplate(path, {**template.spec, "containers": containers}, template.labels, template.annotations), count


def with_runtime(body: Object, runtime: Object) -> Object:
    """A TrainJob with the replicated jobs of its runtime in it."""
    nodes = number(at(runtime, "spec", "mlPolicy", "numNodes"), 1)
    jobs = [_with_nodes(job, nodes) for job in items(at(runtime, "spec", "template", "spec", "replicatedJobs"))]
    return {**body, "spec": {**mapping(body.get("spec")), _RUNTIME: jobs}}


def _with_nodes(job: Any, nodes: int) -> Object:
    """`mlPolicy.numNodes` of the runtime is the parallelism of its trainer."""
    template = mapping(at(job, "template"))
    spec = {**mapping(template.get("spec")), "parallelism": nodes}
    return {**mapping(job), "template": {**template, "spec": spec}}
