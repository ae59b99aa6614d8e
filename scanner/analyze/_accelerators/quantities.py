"""Extended resources: which of them are accelerators, and numbers of them as Kubernetes writes numbers.

Sources: the API references of `Quantity` and of extended resources, which only come in whole numbers; the documentation
of dynamic resource allocation (a device class as an extended resource).
"""

from __future__ import annotations

from typing import Any

from scanner.analyze._accelerators.names import class_model
from scanner.model import Unknown
from scanner.patterns import regex

RESOURCES = (
    (regex(r"nvidia\.com/gpu(\.shared)?"), "nvidia-gpu"),
    (regex(r"nvidia\.com/(mig-.+)"), "nvidia-{}"),
    (regex(r"amd\.com/(gpu|[a-z]px_nps\d)"), "amd-gpu"),
    (regex(r"google\.com/tpu"), "tpu"),
    (regex(r"aws\.amazon\.com/neuron(core|device)?"), "aws-neuron"),
    (regex(r"habana\.ai/gaudi"), "intel-gaudi"),
    (regex(r"gpu\.intel\.com/(i915|xe)"), "intel-gpu"),
)
"""Extended resource to the model it means where no node label says more. A MIG slice counts as a device."""

_OF_CLASS = "deviceclass.resource.kubernetes.io/"
"""Before the name of a device class that is asked for as an extended resource."""

CORES_PER_NEURON_DEVICE = 2
"""Of Trainium and Inferentia2 (AWS Neuron documentation); a pod gets whole devices for its cores."""

_DIGITS = regex(r"\d{1,19}")
_BOUNDED = regex(r"\+?\d{0,19}(?:\.\d{0,9})?(?:[eE][-+]?\d{1,2}|[A-Za-z]{0,2})")
"""Quantities that may be numbers of devices; larger ones are not counted with."""
_NOT_WHOLE = Unknown("not a whole number of devices")


def generic_model(name: str) -> str:
    """The model that an extended resource means by itself; empty for a resource that is no accelerator."""
    if name.startswith(_OF_CLASS):
        return class_model(name.removeprefix(_OF_CLASS))
    for pattern, generic in RESOURCES:
        match = pattern.fullmatch(name)
        if match:
            return generic.format(*match.groups(""))
    return ""


def quantity(value: Any) -> Any:
    """A number of devices as Kubernetes writes it: `8`, but also `8000m`, `8e0` or `1k`."""
    if isinstance(value, Unknown):
        return value
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    if isinstance(value, str) and _DIGITS.fullmatch(value):
        return int(value)
    if not isinstance(value, str) or not _BOUNDED.fullmatch(value):
        return _NOT_WHOLE
    from scanner.quantities import amount  # noqa: PLC0415  # fractions take a while, and few write more than digits

    found = amount(value)
    return int(found.value) if found is not None and found.value.denominator == 1 else _NOT_WHOLE


def devices(name: str, count: Any) -> Any:
    """So many whole devices for a number of an extended resource."""
    if name.endswith("/neuroncore") and not isinstance(count, Unknown):
        return -(-count // CORES_PER_NEURON_DEVICE)
    return count
