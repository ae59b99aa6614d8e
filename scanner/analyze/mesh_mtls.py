"""How mutual TLS is enforced on a workload by Istio: the effective mode, and who decided it.

A workload without a sidecar (or ambient mode) is in no mesh, whatever the policies say. With several pod templates, a
workload is in the mesh if any of its pods is, and has the weakest mode of those.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from scanner.analyze._guard import each, guarded
from scanner.analyze._mesh_membership import Template, decider_path, membership
from scanner.analyze._mesh_policies import ISTIO_DEFAULT, Composed, Policies, mode_of, weak_ports_of
from scanner.analyze._mesh_view import MeshView, mesh_view, namespace_of
from scanner.model import Citation, Fact, FactField, Inventory, Resource, Unknown

DOC = "How mutual TLS is enforced on traffic that a workload accepts inside the Istio mesh."

READS = frozenset({"*"})

FIELDS: Mapping[str, FactField] = {
    "in_mesh": FactField("bool", default=False, doc="Its pods get a sidecar or are captured by ambient mode."),
    "mode": FactField("string", "", "Effective mode, `STRICT`, `PERMISSIVE` or `DISABLE`; empty outside the mesh."),
    "decided_by": FactField("string", "", "Address of the PeerAuthentication that decided, or `Istio's default`."),
    "weak_ports": FactField("list(int)", [], "Container ports with a mode of their own that is not `STRICT`."),
}

_WEAKEST_FIRST = ("DISABLE", "PERMISSIVE", "STRICT")


def derive(inventory: Inventory) -> Mapping[str, Fact]:
    """The effective mode of every workload."""
    view = mesh_view(inventory)
    policies = Policies(inventory.by_type("mesh.peer_authentication"), view)
    return each(inventory.by_type("workload"), lambda workload: _fact(workload, view, policies), FIELDS)


def _fact(workload: Resource, view: MeshView, policies: Policies) -> Fact:
    templates = guarded(lambda: list(workload.attributes["pod_templates"]))
    if isinstance(templates, Unknown):
        return Fact(dict.fromkeys(FIELDS, templates))
    namespace = namespace_of(workload)
    decisions = [(template, guarded(partial(membership, template, namespace, view))) for template in templates]
    unknown = next((decision for _, decision in decisions if isinstance(decision, Unknown)), None)
    members = [(template, decision[1]) for template, decision in decisions if _is_member(decision)]
    if not members:
        return _outside(workload, decisions, view) if unknown is None else Fact(dict.fromkeys(FIELDS, unknown))
    if unknown is not None:
        return Fact(_undecided(unknown))
    member = _membership_citation(workload, *members[0], view)
    uri = workload.origin.uri
    joined = guarded(lambda: [policies.possible(template["labels"], namespace, uri) for template, _ in members])
    if isinstance(joined, Unknown):
        return Fact(_undecided(joined), {"in_mesh": member})
    return _inside(workload, joined, view, member)


def _undecided(unknown: Unknown) -> dict[str, Any]:
    return {**dict.fromkeys(FIELDS, unknown), "in_mesh": True}


def _is_member(decision: Any) -> bool:
    return not isinstance(decision, Unknown) and decision[0]


def _outside(workload: Resource, decisions: Sequence[tuple[Template, Any]], view: MeshView) -> Fact:
    citations = [_membership_citation(workload, template, decision[1], view) for template, decision in decisions]
    return Fact({"in_mesh": False}, {"in_mesh": citations[0]} if citations else {})


def _membership_citation(workload: Resource, template: Template, decider: str, view: MeshView) -> Citation:
    """The label of the pod, or of its namespace, that decided."""
    path = decider_path(workload.native, template, decider)
    namespace = view.declared_by.get(namespace_of(workload))
    if namespace is None or not decider or path != tuple(template["path"]):
        return Citation(workload.origin, path)
    return Citation(namespace.origin, ("metadata", "labels", decider))


def _inside(workload: Resource, joined: Sequence[Sequence[Composed]], view: MeshView, member: Citation) -> Fact:
    weakest = guarded(lambda: min(joined, key=lambda outcomes: _WEAKEST_FIRST.index(mode_of(outcomes, view))))
    weak_ports = guarded(lambda: sorted({port for outcomes in joined for port in weak_ports_of(outcomes, view)}))
    values: dict[str, Any] = {"in_mesh": True, "weak_ports": weak_ports}
    citations = {"in_mesh": member, **_port_citation(joined)}
    if isinstance(weakest, Unknown):
        return Fact({**values, "mode": weakest, "decided_by": weakest}, citations)
    decider = weakest[0].decider
    decided = decider.resource.origin.address if decider else ISTIO_DEFAULT
    place = Citation(decider.resource.origin, ("spec", "mtls", "mode")) if decider else _name_of(workload)
    citations |= {"mode": place, "decided_by": place}
    return Fact({**values, "mode": weakest[0].mode, "decided_by": decided}, citations)


def _name_of(workload: Resource) -> Citation:
    return Citation(workload.origin, ("metadata", "name"))


def _port_citation(joined: Sequence[Sequence[Composed]]) -> dict[str, Citation]:
    """The first port that is weak, where its policy sets it."""
    for outcome in (outcome for outcomes in joined for outcome in outcomes):
        for port, mode in outcome.ports.items():
            if mode != "STRICT" and outcome.workload is not None:
                return {"weak_ports": Citation(outcome.workload.resource.origin, outcome.workload.port_path(port))}
    return {}
