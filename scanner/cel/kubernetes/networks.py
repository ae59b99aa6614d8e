"""Kubernetes' addresses and networks: `ip("10.0.0.1")`, `cidr("10.0.0.0/8")`."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from scanner.cel.kubernetes._shapes import member, readable
from scanner.cel.operators import mismatch
from scanner.cel.values import Fault, Opaque
from scanner.patterns import regex

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_PREFIX = regex(r"([^/]+)/(0|[1-9]\d{0,2})", re.ASCII)
_LOCAL_V4, _LOCAL_V6 = ipaddress.ip_network("224.0.0.0/24"), ipaddress.ip_network("ff02::/16")
_LINK_V4, _LINK_V6 = ipaddress.ip_network("169.254.0.0/16"), ipaddress.ip_network("fe80::/10")
_BROADCAST = ipaddress.ip_address("255.255.255.255")


@dataclass(frozen=True, slots=True)
class Ip(Opaque):
    """An address."""

    type_name: ClassVar[str] = "net.IP"
    address: _Address

    def __str__(self) -> str:
        return str(self.address)


@dataclass(frozen=True, slots=True)
class Cidr(Opaque):
    """An address and the length of its network's prefix; `10.0.0.1/8` is not equal to `10.0.0.0/8`."""

    type_name: ClassVar[str] = "net.CIDR"
    address: _Address
    length: int

    def __str__(self) -> str:
        return f"{self.address}/{self.length}"

    def network(self) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
        """The network that the address lies in."""
        return ipaddress.ip_network(str(self), strict=False)


def address(text: Any) -> Ip:
    """`ip(text)`. No zones. `::ffff:c0a8:1` is the IPv4 address it stands for; written with dots it is refused."""
    if not isinstance(text, str):
        raise mismatch("ip", text)
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        raise Fault(f"'{text}' is no IP address") from None
    if not isinstance(found, ipaddress.IPv6Address):
        return Ip(found)
    if found.scope_id or (found.ipv4_mapped and "." in text):
        raise Fault(f"'{text}' has a zone or is an IPv4-mapped IPv6 address, which is not allowed")
    return Ip(found.ipv4_mapped or found)


def network(text: Any) -> Cidr:
    """`cidr(text)`."""
    if not isinstance(text, str):
        raise mismatch("cidr", text)
    found = _PREFIX.fullmatch(text)
    if not found:
        raise Fault(f"'{text}' is no network in CIDR notation")
    one, length = address(found[1]).address, int(found[2])
    if length > one.max_prefixlen:
        raise Fault(f"'{text}' has a prefix longer than {one.max_prefixlen}")
    return Cidr(one, length)


def _ip(value: Any) -> Ip:
    return Ip(value.address) if isinstance(value, Cidr) else address(value)


def _canonical(text: Any) -> bool:
    return bool(str(address(text)) == text)


def _link_local(one: _Address) -> bool:
    return bool(one in _LINK_V4 or one in _LINK_V6)


def _is_global(one: _Address) -> bool:
    return not (one.is_unspecified or one.is_loopback or one.is_multicast or _link_local(one) or one == _BROADCAST)


def _contains_ip(outer: Any, inner: Any) -> bool:
    one = inner if isinstance(inner, Ip) else address(inner)
    if not isinstance(outer, Cidr):
        raise mismatch("containsIP", outer, inner)
    return one.address in outer.network()


def _contains_cidr(outer: Any, inner: Any) -> bool:
    one = inner if isinstance(inner, Cidr) else network(inner)
    if not isinstance(outer, Cidr):
        raise mismatch("containsCIDR", outer, inner)
    return outer.length <= one.length and one.address in outer.network()


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "ip": _ip,
    "isIP": readable(address),
    "ip.isCanonical": _canonical,
    "family": member("family", Ip, lambda ip: ip.address.version),
    "isUnspecified": member("isUnspecified", Ip, lambda ip: ip.address.is_unspecified),
    "isLoopback": member("isLoopback", Ip, lambda ip: ip.address.is_loopback),
    "isLinkLocalMulticast": member(
        "isLinkLocalMulticast", Ip, lambda ip: ip.address in _LOCAL_V4 or ip.address in _LOCAL_V6
    ),
    "isLinkLocalUnicast": member("isLinkLocalUnicast", Ip, lambda ip: _link_local(ip.address)),
    "isGlobalUnicast": member("isGlobalUnicast", Ip, lambda ip: _is_global(ip.address)),
    "cidr": network,
    "isCIDR": readable(network),
    "containsIP": _contains_ip,
    "containsCIDR": _contains_cidr,
    "masked": member("masked", Cidr, lambda cidr: Cidr(cidr.network().network_address, cidr.length)),
    "prefixLength": member("prefixLength", Cidr, lambda cidr: cidr.length),
}
