"""Managed databases."""

from __future__ import annotations

from typing import Any

from scanner.model import Unknown, UnknownRead
from scanner.normalize._google_words import SQL_TLS, sql_backup_region, sql_engine
from scanner.normalize._reading import Getter, always, no, yes
from scanner.normalize._terraform.database_aws import GETTERS as AWS
from scanner.normalize._terraform.database_azure import GETTERS as AZURE
from scanner.normalize._terraform.item import Item
from scanner.normalize._terraform.words import key_of, key_region, known_region, none, nowhere, other_regions


def _sql_mode(item: Item) -> Any:
    """`ssl_mode` where it is set, None where only the older `require_ssl` may be."""
    if item.left_unset("settings") or not item.blocks("settings", 0, "ip_configuration"):
        return None
    return item.setting("settings", 0, "ip_configuration", 0, "ssl_mode", default=None)


def _sql_legacy(item: Item) -> bool:
    return bool(item.setting("settings", 0, "ip_configuration", 0, "require_ssl", default=False))


def _sql_tls(item: Item) -> bool:
    """Clear text is allowed until somebody says otherwise."""
    mode = _sql_mode_or_default(item)
    legacy = mode is None and _sql_legacy(item)
    item.cite("settings", 0, "ip_configuration", 0, "require_ssl" if legacy else "ssl_mode")
    return legacy or SQL_TLS.get(mode, False)


def _sql_mode_or_default(item: Item) -> Any:
    path = ("settings", 0, "ip_configuration")
    if isinstance(item.peek(*path), Unknown) and item.left_alone(*path):
        return "ALLOW_UNENCRYPTED_AND_ENCRYPTED"
    return _sql_mode(item)


def _sql_client_certificate(item: Item) -> bool:
    """Before `ssl_mode`, `require_ssl` asked for a client certificate, except of SQL Server, which knows none."""
    mode = _sql_mode_or_default(item)
    if mode is not None:
        return bool(mode == "TRUSTED_CLIENT_CERTIFICATE_REQUIRED")
    return _sql_legacy(item) and sql_engine(item.get("database_version")) != "sqlserver"


def _sql_public(item: Item) -> bool:
    path = ("settings", 0, "ip_configuration")
    if isinstance(item.peek(*path), Unknown) and item.left_alone(*path):
        return True
    return bool(item.setting(*path, 0, "ipv4_enabled", default=True))


def _sql_replicas(item: Item) -> list[str]:
    key = "master_instance_name"  # the provider fills it in for every instance, also for those that follow no other
    replicas = item.satellites("google_sql_database_instance", key, lambda other: not other.left_unset(key))
    return other_regions(item, [known_region(replica) for replica in replicas])


def _sql_backups(item: Item) -> list[str]:
    path = ("settings", 0, "backup_configuration")
    value = item.peek(*path)
    if value is None or (isinstance(value, Unknown) and item.left_alone(*path)):
        return []
    if not item.setting(*path, 0, "enabled", default=False):
        return []
    place = item.setting(*path, 0, "location", default="")
    regions = other_regions(item, [place.lower() if place else sql_backup_region(known_region(item))])
    item.cite(*path, 0, "location")
    return regions


def _alloy_tls(item: Item) -> bool:
    """Decided by its instances, which refuse clear text unless told otherwise."""
    weak = item.satellites(
        "google_alloydb_instance",
        "cluster",
        where=lambda one: bool(
            one.setting("client_connection_config", 0, "ssl_config", 0, "ssl_mode", default="")
            == "ALLOW_UNENCRYPTED_AND_ENCRYPTED"
        ),
    )
    return not weak


def _alloy_public(item: Item) -> bool:
    opened = item.satellites(
        "google_alloydb_instance",
        "cluster",
        where=lambda one: bool(one.setting("network_config", 0, "enable_public_ip", default=False)),
    )
    return bool(opened)


def _alloy_backups(item: Item) -> list[str]:
    """Backups stay in the cluster's own region unless another is named."""
    if item.left_unset("automated_backup_policy"):
        return []
    place = item.setting("automated_backup_policy", 0, "location", default="")
    return other_regions(item, [place.lower()])


def _alloy_replicas(item: Item) -> list[str]:
    """Secondary clusters name their primary one in a block, so that they are looked for one by one."""
    others = [
        one
        for one in item.estate.by_type.get(item.type, ())
        if not one.left_unset("secondary_config") and one.blocks("secondary_config")
    ]
    mine = [one for one in others if _follows(one, item)]
    return other_regions(item, [known_region(one) for one in item.views(mine)])


def _follows(secondary: Item, primary: Item) -> bool:
    path = ("secondary_config", 0, "primary_cluster_name")
    found = secondary.estate.pointed(secondary, path, (secondary.type,))
    if len(found) != 1:
        raise UnknownRead(Unknown(f"which cluster {secondary.origin.address} follows is not known", str(path[-1])))
    return found[0].origin.address == primary.origin.address


def _spanner_replicas(item: Item) -> list[str]:
    """What a configuration of the customer's own adds to the one it is made from, and partitions kept elsewhere."""
    found = item.estate.pointed(item, ("config",), ("google_spanner_instance_config",))
    own = item.views(found)
    added = [str(one.get("location")) for one in own[0].blocks("replicas")] if own else []
    partitions = item.satellites("google_spanner_instance_partition", "instance")
    return other_regions(item, [*added, *(known_region(one) for one in partitions)])


def _spanner_encryption(item: Item) -> str:
    """Every database of an instance has its own key, or several where the instance is in several regions."""
    databases = item.satellites("google_spanner_database", "instance")
    keyed = [_has_key(database) for database in databases]
    return "customer" if keyed and all(keyed) else "provider"


def _has_key(database: Item) -> bool:
    return any(database.is_set("encryption_config", 0, key) for key in ("kms_key_names", "kms_key_name"))


GETTERS: dict[str, dict[str, Getter]] = {
    **AWS,
    **AZURE,
    "google_sql_database_instance": {
        "engine": lambda item: sql_engine(item.get("database_version")),
        "tls_required": _sql_tls,
        "client_certificate_required": _sql_client_certificate,
        "minimum_tls": always(""),
        "public": _sql_public,
        "encryption": key_of("encryption_key_name"),
        "key_region": key_region("encryption_key_name"),
        "replica_regions": _sql_replicas,
        "backup_regions": _sql_backups,
    },
    "google_alloydb_cluster": {
        "engine": always("postgres"),
        "tls_required": _alloy_tls,
        "client_certificate_required": no,
        "minimum_tls": always(""),
        "public": _alloy_public,
        "encryption": key_of("encryption_config", 0, "kms_key_name"),
        "key_region": key_region("encryption_config", 0, "kms_key_name"),
        "replica_regions": _alloy_replicas,
        "backup_regions": _alloy_backups,
    },
    "google_spanner_instance": {
        "engine": always("spanner"),
        "tls_required": yes,
        "client_certificate_required": no,
        "minimum_tls": always(""),
        "public": no,
        "encryption": _spanner_encryption,
        "key_region": nowhere,
        "replica_regions": _spanner_replicas,
        "backup_regions": none,
    },
}
