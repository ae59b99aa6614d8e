"""The pods of Argo Workflows, which is also what Kubeflow pipelines are compiled to: how many may run at once.

A workflow is steps (groups, one after the other) and graphs of tasks, down to templates that are pods. Its pods are not
there all at the same time; the most accelerators are in use at its widest point, and that is what is counted: each
template has the number of its pods there. What a loop over a parameter starts is not known before it runs, unless
`parallelism` limits it. Source: Argo's field reference (`WorkflowSpec`, `Template`, `WorkflowStep`, `DAGTask`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Any

from msgspec import Struct

from scanner.bodies import at, items, mapping, text
from scanner.model import Path, Unknown
from scanner.normalize._kubernetes_shapes import Object, annotations_of, labels_of, number
from scanner.normalize._kubernetes_templates import PodTemplate, fixed
from scanner.patterns import regex

_LOOP = Unknown("how often a loop of the workflow runs is known once it runs")
_CIRCLE = Unknown("templates of the workflow call each other in a circle")
_DEEPEST = 40
_MANY = 12
"""Tasks with accelerators in one graph, up to which every set of them that may run together is looked at."""

_WORD = regex(r"[A-Za-z0-9_-]+")
_INHERITED = ("nodeSelector", "tolerations", "affinity", "serviceAccountName", "hostNetwork")


class Load(Struct, frozen=True):
    """Pods that run at once: template name to how many, which may be `Unknown`."""

    pods: Mapping[str, Any]
    weight: float
    """Accelerators they hold, to compare; infinite where a number is not known."""


_NOTHING = Load({}, 0)


def workflow(body: Object, *path: str) -> Iterator[PodTemplate]:
    """Every template that is a pod, with the number of its pods at the widest point."""
    run = _Run(mapping(at(body, *path)))
    widest = run.widest()
    for index, template in enumerate(items(at(body, *path, "templates"))):
        pod = mapping(template)
        if _is_pod(pod):
            count = widest.pods.get(text(pod.get("name")), 0)
            yield fixed(_template(body, (*path, "templates", index), pod, run.spec), count)


def _is_pod(template: Object) -> bool:
    return any(template.get(kind) is not None for kind in ("container", "script", "containerSet"))


def _template(body: Object, path: Path, pod: Object, spec: Object) -> PodTemplate:
    """A template is a pod spec with its main container beside it; what it leaves out it has from the workflow."""
    main = [mapping(pod[kind]) for kind in ("container", "script") if pod.get(kind) is not None]
    several = items(at(pod, "containerSet", "containers"))
    inherited = {key: spec[key] for key in _INHERITED if key in spec}
    whole = {**inherited, **pod, "containers": [*main, *several, *items(pod.get("sidecars"))]}
    labels = {**labels_of(body), **labels_of({"metadata": spec.get("podMetadata")}), **labels_of(pod)}
    return PodTemplate(path, whole, labels, annotations_of(pod))


class _Run:
    """One workflow, followed from its entry point."""

    def __init__(self, spec: Object) -> None:
        self.spec = spec
        self._templates = {text(at(one, "name")): mapping(one) for one in items(spec.get("templates"))}

    def widest(self) -> Load:
        starts = [text(self.spec.get(key)) for key in ("entrypoint", "onExit") if self.spec.get(key) is not None]
        loads = [self._load(start, 0) for start in starts] or [self._load(name, 0) for name in self._templates]
        return self._limited(max(loads, key=lambda load: load.weight, default=_NOTHING), self.spec)

    def _load(self, name: str, depth: int) -> Load:
        template = self._templates.get(name)
        if template is None:
            return _NOTHING  # of another object, which is counted there
        if depth > _DEEPEST:
            return self._weighed({pod: _CIRCLE for pod in self._templates if self._devices(pod)})
        if _is_pod(template):
            return self._weighed({name: 1})
        return self._limited(self._of_calls(template, depth), template)

    def _of_calls(self, template: Object, depth: int) -> Load:
        groups = [[mapping(call) for call in items(group)] for group in items(template.get("steps"))]
        loads = [self._together([self._called(call, depth) for call in group]) for group in groups]
        tasks = [mapping(task) for task in items(at(template, "dag", "tasks"))]
        loads += [self._widest_of_graph({text(task.get("name")): task for task in tasks}, depth)] if tasks else []
        return max(loads, key=lambda load: load.weight, default=_NOTHING)

    def _called(self, call: Object, depth: int) -> Load:
        name = text(call.get("template"))
        load = self._load(name, depth + 1) if name else _NOTHING
        times = _repeated(call)
        return self._weighed({pod: _times(count, times) for pod, count in load.pods.items()})

    def _together(self, loads: list[Load]) -> Load:
        total: dict[str, Any] = {}
        for load in loads:
            for pod, count in load.pods.items():
                total[pod] = _plus(total.get(pod, 0), count)
        return self._weighed(total)

    def _widest_of_graph(self, tasks: Mapping[str, Object], depth: int) -> Load:
        """The tasks that hold most together, of all that may run at the same time: none waits for another."""
        loads = {name: self._called(task, depth) for name, task in tasks.items()}
        heavy = [name for name, load in loads.items() if load.weight]
        before = {name: _ancestors(name, tasks) for name in tasks}
        if len(heavy) > _MANY:
            return self._together([loads[name] for name in heavy])
        sets = [names for size in range(1, len(heavy) + 1) for names in combinations(heavy, size)]
        free = [names for names in sets if not any(other in before[name] for name in names for other in names)]
        found = (self._together([loads[name] for name in names]) for names in free)
        return max(found, key=lambda load: load.weight, default=self._together(list(loads.values())))

    def _limited(self, load: Load, limits: Object) -> Load:
        """No more pods than `parallelism` allows, those with most accelerators first."""
        room = number(limits.get("parallelism"), 0)
        if not room:
            return load
        kept: dict[str, Any] = {}
        for pod in sorted(load.pods, key=lambda name: (-self._devices(name), name)):
            count = load.pods[pod]
            kept[pod] = room if isinstance(count, Unknown) else min(count, room)
            room -= kept[pod]
        return self._weighed(kept)

    def _weighed(self, pods: Mapping[str, Any]) -> Load:
        weights = (
            (float("inf") if self._devices(name) else 0) if isinstance(count, Unknown) else count * self._devices(name)
            for name, count in pods.items()
        )
        return Load(pods, sum(weights))

    def _devices(self, name: str) -> int:
        """Extended resources of one pod, whatever they are: enough to compare by."""
        template = self._templates[name]
        containers = [
            template.get("container"),
            template.get("script"),
            *items(at(template, "containerSet", "containers")),
        ]
        limits = [mapping(at(one, "resources", "limits")) for one in containers if one is not None]
        return sum(number(count, 0) for limit in limits for key, count in limit.items() if "/" in str(key))


def _repeated(call: Object) -> Any:
    """How often a call runs at once."""
    if call.get("withItems") is not None:
        listed = call["withItems"]
        return len(items(listed)) if isinstance(listed, list) else _LOOP
    if call.get("withSequence") is not None:
        count = number(at(call, "withSequence", "count"), -1)
        return count if count >= 0 else _LOOP
    return _LOOP if call.get("withParam") is not None else 1


def _times(count: Any, times: Any) -> Any:
    unknown = [one for one in (count, times) if isinstance(one, Unknown)]
    return unknown[0] if unknown else count * times


def _plus(one: Any, other: Any) -> Any:
    unknown = [value for value in (one, other) if isinstance(value, Unknown)]
    return unknown[0] if unknown else one + other


def _ancestors(name: str, tasks: Mapping[str, Object]) -> set[str]:
    """Every task that must have ended before this one starts."""
    found: set[str] = set()
    pending = [name]
    while pending:
        task = tasks.get(pending.pop(), {})
        named = {text(one) for one in items(task.get("dependencies"))} | set(_WORD.findall(text(task.get("depends"))))
        new = (named & tasks.keys()) - found
        found |= new
        pending += new
    return found - {name}
