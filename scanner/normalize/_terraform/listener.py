"""Listeners of load balancers."""

from __future__ import annotations

from scanner.model import Unknown, UnknownRead
from scanner.normalize._reading import Block, Getter, always, no, yes
from scanner.normalize._terraform.item import Item
from scanner.normalize._terraform.words import is_on, says
from scanner.normalize._tls_versions import ELB_DEFAULT, lowest, version

_GATEWAY_VERSIONS = ("1.0", "1.1", "1.2", "1.3")
"""Those that an application gateway speaks unless they are disabled."""
_TLS_PROTOCOLS = frozenset({"HTTPS", "TLS"})


def _protocol(item: Item) -> str:
    """Listeners of application load balancers speak HTTP where nobody says otherwise; those of gateways say nothing.

    https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/lb_listener (`protocol`)
    """
    if item.stands or not item.left_unset("protocol"):
        return str(item.setting("protocol", default=""))
    balancer = item.target("load_balancer_arn", kinds=("aws_lb", "aws_alb"))
    kind = "" if balancer is None else balancer.setting("load_balancer_type", default="application")
    item.cite("protocol")
    return "HTTP" if kind == "application" else ""


def _listener_tls(item: Item) -> bool:
    return _protocol(item) in _TLS_PROTOCOLS


def _listener_passes_through(item: Item) -> bool:
    """So do all listeners of network and gateway load balancers that do not end TLS; the latter have no protocol."""
    return _protocol(item) not in {"HTTP", *_TLS_PROTOCOLS}


def _listener_redirects(item: Item) -> bool:
    actions = item.blocks("default_action")
    return bool(actions) and all(
        action.get("type") == "redirect" and action.get("redirect", 0, "protocol") == "HTTPS" for action in actions
    )


def _listener_version(item: Item) -> str:
    if not _listener_tls(item):
        return ""
    return version(item.setting("ssl_policy", default=ELB_DEFAULT) or ELB_DEFAULT, "ssl_policy")


def _classic_protocols(item: Item) -> set[str]:
    protocols = {str(listener.get("lb_protocol")).upper() for listener in item.blocks("listener")}
    item.cite("listener")
    return protocols


def _classic_tls(item: Item) -> bool:
    """A classic load balancer has its listeners inside; one that speaks HTTP is enough to take plaintext."""
    protocols = _classic_protocols(item)
    return "HTTP" not in protocols and not protocols.isdisjoint({"HTTPS", "SSL"})


def _classic_version(item: Item) -> str:
    """Decided by negotiation policies, which name one of AWS's own or switch protocols on one by one."""
    if _classic_protocols(item).isdisjoint({"HTTPS", "SSL"}):
        return ""
    policies = item.satellites("aws_lb_ssl_negotiation_policy", "load_balancer")
    return lowest(_negotiated(policy) for policy in policies) or version(ELB_DEFAULT, "listener")


def _negotiated(policy: Item) -> str:
    chosen = {str(one.get("name")): str(one.get("value")) for one in policy.blocks("attribute")}
    policy.cite("attribute")
    if reference := chosen.get("Reference-Security-Policy"):
        return version(reference, "attribute")
    protocols = [name.removeprefix("Protocol-") for name, value in chosen.items() if is_on(value)]
    return lowest(version(name, "attribute") for name in protocols if name.startswith(("TLSv", "SSLv")))


def _proxy_redirects(item: Item) -> bool:
    """A URL map that redirects everything: what it says by itself, and what each of its path matchers says."""
    found = item.target("url_map", kinds=("google_compute_url_map", "google_compute_region_url_map"))
    if found is None:
        return False
    matchers = found.blocks("path_matcher")
    answers = [block for matcher in matchers for key in ("path_rule", "route_rules") for block in matcher.blocks(key)]
    if not all(one.get("default_url_redirect", 0, "https_redirect") for one in (*matchers, found)):
        return False
    return all(one.get("url_redirect", 0, "https_redirect") for one in answers)


def _proxy_client_certificate(item: Item) -> bool:
    found = item.target("server_tls_policy", kinds=("google_network_security_server_tls_policy",))
    if found is None:
        return False
    return bool(found.get("mtls_policy", 0, "client_validation_mode") == "REJECT_INVALID")


def _proxy_version(item: Item) -> str:
    """Without a policy, clients may go down to TLS 1.0. The restricted profile has no cipher older than TLS 1.2.

    https://cloud.google.com/load-balancing/docs/ssl-policies-concepts
    """
    found = item.target("ssl_policy", kinds=("google_compute_ssl_policy", "google_compute_region_ssl_policy"))
    if found is None:
        return "1.0"
    oldest = version(found.setting("min_tls_version", default="TLS_1_0"), "min_tls_version")
    return max(oldest, "1.2") if found.setting("profile", default="COMPATIBLE") == "RESTRICTED" else oldest


def _gateway_listeners(item: Item, protocol: str) -> list[Block]:
    return [one for one in item.blocks("http_listener") if str(one.get("protocol")).lower() == protocol]


def _gateway_tls(item: Item) -> bool:
    """An application gateway has its listeners inside. One in plain HTTP counts unless all it does is to redirect."""
    plain = [one for one in _gateway_listeners(item, "http") if not _is_redirect(item, str(one.get("name")))]
    item.cite("http_listener")
    return not plain and bool(item.get("http_listener"))


def _is_redirect(item: Item, listener: str) -> bool:
    rules = [rule for rule in item.blocks("request_routing_rule") if rule.get("http_listener_name") == listener]
    names = {rule.get("redirect_configuration_name") for rule in rules}
    leads = [one for one in item.blocks("redirect_configuration") if one.get("name") in names]
    return bool(names) and len(leads) == len(names) and all(_leads_to_tls(item, one) for one in leads)


def _leads_to_tls(item: Item, redirect: Block) -> bool:
    if url := redirect.get("target_url"):
        return str(url).lower().startswith("https:")
    secure = {one.get("name") for one in _gateway_listeners(item, "https")}
    return redirect.get("target_listener_name") in secure


def _gateway_redirects(item: Item) -> bool:
    plain = _gateway_listeners(item, "http")
    return bool(plain) and _gateway_tls(item) and not _gateway_listeners(item, "https")


def _profiles(item: Item) -> list[Block | None]:
    """The TLS profile of each listener that speaks TLS; None for one without."""
    known = {profile.get("name"): profile for profile in item.blocks("ssl_profile")}
    return [known.get(one.get("ssl_profile_name")) for one in _gateway_listeners(item, "https")]


def _gateway_client_certificate(item: Item) -> bool:
    profiles = _profiles(item)
    item.cite("ssl_profile")
    return bool(profiles) and all(
        profile is not None and profile.get("trusted_client_certificate_names") for profile in profiles
    )


def _gateway_version(item: Item) -> str:
    """A profile's own policy goes before that of the whole gateway, whose default depends on when it was made."""
    return lowest(_policy_version(item, profile) for profile in _profiles(item))


def _policy_version(item: Item, profile: Block | None) -> str:
    own = profile.blocks("ssl_policy") if profile is not None else []
    policies = own or item.blocks("ssl_policy")
    for policy in policies:
        for key in ("min_protocol_version", "policy_name"):
            if written := policy.get(key):
                return version(str(written), key)
    if off := [one for policy in policies for one in policy.get("disabled_protocols") or ()]:
        return next((one for one in _GATEWAY_VERSIONS if f"TLSv{one.replace('.', '_')}" not in off), "")
    raise UnknownRead(Unknown("no TLS policy is named; the default depends on when the gateway was made", "ssl_policy"))


GETTERS: dict[str, dict[str, Getter]] = {
    "aws_lb_listener": {
        "tls": _listener_tls,
        "passes_through": _listener_passes_through,
        "redirects_to_tls": _listener_redirects,
        "client_certificate_required": says("mutual_authentication", "mode", "verify"),
        "minimum_tls": _listener_version,
    },
    "aws_elb": {
        "tls": _classic_tls,
        "passes_through": lambda item: _classic_protocols(item) <= {"TCP"},
        "redirects_to_tls": no,
        "client_certificate_required": no,
        "minimum_tls": _classic_version,
    },
    "google_compute_target_http_proxy": {
        "tls": no,
        "passes_through": no,
        "redirects_to_tls": _proxy_redirects,
        "client_certificate_required": no,
        "minimum_tls": always(""),
    },
    "google_compute_target_https_proxy": {
        "tls": yes,
        "passes_through": no,
        "redirects_to_tls": no,
        "client_certificate_required": _proxy_client_certificate,
        "minimum_tls": _proxy_version,
    },
    "google_compute_target_ssl_proxy": {
        "tls": yes,
        "passes_through": no,
        "redirects_to_tls": no,
        "client_certificate_required": no,
        "minimum_tls": _proxy_version,
    },
    "azurerm_application_gateway": {
        "tls": _gateway_tls,
        "passes_through": no,
        "redirects_to_tls": _gateway_redirects,
        "client_certificate_required": _gateway_client_certificate,
        "minimum_tls": _gateway_version,
    },
}
GETTERS["aws_alb_listener"] = GETTERS["aws_lb_listener"]
for _kind in ("http", "https"):
    GETTERS[f"google_compute_region_target_{_kind}_proxy"] = GETTERS[f"google_compute_target_{_kind}_proxy"]
