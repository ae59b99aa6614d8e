"""The fact `accelerator_quota`: what limits the accelerators of a workload, and what a quota lets its workloads have.

Two things limit inside of a cluster. A ResourceQuota holds for every pod of its namespace. A queue of Kueue holds for
the jobs that name one of its LocalQueues; what it lends and borrows within its cohort comes on top of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from scanner.analyze._accelerators.claims import OF_CLASS, Claims
from scanner.analyze._accelerators.names import class_model, model
from scanner.analyze._accelerators.nodes import MODEL_LABELS
from scanner.analyze._accelerators.quantities import devices, generic_model, quantity
from scanner.analyze._accelerators.workloads import asked_by
from scanner.analyze._guard import each, guarded
from scanner.analyze._namespaces import namespace_of
from scanner.bodies import at, mapping, text
from scanner.model import Citation, Fact, FactField, Inventory, Resource, Unknown, UnknownRead, known

DOC = "What limits the accelerators of a workload, and what a quota or a queue lets its workloads have."
READS = frozenset({"*"})
FIELDS = {
    "limited_by": FactField(
        "list(string)", [], "Of a workload: addresses of the ResourceQuotas and queues that limit its accelerators."
    ),
    "queues": FactField("list(string)", [], "Of a workload: the LocalQueues of its namespace."),
    "queue": FactField(
        "string", "", "Of a workload: the LocalQueue it waits in, by its own words or as the default; empty for none."
    ),
    "granted": FactField(
        "int",
        0,
        "Of a ResourceQuota or a queue: accelerators it grants, its own alone; of several resources, the tightest.",
    ),
    "demand": FactField(
        "int", 0, "Of a ResourceQuota or a queue: most accelerators its workloads can ask for at once."
    ),
    "model": FactField("string", "", "Of a queue: the model it grants; `mixed` for several, empty for none."),
    "borrows": FactField(
        "bool", default=False, doc="Of a queue: it may borrow accelerators, without a limit of its own."
    ),
}

QUEUE_LABEL = "kueue.x-k8s.io/queue-name"
_DEFAULT = "default"
_JOBS = frozenset({
    "batch", "jobset.x-k8s.io", "kubeflow.org", "ray.io", "trainer.kubeflow.org", "workload.codeflare.dev",
})  # fmt: skip
"""API groups of the jobs that Kueue itself puts into the queue called `default` (its `LocalQueueDefaulting`)."""

_NO_JOBS = frozenset({"kubeflow.org/Notebook", "kubeflow.org/Experiment"})
"""Kinds in these groups that Kueue does not know."""

_LOCAL_QUEUE = "kueue.x-k8s.io/LocalQueue"
_FLAVOR = "kueue.x-k8s.io/ResourceFlavor"
_COHORT = "kueue.x-k8s.io/Cohort"
_BY_TEMPLATE = frozenset({"batch/CronJob", "apps/Deployment", "apps/StatefulSet", "apps/ReplicaSet"})
"""Kinds whose template alone may name the queue of the jobs or pods that it makes."""

_PREFIXES = ("requests.", "limits.")
"""Before the name of an extended resource in a ResourceQuota; Kubernetes counts the requests of these."""


def derive(inventory: Inventory) -> Mapping[str, Fact]:
    """A fact for every workload with accelerators, every ResourceQuota and every ClusterQueue."""
    cluster = _Cluster(inventory)
    found = each(inventory.by_type("workload"), cluster.of_workload, FIELDS)
    found |= each(inventory.by_type("quota.namespace"), cluster.of_quota, FIELDS)
    return found | each(inventory.by_type("quota.queue"), cluster.of_queue, FIELDS)


class _Cluster:
    """The quotas, the queues and the demands of one partition."""

    def __init__(self, inventory: Inventory) -> None:
        self._claims = Claims(inventory)
        self._namespaces = {one.name for one in inventory.by_type("kubernetes.namespace")}
        self._workloads = inventory.by_type("workload")
        self._quotas = [one for one in inventory.by_type("quota.namespace") if _accelerated(one)]
        others = [one for one in inventory if one.native_type in {_LOCAL_QUEUE, _FLAVOR}]
        self._flavors = {one.name: one for one in others if one.native_type == _FLAVOR}
        self._local = {
            (namespace_of(one), one.name): _queue_of(one) for one in others if one.native_type == _LOCAL_QUEUE
        }

    def of_workload(self, workload: Resource) -> Fact | None:
        asked = guarded(lambda: list(asked_by(workload, self._claims)))
        if not isinstance(asked, Unknown) and not asked:
            return None
        limits = guarded(partial(self._limits, workload))
        queues = guarded(partial(self._queues, workload))
        path = ("metadata", "labels", QUEUE_LABEL) if _named_queue(workload) else ("metadata", "namespace")
        values = {"limited_by": limits, "queues": queues, "queue": guarded(partial(self._queue, workload))}
        return Fact(values, dict.fromkeys(values, Citation(workload.origin, path)))

    def _queues(self, workload: Resource) -> list[str]:
        namespace = namespace_of(workload)
        if not namespace and self._local:
            raise UnknownRead(Unknown("the manifest names no namespace, so its queues are not known"))
        return sorted(name for home, name in self._local if home == namespace)

    def _queue(self, workload: Resource) -> str:
        """The LocalQueue it names; one that is called `default` takes the jobs of its namespace that name none."""
        native = workload.native_type
        managed = native.partition("/")[0] in _JOBS and native not in _NO_JOBS
        defaults = managed and (namespace_of(workload), _DEFAULT) in self._local
        return _named_queue(workload) or (_DEFAULT if defaults else "")

    def _limits(self, workload: Resource) -> list[str]:
        namespace = namespace_of(workload)
        found = [quota.origin.address for quota in self._quotas if _home(quota) == namespace]
        if queue := self._queue(workload):
            found.append(f"{namespace}/LocalQueue/{queue}")
        if not found and namespace not in self._namespaces:
            reason = f"namespace {namespace} is not among the files" if namespace else "the manifest names no namespace"
            raise UnknownRead(Unknown(f"{reason}, so its quotas are not known"))
        return found

    def of_quota(self, quota: Resource) -> Fact | None:
        if not _accelerated(quota):
            return None
        mine = [one for one in self._workloads if namespace_of(one) == _home(quota)]
        hard = quota.attributes["hard"]
        found = {
            key: (devices(name, quantity(hard[key])), self._demand(mine, name)) for key, name in _keys(quota).items()
        }
        key = max(found, key=lambda key: _tightness(*found[key]))
        values = dict(zip(("granted", "demand"), found[key], strict=True))
        return Fact(values, dict.fromkeys(values, _place_of(quota, key)))

    def of_queue(self, queue: Resource) -> Fact | None:
        grants = guarded(lambda: [one for one in queue.attributes["grants"] if generic_model(text(one["resource"]))])
        if isinstance(grants, Unknown):
            return Fact(dict.fromkeys(FIELDS, grants))
        if not grants:
            return None
        mine = [one for one in self._workloads if queue.native_type != _COHORT and self._in_queue(one, queue.name)]
        values = {
            "granted": guarded(lambda: sum(_number(one["quota"]) for one in grants)),
            "demand": self._demand(mine),
            "model": _one({self._model(one) for one in grants}),
            "borrows": guarded(lambda: bool(queue.attributes["cohort"]) and not all(one["bounded"] for one in grants)),
        }
        place = Citation(queue.origin, ("spec", "resourceGroups"))
        return Fact(values, dict.fromkeys(values, place))

    def _in_queue(self, workload: Resource, queue: str) -> bool:
        return self._local.get((namespace_of(workload), self._queue(workload))) == queue

    def _demand(self, workloads: Iterable[Resource], resource: str = "") -> Any:
        """Most that they ask for, of one extended resource or the devices of one class if that is named."""
        return guarded(
            lambda: sum(
                _number(holding.most)
                for one in workloads
                for holding, _, _, name in asked_by(one, self._claims)
                if not resource or name == resource
            )
        )

    def _model(self, grant: Mapping[str, Any]) -> str:
        """By the node labels of its flavor, else what the resource means by itself."""
        flavor = self._flavors.get(text(grant["flavor"]))
        labels = guarded(lambda: mapping(at(flavor.native, "spec", "nodeLabels")) if flavor else {})
        known = {} if isinstance(labels, Unknown) else labels
        named = next((model(text(known[label])) for label in MODEL_LABELS if label in known), "")
        return named or generic_model(text(grant["resource"]))


def _accelerated(quota: Resource) -> bool:
    return bool(_keys(quota))


def _home(quota: Resource) -> str:
    """The namespace it is for; empty where that is not known."""
    home = quota.attributes["namespace"]
    return home if isinstance(home, str) else ""


def _place_of(quota: Resource, key: str) -> Citation:
    hard = quota.citations["attributes.hard"]
    return Citation(hard.origin, (*hard.path, key))


def _keys(quota: Resource) -> dict[str, str]:
    """The entries of a ResourceQuota that are about accelerators, and of which resource each is."""
    hard = quota.attributes["hard"]
    names = () if isinstance(hard, Unknown) else hard
    found = {key: name for key in names for prefix in _PREFIXES if generic_model(name := key.removeprefix(prefix))}
    return found | {key: key for key in names if key.endswith(OF_CLASS) and class_model(key.removesuffix(OF_CLASS))}


def _tightness(granted: Any, demand: Any) -> tuple[int, int]:
    """How much a part of a quota matters: first what is known to be too little, then what is not known."""
    if isinstance(granted, Unknown) or isinstance(demand, Unknown):
        return 2, 0
    return (3 if demand > granted else int(demand > 0)), demand - granted


def _number(value: Any) -> int:
    return int(known(quantity(value)))


def _named_queue(workload: Resource) -> str:
    """By a label, or an annotation as of old; what a CronJob makes has it from its template, as plain pods have."""
    written = (guarded(partial(_written, workload, field)) for field in ("labels", "annotations"))
    below = "job_labels" if workload.native_type == "batch/CronJob" else "pod_labels"
    inner = workload.attributes.get(below, {}) if workload.native_type in _BY_TEMPLATE else {}
    places = [place for place in (*written, inner) if not isinstance(place, Unknown)]
    return next((text(place[QUEUE_LABEL]) for place in places if QUEUE_LABEL in place), "")


def _written(workload: Resource, field: str) -> Mapping[str, Any]:
    return mapping(at(workload.native, "metadata", field))


def _queue_of(local: Resource) -> str:
    found = guarded(lambda: text(at(local.native, "spec", "clusterQueue")))
    return "" if isinstance(found, Unknown) else found


def _one(models: set[str]) -> str:
    return models.pop() if len(models) == 1 else "mixed"
