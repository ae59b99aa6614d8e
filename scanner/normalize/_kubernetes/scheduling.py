"""Reads from a pod spec where its pods may run: pinned regions, and capacity that the provider may take back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from scanner.bodies import at, items, mapping, text
from scanner.model import Path, Unknown
from scanner.normalize._kubernetes.shapes import Object, labels_of
from scanner.patterns import regex

Choice = tuple[str, list[str], Path]
"""A node label, the values it may have, and where the choice is written, from the pod spec."""

_REGION_LABELS = ("topology.kubernetes.io/region", "failure-domain.beta.kubernetes.io/region")
_ZONE_LABELS = (
    "topology.kubernetes.io/zone",
    "failure-domain.beta.kubernetes.io/zone",
    "topology.gke.io/zone",
    "topology.ebs.csi.aws.com/zone",
    "topology.disk.csi.azure.com/zone",
)
_ZONES = (
    regex(r"([a-z]{2,4}(?:-[a-z]+)+-\d+)[a-z]"),  # AWS: eu-west-1a
    regex(r"([a-z]+-[a-z]+\d+)-[a-z]"),  # Google: europe-west4-a
    regex(r"([a-z]+\d?)-\d"),  # Azure: westeurope-1
)

_SPOT_LABELS = {
    "karpenter.sh/capacity-type": "spot",
    "cloud.google.com/gke-spot": "true",
    "cloud.google.com/gke-preemptible": "true",
    "cloud.google.com/gke-provisioning": "spot",
    "kubernetes.azure.com/scalesetpriority": "spot",
    "eks.amazonaws.com/capacitytype": "spot",
    "node.kubernetes.io/lifecycle": "spot",
}
"""Node labels (and taints) of reclaimable capacity, lower case, and the value that says so."""


def pinned_regions(spec: Object) -> tuple[list[str], Path]:
    """Regions (or zones, where only these are named) the pods must run in, and where that is written; empty for none.

    A node selector and a required affinity must both hold, so the first one that names regions is enough.
    """
    choices = [*_selected(spec), *_required(spec)]
    for wanted in (_REGION_LABELS, _ZONE_LABELS):
        for label, values, path in choices:
            if label in wanted:
                return [value.lower() for value in values], path
    return [], ()


def volume_region(body: Object) -> Any:
    """The region or zone of a PersistentVolume, by the nodes that may mount it, else by its labels; empty for any."""
    terms = [_term(term) for term in items(at(body, "spec", "nodeAffinity", "required", "nodeSelectorTerms"))]
    written = {label: (text(value).split("__"), 0) for label, value in labels_of(body).items()}
    for choices in (terms, [written]):
        for wanted in (_REGION_LABELS, _ZONE_LABELS):
            values = [value.lower() for one in choices for label in wanted if label in one for value in one[label][0]]
            if values:
                return _together(list(dict.fromkeys(values)))
    return ""


def _together(places: list[str]) -> Any:
    """The one place, or the one region that zones have in common: a regional disk has a copy in each of two."""
    if len(places) == 1:
        return places[0]
    matches = [next((match for zone in _ZONES if (match := zone.fullmatch(place))), None) for place in places]
    regions = {match[1] if match else "" for match in matches}
    return regions.pop() if len(regions) == 1 and "" not in regions else Unknown(f"it is in {' and '.join(places)}")


def spot_choice(spec: Object) -> Path | None:
    """Where the pod spec insists on reclaimable capacity; None if it does not."""
    return _reclaimable([*_selected(spec), *_required(spec)])


def spot_tolerated(spec: Object) -> Path | None:
    """Where the pod spec tolerates the taint of reclaimable capacity, which lets its pods run there or elsewhere."""
    return _reclaimable(_tolerated(spec))


def _reclaimable(choices: Iterable[Choice]) -> Path | None:
    for label, values, path in choices:
        wanted = _SPOT_LABELS.get(label.lower())
        if wanted is not None and values and all(value.lower() == wanted for value in values):
            return path
    return None


def _selected(spec: Object) -> Iterator[Choice]:
    for label, value in mapping(spec.get("nodeSelector")).items():
        yield str(label), [text(value)], ("nodeSelector", label)


_AFFINITY: Path = ("affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms")


def _required(spec: Object) -> Iterator[Choice]:
    """Terms are alternatives: a label is only pinned if every term names it, and then to all their values."""
    terms = [_term(term) for term in items(at(spec, *_AFFINITY))]
    for label in terms[0] if terms else ():
        if all(label in term for term in terms):
            values = [value for term in terms for value in term[label][0]]
            yield label, list(dict.fromkeys(values)), (*_AFFINITY, 0, "matchExpressions", terms[0][label][1], "values")


def _term(term: object) -> dict[str, tuple[list[str], int]]:
    """Label to the values of its first expression that names some, and the expression's index."""
    found: dict[str, tuple[list[str], int]] = {}
    for index, expression in enumerate(items(at(term, "matchExpressions"))):
        label, operator = text(at(expression, "key")), text(at(expression, "operator"))
        if operator == "In":
            values = [text(value) for value in items(at(expression, "values"))]
            found.setdefault(label, (values, index))
        elif operator == "Exists" and _SPOT_LABELS.get(label) == "true":  # nodes of another kind lack the label
            found.setdefault(label, (["true"], index))
    return found


def _tolerated(spec: Object) -> Iterator[Choice]:
    for index, toleration in enumerate(items(spec.get("tolerations"))):
        label = text(at(toleration, "key"))
        exists = text(at(toleration, "operator"), "Equal") == "Exists"
        if exists and not label:  # it tolerates every taint
            label = next(iter(_SPOT_LABELS))
        value = _SPOT_LABELS.get(label.lower(), "") if exists else text(at(toleration, "value"))
        yield label, [value], ("tolerations", index, "key")
