"""The fact `mesh_clients`: how clients with a sidecar connect to a workload of the Istio mesh.

Clients use mutual TLS by themselves unless a DestinationRule for one of the workload's Services says otherwise, or the
mesh's configuration turns that off. Clients in ambient mode heed no rule: ztunnel encrypts between them and the mesh.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from scanner.analyze._guard import each, guarded
from scanner.analyze._mesh.automatic import automatic_mtls_off, exported_by_default
from scanner.analyze._mesh.client_rules import AUTOMATIC, OF_THE_MESH, Mode, Rules
from scanner.analyze._mesh.pods import pods_of
from scanner.analyze._mesh.services import Service, services
from scanner.analyze._mesh.view import root_of
from scanner.analyze._namespaces import namespace_of
from scanner.model import Citation, Fact, FactField, Inventory, Resource, Unknown

DOC = "How clients with a sidecar connect to a workload of the Istio mesh."
READS = frozenset({"*"})
FIELDS = {
    "plaintext_rules": FactField(
        "list(string)", [], "Addresses of the DestinationRules, or of the mesh configuration, that make them use none."
    ),
    "foreign_tls_rules": FactField(
        "list(string)", [], "Addresses of the DestinationRules that make them use TLS without the mesh's identity."
    ),
    "ports": FactField("list(int)", [], "Ports of its Services for which one of these rules counts."),
}

_FOREIGN = frozenset({"SIMPLE", "MUTUAL"})


def derive(inventory: Inventory) -> Mapping[str, Fact]:
    """A fact for every workload that a Service leads to."""
    found = services(inventory)
    rules = Rules(inventory.by_type("mesh.destination_rule"), root_of(inventory), exported_by_default(inventory))
    switch = automatic_mtls_off(inventory)
    return each(inventory.by_type("workload"), partial(_fact, found, rules, switch), FIELDS)


def _fact(found: list[Service], rules: Rules, switch: Citation | None, workload: Resource) -> Fact | None:
    pods = [template["labels"] for template in pods_of(workload)]
    namespace = namespace_of(workload)
    near = [service for service in found if _may_be_one(service.namespace, namespace)]
    leads = [(service, guarded(partial(_leads, service, namespace, pods))) for service in near]
    mine = [service for service, led in leads if led is True]
    perhaps = [(service, led) for service, led in leads if isinstance(led, Unknown)]
    modes = guarded(lambda: [one for service in mine for one in _modes(service, rules, switch, pods)])
    if isinstance(modes, Unknown):
        return Fact(dict.fromkeys(FIELDS, modes))
    for service, unknown in perhaps if _is_of_the_mesh(modes) else ():
        others = guarded(partial(_modes, service, rules, switch, pods))
        if isinstance(others, Unknown) or not _is_of_the_mesh(others):
            return Fact(dict.fromkeys(FIELDS, unknown))
    return _told(modes) if mine else None


def _is_of_the_mesh(modes: list[tuple[int, Mode]]) -> bool:
    return all(mode in OF_THE_MESH for _, (mode, _) in modes)


def _may_be_one(namespace: str | Unknown, other: str | Unknown) -> bool:
    return isinstance(namespace, Unknown) or isinstance(other, Unknown) or namespace == other


def _leads(service: Service, namespace: str, pods: list[Mapping[str, Any]]) -> bool:
    """Raises `UnknownRead` where a label that its controller makes up decides, as for one pod of a set."""
    return any(service.leads_to(namespace, labels) for labels in pods)


def _modes(
    service: Service, rules: Rules, switch: Citation | None, pods: list[Mapping[str, Any]]
) -> list[tuple[int, Mode]]:
    """The modes of each port; where no rule says anything, what the mesh does by itself."""
    about = rules.about(service)
    told = [(port, mode) for rule in about for port in service.ports for mode in rule.modes(port, pods)]
    if switch is None:
        return told
    automatic = [(port, mode) for port, mode in told if mode[0] == AUTOMATIC]
    silent = [(port, (AUTOMATIC, switch)) for port in service.ports] if not about else automatic
    spoken = [(port, mode) for port, mode in told if mode[0] != AUTOMATIC]
    return [*spoken, *((port, ("DISABLE", switch)) for port, _ in silent)]


def _told(modes: list[tuple[int, Mode]]) -> Fact:
    plaintext = [(port, place) for port, (mode, place) in modes if mode == "DISABLE"]
    foreign = [(port, place) for port, (mode, place) in modes if mode in _FOREIGN]
    values = {
        "plaintext_rules": _addresses(plaintext),
        "foreign_tls_rules": _addresses(foreign),
        "ports": sorted({port for port, _ in (*plaintext, *foreign)}),
    }
    first = {"plaintext_rules": plaintext, "foreign_tls_rules": foreign, "ports": [*plaintext, *foreign]}
    return Fact(values, {field: places[0][1] for field, places in first.items() if places})


def _addresses(places: list[tuple[int, Citation]]) -> list[str]:
    return sorted({place.origin.address for _, place in places})
