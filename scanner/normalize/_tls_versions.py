"""How the clouds write TLS versions, and the security policies that stand for one."""

from __future__ import annotations

from collections.abc import Iterable

from scanner.model import Unknown, UnknownRead
from scanner.patterns import regex

_VERSION = regex(r"(?i)(?:TLS[-_]?v?|v)?(?P<major>[01])?[._]?(?P<minor>[0-3])?(?:_20\d\d)?")
"""`1.2`, `TLS1_2`, `TLS_1_2`, `TLSv1.2`, `TLS12`, `Tls12`, `TLSv1.2_2021`; `TLSv1` and `Tls` are 1.0."""

_ELB = regex(r"ELBSecurityPolicy-(?:TLS13|TLS|FS)-1-(?P<minor>[0-3])-.+")
_ELB_OLD = frozenset({"ELBSecurityPolicy-2016-08", "ELBSecurityPolicy-2015-05", "ELBSecurityPolicy-FS-2018-06"})
"""https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html"""

_OPENSEARCH = regex(r"Policy-Min-TLS-1-(?P<minor>[0-3])-.+")
_API_GATEWAY = regex(r"SecurityPolicy_TLS1(?:3_1)?_?(?P<minor>[23])_.+")

_APPLICATION_GATEWAY = {
    "AppGwSslPolicy20150501": "1.0",
    "AppGwSslPolicy20170401": "1.1",
    "AppGwSslPolicy20170401S": "1.2",
    "AppGwSslPolicy20220101": "1.2",
    "AppGwSslPolicy20220101S": "1.2",
}
"""https://learn.microsoft.com/azure/application-gateway/application-gateway-ssl-policy-overview"""

ELB_DEFAULT = "ELBSecurityPolicy-2016-08"
"""What AWS takes where the listener names none and was not made in the console."""


def version(text: str, key: str) -> str:
    """`1.2` for any spelling of it; raises `UnknownRead` for what is no version or known policy."""
    text = str(text)  # Terraform takes a number for a text, as in `min_tls_version = 1.2`
    if text.startswith("SSLv3"):
        return "1.0"
    if text in _APPLICATION_GATEWAY:
        return _APPLICATION_GATEWAY[text]
    if text in _ELB_OLD:
        return "1.0"
    for pattern in (_ELB, _OPENSEARCH, _API_GATEWAY):
        if named := pattern.fullmatch(text):
            return f"1.{named['minor']}"
    found = _VERSION.fullmatch(text) if text else None
    if found is None or found["major"] == "0":
        raise UnknownRead(Unknown(f"which TLS versions '{text[:60]}' stands for is not known", key))
    return f"1.{found['minor'] or 0}"


def lowest(versions: Iterable[str]) -> str:
    """The oldest of several; empty for none."""
    return min(versions, default="")


def lowest_listed(versions: object, key: str) -> str:
    """The oldest of those that a text names, with commas between them."""
    return lowest(version(one.strip(), key) for one in str(versions).split(","))
