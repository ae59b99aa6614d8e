"""What takes connections in a live AWS account: listeners, clusters' control planes, caches, brokers, search."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scanner.model import Unknown, UnknownRead
from scanner.normalize._aws.thing import Thing
from scanner.normalize._aws.words import other_regions
from scanner.normalize._reading import Getter, always, no, yes
from scanner.normalize._tls_versions import ELB_DEFAULT, lowest, version

_TLS = frozenset({"HTTPS", "TLS"})
_ANYWHERE = ("0.0.0.0/0", "::/0")


def _listener_redirects(thing: Thing) -> bool:
    actions = thing.entry("DefaultActions") or ()
    return bool(actions) and all(
        one.get("Type") == "redirect" and (one.get("RedirectConfig") or {}).get("Protocol") == "HTTPS"
        for one in actions
    )


def _listener_version(thing: Thing) -> str:
    if thing.entry("Protocol") not in _TLS:
        return ""
    return version(str(thing.entry("SslPolicy") or ELB_DEFAULT), "SslPolicy")


def _backend_passes_through(thing: Thing) -> bool:
    """Functions are asked by AWS itself, and what is behind TCP and the like gets packets as they come."""
    if thing.entry("TargetType") == "lambda":
        return True
    return thing.entry("Protocol") not in {"HTTP", *_TLS}


def _is_public(thing: Thing) -> bool:
    network = ("DescribeCluster", "resourcesVpcConfig")
    if not thing.get(*network, "endpointPublicAccess"):
        return False
    return any(one in _ANYWHERE for one in thing.get(*network, "publicAccessCidrs") or ["0.0.0.0/0"])


def _cache_tls(thing: Thing) -> bool:
    """In the mode `preferred` clear text still works."""
    return bool(thing.entry("TransitEncryptionEnabled")) and thing.entry("TransitEncryptionMode") != "preferred"


_BROKER = "Provisioned"


def _broker_tls(thing: Thing) -> bool:
    if thing.entry("ClusterType") == "SERVERLESS":
        return True
    return bool((thing.entry(_BROKER, "EncryptionInfo", "EncryptionInTransit", "ClientBroker") or "TLS") == "TLS")


def _broker_between_nodes(thing: Thing) -> bool:
    told = thing.entry(_BROKER, "EncryptionInfo", "EncryptionInTransit", "InCluster")
    return thing.entry("ClusterType") == "SERVERLESS" or told is None or bool(told)


def _broker_client_certificate(thing: Thing) -> bool:
    """Only where certificates are the one way in."""
    known = thing.entry(_BROKER, "ClientAuthentication") or {}
    tls, sasl = known.get("Tls") or {}, known.get("Sasl") or {}
    others = (known.get("Unauthenticated"), sasl.get("Iam"), sasl.get("Scram"))
    if not tls or tls.get("Enabled") is False or any((one or {}).get("Enabled") for one in others):
        return False
    return bool(tls.get("CertificateAuthorityArnList"))


_DOMAIN = "DescribeDomain"


def _search(thing: Thing, option: str, key: str) -> Any:
    """A setting of a search domain; what is being changed is told as it will be, before it is.

    https://docs.aws.amazon.com/opensearch-service/latest/APIReference/API_ModifyingProperties.html
    """
    changing = [str(one.get("Name")) for one in thing.get(_DOMAIN, "ModifyingProperties") or ()]
    if thing.get(_DOMAIN, "DomainProcessingStatus") == "Modifying" and (
        not changing or any(name.startswith(option) for name in changing)
    ):
        raise UnknownRead(Unknown(f"{option} is being changed", "ModifyingProperties"))
    return thing.get(_DOMAIN, option, key)


def _search_version(thing: Thing) -> str:
    written = _search(thing, "DomainEndpointOptions", "TLSSecurityPolicy")
    if not written:
        raise UnknownRead(Unknown("no TLS policy is named", "TLSSecurityPolicy"))
    return version(str(written), "TLSSecurityPolicy")


def _cache_copies(thing: Thing) -> list[str]:
    """The other members of its global datastore."""
    own = thing.body["name"]
    found: list[str] = []
    for whole in thing.all("AWS::ElastiCache::GlobalReplicationGroup"):
        members = whole.entry("Members") or ()
        if any(one.get("ReplicationGroupId") == own for one in members):
            found += [one["ReplicationGroupRegion"] for one in members]
    return other_regions(thing, found)


def _multi_region_copies(thing: Thing) -> list[str]:
    """Where the other clusters of its multi-region cluster are; what is written to one is written to all.

    https://docs.aws.amazon.com/memorydb/latest/devguide/multi-region.html
    """
    return other_regions(thing, [one.get("Region") for one in thing.get("DescribeMultiRegionClusters") or ()])


def _classic_protocols(thing: Thing) -> set[str]:
    return {str(one["Listener"]["Protocol"]).upper() for one in thing.entry("ListenerDescriptions") or ()}


def _classic_tls(thing: Thing) -> bool:
    """A classic load balancer has its listeners inside; one that speaks HTTP is enough to take plaintext."""
    protocols = _classic_protocols(thing)
    return "HTTP" not in protocols and not protocols.isdisjoint({"HTTPS", "SSL"})


def _classic_version(thing: Thing) -> str:
    """The oldest of its negotiation policies, of which every listener with TLS has one."""
    if _classic_protocols(thing).isdisjoint({"HTTPS", "SSL"}):
        return ""
    used = {name for one in thing.entry("ListenerDescriptions") or () for name in one.get("PolicyNames") or ()}
    policies = [one for one in thing.get("DescribeLoadBalancerPolicies") or () if one.get("PolicyName") in used]
    return lowest(map(_negotiated, policies)) or version(ELB_DEFAULT, "PolicyNames")


def _negotiated(policy: Mapping[str, Any]) -> str:
    chosen = {one["AttributeName"]: one["AttributeValue"] for one in policy.get("PolicyAttributeDescriptions") or ()}
    names = [name.removeprefix("Protocol-") for name, value in chosen.items() if value == "true"]
    return lowest(version(name, "PolicyNames") for name in names if name.startswith(("TLSv", "SSLv")))


def _gateway_version(thing: Thing) -> str:
    """While a name is being changed, the old policy may hold.

    https://docs.aws.amazon.com/apigateway/latest/api/API_DomainName.html
    """
    if thing.entry("domainNameStatus") == "UPDATING":
        raise UnknownRead(Unknown("its security policy may be being changed", "domainNameStatus"))
    return version(str(thing.entry("securityPolicy") or "TLS_1_0"), "securityPolicy")


_CACHE: dict[str, Getter] = {"minimum_tls": always(""), "replica_regions": always([])}

GETTERS: dict[str, dict[str, Getter]] = {
    "AWS::ElasticLoadBalancingV2::Listener": {
        "tls": lambda thing: thing.entry("Protocol") in _TLS,
        "passes_through": lambda thing: (thing.entry("Protocol") or "") not in {"HTTP", *_TLS},
        "redirects_to_tls": _listener_redirects,
        "client_certificate_required": lambda thing: thing.entry("MutualAuthentication", "Mode") == "verify",
        "minimum_tls": _listener_version,
    },
    "AWS::ElasticLoadBalancingV2::TargetGroup": {
        "tls": lambda thing: thing.entry("Protocol") in _TLS,
        "passes_through": _backend_passes_through,
        "encrypted_by_network": no,
    },
    "AWS::EKS::Cluster": {
        "public_endpoint": _is_public,
        "secrets_encryption": lambda thing: bool(thing.get("DescribeCluster", "encryptionConfig")),
        "log_regions": lambda _: [],
    },
    "AWS::ElasticLoadBalancing::LoadBalancer": {
        "tls": _classic_tls,
        "passes_through": lambda thing: _classic_protocols(thing) <= {"TCP"},
        "redirects_to_tls": no,
        "client_certificate_required": no,
        "minimum_tls": _classic_version,
    },
    "AWS::ApiGateway::DomainName": {
        "client_certificate_required": lambda thing: bool(thing.entry("mutualTlsAuthentication", "truststoreUri")),
        "minimum_tls": _gateway_version,
    },
    "AWS::ElastiCache::ReplicationGroup": {
        "tls_required": _cache_tls,
        "minimum_tls": always(""),
        "replica_regions": _cache_copies,
    },
    "AWS::ElastiCache::ServerlessCache": {**_CACHE, "tls_required": yes},
    "AWS::MemoryDB::Cluster": {
        **_CACHE,
        "tls_required": lambda thing: bool(thing.entry("TLSEnabled")),
        "replica_regions": _multi_region_copies,
    },
    "AWS::DAX::Cluster": {
        **_CACHE,
        "tls_required": lambda thing: thing.entry("ClusterEndpointEncryptionType") == "TLS",
    },
    "AWS::MSK::Cluster": {
        "replica_regions": always([]),  # a replicator belongs to the region that it copies to
        "tls_required": _broker_tls,
        "client_certificate_required": _broker_client_certificate,
        "tls_between_nodes": _broker_between_nodes,
        "minimum_tls": always(""),
    },
    "AWS::OpenSearchService::Domain": {
        "tls_required": lambda thing: bool(_search(thing, "DomainEndpointOptions", "EnforceHTTPS")),
        "tls_between_nodes": lambda thing: bool(_search(thing, "NodeToNodeEncryptionOptions", "Enabled")),
        "minimum_tls": _search_version,
    },
}
