"""The pods of Argo Workflows, which is also what Kubeflow pipelines are compiled to: how many may run at once.

A workflow is steps (groups, one after the other) and graphs of tasks, down to templates that are pods. Its pods are not
there all at the same time; the most accelerators are in use at its widest point, and that is what is counted: each
template has the number of its pods there. What a loop over a parameter starts is not known before it runs, unless
`parallelism` limits it. Source: Argo's field reference (`WorkflowSpec`, `Template`, `WorkflowStep`, `DAGTask`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations
from typing import Any

from msgspec import Struct

from scanner.bodies import at, items, mapping, text
from scanner.model import Unknown
from scanner.normalize._kubernetes.argo_templates import PodsOf, Template, called, templates
from scanner.normalize._kubernetes.shapes import Object, number
from scanner.normalize._kubernetes.templates import PodTemplate, fixed
from scanner.patterns import regex

_LOOP = Unknown("how often a loop of the workflow runs is known once it runs")
_CIRCLE = Unknown("templates of the workflow call each other in a circle")
_DEEPEST = 40
_MANY = 12
"""Tasks with accelerators in one graph, up to which every set of them that may run together is looked at.

Of more tasks, those are counted that are the heaviest of their row, see `_chains`."""

_WORD = regex(r"[A-Za-z0-9_-]+")


class Load(Struct, frozen=True):
    """Pods that run at once: template name to how many, which may be `Unknown`."""

    pods: Mapping[str, Any]
    weight: float
    """Accelerators they hold, to compare; infinite where a number is not known."""


_NOTHING = Load({}, 0)


def workflow(body: Object, pods_of: PodsOf, *path: str) -> Iterator[PodTemplate]:
    """Every template that is a pod, with the number of its pods at the widest point."""
    run = _Run(mapping(at(body, *path)), templates(body, path, pods_of))
    widest = run.widest()
    for template in run.templates.values():
        for pod in template.pods:
            yield fixed(pod, _times(widest.pods.get(template.name, 0), pod.maximum))


class _Run:
    """One workflow, followed from its entry point."""

    def __init__(self, spec: Object, found: Iterable[Template]) -> None:
        self.spec = spec
        self.templates = {template.name: template for template in found}
        self._weights = {name: template.devices() for name, template in self.templates.items()}
        self._loads: dict[str, Load | None] = {}
        """What templates were found to hold; None for those that are being looked at."""

    def widest(self) -> Load:
        starts = [text(self.spec.get(key)) for key in ("entrypoint", "onExit") if self.spec.get(key) is not None]
        loads = [self._load(start, 0) for start in starts] or [self._load(name, 0) for name in self.templates]
        return self._limited(max(loads, key=lambda load: load.weight, default=_NOTHING), self.spec)

    def _load(self, name: str, depth: int) -> Load:
        if name not in self.templates:
            return _NOTHING  # of another object, which is counted there
        if depth > _DEEPEST or self._loads.get(name, _NOTHING) is None:
            return self._weighed({pod: _CIRCLE for pod, weight in self._weights.items() if weight})
        if name not in self._loads:
            self._loads[name] = None
            self._loads[name] = self._looked_at(self.templates[name], depth)
        return self._loads[name] or _NOTHING

    def _looked_at(self, template: Template, depth: int) -> Load:
        if template.pods:
            return self._weighed({template.name: 1})
        return self._limited(self._of_calls(template, depth), template.body)

    def _of_calls(self, template: Template, depth: int) -> Load:
        groups = [[mapping(call) for call in items(group)] for group in items(template.body.get("steps"))]
        loads = [self._together([self._called(template, call, depth) for call in group]) for group in groups]
        tasks = {text(at(task, "name")): mapping(task) for task in items(at(template.body, "dag", "tasks"))}
        if tasks:
            held = {name: self._called(template, task, depth) for name, task in tasks.items()}
            loads.append(self._widest_of_graph(tasks, held))
        return max(loads, key=lambda load: load.weight, default=_NOTHING)

    def _called(self, template: Template, call: Object, depth: int) -> Load:
        name = called(template.name, call)
        load = self._load(name, depth + 1) if name else _NOTHING
        times = _repeated(call)
        return self._weighed({pod: _times(count, times) for pod, count in load.pods.items()})

    def _together(self, loads: list[Load]) -> Load:
        total: dict[str, Any] = {}
        for load in loads:
            for pod, count in load.pods.items():
                total[pod] = _plus(total.get(pod, 0), count)
        return self._weighed(total)

    def _widest_of_graph(self, tasks: Mapping[str, Object], loads: Mapping[str, Load]) -> Load:
        """The tasks that hold most together, of all that may run at the same time: none waits for another."""
        heavy = [name for name, load in loads.items() if load.weight]
        before = {name: _ancestors(name, tasks) for name in tasks}
        if len(heavy) > _MANY:
            chains = _chains(heavy, before)
            return self._together([max((loads[name] for name in one), key=lambda load: load.weight) for one in chains])
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
        for pod in sorted(load.pods, key=lambda name: (-self._weights[name], name)):
            count = load.pods[pod]
            kept[pod] = room if isinstance(count, Unknown) else min(count, room)
            room -= kept[pod]
        return self._weighed(kept)

    def _weighed(self, pods: Mapping[str, Any]) -> Load:
        return Load(pods, sum(_weight(count, self._weights[name]) for name, count in pods.items()))


def _weight(count: Any, each: float) -> float:
    if isinstance(count, Unknown):
        return float("inf") if each else 0
    return count * each if count else 0


def _repeated(call: Object) -> Any:
    """How often a call runs at once."""
    if call.get("withItems") is not None:
        listed = call["withItems"]
        return len(items(listed)) if isinstance(listed, list) else _LOOP
    if call.get("withSequence") is not None:
        return _in_sequence(mapping(call["withSequence"]))
    return _LOOP if call.get("withParam") is not None else 1


def _in_sequence(sequence: Object) -> Any:
    """So many as it counts, or all from its start to its end, up or down."""
    count, start, end = (number(sequence.get(key), -1) for key in ("count", "start", "end"))
    if count >= 0:
        return count
    return abs(end - max(start, 0)) + 1 if end >= 0 and (start >= 0 or "start" not in sequence) else _LOOP


def _times(count: Any, times: Any) -> Any:
    unknown = [one for one in (count, times) if isinstance(one, Unknown)]
    return unknown[0] if unknown else count * times


def _plus(one: Any, other: Any) -> Any:
    unknown = [value for value in (one, other) if isinstance(value, Unknown)]
    return unknown[0] if unknown else one + other


def _chains(names: list[str], before: Mapping[str, set[str]]) -> list[list[str]]:
    """Tasks in rows of which each waits for the one before it, so that only one of a row runs at a time.

    As few rows as are found at once: not always the fewest, so that the sum may be too large, but never too small.
    """
    rows: list[list[str]] = []
    for name in sorted(names, key=lambda one: len(before[one])):
        row = next((row for row in rows if row[-1] in before[name]), None)
        if row is None:
            rows.append(row := [])
        row.append(name)
    return rows


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
