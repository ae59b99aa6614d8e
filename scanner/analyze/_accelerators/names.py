"""What machine types, TPU types and the many words for one accelerator mean, by the table `accelerators.yaml`."""

from __future__ import annotations

import re
from functools import cache
from math import prod
from pathlib import Path
from typing import Any, NoReturn

import ryaml
from msgspec import Struct

from scanner.model import Unknown, UnknownRead
from scanner.patterns import regex

ACCELERATED = regex(
    r"(p|g|gr|inf|trn|dl)\d[a-z0-9-]*\.[a-z0-9-]+"  # AWS
    r"|(a|g)\d+x?-[a-z0-9-]+|ct\d[a-z0-9]*-.*|tpu.*|v\d+[a-z]*-\d+"  # Google
    r"|(basic|standard)_n(?!p)[a-z0-9_-]+"  # Azure; NP machines have FPGAs
)
"""Machine types whose name says that they have accelerators. Any other type that is not in the table has none."""

GOOGLE_GPU = regex(r"(?P<family>a\d+x?-[a-z]+)-(?P<count>\d+)g(-[a-z]+)?")
GOOGLE_TPU = regex(r"(?P<family>ct\d[a-z]*|tpu7x)-[a-z]+-(?P<count>\d+)t")
TPU_TYPE = regex(r"(?P<version>v\d+[a-z]*)-(?P<size>[1-9]\d{0,5})")
RTX_PRO = regex(r"rtx[ -]?pro[ -]?(\d{4})")
TOPOLOGY = regex(r"[1-9]\d{0,3}(x[1-9]\d{0,3}){1,2}")


_CLASSES = {
    "gpu.nvidia.com": "nvidia-gpu",
    "mig.nvidia.com": "nvidia-mig",
    "gpu.amd.com": "amd-gpu",
    "gpu.intel.com": "intel-gpu",
    "gaudi.intel.com": "intel-gaudi",
    "tpu.google.com": "tpu",
    "neuron.aws.com": "aws-neuron",
}
"""Device classes that the drivers of the makers install."""


class Devices(Struct, frozen=True):
    """So many accelerators of one model."""

    count: int
    model: str


NONE = Devices(0, "")


@cache
def machine(machine_type: str) -> Devices:
    """What comes with a machine of this type; raises `UnknownRead` for one that has some, but is in no table."""
    name = machine_type.lower().rpartition("/")[2].removeprefix("ml.")
    return _listed(name) or _google(name) or _tpu(name) or (_unlisted(name) if ACCELERATED.fullmatch(name) else NONE)


def chips_in(topology: str) -> int:
    """Chips of a TPU slice of this shape, such as `2x2x4`."""
    if not TOPOLOGY.fullmatch(topology):
        _unreadable(f"'{topology}' is not a TPU topology")
    return prod(int(side) for side in topology.split("x"))


@cache
def model(word: str) -> str:
    """The canonical name behind a provider's word for an accelerator: `NVIDIA-A100-SXM4-80GB` is `nvidia-a100-80gb`.

    A word of no known chip stays as it is, in lower case.
    """
    name = word.lower().rpartition("/")[2]
    parts = re.split(r"[^a-z0-9]+", name)
    if name in _table()["aliases"]:
        return str(_table()["aliases"][name])
    workstation = RTX_PRO.search(name)
    if workstation:
        return f"nvidia-rtx-pro-{workstation[1]}"
    chip = next((part for part in parts if part in _table()["makers"]), "")
    if not chip:
        return name
    large = chip == "a100" and "80gb" in parts
    return f"{_table()['makers'][chip]}-{chip}{'-80gb' if large else ''}"


@cache
def family_model(family: str) -> str:
    """The model that every machine of an AWS instance family (`g5`) has; empty if the family is in no table."""
    found = {devices.model for name, devices in _table()["devices"].items() if name.startswith(f"{family.lower()}.")}
    return found.pop() if len(found) == 1 else ""


def kind(model_name: str) -> str:
    """`gpu`, `tpu`, `neuron`, `gaudi` or `other`; empty for no model."""
    maker = model_name.partition("-")[0]
    if maker == "tpu" or not model_name:
        return maker
    if model_name.startswith("intel-gaudi"):
        return "gaudi"
    return {"aws": "neuron", "qualcomm": "other"}.get(maker, "gpu")


def class_model(device_class: str) -> str:
    """The canonical model of a device class; empty for a device that is no accelerator, such as a network card."""
    if device_class in _CLASSES:
        return _CLASSES[device_class]
    named = model(device_class)
    known = named != device_class.lower().rpartition("/")[2] and kind(named) != "other"
    return named if known else next((word for word in ("tpu", "gpu") if word in device_class.lower()), "")


def _listed(name: str) -> Devices | None:
    found: Devices | None = _table()["devices"].get(name)
    return found


def _google(name: str) -> Devices | None:
    for pattern, families in ((GOOGLE_GPU, "google_gpu_families"), (GOOGLE_TPU, "google_tpu_families")):
        match = pattern.fullmatch(name)
        if match and match["family"] in _table()[families]:
            return Devices(int(match["count"]), _table()[families][match["family"]])
    return None


def _tpu(name: str) -> Devices | None:
    match = TPU_TYPE.fullmatch(name)
    listed = _table()["tpu_types"].get(match["version"]) if match else None
    if not match or not listed:
        return None
    chips, rest = divmod(int(match["size"]), listed["per_chip"])
    if rest:
        _unreadable(f"'{name}' has no whole number of chips")
    return Devices(chips, listed["model"])


def _unlisted(name: str) -> NoReturn:
    _unreadable(f"machine type '{name}' is not in govscan's table")


def _unreadable(reason: str) -> NoReturn:
    raise UnknownRead(Unknown(reason))


@cache
def _table() -> dict[str, Any]:
    """The table, turned around so that machine types and chips are keys."""
    table: dict[str, Any] = ryaml.loads(Path(__file__).with_name("accelerators.yaml").read_text(encoding="utf-8"))
    table["devices"] = {
        name: Devices(count, found) for found, machines in table["machines"].items() for name, count in machines.items()
    }
    table["makers"] = {chip: maker for maker, chips in table["chips"].items() for chip in chips}
    return table
