"""What speaks TLS, or should: caches, brokers and the listeners of load balancers."""

from __future__ import annotations

from scanner.model import Unknown, UnknownRead
from scanner.normalize._reading import Getter
from scanner.normalize._terraform_item import Item
from scanner.normalize._terraform_words import no, yes

_TLS_PROTOCOLS = frozenset({"HTTPS", "TLS"})


def _elasticache_tls(item: Item) -> bool:
    """In the mode `preferred` clear text still works."""
    if item.left_unset("transit_encryption_enabled") and item.setting("engine", default="redis") == "valkey":
        raise UnknownRead(Unknown("the default of Valkey depends on its version", "transit_encryption_enabled"))
    enabled = item.setting("transit_encryption_enabled", default=False)
    if not enabled:
        return False
    return bool(item.setting("transit_encryption_mode", default="required") == "required")


def _azure_cache_tls(item: Item) -> bool:
    """Argument names of provider 4 and 3."""
    if item.peek("non_ssl_port_enabled") is not None:
        return not item.setting("non_ssl_port_enabled", default=False)
    return not item.setting("enable_non_ssl_port", default=False)


def _msk_tls(item: Item) -> bool:
    if item.left_unset("encryption_info"):
        return True
    return bool(item.setting("encryption_info", 0, "encryption_in_transit", 0, "client_broker", default="TLS") == "TLS")


def _msk_client_certificate(item: Item) -> bool:
    """Only where certificates are the one way in."""
    path = ("client_authentication", 0)
    if item.left_unset("client_authentication") or not item.blocks(*path, "tls"):
        return False
    others = [(*path, "unauthenticated"), (*path, "sasl", 0, "iam"), (*path, "sasl", 0, "scram")]
    if any(item.setting(*other, default=False) for other in others):
        return False
    return bool(item.get(*path, "tls", 0, "certificate_authority_arns"))


def _listener_tls(item: Item) -> bool:
    return bool(item.setting("protocol", default="") in _TLS_PROTOCOLS)


def _listener_passes_through(item: Item) -> bool:
    """So do all listeners of network and gateway load balancers that do not end TLS; the latter have no protocol."""
    return item.setting("protocol", default="") not in {"HTTP", *_TLS_PROTOCOLS}


def _listener_redirects(item: Item) -> bool:
    actions = item.blocks("default_action")
    return bool(actions) and all(
        action.get("type") == "redirect" and action.get("redirect", 0, "protocol") == "HTTPS" for action in actions
    )


def _listener_client_certificate(item: Item) -> bool:
    if item.left_unset("mutual_authentication"):
        return False
    return bool(item.get("mutual_authentication", 0, "mode") == "verify")


def _classic_protocols(item: Item) -> set[str]:
    protocols = {str(listener.get("lb_protocol")).upper() for listener in item.blocks("listener")}
    item.cite("listener")
    return protocols


def _classic_tls(item: Item) -> bool:
    """A classic load balancer has its listeners inside; one that speaks HTTP is enough to take plaintext."""
    protocols = _classic_protocols(item)
    return "HTTP" not in protocols and not protocols.isdisjoint({"HTTPS", "SSL"})


def _proxy_redirects(item: Item) -> bool:
    """A URL map that redirects everything; one with path matchers may answer some of it itself."""
    found = item.target("url_map", kinds=("google_compute_url_map", "google_compute_region_url_map"))
    if found is None or found.blocks("path_matcher"):
        return False
    return bool(found.get("default_url_redirect", 0, "https_redirect"))


def _proxy_client_certificate(item: Item) -> bool:
    found = item.target("server_tls_policy", kinds=("google_network_security_server_tls_policy",))
    if found is None:
        return False
    return bool(found.get("mtls_policy", 0, "client_validation_mode") == "REJECT_INVALID")


_ALWAYS_TLS: dict[str, Getter] = {"tls_required": yes, "client_certificate_required": no}

GETTERS: dict[str, dict[str, Getter]] = {
    "aws_elasticache_replication_group": {"tls_required": _elasticache_tls},
    "google_redis_instance": {
        "tls_required": lambda item: bool(
            item.setting("transit_encryption_mode", default="") == "SERVER_AUTHENTICATION"
        ),
    },
    "azurerm_redis_cache": {"tls_required": _azure_cache_tls},
    "aws_msk_cluster": {"tls_required": _msk_tls, "client_certificate_required": _msk_client_certificate},
    "azurerm_eventhub_namespace": _ALWAYS_TLS,
    "azurerm_servicebus_namespace": _ALWAYS_TLS,
    "aws_lb_listener": {
        "tls": _listener_tls,
        "passes_through": _listener_passes_through,
        "redirects_to_tls": _listener_redirects,
        "client_certificate_required": _listener_client_certificate,
    },
    "aws_elb": {
        "tls": _classic_tls,
        "passes_through": lambda item: _classic_protocols(item) <= {"TCP"},
        "redirects_to_tls": no,
        "client_certificate_required": no,
    },
    "google_compute_target_http_proxy": {
        "tls": no,
        "passes_through": no,
        "redirects_to_tls": _proxy_redirects,
        "client_certificate_required": no,
    },
    "google_compute_target_https_proxy": {
        "tls": yes,
        "passes_through": no,
        "redirects_to_tls": no,
        "client_certificate_required": _proxy_client_certificate,
    },
}
