"""Folds autoscalers into the workloads they scale: HorizontalPodAutoscaler and KEDA ScaledObject."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from scanner.bodies import at, text
from scanner.model import Unknown, UnknownRead
from scanner.normalize._kubernetes.shapes import Object, group_kind, name, namespace, number
from scanner.normalize._kubernetes.templates import PodTemplate

Target = tuple[str, str, str]
"""Namespace (empty if the object names none), kind and name of what is scaled."""

_KEDA = "keda.sh/ScaledObject"
_OPEN = Unknown("it or its autoscaler names no namespace, so whether they belong together is not known")


class Autoscalers:
    """The autoscalers of one partition, by what they scale."""

    def __init__(self, bodies: Iterable[Object]) -> None:
        self._found: dict[tuple[str, str], list[tuple[str, Object]]] = {}
        for body in bodies:
            target = _target(body)
            if target is not None:
                self._found.setdefault(target[1:], []).append((target[0], body))

    def of(self, body: Object) -> tuple[list[Object], list[Object]]:
        """Those of an object, and those that may be its own: one of the two names no namespace."""
        home, named = namespace(body), self._found.get((text(body.get("kind")), name(body)), ())
        mine = [scaler for target, scaler in named if target == home]
        return mine, [scaler for target, scaler in named if target != home and "" in {target, home}]


def scaled(body: Object, templates: list[PodTemplate], found: Autoscalers) -> list[PodTemplate]:
    """The templates with the widest bounds of the object's autoscalers, if it has any."""
    off = number(at(body, "spec", "replicas"), 1) == 0
    mine, others = ([one for one in several if not off or _starts(one)] for several in found.of(body))
    if not mine and not others:
        return templates
    if not mine:
        return [replace(one, minimum=_OPEN, maximum=_OPEN) if one.each else one for one in templates]
    least, most = min(map(_fewest, mine)), max(map(_most, mine))
    return [replace(one, minimum=least * one.each, maximum=most * one.each) if one.each else one for one in templates]


def _starts(scaler: Object) -> bool:
    """Whether it scales an object with zero replicas, too; an HorizontalPodAutoscaler only if it took these away.

    Sources: Kubernetes' documentation of horizontal pod autoscaling ("implicit maintenance-mode deactivation"), and
    KEDA's of scaling objects.
    """
    return group_kind(scaler) == _KEDA or _fewest(scaler) == 0


def _fewest(scaler: Object) -> int:
    """KEDA's `idleReplicaCount` is what it leaves while nothing happens at all."""
    if group_kind(scaler) == _KEDA:
        return number(at(scaler, "spec", "idleReplicaCount"), number(at(scaler, "spec", "minReplicaCount"), 0))
    return number(at(scaler, "spec", "minReplicas"), 1)


def _most(scaler: Object) -> int:
    if group_kind(scaler) == _KEDA:
        return number(at(scaler, "spec", "maxReplicaCount"), 100)
    return number(at(scaler, "spec", "maxReplicas"), 1)


def _target(body: Object) -> Target | None:
    """What the object scales; None for everything that is no autoscaler, or whose target is not known."""
    try:
        if group_kind(body) not in {_KEDA, "autoscaling/HorizontalPodAutoscaler"}:
            return None
        reference = at(body, "spec", "scaleTargetRef")
        return namespace(body), text(at(reference, "kind"), "Deployment"), text(at(reference, "name"))
    except UnknownRead:
        return None
