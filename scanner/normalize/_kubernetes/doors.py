"""The doors of a cluster that belong to no mesh: gateways of the Gateway API, and Ingresses.

Sources: the Gateway API's reference (`Listener`, `ListenerSet`, `GatewayTLSConfig`, `FrontendTLSConfig`,
`HTTPRequestRedirectFilter`), and the annotation references of ingress-nginx, the AWS load balancer
controller, GKE and Azure's application gateway controller.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from scanner.bodies import at, items, mapping, text
from scanner.model import Path, Unknown, UnknownRead
from scanner.normalize._kubernetes.reading import Reading, collected, entries
from scanner.normalize._kubernetes.shapes import Object, annotations_of, name, namespace, number

_PLAINTEXT = frozenset({"HTTP", "TCP"})
"""Protocols of listeners that carry what comes as it is. HBONE, of ambient meshes, is encrypted."""

_GATEWAY, _SET = "Gateway", "ListenerSet"
"""Kinds. While sets were being tried out they were called `XListenerSet`."""

_TERMINATE_MODE = "gateway.istio.io/tls-terminate-mode"
"""Istio's option for client certificates at a listener of the Gateway API: `MUTUAL`, `OPTIONAL_MUTUAL` ..."""

_CERTIFICATES = (
    "alb.ingress.kubernetes.io/certificate-arn",
    "networking.gke.io/managed-certificates",
    "ingress.gcp.kubernetes.io/pre-shared-cert",
    "appgw.ingress.kubernetes.io/appgw-ssl-certificate",
)
"""Annotations that name a certificate where the Ingress itself has no `tls`."""

_ALB_PORTS = "alb.ingress.kubernetes.io/listen-ports"
_ALB_MUTUAL = "alb.ingress.kubernetes.io/mutual-authentication"
_NGINX_PASSTHROUGH = "nginx.ingress.kubernetes.io/ssl-passthrough"
_NGINX_FORCED = "nginx.ingress.kubernetes.io/force-ssl-redirect"
_NGINX_CLIENTS = ("nginx.ingress.kubernetes.io/auth-tls-secret", "nginx.ingress.kubernetes.io/auth-tls-verify-client")
_ELSEWHERE = Unknown("its controller keeps client certificates in an object of its own", "client_certificate_required")


class Doors:
    """The gateways of one partition, and its HTTPRoutes, which may only send clients to TLS."""

    def __init__(self, bodies: Sequence[Object]) -> None:
        self._routes = [body for body in bodies if _kind(body) == "HTTPRoute"]
        self._gateways = [body for body in bodies if _kind(body) == _GATEWAY]

    def of(self, body: Object) -> Object:
        """The gateway whose settings count: itself, or that which a set adds its listeners to."""
        if not _is_set(body):
            return body
        reference = at(body, "spec", "parentRef")
        wanted = text(at(reference, "namespace")) or namespace(body), text(at(reference, "name"))
        found = next((one for one in self._gateways if (namespace(one), name(one)) == wanted), None)
        if found is None:
            raise UnknownRead(Unknown(f"gateway {wanted[1]}, to which it adds listeners, is not among the files"))
        return found

    def cover(self, gateway: Object, listener: Any) -> bool:
        """Whether routes are attached to a listener of a gateway, and all of them redirect."""
        attached = [
            route for route in self._routes if any(_attaches(ref, route, gateway, listener) for ref in _refs(route))
        ]
        return bool(attached) and all(_only_redirects(route) for route in attached)


def gateway(body: Object, doors: Doors) -> dict[str, Callable[[], Reading]]:
    """A reader for each canonical attribute of a gateway of the Gateway API, or of a set of listeners for one."""
    return {
        "plaintext_ports": lambda: collected(_plaintext_ports(body, doors)),
        "tls_modes": lambda: collected(_modes(body, doors)),
    }


def _plaintext_ports(body: Object, doors: Doors) -> Iterator[Reading]:
    for path, listener in entries(body, "spec", "listeners"):
        if text(listener.get("protocol")).upper() in _PLAINTEXT and not doors.cover(body, listener):
            yield number(listener.get("port"), 0), (*path, "port")


def _modes(body: Object, doors: Doors) -> Iterator[Reading]:
    """TLS modes in Istio's words, which the canonical type shares."""
    for path, listener in entries(body, "spec", "listeners"):
        if text(listener.get("protocol")).upper() in {"HTTPS", "TLS"}:
            yield _mode(body, listener, doors), (*path, "tls")


def _mode(body: Object, listener: Object, doors: Doors) -> str:
    if text(at(listener, "tls", "mode")) == "Passthrough":
        return "PASSTHROUGH"
    if chosen := text(at(listener, "tls", "options", _TERMINATE_MODE)):
        return chosen
    validation = mapping(_validation(doors.of(body), listener)) or mapping(at(listener, "tls", "frontendValidation"))
    if not validation:
        return "SIMPLE"
    return "OPTIONAL_MUTUAL" if text(at(validation, "mode")) == "AllowInsecureFallback" else "MUTUAL"


def _validation(body: Object, listener: Object) -> Any:
    """What a gateway says of clients' certificates: for the port, else for all; a port without any takes it back."""
    port, frontend = number(listener.get("port"), 0), at(body, "spec", "tls", "frontend")
    for one in items(at(frontend, "perPort")):
        if number(at(one, "port"), 0) == port:
            return at(one, "tls", "validation")
    return at(frontend, "default", "validation")


def _kind(body: Object) -> str:
    try:
        return text(body.get("kind"))
    except UnknownRead:
        return ""


def _is_set(body: Object) -> bool:
    return _kind(body).endswith(_SET)


def _refs(route: Object) -> Iterable[Any]:
    return items(at(route, "spec", "parentRefs"))


def _attaches(reference: Any, route: Object, gateway: Object, listener: Any) -> bool:
    section, port = text(at(reference, "sectionName")), number(at(reference, "port"), 0)
    return (
        text(at(reference, "kind"), _GATEWAY).endswith(_SET) is _is_set(gateway)
        and text(at(reference, "name")) == name(gateway)
        and (text(at(reference, "namespace")) or namespace(route)) == namespace(gateway)
        and section in {"", text(at(listener, "name"))}
        and port in {0, number(at(listener, "port"), 0)}
    )


def _only_redirects(route: Object) -> bool:
    rules = items(at(route, "spec", "rules"))
    return bool(rules) and all(any(_is_redirect(one) for one in items(at(rule, "filters"))) for rule in rules)


def _is_redirect(one: Any) -> bool:
    return text(at(one, "type")) == "RequestRedirect" and text(at(one, "requestRedirect", "scheme")) == "https"


def ingress(body: Object) -> dict[str, Callable[[], Reading]]:
    """A reader for each attribute of a listener that an Ingress can tell."""
    return {
        "tls": lambda: (_tls(body), ("spec", "tls")),
        "passes_through": lambda: (_says(body, _NGINX_PASSTHROUGH), _note(_NGINX_PASSTHROUGH)),
        "redirects_to_tls": lambda: (False, ("spec",)),
        "client_certificate_required": lambda: _client_certificate(body),
    }


def _tls(body: Object) -> Any:
    """Whether every host has a certificate: in `tls`, where an entry without hosts is for all, or by annotation."""
    notes = annotations_of(body)
    if any(key in notes for key in _CERTIFICATES) or "HTTPS" in text(notes.get(_ALB_PORTS)):
        return True
    if _says(body, _NGINX_FORCED):
        return Unknown("it sends clients to TLS that ends before the cluster", "spec.tls")
    entries = items(at(body, "spec", "tls"))
    covered = {text(host) for entry in entries for host in items(at(entry, "hosts"))}
    if any(not items(at(entry, "hosts")) for entry in entries):
        return True
    hosts = {text(at(rule, "host")) for rule in items(at(body, "spec", "rules"))}
    return bool(entries) and all(_is_covered(host, covered) for host in hosts)


def _is_covered(host: str, covered: set[str]) -> bool:
    return host in covered or f"*.{host.partition('.')[2]}" in covered


def _client_certificate(body: Object) -> Reading:
    notes = annotations_of(body)
    secret, verify = _NGINX_CLIENTS
    if secret in notes:
        return text(notes.get(verify)) in {"", "on"}, _note(verify if verify in notes else secret)
    if _ALB_MUTUAL in notes:
        return '"verify"' in text(notes[_ALB_MUTUAL]), _note(_ALB_MUTUAL)
    known = any(key.startswith(("nginx.ingress.", "alb.ingress.")) for key in notes) or _class(body) in {"nginx", "alb"}
    return (False if known else _ELSEWHERE), ("spec",)


def _class(body: Object) -> str:
    return text(at(body, "spec", "ingressClassName")) or text(annotations_of(body).get("kubernetes.io/ingress.class"))


def _says(body: Object, key: str) -> bool:
    return text(annotations_of(body).get(key)) == "true"


def _note(key: str) -> Path:
    return ("metadata", "annotations", key)
