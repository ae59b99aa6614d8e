"""The accelerators of a Karpenter NodePool: as many as its limits allow, of the model its requirements ask for.

Karpenter starts nodes as pods need them, so without a limit on the accelerator there is no number. Source: Karpenter's
documentation of NodePools (`spec.limits`, `spec.template.spec.requirements` and its labels).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from scanner.analyze._accelerators.holding import Holding, times
from scanner.analyze._accelerators.names import family_model, kind, machine, model
from scanner.analyze._accelerators.nodes import MACHINE_LABELS, MODEL_LABELS
from scanner.analyze._accelerators.quantities import generic_model, quantity
from scanner.analyze._accelerators.roles import role_of
from scanner.analyze._accelerators.workloads import terms_citations, values
from scanner.analyze._guard import guarded
from scanner.bodies import at, items, mapping, text
from scanner.model import Citation, Fact, Resource, Unknown, known

KARPENTER = "karpenter.sh/NodePool"

_TYPES = frozenset({*MACHINE_LABELS, "karpenter.azure.com/sku-name"})
_AUTOMATIC = "eks.amazonaws.com/"
"""Before the labels of EKS Auto Mode, which are those of Karpenter on AWS under another name."""

_SKU_FAMILY = "karpenter.azure.com/sku-family"
_FAMILY = "karpenter.k8s.aws/instance-family"
_CATEGORY = "karpenter.k8s.aws/instance-category"
_ACCELERATED = {"p": "nvidia-gpu", "g": "nvidia-gpu", "inf": "aws-neuron", "trn": "aws-neuron"}
"""Categories of AWS instance types whose machines all have accelerators."""

_MAKERS = {"nvidia": "nvidia-gpu", "amd": "amd-gpu", "aws": "aws-neuron", "habana": "intel-gaudi"}
_MAKER_LABELS = frozenset({
    "karpenter.k8s.aws/instance-gpu-manufacturer", "karpenter.k8s.aws/instance-accelerator-manufacturer",
})  # fmt: skip
_HAVING = {
    "karpenter.k8s.aws/instance-gpu-count": "nvidia-gpu",
    "karpenter.k8s.aws/instance-gpu-name": "nvidia-gpu",
    "karpenter.k8s.aws/instance-gpu-memory": "nvidia-gpu",
    "karpenter.azure.com/sku-gpu-count": "nvidia-gpu",
    "karpenter.azure.com/sku-gpu-name": "nvidia-gpu",
    "karpenter.k8s.aws/instance-accelerator-count": "aws-neuron",
    "karpenter.k8s.aws/instance-accelerator-name": "aws-neuron",
}
"""Labels that only machines with accelerators have, and what nearly all of these have."""

_UNLIMITED = Unknown("its limits name no accelerators, so Karpenter starts as many as its pods ask for")


def of_node_pool(pool: Resource) -> Fact | None:
    """A fact for a pool that may start nodes with accelerators."""
    limits = mapping(at(pool.native, "spec", "limits"))
    limited = [name for name in limits if generic_model(str(name))]
    models = guarded(lambda: list(dict.fromkeys(_models(pool.native))))
    if not limited and not isinstance(models, Unknown) and not models:
        return None
    holdings = [Holding(quantity(limits[name]), 0, _model(models, str(name))) for name in limited]
    held = values(holdings or [_without_limits(pool, _model(models, ""))], pool.attributes["spot"], role_of(pool))
    place = ("spec", "limits", limited[0]) if limited else ("spec",)
    citations = dict.fromkeys(("count", "minimum", "model", "kind"), Citation(pool.origin, place))
    return Fact(held, citations | terms_citations(pool))


def _without_limits(pool: Resource, model_name: Any) -> Holding:
    """A static pool has so many nodes, each with what comes with its type; any other has no bounds."""
    replicas = at(pool.native, "spec", "replicas")
    attributes = pool.attributes
    types = (attributes["machine_type"], *attributes["alternatives"])
    each = guarded(lambda: max(machine(known(name)).count for name in types))
    most = _UNLIMITED if replicas is None else times(each, attributes["maximum"])
    return Holding(most, 0 if replicas is None else most, model_name)


def _model(models: Any, limited: str) -> Any:
    """The one model that the requirements leave, or what the limited resource means by itself."""
    if isinstance(models, Unknown):
        return models
    of_kind = [one for one in models if not limited or kind(one) == kind(generic_model(limited))]
    if not of_kind:
        return generic_model(limited)
    return of_kind[0] if len(of_kind) == 1 else Unknown(f"its nodes may have {' or '.join(sorted(of_kind))}")


def _models(native: Any) -> list[str]:
    """Every model that the requirements allow; none for a pool of plain machines."""
    requirements = [_required(mapping(one)) for one in items(at(native, "spec", "template", "spec", "requirements"))]
    return list(_named(requirements)) or list(_some(requirements))


def _required(requirement: Mapping[str, Any]) -> Mapping[str, Any]:
    key = text(requirement.get("key"))
    is_automatic = key.startswith(_AUTOMATIC)
    return {**requirement, "key": f"karpenter.k8s.aws/{key.removeprefix(_AUTOMATIC)}"} if is_automatic else requirement


def _named(requirements: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for requirement in requirements:
        key = text(requirement.get("key"))
        if text(requirement.get("operator")) != "In":
            continue
        for value in map(text, items(requirement.get("values"))):
            if found := _model_of(key, value):
                yield found


def _some(requirements: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Where it is only asked that there be any."""
    for requirement in requirements:
        found = _HAVING.get(text(requirement.get("key")))
        if found and _asks_for_any(
            text(requirement.get("operator")), list(map(text, items(requirement.get("values"))))
        ):
            yield found


def _asks_for_any(operator: str, values: list[str]) -> bool:
    numbers = [int(value) for value in values if value.isdigit()]
    return operator in {"Exists", "Gt"} or (operator in {"In", "Gte"} and any(numbers))


def _model_of(key: str, value: str) -> str:
    if key in _TYPES:
        return machine(value).model
    if key == _FAMILY:
        return family_model(value)
    if key in _MAKER_LABELS:
        return _MAKERS.get(value.lower(), "")
    if key == _SKU_FAMILY:
        return "nvidia-gpu" if value.upper().startswith("N") else ""
    if key == _CATEGORY:
        return _ACCELERATED.get(value, "")
    return model(value) if key in MODEL_LABELS else ""
