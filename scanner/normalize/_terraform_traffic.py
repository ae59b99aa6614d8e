"""Caches, brokers and search engines: whether they insist on TLS."""

from __future__ import annotations

from scanner.model import Unknown, UnknownRead
from scanner.normalize._reading import Getter
from scanner.normalize._terraform_item import Item
from scanner.normalize._terraform_replicas import followers, linked
from scanner.normalize._terraform_words import always, flag, no, none, renamed, yes
from scanner.normalize._tls_versions import version

_AZURE_CACHE_PLAIN = renamed("non_ssl_port_enabled", "enable_non_ssl_port", default=False)


def _elasticache_tls(item: Item) -> bool:
    """In the mode `preferred` clear text still works."""
    if item.left_unset("transit_encryption_enabled") and item.setting("engine", default="redis") == "valkey":
        raise UnknownRead(Unknown("the default of Valkey depends on its version", "transit_encryption_enabled"))
    enabled = item.setting("transit_encryption_enabled", default=False)
    if not enabled:
        return False
    return bool(item.setting("transit_encryption_mode", default="required") == "required")


def _node_tls(item: Item) -> bool:
    """A cache of its own: Memcached may be told to speak TLS, Redis cannot. Nodes of a group are as that is."""
    if not item.left_unset("replication_group_id"):
        group = item.target("replication_group_id", kinds=("aws_elasticache_replication_group",))
        if group is not None:
            return _elasticache_tls(group)
    return bool(item.setting("transit_encryption_enabled", default=False))


def _azure_cache_tls(item: Item) -> bool:
    return not _AZURE_CACHE_PLAIN(item)


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


def _mode(*modes: str) -> Getter:
    """Whether the mode of encryption is one of these. Google's caches have none unless it is chosen."""
    return lambda item: bool(item.setting("transit_encryption_mode", default="") in modes)


def _written_version(key: str, *, default: str = "") -> Getter:
    """The version that is written; else the default, if that is the same in all versions of the provider."""

    def getter(item: Item) -> str:
        written = item.setting(key, default=default)
        if not written:
            raise UnknownRead(Unknown("its default differs from version to version of the provider", key))
        return version(str(written), key)

    return getter


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
    "minimum_tls": _written_version("minimum_tls_version", default="1.2"),
}

_CACHES: dict[str, dict[str, Getter]] = {
    "aws_elasticache_replication_group": {"tls_required": _elasticache_tls, "minimum_tls": always("")},
    "aws_elasticache_cluster": {"tls_required": _node_tls, "minimum_tls": always("")},
    "aws_elasticache_serverless_cache": {"tls_required": yes, "minimum_tls": always("")},
    # on unless it is turned off, as a plan of version 5.100 shows
    "aws_memorydb_cluster": {"tls_required": flag("tls_enabled", default=True), "minimum_tls": always("")},
    "aws_dax_cluster": {
        "tls_required": lambda item: bool(item.setting("cluster_endpoint_encryption_type", default="NONE") == "TLS"),
        "minimum_tls": always(""),
    },
    "google_redis_instance": {"tls_required": _mode("SERVER_AUTHENTICATION"), "minimum_tls": always("")},
    "google_redis_cluster": {
        "replica_regions": followers("cross_cluster_replication_config", 0, "primary_cluster", 0, "cluster"),
        "tls_required": _mode("TRANSIT_ENCRYPTION_MODE_SERVER_AUTHENTICATION"),
        "minimum_tls": always(""),
    },
    "google_memorystore_instance": {
        "tls_required": _mode("SERVER_AUTHENTICATION"),
        "minimum_tls": always(""),
        "replica_regions": followers("cross_instance_replication_config", 0, "primary_instance", 0, "instance"),
    },
    "azurerm_redis_cache": {"tls_required": _azure_cache_tls, "minimum_tls": _written_version("minimum_tls_version")},
    "azurerm_managed_redis": {
        "tls_required": lambda item: bool(
            item.setting("default_database", 0, "client_protocol", default="Encrypted") == "Encrypted"
        ),
        "minimum_tls": always(""),
    },
    "azurerm_redis_enterprise_database": {
        "replica_regions": linked(
            "linked_database_id", "azurerm_redis_enterprise_database", "azurerm_redis_enterprise_cluster"
        ),
        "tls_required": lambda item: bool(item.setting("client_protocol", default="Encrypted") == "Encrypted"),
        "minimum_tls": always(""),
    },
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
    **{kind: {"replica_regions": none, **getters} for kind, getters in (*_CACHES.items(), *_BROKERS.items())},
    **_SEARCH,
}
