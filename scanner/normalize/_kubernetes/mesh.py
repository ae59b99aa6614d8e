"""The canonical attributes of Istio objects: PeerAuthentication, DestinationRule and Gateway."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from scanner.bodies import at, items, mapping, text
from scanner.istio_settings import DEFAULT_ROOT, declared_root
from scanner.model import Path, Unknown, UnknownRead
from scanner.normalize._kubernetes.reading import NAMELESS, Reading, collected, entries, namespace_of
from scanner.normalize._kubernetes.shapes import Object, group_kind, namespace, number

_HTTP = frozenset({"HTTP", "HTTP2", "HTTP_PROXY", "GRPC", "GRPC-WEB"})
"""Protocols for which Istio ignores a server's TLS mode and heeds only `httpsRedirect`."""


_UNSAID = "PASSTHROUGH"
"""The mode of a server whose `tls` says none. Source: istio `networking/v1alpha3/gateway.proto` (`TLSmode`)."""


def root_namespace(bodies: Iterable[Object]) -> str:
    """The mesh's root namespace as an IstioOperator or the config map `istio` sets it, or Istio's default."""
    for body in bodies:
        try:
            declared = declared_root(group_kind(body), body)
        except UnknownRead:
            continue
        if declared:
            return declared
    return DEFAULT_ROOT


def peer_authentication(body: Object, root: str) -> dict[str, Callable[[], Reading]]:
    """A reader for each canonical attribute of a PeerAuthentication."""
    return {
        "namespace": lambda: namespace_of(body),
        "scope": lambda: (_scope(body, root), ("spec", "selector")),
        "mode": lambda: (mode(at(body, "spec", "mtls")), ("spec", "mtls", "mode")),
        "port_modes": lambda: (_port_modes(body), ("spec", "portLevelMtls")),
    }


def _scope(body: Object, root: str) -> Any:
    if mapping(at(body, "spec", "selector", "matchLabels")):
        return "workload"
    if not namespace(body):
        return Unknown(NAMELESS, "metadata.namespace")
    return "mesh" if namespace(body) == root else "namespace"


def mode(mtls: Any) -> str:
    """The mode of an mTLS setting; UNSET, which means inherited, where there is none."""
    return text(at(mtls, "mode")) or "UNSET"


def _port_modes(body: Object) -> dict[str, str]:
    return {str(port): mode(mtls) for port, mtls in mapping(at(body, "spec", "portLevelMtls")).items()}


def port_places(body: Object) -> dict[str, Path]:
    """Where the mode of each port is written, which lies one step deeper than the port."""
    ports = mapping(at(body, "spec", "portLevelMtls"))
    return {f"attributes.port_modes.{port}": ("spec", "portLevelMtls", port, "mode") for port in ports}


def destination_rule(body: Object) -> dict[str, Callable[[], Reading]]:
    """A reader for each canonical attribute of a DestinationRule."""
    return {
        "host": lambda: (text(at(body, "spec", "host")), ("spec", "host")),
        "tls_modes": lambda: collected(_client_modes(body)),
    }


def _client_modes(body: Object) -> Iterator[Reading]:
    policies: list[Path] = [("spec", "trafficPolicy")]
    policies += [("spec", "subsets", i, "trafficPolicy") for i, _ in enumerate(items(at(body, "spec", "subsets")))]
    for policy in policies:
        ports = [(*policy, "portLevelSettings", i) for i, _ in enumerate(items(at(body, *policy, "portLevelSettings")))]
        for place in [policy, *ports]:
            if at(body, *place, "tls") is not None:
                yield text(at(body, *place, "tls", "mode")) or "DISABLE", (*place, "tls", "mode")


def gateway(body: Object) -> dict[str, Callable[[], Reading]]:
    """A reader for each canonical attribute of a Gateway."""
    return {
        "plaintext_ports": lambda: collected(_plaintext_ports(body)),
        "tls_modes": lambda: collected(_server_modes(body)),
    }


def _plaintext_ports(body: Object) -> Iterator[Reading]:
    for path, server in entries(body, "spec", "servers"):
        protocol = text(at(server, "port", "protocol")).upper()
        encrypted = protocol not in _HTTP and (protocol in {"HTTPS", "TLS"} or server.get("tls") is not None)
        if not encrypted and at(server, "tls", "httpsRedirect") is not True:
            yield number(at(server, "port", "number"), 0), (*path, "port", "number")


def _server_modes(body: Object) -> Iterator[Reading]:
    for path, server in entries(body, "spec", "servers"):
        silent = "" if text(at(server, "port", "protocol")).upper() in _HTTP else _UNSAID
        if server.get("tls") is not None and (mode := text(at(server, "tls", "mode"), silent) or silent):
            yield mode, (*path, "tls", "mode")
