"""The fact `accelerators`: how many GPUs, TPUs and other accelerators a resource can hold, and of which model.

Of machines: those on one machine (by its type, or attached) times the fewest and the most machines. Of workloads: what
the pods ask for times the fewest and the most pods. A workload and the nodes it runs on are both counted; a budget
sums one or the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from scanner.analyze._accelerators.claims import Claims
from scanner.analyze._accelerators.holding import Holding, summed, times
from scanner.analyze._accelerators.karpenter import KARPENTER, of_node_pool
from scanner.analyze._accelerators.names import chips_in, machine, model
from scanner.analyze._accelerators.roles import role_of
from scanner.analyze._accelerators.workloads import of_workload, terms_citations, values
from scanner.analyze._guard import each, guarded
from scanner.bodies import items, mapping, text
from scanner.model import Citation, Fact, FactField, Inventory, Resource, Unknown

DOC = "How many accelerators a resource can hold, and of which model."
MACHINES = (
    "compute.instance",
    "compute.instance_group",
    "capacity.reservation",
    "kubernetes.node_pool",
    "ml.tpu",
    "ml.notebook",
    "ml.endpoint",
    "ml.training",
)
READS = frozenset({*MACHINES, "workload", "device.claim", "device.class"})
FIELDS = {
    "count": FactField("int", 0, "Most accelerators there can be at once: chips, or devices where a chip is divided."),
    "minimum": FactField("int", 0, "Fewest accelerators there are while nothing needs more."),
    "added": FactField("int", 0, "How many more there can be after the change than before it."),
    "model": FactField(
        "string",
        "",
        "Canonical model, such as `nvidia-h100`, `nvidia-a100-80gb`, `tpu-v5e`, `aws-trainium2`; `nvidia-gpu` where "
        "pods ask for any; `mixed` for several; empty for none.",
    ),
    "kind": FactField("string", "", "`gpu`, `tpu`, `neuron`, `gaudi`, `other` or `mixed`; empty for none."),
    "spot": FactField("bool", default=False, doc="They run on capacity that the provider may take back."),
    "reserved": FactField(
        "bool", default=False, doc="They are reserved, or queued for: a reservation or capacity block is named."
    ),
    "role": FactField("string", "", "What they are for: `training`, `serving`, `notebook` or `general`."),
}


def derive(inventory: Inventory) -> Mapping[str, Fact]:
    """A fact for every machine and workload that has accelerators, or of which that is not known."""
    machines = each(inventory.by_type(*MACHINES), _machines, FIELDS)
    return machines | each(inventory.by_type("workload"), partial(of_workload, Claims(inventory)), FIELDS)


def _machines(resource: Resource) -> Fact | None:
    attributes = resource.attributes
    if resource.native_type == KARPENTER:
        return of_node_pool(resource)
    each = _on_one_machine(resource)
    if each is None:
        return None
    most = attributes["maximum"]
    if isinstance(most, Unknown) and resource.type == "kubernetes.node_pool":
        most = _machines_of_slice(resource, each, most)
    holding = Holding(times(each.most, most), times(each.fewest, attributes["minimum"]), each.model)
    is_reservation = resource.type == "capacity.reservation"
    held = values([holding], attributes.get("spot", False), role_of(resource))
    reserved = attributes.get("reserved", is_reservation)
    added = times(each.most, attributes.get("added", 0))
    return Fact({**held, "reserved": reserved, "added": added}, _machine_citations(resource))


def _on_one_machine(resource: Resource) -> Holding | None:
    """What one machine has. Google lists the GPUs that a machine type implies as attached too: they count once."""
    attributes = resource.attributes
    implied = guarded(lambda: _implied(attributes))
    if isinstance(implied, Holding) and implied.most:
        return implied
    attached = guarded(lambda: _attached(attributes["accelerators"]))
    if isinstance(attached, list) and attached:
        return summed(attached)
    for value in (implied, attached):
        if isinstance(value, Unknown):
            return Holding(value, value, value)
    return None


def _implied(attributes: Mapping[str, Any]) -> Holding:
    """What comes with the machine type; of several types that may be started, from the poorest up to the richest."""
    others = attributes.get("alternatives") or ()
    each = [machine(name or "") for name in (attributes["machine_type"], *others)]
    richest = max(each, key=lambda one: one.count)
    return Holding(richest.count, min(one.count for one in each), richest.model)


def _attached(entries: Iterable[Mapping[str, Any]]) -> list[Holding]:
    """Those that are attached one by one; a number of 0 is how templates write "none"."""
    counted = [(entry, entry["count"]) for entry in entries if isinstance(entry["count"], Unknown) or entry["count"]]
    return [Holding(count, count, guarded(partial(_model, entry))) for entry, count in counted]


def _model(entry: Mapping[str, Any]) -> str:
    return model(entry["model"])


def _machines_of_slice(resource: Resource, each: Holding, otherwise: Unknown) -> Any:
    """Machines of a pool that is one TPU slice over several machines: its topology says how many."""
    machines = guarded(lambda: chips_in(_first(resource.native, "placement_policy", "tpu_topology")) // each.most)
    return machines if isinstance(machines, int) and machines > 1 else otherwise


def _first(native: Mapping[str, Any], block: str, field: str) -> str:
    """One text of a nested block that may be there once."""
    blocks = items(native.get(block))
    return text(mapping(blocks[0]).get(field)).lower() if blocks else ""


def _machine_citations(resource: Resource) -> dict[str, Citation]:
    """The number is decided by the size of the group where somebody wrote it, else by the machine."""
    cited = resource.citations
    machine_place = cited.get("attributes.machine_type") or cited.get("attributes.accelerators")
    most, fewest = cited.get("attributes.maximum"), cited.get("attributes.minimum")
    places = {
        "count": most if most and most.path else machine_place,
        "added": most if most and most.path else machine_place,
        "minimum": fewest if fewest and fewest.path else machine_place,
        "model": machine_place,
        "kind": machine_place,
    }
    return {field: place for field, place in places.items() if place} | terms_citations(resource)
