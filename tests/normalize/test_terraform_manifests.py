"""Kubernetes objects that Terraform puts into a cluster."""

from collections.abc import Callable
from typing import Any

import pytest

from scanner.model import Document, Resource, Unknown

Block = Callable[..., Document]
Read = Callable[..., dict[str, Resource]]
MESH = {
    "apiVersion": "security.istio.io/v1",
    "kind": "PeerAuthentication",
    "metadata": {"name": "default", "namespace": "istio-system"},
    "spec": {"mtls": {"mode": "PERMISSIVE"}},
}


def test_an_object_stands_beside_the_resource_that_holds_it(read: Read, block: Block) -> None:
    found = read(block("kubernetes_manifest.mesh", {"manifest": MESH}, actions=("update",), before={"manifest": MESH}))
    assert found["kubernetes_manifest.mesh"].type == "other"
    mesh = found["kubernetes_manifest.mesh/PeerAuthentication/default"]
    assert (mesh.type, mesh.attributes["mode"], mesh.change) == ("mesh.peer_authentication", "PERMISSIVE", "update")
    assert mesh.citations["attributes.mode"].path == ("manifest", "spec", "mtls", "mode")


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("kubernetes_manifest", {"manifest": Unknown("known after apply")}),
        ("kubernetes_manifest", {"manifest": None}),
        ("kubernetes_manifest", {"manifest": {**MESH, "kind": Unknown("known after apply")}}),
        ("kubernetes_manifest", {"manifest": {**MESH, "apiVersion": 1}}),
        ("kubernetes_manifest", {"manifest": {**MESH, "apiVersion": "apps/v1", "kind": "Deployment"}}),
        ("kubectl_manifest", {"yaml_body": "a: [b"}),
        ("kubectl_manifest", {"yaml_body": "a: &a [x]\nb: *a"}),
        ("kubectl_manifest", {"yaml_body": "- list"}),
        ("kubectl_manifest", {}),
    ],
)
def test_what_cannot_be_told_or_does_not_speak_for_itself_stays_what_it_is(
    read: Read, block: Block, kind: str, values: dict[str, Any]
) -> None:
    assert list(read(block(f"{kind}.a", values))) == [f"{kind}.a"]


def test_unknown_inside_of_an_object_stays_unknown(read: Read, block: Block) -> None:
    manifest = {**MESH, "spec": {"mtls": {"mode": Unknown("known after apply")}}}
    found = read(block("kubernetes_manifest.a", {"manifest": manifest}))
    assert isinstance(found["kubernetes_manifest.a/PeerAuthentication/default"].attributes["mode"], Unknown)
