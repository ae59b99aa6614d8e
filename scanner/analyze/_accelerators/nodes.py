"""The models of accelerators that pods insist on, by the labels of the nodes they may run on.

A node must satisfy the node selector and any one term of the required affinity. A term that does not name a label
leaves its value open. Source: Kubernetes' documentation of assigning pods to nodes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from scanner.analyze._accelerators.names import family_model, machine, model
from scanner.bodies import at, items, mapping
from scanner.model import Unknown, UnknownRead, known

MODEL_LABELS = (
    "cloud.google.com/gke-accelerator",
    "cloud.google.com/gke-tpu-accelerator",
    "nvidia.com/gpu.product",
    "karpenter.k8s.aws/instance-gpu-name",
    "karpenter.k8s.aws/instance-accelerator-name",
    "eks.amazonaws.com/instance-gpu-name",
    "eks.amazonaws.com/instance-accelerator-name",
    "karpenter.azure.com/sku-gpu-name",
    "k8s.amazonaws.com/accelerator",
)
"""Node labels whose value names the accelerator."""

MACHINE_LABELS = ("node.kubernetes.io/instance-type", "beta.kubernetes.io/instance-type")
FAMILY_LABELS = ("karpenter.k8s.aws/instance-family", "eks.amazonaws.com/instance-family")

_AFFINITY = ("affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms")


def chosen_models(spec: Mapping[str, Any]) -> Iterator[str]:
    """The model that each label leaves; raises `UnknownRead` where it leaves several."""
    labels = _node_labels(spec)
    for label in (*MODEL_LABELS, *MACHINE_LABELS, *FAMILY_LABELS):
        values = [value for value in map(known, labels.get(label, ())) if isinstance(value, str)]
        found = {_model_of(label, value) for value in values} - {""}
        if len(found) > 1:
            raise UnknownRead(Unknown(f"its pods may run on {' or '.join(sorted(found))}"))
        yield from found


def _model_of(label: str, value: str) -> str:
    if label in MACHINE_LABELS:
        return machine(value).model
    return family_model(value) if label in FAMILY_LABELS else model(value)


def _node_labels(spec: Mapping[str, Any]) -> dict[str, Sequence[Any]]:
    """Label to the values its nodes may have; where the selector names one, that is the only one."""
    terms = [_term(mapping(one)) for one in items(at(spec, *_AFFINITY))]
    labels: dict[str, Sequence[Any]] = {
        label: [value for term in terms for value in term[label]]
        for label in (terms[0] if terms else ())
        if all(label in term for term in terms)
    }
    return labels | {label: [value] for label, value in mapping(spec.get("nodeSelector")).items()}


def _term(term: Mapping[str, Any]) -> dict[str, Sequence[Any]]:
    found: dict[str, Sequence[Any]] = {}
    for expression in map(mapping, items(term.get("matchExpressions"))):
        label = known(expression.get("key"))
        if isinstance(label, str) and expression.get("operator") == "In":
            found.setdefault(label, items(expression.get("values")))
    return found
