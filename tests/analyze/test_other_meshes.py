"""Linkerd and Cilium, each held to its own rules; and the ports that go past a sidecar."""

from typing import Any

import pytest
from hypothesis import given, settings

from scanner.analyze import mesh_mtls
from tests.analyze.test_mesh_mtls import (
    AMBIENT,
    BASE,
    NAMESPACE,
    ODD,
    ROOT,
    SHOP,
    Object,
    cited,
    fact,
    inventory,
    labelled,
    ns,
    peer,
    seen,
    thing,
    web,
)

POLICY = "config.linkerd.io/default-inbound-policy"
INJECT = "linkerd.io/inject"


def annotated(name: str, **annotations: str) -> Object:
    body = ns(name)
    body["metadata"]["annotations"] = annotations
    return body


def installed(policy: str = "") -> Object:
    values = f"proxy:\n  defaultInboundPolicy: {policy}\n" if policy else "proxy: {}\n"
    return thing("v1", "ConfigMap", "linkerd-config", "linkerd", data={"values": values})


def linkerd(kind: str, name: str, namespace: str = "shop", **spec: Any) -> Object:
    return thing("policy.linkerd.io/v1beta3", kind, name, namespace, spec=spec)


def server(port: Any = 8080, **rest: Any) -> Object:
    return linkerd("Server", "web", podSelector={"matchLabels": {"app": "web"}}, port=port, **rest)


def lets_in(*kinds: str, target: str = "Server", name: str = "web") -> Object:
    references = [{"kind": kind, "name": "clients"} for kind in kinds]
    return linkerd(
        "AuthorizationPolicy", "open", targetRef={"kind": target, "name": name}, requiredAuthenticationRefs=references
    )


MESHED = annotated("shop", **{INJECT: "enabled"})
STRICT = annotated("shop", **{INJECT: "enabled", POLICY: "all-authenticated"})
NAMED_PORT = [{"name": "web", "ports": [{"name": "http", "containerPort": 8080}]}]

# Columns: objects, mode, who decided, weak ports.
LINKERD: dict[str, tuple[list[Object], str, str, list[int]]] = {
    "installation without a word": ([MESHED, installed(), web()], "PERMISSIVE", "linkerd/ConfigMap/linkerd-config", []),
    "installation that authenticates": (
        [MESHED, installed("all-authenticated"), web()], "STRICT", "linkerd/ConfigMap/linkerd-config", [],
    ),
    "installation that denies": ([MESHED, installed("deny"), web()], "STRICT", "linkerd/ConfigMap/linkerd-config", []),
    "installation that audits": (
        [MESHED, installed("audit"), web()], "PERMISSIVE", "linkerd/ConfigMap/linkerd-config", [],
    ),
    "namespace over installation": ([STRICT, installed(), web()], "STRICT", "Namespace/shop", []),
    "pod over namespace": (
        [STRICT, installed(), web(notes={POLICY: "cluster-unauthenticated"})], "PERMISSIVE", "shop/Deployment/web", [],
    ),
    "pod injected by itself": (
        [ns("shop"), web(notes={INJECT: "enabled", POLICY: "cluster-authenticated"})],
        "STRICT", "shop/Deployment/web", [],
    ),
    "ingress mode": ([annotated("shop", **{INJECT: "ingress", POLICY: "deny"}), web()], "STRICT", "Namespace/shop", []),
    "a server without authorizations": ([STRICT, server(), web()], "STRICT", "Namespace/shop", []),
    "a server that opens itself": (
        [STRICT, server(accessPolicy="all-unauthenticated"), web()], "STRICT", "Namespace/shop", [8080],
    ),
    "a network opens the port": ([STRICT, server(), lets_in("NetworkAuthentication"), web()], "STRICT", "Namespace/shop", [8080]),
    "a policy that asks nobody": ([STRICT, server(), lets_in(), web()], "STRICT", "Namespace/shop", [8080]),
    "a policy for the namespace": (
        [STRICT, server(), lets_in(target="Namespace", name="shop"), web()], "STRICT", "Namespace/shop", [8080],
    ),
    "identity and network together": (
        [STRICT, server(), lets_in("NetworkAuthentication", "MeshTLSAuthentication"), web()], "STRICT", "Namespace/shop", [],
    ),
    "a service account is an identity": ([STRICT, server(), lets_in("ServiceAccount"), web()], "STRICT", "Namespace/shop", []),
    "a policy for another server": ([STRICT, server(), lets_in(name="db"), web()], "STRICT", "Namespace/shop", []),
    "an authorization of the first kind": (
        [STRICT, server(), linkerd("ServerAuthorization", "a", server={"name": "web"}, client={"unauthenticated": True}), web()],
        "STRICT", "Namespace/shop", [8080],
    ),
    "an authorization that asks for identity": (
        [STRICT, server(), linkerd("ServerAuthorization", "a", server={"name": "web"}, client={"meshTLS": {}}), web()],
        "STRICT", "Namespace/shop", [],
    ),
    "a port by name": (
        [STRICT, server("http", accessPolicy="all-unauthenticated"), web(containers=NAMED_PORT)],
        "STRICT", "Namespace/shop", [8080],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", LINKERD)
def test_linkerd(case: str) -> None:
    objects, mode, decider, weak = LINKERD[case]
    found = fact(*objects)
    assert (seen(found, "in_mesh"), seen(found, "mesh")) == (True, "linkerd")
    assert (seen(found, "mode"), seen(found, "decided_by"), seen(found, "weak_ports")) == (mode, decider, weak)


LINKERD_LEAVES_OUT = {
    "namespace does not ask": [ns("shop"), installed(), web()],
    "pod refuses": [MESHED, installed(), web(notes={INJECT: "disabled"})],
    "host network": [MESHED, installed(), web(hostNetwork=True)],
    "no word of Linkerd": [ns("shop"), web()],
}


@pytest.mark.parametrize("case", LINKERD_LEAVES_OUT)
def test_linkerd_leaves_out(case: str) -> None:
    assert seen(fact(*LINKERD_LEAVES_OUT[case]), "in_mesh") is False


def test_linkerds_default_is_unknown_without_its_installation() -> None:
    found = fact(MESHED, web())
    assert seen(found, "in_mesh") is True
    assert "Linkerd's installation" in seen(found, "mode")


def test_linkerd_in_a_namespace_out_of_view() -> None:
    assert "namespace shop is not among the files" in seen(fact(installed(), web()), "in_mesh")


def test_ports_that_skip_linkerd() -> None:
    found = fact(STRICT, web(notes={"config.linkerd.io/skip-inbound-ports": "9090, 4000-4010"}))
    assert seen(found, "bypassed_ports") == ["9090", "4000-4010"]


def cilium(*rules: Object, kind: str = "CiliumNetworkPolicy", selector: Object | None = None) -> Object:
    spec = {"endpointSelector": {"matchLabels": {"app": "web"}} if selector is None else selector, "ingress": [*rules]}
    return thing("cilium.io/v2", kind, "web", "shop" if kind == "CiliumNetworkPolicy" else "", spec=spec)


def encrypts(value: str = "true") -> Object:
    return thing("v1", "ConfigMap", "cilium-config", "kube-system", data={"enable-wireguard": value})


REQUIRED = {"fromEndpoints": [{}], "authentication": {"mode": "required"}}
LAX: Object = {"fromEndpoints": [{}]}
OURS = "shop/CiliumNetworkPolicy/web"

CILIUM: dict[str, tuple[list[Object], Any, Any]] = {
    "required and encrypted": ([cilium(REQUIRED), encrypts()], "STRICT", OURS),
    "one rule without it": ([cilium(REQUIRED, LAX), encrypts()], "PERMISSIVE", OURS),
    "one rule that turns it off": ([cilium(REQUIRED, {"authentication": {"mode": "disabled"}}), encrypts()], "PERMISSIVE", OURS),
    "an empty rule lets nobody in": ([cilium(REQUIRED, {}), encrypts()], "STRICT", OURS),
    "authenticated, not encrypted": (
        [cilium(REQUIRED), encrypts("false")], "DISABLE", "kube-system/ConfigMap/cilium-config",
    ),
    "clusterwide": (
        [cilium(REQUIRED, kind="CiliumClusterwideNetworkPolicy"), encrypts()], "STRICT", "CiliumClusterwideNetworkPolicy/web",
    ),
    "label source": ([cilium(REQUIRED, selector={"matchLabels": {"k8s:app": "web"}}), encrypts()], "STRICT", OURS),
    "expressions": (
        [cilium(REQUIRED, selector={"matchExpressions": [{"key": "app", "operator": "In", "values": ["web"]}]}), encrypts()],
        "STRICT", OURS,
    ),
    "without authentication it is a plain network policy": ([cilium(LAX), encrypts()], "", ""),
    "other pods": ([cilium(REQUIRED, selector={"matchLabels": {"app": "db"}}), encrypts()], "", ""),
}  # fmt: skip


@pytest.mark.parametrize("case", CILIUM)
def test_cilium(case: str) -> None:
    objects, mode, decider = CILIUM[case]
    found = fact(ns("shop"), web(), *objects)
    assert seen(found, "in_mesh") is (mode != "")
    assert (seen(found, "mode"), seen(found, "decided_by")) == (mode, decider)


def test_cilium_leaves_encryption_open_without_its_configuration() -> None:
    assert "Cilium's config map" in seen(fact(ns("shop"), web(), cilium(REQUIRED)), "mode")


AMBIENT_SHOP = labelled("shop", AMBIENT, "ambient")


@pytest.mark.parametrize(
    ("policies", "mode", "weak"),
    [
        ([peer("namespace", "shop", "STRICT")], "STRICT", []),
        ([peer("namespace", "shop", "DISABLE")], "PERMISSIVE", []),
        ([peer("workload", "shop", "STRICT", app="web", ports={80: "DISABLE"})], "STRICT", [80]),
        ([], "PERMISSIVE", []),
    ],
)
def test_ambient_knows_no_disable(policies: list[Object], mode: str, weak: list[int]) -> None:
    found = fact(ROOT, AMBIENT_SHOP, web(), *policies)
    assert (seen(found, "mesh"), seen(found, "mode"), seen(found, "weak_ports")) == ("istio-ambient", mode, weak)


EXCLUDE = "traffic.sidecar.istio.io/excludeInboundPorts"
INCLUDE = "traffic.sidecar.istio.io/includeInboundPorts"
TWO_PORTS = [{"name": "web", "ports": [{"containerPort": 80}, {"containerPort": 9090}]}]


@pytest.mark.parametrize(
    ("notes", "bypassed"),
    [
        ({}, []),
        ({EXCLUDE: "9090, 80"}, ["9090", "80"]),
        ({INCLUDE: "*", EXCLUDE: "9090"}, ["9090"]),
        ({INCLUDE: "80"}, ["9090"]),
        ({INCLUDE: "80", EXCLUDE: "80"}, ["9090"]),
        ({INCLUDE: ""}, ["*"]),
        ({"sidecar.istio.io/interceptionMode": "NONE"}, ["*"]),
        ({"sidecar.istio.io/interceptionMode": "TPROXY"}, []),
    ],
)
def test_ports_past_the_sidecar(notes: Object, bypassed: list[str]) -> None:
    found = fact(*BASE[:2], web(notes=notes, containers=TWO_PORTS), peer("namespace", "shop", "STRICT"))
    assert (seen(found, "bypassed_ports"), seen(found, "mesh"), seen(found, "decided_by")) == (
        bypassed,
        "istio",
        NAMESPACE,
    )


def test_the_annotation_is_cited() -> None:
    found = fact(*BASE[:2], web(notes={EXCLUDE: "9090"}), peer("namespace", "shop", "STRICT"))
    assert cited(found, "bypassed_ports") == (
        "shop/Deployment/web", ("spec", "template", "metadata", "annotations", EXCLUDE),
    )  # fmt: skip


def test_an_open_port_of_linkerd_is_cited_at_what_opens_it() -> None:
    found = fact(STRICT, server(), lets_in("NetworkAuthentication"), web())
    assert cited(found, "weak_ports")[0] == "shop/AuthorizationPolicy/open"


@settings(max_examples=150, deadline=None)
@given(ODD, ODD, ODD)
def test_no_shape_of_another_meshs_objects_breaks_it(one: Any, two: Any, three: Any) -> None:
    objects = [
        {**server(), "spec": one}, {**lets_in(), "spec": two}, {**cilium(), "spec": three}, {**installed(), "data": one},
    ]  # fmt: skip
    for found in mesh_mtls.derive(inventory(MESHED, SHOP, web(), *objects)).values():
        assert set(found.values) <= set(mesh_mtls.FIELDS)
