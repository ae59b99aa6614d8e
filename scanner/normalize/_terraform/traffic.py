"""Brokers and search engines: whether they insist on TLS, and where brokers are copied to."""

from __future__ import annotations

from scanner.model import Unknown, UnknownRead
from scanner.normalize._reading import Getter, always, no, yes
from scanner.normalize._terraform.cache import written_version
from scanner.normalize._terraform.item import Item
from scanner.normalize._terraform.replicas import followers
from scanner.normalize._terraform.words import none
from scanner.normalize._tls_versions import version


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


def _msk_between_nodes(item: Item) -> bool:
    if item.left_unset("encryption_info"):
        return True
    return bool(item.setting("encryption_info", 0, "encryption_in_transit", 0, "in_cluster", default=True))


def _mq_client_certificate(item: Item) -> bool:
    """ActiveMQ asks for none; RabbitMQ may, by its configuration, which is data of the broker."""
    if item.get("engine_type") == "ActiveMQ" or item.left_unset("configuration"):
        return False
    raise UnknownRead(Unknown("its configuration decides, which is not read", "configuration"))


def _kafka_client_certificate(item: Item) -> bool:
    """With a pool of certificate authorities certificates are one way in; accounts remain another."""
    if item.left_unset("tls_config") or not item.get("tls_config"):
        return False
    raise UnknownRead(Unknown("clients may still log in with an account of Google instead", "tls_config"))


def _search_tls(item: Item) -> bool:
    """Without the block, plain HTTP is answered as well; in it, it is refused unless somebody says otherwise.

    The default inside of the block is the provider's, as a plan of version 5.100 shows.
    https://docs.aws.amazon.com/opensearch-service/latest/APIReference/API_DomainEndpointOptions.html
    """
    if item.left_unset("domain_endpoint_options") or not item.get("domain_endpoint_options"):
        return False
    return bool(item.setting("domain_endpoint_options", 0, "enforce_https", default=True))


def _search_version(item: Item) -> str:
    path = ("domain_endpoint_options", 0, "tls_security_policy")
    written = None if item.left_unset(path[0]) else item.setting(*path, default=None)
    if written is None:
        raise UnknownRead(Unknown("no TLS policy is written, so that AWS chooses one", path[-1]))
    return version(written, path[-1])


def _search_between_nodes(item: Item) -> bool:
    if item.left_unset("node_to_node_encryption") or not item.get("node_to_node_encryption"):
        return False
    return bool(item.get("node_to_node_encryption", 0, "enabled"))


_SEARCH_DOMAIN: dict[str, Getter] = {
    "tls_required": _search_tls,
    "tls_between_nodes": _search_between_nodes,
    "minimum_tls": _search_version,
}

_AZURE_BROKER: dict[str, Getter] = {
    "tls_required": yes,
    "client_certificate_required": no,
    "tls_between_nodes": yes,
    "minimum_tls": written_version("minimum_tls_version", default="1.2"),
}

_BROKERS: dict[str, dict[str, Getter]] = {
    "aws_msk_cluster": {
        "tls_required": _msk_tls,
        "client_certificate_required": _msk_client_certificate,
        "tls_between_nodes": _msk_between_nodes,
        "minimum_tls": always(""),
    },
    "aws_msk_serverless_cluster": {
        "tls_required": yes,
        "client_certificate_required": no,
        "tls_between_nodes": yes,
        "minimum_tls": always(""),
    },
    "aws_mq_broker": {
        # its endpoints speak TLS alone: https://docs.aws.amazon.com/amazon-mq/latest/developer-guide/data-protection.html
        "tls_required": yes,
        "client_certificate_required": _mq_client_certificate,
        "tls_between_nodes": yes,
        "minimum_tls": always(""),
        "replica_regions": followers("data_replication_primary_broker_arn"),
    },
    "google_managed_kafka_cluster": {
        "tls_required": yes,
        "client_certificate_required": _kafka_client_certificate,
        "tls_between_nodes": yes,
        "minimum_tls": always(""),
    },
    "azurerm_eventhub_namespace": _AZURE_BROKER,
    "azurerm_servicebus_namespace": _AZURE_BROKER,
}

_SEARCH: dict[str, dict[str, Getter]] = {
    "aws_opensearch_domain": _SEARCH_DOMAIN,
    "aws_elasticsearch_domain": _SEARCH_DOMAIN,
    "azurerm_search_service": {"tls_required": yes, "tls_between_nodes": yes, "minimum_tls": always("")},
}

GETTERS: dict[str, dict[str, Getter]] = {
    **{kind: {"replica_regions": none, **getters} for kind, getters in _BROKERS.items()},
    **_SEARCH,
}
