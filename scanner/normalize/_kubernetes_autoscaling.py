"""Folds autoscalers into the workloads they scale: HorizontalPodAutoscaler and KEDA ScaledObject."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from msgspec.structs import replace

from scanner.bodies import at, text
from scanner.model import UnknownRead
from scanner.normalize._kubernetes_shapes import Object, group_kind, name, namespace, number
from scanner.normalize._kubernetes_templates import PodTemplate

Target = tuple[str, str, str]
"""Namespace (empty if the object names none), kind and name of what is scaled."""
Autoscalers = Mapping[Target, Sequence[Object]]

_FIELDS = {
    "autoscaling/HorizontalPodAutoscaler": (("minReplicas", 1), ("maxReplicas", 1)),
    "keda.sh/ScaledObject": (("minReplicaCount", 0), ("maxReplicaCount", 100)),
}
"""Where each kind keeps fewest and most replicas, and its own default for it."""


def autoscalers(bodies: Iterable[Object]) -> Autoscalers:
    """The autoscalers among the objects, by what they scale."""
    found: dict[Target, list[Object]] = {}
    for body in bodies:
        target = _target(body)
        if target is not None:
            found.setdefault(target, []).append(body)
    return found


def scaled(body: Object, templates: list[PodTemplate], found: Autoscalers) -> list[PodTemplate]:
    """The templates with the widest bounds of the object's autoscalers, if it has any.

    An object with zero replicas is switched off, and its autoscaler with it.
    """
    mine = found.get((namespace(body), text(body.get("kind")), name(body)), ())
    if not mine or number(at(body, "spec", "replicas"), 1) == 0:
        return templates
    least, most = (min(_bound(scaler, 0) for scaler in mine), max(_bound(scaler, 1) for scaler in mine))
    return [replace(template, minimum=least, maximum=most) for template in templates]


def _bound(scaler: Object, which: int) -> int:
    field, default = _FIELDS[group_kind(scaler)][which]
    return number(at(scaler, "spec", field), default)


def _target(body: Object) -> Target | None:
    """What the object scales; None for everything that is no autoscaler, or whose target is not known."""
    try:
        if group_kind(body) not in _FIELDS:
            return None
        reference = at(body, "spec", "scaleTargetRef")
        return namespace(body), text(at(reference, "kind"), "Deployment"), text(at(reference, "name"))
    except UnknownRead:
        return None
