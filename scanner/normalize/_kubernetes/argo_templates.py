"""The templates of an Argo Workflow, as the pods that they become.

A template stands in the list of all or, written inline, in the step that calls it. Defaults of the workflow lie under
it, and patches of the pod over it. One may also create another object, which has pods of its own.
Source: Argo's field reference (`Template`, `templateDefaults`, `podSpecPatch`, `ResourceTemplate`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import ryaml
from msgspec import Struct

from scanner.bodies import at, items, mapping, put_for, text
from scanner.model import Path, Unknown, UnknownRead
from scanner.normalize._kubernetes.merging import over
from scanner.normalize._kubernetes.shapes import Object, annotations_of, extended_resources, labels_of, number
from scanner.normalize._kubernetes.templates import PodTemplate
from scanner.patterns import regex

PodsOf = Callable[[Object], Sequence[PodTemplate]]
"""What gives the pod templates of any workload."""

_INHERITED = ("nodeSelector", "tolerations", "affinity", "serviceAccountName", "hostNetwork")
_MAIN = "main"
"""How Argo calls the container of a template."""

_LEAVES = ("container", "script", "containerSet", "resource")
_MAKING = frozenset({"create", "apply", "patch", "replace"})
_PLACEHOLDER = regex(r"\{\{.*?\}\}")
_STAND_IN = "govscan-placeholder"
_PATCHED = Unknown("its podSpecPatch is known once it runs", "spec.podSpecPatch")
_MADE = Unknown("the manifest it creates is known once it runs", "spec.templates")


class Template(Struct, frozen=True):
    """A template, and the pods that one run of it is; none for one that only calls others."""

    name: str
    body: Object
    pods: Sequence[PodTemplate]

    def devices(self) -> float:
        """Extended resources of one run, whatever they are: enough to compare by. Infinite where not known."""
        try:
            return sum(_devices(pod) for pod in self.pods)
        except UnknownRead:
            return float("inf")


def _devices(pod: PodTemplate) -> int:
    asked = (extended_resources(one) for one in items(pod.spec.get("containers")))
    count = number(pod.maximum, 1)
    return count * sum(number(value, 1) for resources in asked for value in resources.values())


def templates(body: Object, path: Path, pods_of: PodsOf) -> Iterator[Template]:
    """Every template of a workflow, under the name by which it is called."""
    spec = mapping(at(body, *path))
    for index, one in enumerate(items(spec.get("templates"))):
        yield from _with_inlined(body, (*path, "templates", index), text(at(one, "name")), spec, pods_of)


def _with_inlined(body: Object, path: Path, name: str, spec: Object, pods_of: PodsOf) -> Iterator[Template]:
    template = _whole(mapping(at(body, *path)), mapping(spec.get("templateDefaults")))
    yield Template(name, template, list(_pods(path, template, spec, pods_of)))
    for where, call in calls(template):
        if call.get("inline") is not None:
            yield from _with_inlined(body, (*path, *where, "inline"), called(name, call), spec, pods_of)


def calls(template: Object) -> Iterator[tuple[Path, Object]]:
    """Every step and task of a template, and where it stands."""
    for place, group in enumerate(items(template.get("steps"))):
        yield from ((("steps", place, index), mapping(one)) for index, one in enumerate(items(group)))
    yield from (
        (("dag", "tasks", index), mapping(one)) for index, one in enumerate(items(at(template, "dag", "tasks")))
    )


def called(caller: str, call: Object) -> str:
    """The name of the template that a step or a task calls; one that is written in it has a name made up here."""
    inline = call.get("inline") is not None
    return f"{caller}/{text(call.get('name'))}" if inline else text(call.get("template"))


def _whole(template: Object, defaults: Object) -> Object:
    """What the workflow says of all templates lies under what one says, if they are of one kind."""
    fitting = {key: value for key, value in defaults.items() if key not in _LEAVES or key in template}
    return mapping(over(fitting, template)) if fitting else template


def _pods(path: Path, template: Object, spec: Object, pods_of: PodsOf) -> Iterator[PodTemplate]:
    if any(template.get(kind) is not None for kind in _LEAVES[:3]):
        yield _patched(_pod(path, template, spec), [spec.get("podSpecPatch"), template.get("podSpecPatch")])
    elif text(at(template, "resource", "action")) in _MAKING:
        place = (*path, "resource", "manifest")
        yield from (_placed(pod, place) for pod in _made(text(at(template, "resource", "manifest")), pods_of))


def _pod(path: Path, pod: Object, spec: Object) -> PodTemplate:
    """A template is a pod spec with its main container beside it; what it leaves out it has from the workflow."""
    main = [mapping(pod[kind]) for kind in ("container", "script") if pod.get(kind) is not None]
    several = items(at(pod, "containerSet", "containers"))
    inherited = {key: spec[key] for key in _INHERITED if key in spec}
    whole = {**inherited, **pod, "containers": [*main, *several, *items(pod.get("sidecars"))]}
    shared = {"metadata": spec.get("podMetadata")}  # labels of the workflow itself do not reach its pods
    return PodTemplate(path, whole, labels_of(shared) | labels_of(pod), annotations_of(shared) | annotations_of(pod))


def _patched(pod: PodTemplate, patches: Sequence[Any]) -> PodTemplate:
    words = [text(patch) for patch in patches if text(patch)]
    spec = pod.spec
    for patch in words:
        spec = _hidden(spec, _PATCHED) if "{{" in patch else _over(spec, _parsed(patch))
    return PodTemplate(pod.path, spec, pod.labels, pod.annotations) if words else pod


def _over(spec: Object, patch: Any) -> Object:
    """The main container may have no name of its own."""
    containers = [{"name": _MAIN, **mapping(one)} for one in items(spec.get("containers"))]
    return mapping(over({**spec, "containers": containers}, mapping(patch)))


def _hidden(spec: Object, unknown: Unknown) -> Object:
    containers = [{**mapping(one), "resources": {"limits": unknown}} for one in items(spec.get("containers"))]
    return {**spec, "containers": containers}


def _made(manifest: str, pods_of: PodsOf) -> Sequence[PodTemplate]:
    """The pods of the object that a template creates, in which placeholders are not known."""
    body = put_for(_parsed(_PLACEHOLDER.sub(_STAND_IN, manifest)), _STAND_IN, _MADE)
    try:
        return pods_of(mapping(body))
    except UnknownRead:
        return [PodTemplate((), _hidden({"containers": [{}]}, _MADE), {}, {})]


def _parsed(words: str) -> Any:
    try:
        return ryaml.loads(words)
    except ValueError:
        return None


def _placed(pod: PodTemplate, path: Path) -> PodTemplate:
    return PodTemplate(path, pod.spec, pod.labels, pod.annotations, pod.replicas, pod.minimum, pod.maximum)
