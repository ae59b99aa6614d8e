"""Recognizes objects that another object made: in a dump of a cluster, a Deployment's ReplicaSets and their pods.

People dump some kinds and leave others out. What stands between a maker and what it made is then found by the labels
that its controller gives to everything below, or by the name that it makes up; but only for an object that says that
something made it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from scanner.bodies import at, items, mapping, text
from scanner.model import UnknownRead
from scanner.normalize._kubernetes.shapes import Object, group_kind, labels_of, name, namespace

Key = tuple[str, str, str]
"""Namespace, `group/Kind` and name of an object."""

_MAKES = {
    "apps/Deployment": "apps/ReplicaSet",
    "apps/ReplicaSet": "core/Pod",
    "apps/StatefulSet": "core/Pod",
    "apps/DaemonSet": "core/Pod",
    "core/ReplicationController": "core/Pod",
    "batch/Job": "core/Pod",
    "batch/CronJob": "batch/Job",
}
"""The one kind that each of Kubernetes' own controllers makes: anything else was only tied to an owner's life."""

_BY_LABEL = {
    "serving.kserve.io/inferenceservice": ("serving.kserve.io/InferenceService",),
    "serving.knative.dev/service": ("serving.knative.dev/Service",),
    "jobset.sigs.k8s.io/jobset-name": ("jobset.x-k8s.io/JobSet", "trainer.kubeflow.org/TrainJob"),
    "leaderworkerset.sigs.k8s.io/name": ("leaderworkerset.x-k8s.io/LeaderWorkerSet",),
    "ray.io/originated-from-cr-name": ("ray.io/RayJob", "ray.io/RayService", "ray.io/RayCluster"),
    "katib.kubeflow.org/experiment": ("kubeflow.org/Experiment",),
}
"""Labels whose value is the name of what made an object, perhaps through others."""

_HASHES = ("pod-template-hash", "rollouts-pod-template-hash")


class Owners:
    """The objects of one partition, by what they are called, and who made whom."""

    def __init__(self, bodies: Sequence[Object], workloads: Collection[str]) -> None:
        self._workloads = workloads
        """Native types that run pods."""
        self._objects: Mapping[Key, Object] = {_key(body): body for body in bodies if _is_known(body)}

    def made_by_workload(self, body: Object) -> bool:
        """Whether a workload of the partition made this object, directly or through others."""
        seen: set[Key] = set()
        waiting = list(self._makers(body))
        while waiting:
            key = waiting.pop()
            owner = self._objects[key]
            if key in seen or owner is body:
                continue
            if key[1] in self._workloads:
                return True
            seen.add(key)
            waiting += self._makers(owner)
        return False

    def _makers(self, body: Object) -> list[Key]:
        """The objects of the partition that it says made it; owners live in the same namespace."""
        try:
            references = list(map(mapping, items(at(body, "metadata", "ownerReferences"))))
            return [key for one in references for key in self._found(body, one) if key in self._objects]
        except UnknownRead:
            return []

    def _found(self, body: Object, reference: Object) -> Iterator[Key]:
        key = (namespace(body), group_kind(reference), text(at(reference, "name")))
        owner = self._objects.get(key)
        if owner is None:
            yield from _above(body, key)
        elif _MAKES.get(key[1], group_kind(body)) == group_kind(body) and _is_same(owner, reference):
            yield key


def _is_same(owner: Object, reference: Object) -> bool:
    """Whether it is not another object that was made later under the same name."""
    here, there = text(at(owner, "metadata", "uid")), text(reference.get("uid"))
    return not here or not there or here == there


def _above(body: Object, missing: Key) -> Iterator[Key]:
    """Who may have made an owner that was not dumped."""
    home, kind, called = missing
    stem, _, suffix = called.rpartition("-")
    labels = labels_of(body)
    if kind == "apps/ReplicaSet" and suffix in {labels.get(label) for label in _HASHES}:
        yield from ((home, "apps/Deployment", stem), (home, "argoproj.io/Rollout", stem))
    if kind == "batch/Job" and suffix.isdigit():
        yield home, "batch/CronJob", stem
    for label, kinds in _BY_LABEL.items():
        if label in labels:
            yield from ((home, one, text(labels[label])) for one in kinds)


def _key(body: Object) -> Key:
    return namespace(body), group_kind(body), name(body)


def _is_known(body: Object) -> bool:
    try:
        return bool(_key(body)[2])
    except UnknownRead:
        return False
