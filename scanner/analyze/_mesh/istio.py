"""How Istio enforces mutual TLS on a workload: the effective mode, and who decided it.

A workload without a sidecar (or ambient mode) is in no mesh, whatever the policies say. With several pod templates, a
workload is in the mesh if any of its pods is, and has the weakest mode of those.

Ambient mode has no DISABLE: ztunnel takes encrypted connections whatever a policy says, and plaintext beside them
unless it says STRICT. Source: istio `pilot/pkg/serviceregistry/kube/controller/ambient/authorization.go`.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from msgspec.structs import replace

from scanner.analyze._guard import guarded
from scanner.analyze._mesh.bypass import (
    Defaults,
    bypassed_ports,
    bypassing_annotation,
    bypassing_default,
    past_ztunnel,
)
from scanner.analyze._mesh.fact import all_unknown, undecided
from scanner.analyze._mesh.injector import EVERY_PORT
from scanner.analyze._mesh.membership import Template, decider_path, membership, revision_of
from scanner.analyze._mesh.pods import pods_of
from scanner.analyze._mesh.policies import ISTIO_DEFAULT, Composed, Pods, Policies, mode_of, weak_ports_of
from scanner.analyze._mesh.view import AMBIENT_LABEL, MeshView
from scanner.analyze._namespaces import namespace_of
from scanner.model import Citation, Fact, Resource, Unknown

_WEAKEST_FIRST = ("DISABLE", "PERMISSIVE", "STRICT")

Member = tuple[Template, str]
"""Pods in the mesh, and the label or field that says so."""


def istio(workload: Resource, view: MeshView, policies: Policies) -> Fact:
    """Effective mutual TLS of one workload, as far as Istio is concerned."""
    templates = guarded(partial(pods_of, workload))
    if isinstance(templates, Unknown):
        return Fact(all_unknown(templates))
    namespace = namespace_of(workload)
    decisions = [(template, guarded(partial(membership, template, namespace, view))) for template in templates]
    unknown = next((decision for _, decision in decisions if isinstance(decision, Unknown)), None)
    members = [(template, decision[1]) for template, decision in decisions if _is_member(decision)]
    if members:
        return _member(workload, members, unknown, view, policies)
    if unknown is None:
        return _outside(workload, decisions, view)
    bypassed, places = _bypassed(workload, [(template, "") for template in templates], view)
    return Fact({**all_unknown(unknown), "bypassed_ports": bypassed}, places)


def _member(
    workload: Resource, members: Sequence[Member], unknown: Unknown | None, view: MeshView, policies: Policies
) -> Fact:
    """Of a workload with pods in the mesh; `unknown` is why that is not known of others of its pods."""
    mesh, namespace = _mesh_of(members), namespace_of(workload)
    bypassed, places = _bypassed(workload, members, view)
    sure = {"mesh": mesh, "bypassed_ports": bypassed}
    if unknown is not None:
        return Fact(undecided(mesh, unknown) | sure, places)
    member = _membership_citation(workload, *members[0], view)
    joined = guarded(lambda: [_enforced(member, namespace, workload, policies, view) for member in members])
    if isinstance(joined, Unknown):
        return Fact(undecided(mesh, joined) | sure, {"in_mesh": member, **places})
    found = _inside(workload, joined, view, member)
    return Fact({**found.values, **sure}, {**found.citations, **places})


def _is_member(decision: Any) -> bool:
    return not isinstance(decision, Unknown) and decision[0]


def _is_ambient(member: Member) -> bool:
    return member[1] == AMBIENT_LABEL


def _mesh_of(members: Sequence[Member]) -> str:
    return "istio-ambient" if all(_is_ambient(member) for member in members) else "istio"


def _enforced(member: Member, namespace: str, workload: Resource, policies: Policies, view: MeshView) -> list[Composed]:
    """Every outcome the files leave open for the pods of one template."""
    template = member[0]
    revision = None if _is_ambient(member) else revision_of(template, namespace, view)
    outcomes = policies.possible(Pods(template["labels"], namespace, workload.origin.uri, revision))
    return [_without_disable(outcome) for outcome in outcomes] if _is_ambient(member) else outcomes


def _without_disable(outcome: Composed) -> Composed:
    ports = {port: "PERMISSIVE" if mode == "DISABLE" else mode for port, mode in outcome.ports.items()}
    return replace(outcome, mode="PERMISSIVE" if outcome.mode == "DISABLE" else outcome.mode, ports=ports)


def _bypassed(workload: Resource, members: Sequence[Member], view: MeshView) -> tuple[Any, dict[str, Citation]]:
    """Ports past the proxies of all pods, and the annotation or setting to blame."""
    defaults = guarded(view.defaults) if not all(map(_is_ambient, members)) else Defaults()
    if isinstance(defaults, Unknown):
        return defaults, {}
    ports = guarded(lambda: list(dict.fromkeys(port for member in members for port in _past(member, defaults))))
    for member in members:
        if key := bypassing_annotation(member[0], ambient=_is_ambient(member)):
            return ports, {"bypassed_ports": Citation(workload.origin, decider_path(workload.native, member[0], key))}
    place = bypassing_default(defaults)
    return ports, {"bypassed_ports": place} if ports and place else {}


def _past(member: Member, defaults: Defaults) -> list[str]:
    if _is_ambient(member):
        return [EVERY_PORT] if past_ztunnel(member[0]) else []
    return bypassed_ports(member[0], defaults)


def _outside(workload: Resource, decisions: Sequence[tuple[Template, Any]], view: MeshView) -> Fact:
    citations = [_membership_citation(workload, template, decision[1], view) for template, decision in decisions]
    return Fact({"in_mesh": False}, {"in_mesh": citations[0]} if citations else {})


def _membership_citation(workload: Resource, template: Template, decider: str, view: MeshView) -> Citation:
    """The label of the pod, or of its namespace, or the setting of the injector that decided."""
    if place := view.place_of(decider):
        return place
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
