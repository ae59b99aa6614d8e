"""What the fact `mesh_mtls` provides, whichever mesh a workload is in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scanner.model import FactField, Unknown

FIELDS: Mapping[str, FactField] = {
    "in_mesh": FactField("bool", default=False, doc="Its pods belong to a mesh that can encrypt what they take in."),
    "mesh": FactField("string", "", "`istio`, `istio-ambient`, `linkerd` or `cilium`; empty outside of a mesh."),
    "mode": FactField(
        "string",
        "",
        "Effective mode: `STRICT` takes mutual TLS alone, `PERMISSIVE` plaintext as well, `DISABLE` nothing else; "
        "empty outside of a mesh.",
    ),
    "decided_by": FactField(
        "string", "", "Address of the object that decided (a PeerAuthentication, a Namespace ...), or `... default`."
    ),
    "weak_ports": FactField("list(int)", [], "Container ports with a mode of their own that is not `STRICT`."),
    "bypassed_ports": FactField(
        "list(string)", [], "Container ports whose traffic goes past the proxy, whatever the mode; `*` for all."
    ),
}


def all_unknown(unknown: Unknown) -> dict[str, Any]:
    """Nothing is known, not even whether there is a mesh."""
    return dict.fromkeys(FIELDS, unknown)


def undecided(mesh: str, unknown: Unknown) -> dict[str, Any]:
    """The workload is in this mesh, and nothing else is known."""
    return {**all_unknown(unknown), "in_mesh": True, "mesh": mesh}
