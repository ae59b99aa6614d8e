"""Caches: whether they insist on TLS, and where they are copied to."""

from __future__ import annotations

from scanner.model import Unknown, UnknownRead
from scanner.normalize._reading import Getter, always, no, yes
from scanner.normalize._terraform.item import Item
from scanner.normalize._terraform.replicas import fellows, followers, linked
from scanner.normalize._terraform.words import flag, known_region, none, other_regions, renamed
from scanner.normalize._tls_versions import version

_AZURE_CACHE_PLAIN = renamed("non_ssl_port_enabled", "enable_non_ssl_port", default=False)


def _elasticache_tls(item: Item) -> bool:
    """In the mode `preferred` clear text still works. What follows another cluster over regions is as that is."""
    if item.left_unset("transit_encryption_enabled") and (primary := _followed(item)) is not None:
        return _elasticache_tls(primary)
    if item.left_unset("transit_encryption_enabled") and item.setting("engine", default="redis") == "valkey":
        raise UnknownRead(Unknown("the default of Valkey depends on its version", "transit_encryption_enabled"))
    enabled = item.setting("transit_encryption_enabled", default=False)
    if not enabled:
        return False
    return bool(item.setting("transit_encryption_mode", default="required") == "required")


def _followed(item: Item) -> Item | None:
    """The primary of the global datastore that it is a member of; the provider takes no settings of its own beside.

    https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/elasticache_replication_group
    """
    store = item.target("global_replication_group_id", kinds=("aws_elasticache_global_replication_group",))
    primary = store and store.target("primary_replication_group_id", kinds=(item.type,))
    return primary if primary and primary.origin != item.origin else None


def _node_tls(item: Item) -> bool:
    """A cache of its own: Memcached may be told to speak TLS, Redis cannot. Nodes of a group are as that is."""
    if not item.left_unset("replication_group_id"):
        group = item.target("replication_group_id", kinds=("aws_elasticache_replication_group",))
        if group is not None:
            return _elasticache_tls(group)
    return bool(item.setting("transit_encryption_enabled", default=False))


def _multi_region_copies(item: Item) -> list[str]:
    """Where the other clusters of its multi-region cluster are; what is written to one is written to all.

    https://docs.aws.amazon.com/memorydb/latest/devguide/multi-region.html
    """
    members = fellows(item, "multi_region_cluster_name", "aws_memorydb_multi_region_cluster")
    return other_regions(item, [known_region(one) for one in members])


def _enterprise_version(item: Item) -> str:
    """Chosen for the cluster that a database is in."""
    cluster = item.target("cluster_id", kinds=("azurerm_redis_enterprise_cluster",))
    return version(cluster.setting("minimum_tls_version", default="1.2"), "minimum_tls_version") if cluster else ""


def _azure_cache_tls(item: Item) -> bool:
    return not _AZURE_CACHE_PLAIN(item)


def _mode(*modes: str) -> Getter:
    """Whether the mode of encryption is one of these. Google's caches have none unless it is chosen."""
    return lambda item: bool(item.setting("transit_encryption_mode", default="") in modes)


def written_version(key: str, *, default: str = "") -> Getter:
    """The version that is written; else the default, if that is the same in all versions of the provider."""

    def getter(item: Item) -> str:
        written = item.setting(key, default=default)
        if not written:
            raise UnknownRead(Unknown("its default differs from version to version of the provider", key))
        return version(str(written), key)

    return getter


_CACHES: dict[str, dict[str, Getter]] = {
    "aws_elasticache_replication_group": {"tls_required": _elasticache_tls, "minimum_tls": always("")},
    "aws_elasticache_cluster": {"tls_required": _node_tls, "minimum_tls": always("")},
    "aws_elasticache_serverless_cache": {"tls_required": yes, "minimum_tls": always("")},
    # on unless it is turned off, as a plan of version 5.100 shows
    "aws_memorydb_cluster": {
        "tls_required": flag("tls_enabled", default=True),
        "minimum_tls": always(""),
        "replica_regions": _multi_region_copies,
    },
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
    # speaks no TLS: https://cloud.google.com/memorystore/docs/memcached/memcached-overview
    "google_memcache_instance": {"tls_required": no, "minimum_tls": always("")},
    "azurerm_redis_cache": {"tls_required": _azure_cache_tls, "minimum_tls": written_version("minimum_tls_version")},
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
        "minimum_tls": _enterprise_version,
    },
}

GETTERS: dict[str, dict[str, Getter]] = {
    kind: {"replica_regions": none, **getters} for kind, getters in _CACHES.items()
}
