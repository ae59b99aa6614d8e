"""Extended resources: which of them are accelerators, and numbers of them as Kubernetes writes numbers.

Sources: the API references of `Quantity` and of extended resources, which only come in whole numbers; the documentation
of dynamic resource allocation (a device class as an extended resource).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scanner.analyze._accelerators.names import class_model
from scanner.model import Unknown
from scanner.patterns import regex

if TYPE_CHECKING:
    from fractions import Fraction

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
_QUANTITY = regex(r"\+?(\d{1,19}(?:\.\d{0,9})?|\.\d{1,9})(?:[eE]([-+]?\d{1,2})|([numkMGTPE]|[KMGTPE]i)?)")
_DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60}
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
    number = _number(value) if isinstance(value, str) else None
    return int(number) if number is not None and number.denominator == 1 else _NOT_WHOLE


def _number(text: str) -> Fraction | None:
    match = _QUANTITY.fullmatch(text)
    if not match:
        return None
    from fractions import Fraction  # noqa: PLC0415  # takes a while, and few write more than digits

    digits, exponent, suffix = match[1].rstrip("."), match[2], match[3] or ""
    if suffix in _BINARY:
        return Fraction(digits) * (1 << _BINARY[suffix])
    return Fraction(f"{digits}e{exponent or _DECIMAL[suffix]}")


def devices(name: str, count: Any) -> Any:
    """So many whole devices for a number of an extended resource."""
    if name.endswith("/neuroncore") and not isinstance(count, Unknown):
        return -(-count // CORES_PER_NEURON_DEVICE)
    return count
