"""Google's managed databases: Cloud SQL, AlloyDB, Spanner."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from scanner.model import Unknown, UnknownRead
from scanner.normalize._google_words import SQL_TLS, sql_backup_region, sql_engine
from scanner.normalize._reading import Getter, always, no, yes
from scanner.normalize._terraform.item import Item
from scanner.normalize._terraform.words import key_of, key_region, known_region, none, nowhere, other_regions

_FOLLOWS = "master_instance_name"
"""What a replica follows. The provider fills it in for every instance, also for those that follow no other."""


def _sql_mode(item: Item) -> Any:
    """`ssl_mode` where it is set, None where only the older `require_ssl` may be."""
    if item.left_unset("settings") or not item.blocks("settings", 0, "ip_configuration"):
        return None
    return item.setting("settings", 0, "ip_configuration", 0, "ssl_mode", default=None)


def _sql_legacy(item: Item) -> bool:
    return bool(item.setting("settings", 0, "ip_configuration", 0, "require_ssl", default=False))


def _either(*ways: Callable[[Item], bool]) -> Getter:
    """Whether one of these is so; one that is settles it, whatever is not known of the others."""

    def getter(item: Item) -> bool:
        doubts = []
        for way in ways:
            try:
                if way(item):
                    return True
            except UnknownRead as met:
                doubts.append(met)
        if doubts:
            raise doubts[0]
        return False

    return getter


def _sql_by_connector(item: Item) -> bool:
    """Whether Cloud SQL's own connectors are the one way in: TLS, with a client certificate that is good for an hour.

    https://cloud.google.com/sql/docs/mysql/language-connectors
    """
    key = "connector_enforcement"
    return not item.left_unset("settings") and bool(item.setting("settings", 0, key, default="") == "REQUIRED")


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


def _sql_encryption(item: Item) -> str:
    """A replica in the region of what it follows, and a clone, have the key of what they are made from.

    https://cloud.google.com/sql/docs/postgres/configure-cmek
    """
    if item.is_set("encryption_key_name"):
        return "customer"
    kinds = (item.type,)
    origin = None if item.left_unset("clone") else item.target("clone", 0, "source_instance_name", kinds=kinds)
    if origin is None and not item.left_unset(_FOLLOWS):
        followed = item.target(_FOLLOWS, kinds=kinds)
        origin = followed if followed and known_region(followed) == known_region(item) else None
    found = "provider" if origin is None else _sql_encryption(origin)
    item.cite("encryption_key_name")
    return found


def _sql_public(item: Item) -> bool:
    path = ("settings", 0, "ip_configuration")
    if isinstance(item.peek(*path), Unknown) and item.left_alone(*path):
        return True
    return bool(item.setting(*path, 0, "ipv4_enabled", default=True))


def _sql_replicas(item: Item) -> list[str]:
    replicas = item.satellites("google_sql_database_instance", _FOLLOWS, lambda other: not other.left_unset(_FOLLOWS))
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


_INSTANCE = "google_alloydb_instance"
_TLS_MODE = ("client_connection_config", 0, "ssl_config", 0, "ssl_mode")


def _alloy_tls(item: Item) -> bool:
    """Decided by its instances, which refuse clear text unless told otherwise, or take connectors alone."""
    weak = item.satellites(
        _INSTANCE,
        "cluster",
        where=lambda one: bool(
            not _by_connector(one) and one.setting(*_TLS_MODE, default="") == "ALLOW_UNENCRYPTED_AND_ENCRYPTED"
        ),
    )
    return not weak


def _alloy_client_certificate(item: Item) -> bool:
    """AlloyDB's connectors bring a client certificate; nothing else can be asked for one."""
    instances = item.satellites(_INSTANCE, "cluster")
    return bool(instances) and all(_by_connector(one) for one in instances)


def _by_connector(instance: Item) -> bool:
    return bool(instance.setting("client_connection_config", 0, "require_connectors", default=False))


def _alloy_public(item: Item) -> bool:
    opened = item.satellites(
        _INSTANCE,
        "cluster",
        where=lambda one: bool(one.setting("network_config", 0, "enable_public_ip", default=False)),
    )
    return bool(opened)


def _alloy_backups(item: Item) -> list[str]:
    """Backups stay in the cluster's own region unless another is named."""
    if item.left_unset("automated_backup_policy") or not item.get("automated_backup_policy"):
        return []
    if not item.setting("automated_backup_policy", 0, "enabled", default=True):
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
    "google_sql_database_instance": {
        "engine": lambda item: sql_engine(item.get("database_version")),
        "tls_required": _either(_sql_by_connector, _sql_tls),
        "client_certificate_required": _either(_sql_by_connector, _sql_client_certificate),
        "minimum_tls": always(""),
        "public": _sql_public,
        "encryption": _sql_encryption,
        "key_region": key_region("encryption_key_name"),
        "replica_regions": _sql_replicas,
        "backup_regions": _sql_backups,
    },
    "google_alloydb_cluster": {
        "engine": always("postgres"),
        "tls_required": _alloy_tls,
        "client_certificate_required": _alloy_client_certificate,
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
