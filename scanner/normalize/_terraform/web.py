"""Where the outside comes in over HTTP: API gateways, content delivery networks, managed web applications."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scanner.model import Unknown, UnknownRead
from scanner.normalize._reading import Getter, always, no, yes
from scanner.normalize._terraform.flow import place_of
from scanner.normalize._terraform.item import Item
from scanner.normalize._terraform.words import flag, none
from scanner.normalize._tls_versions import lowest, version

_BUCKETS = ("aws_s3_bucket",)


def _cloudfront_logs(item: Item) -> list[Any]:
    """Standard logs hold the addresses of viewers, and go to a bucket in any region."""
    path = ("logging_config", 0, "bucket")
    if item.left_unset("logging_config") or not item.get("logging_config"):
        return []
    found = item.estate.pointed(item, path, _BUCKETS)
    name = str(item.peek(*path)).partition(".")[0]
    places = [place_of(one) for one in found or item.estate.named(name, _BUCKETS)]
    return places[:1] or [Unknown(f"'{name[:60]}' is not in this plan", "bucket")]


def _domain_client_certificate(item: Item) -> bool:
    return not item.left_unset("mutual_tls_authentication") and bool(item.get("mutual_tls_authentication"))


def _domain_version(*path: str | int) -> Getter:
    """AWS chooses where nothing is written, by the kind of the endpoint."""

    def getter(item: Item) -> str:
        written = item.get(*path, "security_policy")
        if written is None:
            raise UnknownRead(Unknown("no security policy is written, so that AWS chooses one", "security_policy"))
        return version(written, "security_policy")

    return getter


def _management_client_certificate(item: Item) -> bool:
    """Asking for a certificate is a setting; whether one is insisted on is decided by the policies of the APIs."""
    if item.setting("client_certificate_enabled", default=False):
        return True
    blocks = [] if item.left_unset("hostname_configuration") else item.blocks("hostname_configuration")
    proxies = [proxy for block in blocks for proxy in block.blocks("proxy")]
    beside = item.satellites("azurerm_api_management_custom_domain", "api_management_id")
    proxies += [proxy for domain in beside for proxy in domain.blocks("gateway")]
    if any(proxy.get("negotiate_client_certificate") for proxy in proxies):
        raise UnknownRead(
            Unknown("a certificate is asked for; whether it is verified is up to the policies of its APIs")
        )
    item.cite("hostname_configuration")
    return False


def _management_version(item: Item) -> str:
    """Old protocols are off unless switched on. Argument names of provider 5 and 4."""
    if item.left_unset("security"):
        return "1.2"
    for oldest, protocol in (("1.0", "ssl30"), ("1.0", "tls10"), ("1.1", "tls11")):
        for key in (f"frontend_{protocol}_enabled", f"enable_frontend_{protocol}"):
            if item.setting("security", 0, key, default=False):
                return oldest
    item.cite("security")
    return "1.2"


def _needs(item: Item, block: str) -> None:
    """Raise `UnknownRead` for a block that a distribution cannot be without, but that was left out here."""
    if not item.get(block):
        raise UnknownRead(Unknown(f"{block} is left out, so that what it says is not known", block))


def _viewers(item: Item) -> Iterator[bool]:
    _needs(item, "default_cache_behavior")
    for key in ("default_cache_behavior", "ordered_cache_behavior"):
        for behavior in [] if item.left_unset(key) else item.blocks(key):
            yield behavior.get("viewer_protocol_policy") != "allow-all"


def _cloudfront_tls(item: Item) -> bool:
    return all(_viewers(item))


def _cloudfront_version(item: Item) -> str:
    """With the certificate of cloudfront.net, CloudFront takes TLS 1.0 whatever is written."""
    _needs(item, "viewer_certificate")
    if item.setting("viewer_certificate", 0, "cloudfront_default_certificate", default=False):
        return "1.0"
    key = "minimum_protocol_version"
    return version(item.setting("viewer_certificate", 0, key, default="TLSv1"), key)


def _cloudfront_origins(item: Item) -> bool:
    """Buckets are asked the way the viewer asked."""
    matched = False
    for origin in item.blocks("origin"):
        if origin.blocks("vpc_origin_config"):
            raise UnknownRead(Unknown("how a VPC origin is asked is written at the origin itself", "vpc_origin_config"))
        custom = origin.blocks("custom_origin_config")
        policy = custom[0].get("origin_protocol_policy") if custom else "match-viewer"
        if policy == "http-only":
            return False
        matched = matched or policy == "match-viewer"
    return not matched or _cloudfront_tls(item)


def _route_tls(item: Item) -> bool:
    if item.get("supported_protocols") == ["Https"]:
        return True
    return bool(item.setting("https_redirect_enabled", default=True))


def _route_origins(item: Item) -> bool:
    protocol = item.setting("forwarding_protocol", default="MatchRequest")
    if protocol != "MatchRequest":
        return bool(protocol == "HttpsOnly")
    tls = _route_tls(item)
    item.cite("forwarding_protocol")
    return tls


def _route_version(item: Item) -> str:
    """Decided by the custom domains it answers to; Front Door's own domain takes TLS 1.2 and later."""
    key = "cdn_frontdoor_custom_domain_ids"
    written = item.peek(key)
    if item.left_unset(key) or (isinstance(written, list) and not written):
        return ""
    meant = item.estate.meant(item, (key,), ("azurerm_cdn_frontdoor_custom_domain",))
    domains = item.views(meant.items)
    if not domains:
        raise UnknownRead(Unknown("its custom domains are not in this plan", key))
    found = [one.setting("tls", 0, "minimum_tls_version", default="TLS12") for one in domains]
    return lowest(version(one, "minimum_tls_version") for one in found)


def _site_version(key: str) -> Getter:
    return lambda item: version(str(item.setting("site_config", 0, key, default="1.2")), key)


def _site_client_certificate(default: str) -> Getter:
    """`Optional` lets in clients without a certificate; it is the default of function apps."""

    def getter(item: Item) -> bool:
        if not item.setting("client_certificate_enabled", default=False):
            return False
        return bool(item.setting("client_certificate_mode", default=default) == "Required")

    return getter


def _legacy_client_certificate(item: Item) -> bool:
    if item.type == "azurerm_app_service":
        return bool(item.setting("client_cert_enabled", default=False))
    return bool(item.setting("client_cert_mode", default="") == "Required")


def _ingress(item: Item) -> bool:
    return not item.left_unset("ingress") and bool(item.get("ingress"))


def _container_tls(item: Item) -> bool:
    """Plain HTTP is redirected unless insecure connections are allowed. Of bare TCP nobody knows what it carries."""
    if _ingress(item) and item.setting("ingress", 0, "transport", default="auto") == "tcp":
        raise UnknownRead(Unknown("TCP is passed on as it comes; the app decides whether it is TLS", "transport"))
    return not (_ingress(item) and item.setting("ingress", 0, "allow_insecure_connections", default=False))


def _container_client_certificate(item: Item) -> bool:
    return _ingress(item) and bool(item.setting("ingress", 0, "client_certificate_mode", default="ignore") == "require")


def _function_tls(item: Item) -> bool:
    """Functions of the first generation answer plain HTTP too, unless told otherwise; those without HTTP do not."""
    if not item.setting("trigger_http", default=False):
        return True
    return bool(item.setting("https_trigger_security_level", default="SECURE_OPTIONAL") == "SECURE_ALWAYS")


def _site(mode: str) -> dict[str, Getter]:
    return {
        "tls_required": flag("https_only", default=False),
        "client_certificate_required": _site_client_certificate(mode),
        "minimum_tls": _site_version("minimum_tls_version"),
    }


_LOGIC_APP: dict[str, Getter] = {
    "tls_required": flag("https_only", default=False),
    "client_certificate_required": lambda item: bool(item.setting("client_certificate_mode", default="") == "Required"),
    "minimum_tls": _site_version("min_tls_version"),
}

_LEGACY_SITE: dict[str, Getter] = {
    "tls_required": flag("https_only", default=False),
    "client_certificate_required": _legacy_client_certificate,
    "minimum_tls": _site_version("min_tls_version"),
}

_TLS_ALONE: dict[str, Getter] = {
    "tls_required": yes,
    "client_certificate_required": no,
    "minimum_tls": always(""),
}
"""Services whose provider takes nothing but TLS and lets nobody choose the version."""

GETTERS: dict[str, dict[str, Getter]] = {
    "aws_api_gateway_domain_name": {
        "client_certificate_required": _domain_client_certificate,
        "minimum_tls": _domain_version(),
    },
    "aws_apigatewayv2_domain_name": {
        "client_certificate_required": _domain_client_certificate,
        "minimum_tls": _domain_version("domain_name_configuration", 0),
    },
    "google_api_gateway_gateway": {"client_certificate_required": no, "minimum_tls": always("")},
    "azurerm_api_management": {
        "client_certificate_required": _management_client_certificate,
        "minimum_tls": _management_version,
    },
    "aws_cloudfront_distribution": {
        "tls_required": _cloudfront_tls,
        "origin_tls": _cloudfront_origins,
        "minimum_tls": _cloudfront_version,
        "log_regions": _cloudfront_logs,
    },
    "azurerm_cdn_frontdoor_route": {
        "tls_required": _route_tls,
        "origin_tls": _route_origins,
        "minimum_tls": _route_version,
        "log_regions": none,  # diagnostic settings send them
    },
    "azurerm_linux_web_app": _site("Required"),
    "azurerm_windows_web_app": _site("Required"),
    "azurerm_linux_function_app": _site("Optional"),
    "azurerm_windows_function_app": _site("Optional"),
    "azurerm_function_app_flex_consumption": _site("Optional"),
    "azurerm_linux_web_app_slot": _site("Required"),
    "azurerm_windows_web_app_slot": _site("Required"),
    "azurerm_linux_function_app_slot": _site("Optional"),
    "azurerm_windows_function_app_slot": _site("Optional"),
    "azurerm_logic_app_standard": _LOGIC_APP,
    "azurerm_app_service": _LEGACY_SITE,
    "azurerm_function_app": _LEGACY_SITE,
    "azurerm_container_app": {
        "tls_required": _container_tls,
        "client_certificate_required": _container_client_certificate,
        "minimum_tls": always(""),
    },
    "google_cloudfunctions_function": {**_TLS_ALONE, "tls_required": _function_tls},
    "google_cloud_run_service": _TLS_ALONE,
    "google_cloud_run_v2_service": _TLS_ALONE,
    "aws_apprunner_service": _TLS_ALONE,
    "aws_lambda_function_url": _TLS_ALONE,
}
