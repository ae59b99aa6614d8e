"""The fact `mesh_mtls`: whether mutual TLS is enforced on what a workload takes in, by which mesh, and who decided it.

Three meshes are understood, each by its own rules: Istio (sidecars and ambient mode), Linkerd and Cilium. A workload
belongs to the first of them that takes it.
"""

from __future__ import annotations

from collections.abc import Mapping

from scanner.analyze._guard import each
from scanner.analyze._mesh.cilium import Cilium
from scanner.analyze._mesh.fact import FIELDS
from scanner.analyze._mesh.istio import istio
from scanner.analyze._mesh.linkerd import Linkerd
from scanner.analyze._mesh.policies import Policies
from scanner.analyze._mesh.view import mesh_view
from scanner.model import Fact, Inventory, Resource

__all__ = ["DOC", "FIELDS", "READS", "derive"]

DOC = "How mutual TLS is enforced on traffic that a workload takes in inside of its mesh."
READS = frozenset({"*"})


def derive(inventory: Inventory) -> Mapping[str, Fact]:
    """The effective mode of every workload."""
    view = mesh_view(inventory)
    policies = Policies(inventory.by_type("mesh.peer_authentication"), view)
    linkerd, cilium = Linkerd(inventory), Cilium(inventory)

    def fact(workload: Resource) -> Fact:
        found = istio(workload, view, policies)
        if found.values["in_mesh"] is not False:
            return found
        return linkerd.fact(workload) or cilium.fact(workload) or found

    return each(inventory.by_type("workload"), fact, FIELDS)
