"""The client side of mutual TLS in Istio, held to its own rules by a table of DestinationRules."""

from typing import Any

import pytest

from scanner.analyze import mesh_clients
from scanner.model import Fact, Unknown
from tests.analyze.test_mesh_mtls import ROOT, SHOP, Object, inventory, thing, web

MESH = "istio-system/IstioOperator/mesh"


def service(namespace: str = "shop", *ports: int) -> Object:
    spec = {"selector": {"app": "web"}, "ports": [{"port": port} for port in ports or (80,)]}
    return thing("v1", "Service", "web", namespace, spec=spec)


def tls(mode: str | None) -> Object:
    return {"tls": {"mode": mode} if mode else {}}


def rule(host: str, namespace: str = "shop", policy: Object | None = None, **rest: Any) -> Object:
    name = rest.pop("name", "rule")
    spec = {"host": host, **({"trafficPolicy": policy} if policy else {}), **rest}
    return thing("networking.istio.io/v1", "DestinationRule", name, namespace, spec=spec)


def port(number: int, **settings: Any) -> Object:
    return {"portLevelSettings": [{"port": {"number": number}, **settings}]}


def operator(**mesh: Any) -> Object:
    return thing("install.istio.io/v1alpha1", "IstioOperator", "mesh", "istio-system", spec={"meshConfig": mesh})


def fact(*objects: Object) -> Fact:
    found = mesh_clients.derive(inventory(*objects))
    return next(iter(found.values()), Fact({}))


def seen(found: Fact, field: str) -> Any:
    value = found.values.get(field, mesh_clients.FIELDS[field].default)
    return f"unknown: {value.reason}" if isinstance(value, Unknown) else value


RULE = "shop/DestinationRule/rule"
OFF = tls("DISABLE")

# Columns: the rules (and other objects), who makes clients use plaintext, who makes them use TLS of their own, ports.
TABLE: dict[str, tuple[list[Object], list[str], list[str], list[int]]] = {
    "no rule: automatic": ([], [], [], []),
    "a rule without tls: automatic": ([rule("web", policy={"loadBalancer": {}})], [], [], []),
    "mesh identity": ([rule("web", policy=tls("ISTIO_MUTUAL"))], [], [], []),
    "short name": ([rule("web", policy=OFF)], [RULE], [], [80]),
    "a tls block without a mode": ([rule("web", policy=tls(None))], [RULE], [], [80]),
    "full name": ([rule("web.shop.svc.cluster.local", policy=OFF)], [RULE], [], [80]),
    "a name with a dot is not completed": ([rule("web.shop", policy=OFF)], [], [], []),
    "wildcard of the namespace": ([rule("*.shop.svc.cluster.local", policy=OFF)], [RULE], [], [80]),
    "wildcard of the cluster": ([rule("*.local", policy=OFF)], [RULE], [], [80]),
    "every host": ([rule("*", policy=OFF)], [RULE], [], [80]),
    "another service": ([rule("db", policy=OFF)], [], [], []),
    "another namespace's service": ([rule("web.bank.svc.cluster.local", policy=OFF)], [], [], []),
    "a short name of another namespace": ([rule("web", "bank", OFF)], [], [], []),
    "a client's own namespace may decide for its clients": (
        [rule("web.shop.svc.cluster.local", "bank", OFF)], ["bank/DestinationRule/rule"], [], [80],
    ),
    "the more specific host wins": (
        [rule("*.shop.svc.cluster.local", policy=OFF, name="wide"), rule("web", policy=tls("ISTIO_MUTUAL"))], [], [], [],
    ),
    "the more specific host wins, weak": (
        [rule("*.local", policy=tls("ISTIO_MUTUAL"), name="wide"), rule("web", policy=OFF)], [RULE], [], [80],
    ),
    "root namespace": ([rule("*.local", "istio-system", OFF)], ["istio-system/DestinationRule/rule"], [], [80]),
    "the service's namespace before the root": (
        [rule("*.local", "istio-system", OFF, name="wide"), rule("web", policy=tls("ISTIO_MUTUAL"))], [], [], [],
    ),
    "a rule for its own namespace alone leaves others to the root": (
        [
            rule("*.local", "istio-system", OFF, name="wide"),
            rule("web", policy=tls("ISTIO_MUTUAL"), exportTo=["."]),
        ],
        ["istio-system/DestinationRule/wide"], [], [80],
    ),
    "port setting": ([service("shop", 80, 90), rule("web", policy=port(90, **OFF))], [RULE], [], [90]),
    "a port without tls forgets the rule's": (
        [service("shop", 80, 90), rule("web", policy={**OFF, **port(80, loadBalancer={})})], [RULE], [], [90],
    ),
    "a port with mesh identity": ([rule("web", policy={**OFF, **port(80, **tls("ISTIO_MUTUAL"))})], [], [], []),
    "a port the service does not have": ([rule("web", policy=port(8080, **OFF))], [], [], []),
    "subset of these pods": (
        [rule("web", subsets=[{"name": "v1", "labels": {"app": "web"}, "trafficPolicy": OFF}])], [RULE], [], [80],
    ),
    "subset of other pods": (
        [rule("web", subsets=[{"name": "v2", "labels": {"version": "2"}, "trafficPolicy": OFF}])], [], [], [],
    ),
    "subset port": (
        [rule("web", subsets=[{"name": "v1", "labels": {"app": "web"}, "trafficPolicy": port(80, **OFF)}])],
        [RULE], [], [80],
    ),
    "TLS without the mesh": ([rule("web", policy=tls("SIMPLE"))], [], [RULE], [80]),
    "own certificates": ([rule("web", policy=tls("MUTUAL"))], [], [RULE], [80]),
    "automatic off": ([operator(enableAutoMtls=False)], [MESH], [], [80]),
    "automatic off in the config map": (
        [thing("v1", "ConfigMap", "istio", "istio-system", data={"mesh": "enableAutoMtls: false\n"})],
        ["istio-system/ConfigMap/istio"], [], [80],
    ),
    "automatic off, rule asks for mesh identity": (
        [operator(enableAutoMtls=False), rule("web", policy=tls("ISTIO_MUTUAL"))], [], [], [],
    ),
    "automatic off, rule leaves it open": (
        [operator(enableAutoMtls=False), rule("web", policy={"loadBalancer": {}})], [MESH], [], [80],
    ),
    "automatic on": ([operator(enableAutoMtls=True)], [], [], []),
}  # fmt: skip


@pytest.mark.parametrize("case", TABLE)
def test_how_clients_connect(case: str) -> None:
    objects, plaintext, foreign, ports = TABLE[case]
    services = [] if any(one["kind"] == "Service" for one in objects) else [service()]
    found = fact(ROOT, SHOP, *services, web(), *objects)
    assert (seen(found, "plaintext_rules"), seen(found, "foreign_tls_rules")) == (plaintext, foreign)
    assert seen(found, "ports") == ports


def test_without_a_service_in_view_nothing_is_claimed() -> None:
    assert mesh_clients.derive(inventory(ROOT, SHOP, web(), rule("web", policy=OFF))) == {}


def test_a_rule_whose_namespace_is_not_named_may_apply_or_not() -> None:
    found = fact(ROOT, SHOP, service(), web(), rule("web", "", OFF))
    assert "DestinationRule/rule applies depends on a namespace" in seen(found, "plaintext_rules")
    together = fact(ROOT, service(""), web(""), rule("web", "", OFF))
    assert seen(together, "plaintext_rules") == ["DestinationRule/rule"]


def test_a_rule_that_cannot_be_read_leaves_it_open() -> None:
    hidden = rule("web")
    hidden["spec"] = Unknown("access denied")
    assert seen(fact(ROOT, SHOP, service(), web(), hidden), "plaintext_rules") == "unknown: access denied"


def test_the_mode_is_cited_where_it_is_written() -> None:
    found = fact(ROOT, SHOP, service("shop", 80, 90), web(), rule("web", policy=port(90, **OFF)))
    citation = found.citations["plaintext_rules"]
    assert citation.origin.address == RULE
    assert citation.path == ("spec", "trafficPolicy", "portLevelSettings", 0, "tls", "mode")
