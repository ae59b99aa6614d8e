"""What an InferenceService of KServe has from its serving runtime, and a language model from its bases.

Sources: `buildPodSpec`, `multiNodeProcess` and the merging of specs in kserve's controllers; the API of
`LLMInferenceServiceConfig`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from scanner.bodies import at, items, mapping, text
from scanner.model import Unknown
from scanner.normalize._kubernetes.merging import named, over
from scanner.normalize._kubernetes.shapes import Object, extended_resources, name, namespace

_COMPONENTS = ("predictor", "transformer", "explainer")
_MAIN, _TRANSFORMER = "kserve-container", "transformer-container"
_SYSTEM = "kserve"
"""Namespace in which KServe is installed and keeps bases for everybody."""
_OF_KSERVE = "kserve-"
"""Before the names of the runtimes that KServe brings along, of which none asks for accelerators by itself."""


def served(body: Object, runtimes: Sequence[Object]) -> Object:
    """The service with what its components have from their runtimes."""
    spec = dict(mapping(body.get("spec")))
    for component in _COMPONENTS:
        model = mapping(at(spec, component, "model"))
        if model:
            spec[component] = _component(mapping(spec[component]), model, _fitting(model, runtimes, namespace(body)))
    return {**body, "spec": spec}


def _fitting(model: Object, runtimes: Sequence[Object], home: str) -> list[Object]:
    """The runtime a model names, or those in view that KServe would choose from for its format."""
    wanted = text(model.get("runtime"))
    reachable = [one for one in runtimes if namespace(one) in {"", home}]
    if wanted:
        return [one for one in reachable if name(one) == wanted][:1]
    return [one for one in reachable if _supports(one, text(at(model, "modelFormat", "name")))]


def _supports(runtime: Object, wanted: str) -> bool:
    formats = map(mapping, items(at(runtime, "spec", "supportedModelFormats")))
    return at(runtime, "spec", "disabled") is not True and any(
        text(one.get("name")) == wanted and one.get("autoSelect") is True for one in formats
    )


def _component(component: Object, model: Object, runtimes: Sequence[Object]) -> Object:
    if len(runtimes) == 1:
        return _combined(component, model, runtimes[0])
    wanted = text(model.get("runtime"))
    if runtimes and any(extended_resources(one) for each in runtimes for one in _containers(each)):
        return _hidden(component, model, "KServe chooses one of several serving runtimes")
    if wanted and not wanted.startswith(_OF_KSERVE) and not runtimes:
        return _hidden(component, model, f"its serving runtime {wanted} is not among the files")
    return component


def _hidden(component: Object, model: Object, reason: str) -> Object:
    """What the model itself asks for counts; where it asks for nothing, the runtime may."""
    if extended_resources(model):
        return component
    return {**component, "model": {**model, "resources": {"limits": Unknown(reason, "spec.predictor.model.runtime")}}}


def _containers(runtime: Object, *path: str) -> list[Object]:
    return [mapping(one) for one in items(at(runtime, "spec", *path, "containers"))]


def _combined(component: Object, model: Object, runtime: Object) -> Object:
    """What the service writes counts before what the runtime does, resource by resource."""
    theirs = _containers(runtime)
    own = {text(at(one, "name")) for one in items(component.get("containers"))}
    beside = [one for one in theirs if text(one.get("name")) not in {_MAIN, *(own & {_TRANSFORMER})}]
    placed = {key: at(runtime, "spec", key) for key in ("nodeSelector", "affinity", "tolerations", "initContainers")}
    kept = {key: value for key, value in placed.items() if value is not None}
    main = _with_resources(model, named(theirs, _MAIN))
    found = {**kept, **component, "model": main}
    if beside:
        found["containers"] = [*items(component.get("containers")), *beside]
    if component.get("workerSpec") is not None:
        found["workerSpec"] = _workers(mapping(component["workerSpec"]), runtime)
    return found


def _workers(workers: Object, runtime: Object) -> Object:
    theirs = mapping(at(runtime, "spec", "workerSpec"))
    base = named(_containers(runtime, "workerSpec"), "worker-container")
    own = mapping(next(iter(items(workers.get("containers"))), None))
    return {**theirs, **workers, "containers": [_with_resources({**base, **own}, base)]}


def _with_resources(own: Object, base: Object) -> Object:
    first, second = mapping(base.get("resources")), mapping(own.get("resources"))
    merged = {
        section: {**mapping(first.get(section)), **mapping(second.get(section))}
        for section in ("limits", "requests")
        if section in first or section in second
    }
    return {**own, **({"resources": merged} if merged else {})}


def based(body: Object, bases: Mapping[tuple[str, str], Object]) -> Object:
    """A language model with what its bases say, later ones over earlier ones; `baseRefs` keeps those out of view."""
    spec: Any = {}
    missing = []
    for reference in map(mapping, items(at(body, "spec", "baseRefs"))):
        wanted = text(reference.get("name"))
        homes = (namespace(body), _SYSTEM, "")
        base = next((bases[home, wanted] for home in homes if (home, wanted) in bases), None)
        spec = over(spec, mapping(base.get("spec"))) if base is not None else spec
        missing += [reference] if base is None else []
    return {**body, "spec": {**over(spec, mapping(body.get("spec"))), "baseRefs": missing}}
