"""Amazon's managed databases. Whether they refuse clear text is decided by their parameter group."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from scanner.model import Unknown, UnknownRead
from scanner.normalize._amazon_words import FORCE_SSL, engine_family, is_aurora, refuses_by_default
from scanner.normalize._reading import Getter, always, no
from scanner.normalize._terraform.account_aws import are_in_one_region
from scanner.normalize._terraform.item import Item
from scanner.normalize._terraform.keys_aws import whose_key
from scanner.normalize._terraform.replicas import fellows
from scanner.normalize._terraform.words import (
    is_on,
    known_region,
    none,
    nowhere,
    other_regions,
    regions_of,
)
from scanner.normalize._tls_versions import lowest_listed

_GLOBAL = ("aws_rds_global_cluster", "aws_docdb_global_cluster", "aws_neptune_global_cluster")


class _Group(Struct, frozen=True):
    """How a type names its parameter group."""

    key: str
    kind: str


_GROUPS = {
    "aws_db_instance": _Group("parameter_group_name", "aws_db_parameter_group"),
    "aws_rds_cluster": _Group("db_cluster_parameter_group_name", "aws_rds_cluster_parameter_group"),
    "aws_docdb_cluster": _Group("db_cluster_parameter_group_name", "aws_docdb_cluster_parameter_group"),
    "aws_neptune_cluster": _Group("neptune_cluster_parameter_group_name", "aws_neptune_cluster_parameter_group"),
}


def _engine(item: Item) -> str:
    """A replica has that of its source, which seldom anybody writes again."""
    if item.left_unset("engine") and (source := _source(item)) is not None:
        return _engine(source)
    if item.get("engine") is None:
        raise UnknownRead(
            Unknown("no engine is written; the provider's default differs from version to version", "engine")
        )
    return engine_family(str(item.get("engine")))


def _source(item: Item) -> Item | None:
    """What a replica follows."""
    return item.target("replicate_source_db", kinds=(item.type,)) if item.type == "aws_db_instance" else None


def _tls_required(item: Item) -> bool:
    engine = _engine(item)
    if engine not in {"postgres", "sqlserver", "mysql", "mariadb"}:
        raise UnknownRead(Unknown(f"whether {engine} refuses clear text is not decided by a parameter group"))
    value = _parameter(item, FORCE_SSL.get(engine, "require_secure_transport"))
    return is_on(value) if value is not None else _default(item, engine)


def _parameter(item: Item, name: str) -> Any:
    """The value its parameter group gives a parameter; None if the engine's default holds.

    A replica without a group gets that of its source, if it is in the same region.
    https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstanceReadReplica.html
    """
    group = _GROUPS[item.type]
    if item.left_unset(group.key) and (source := _source(item)) is not None and are_in_one_region(item, source):
        return _parameter(source, name)
    named = item.peek(group.key)
    if isinstance(named, str) and named.startswith("default."):
        return None
    found = item.target(group.key, kinds=(group.kind,))
    if found is None:
        return None
    for parameter in found.blocks("parameter"):
        if parameter.get("name") == name:
            return parameter.get("value")
    return None


def _kin_tls(item: Item, engine: str) -> bool:
    """Neptune and DocumentDB refuse clear text unless told otherwise. DocumentDB's words for yes name a version too.

    https://docs.aws.amazon.com/neptune/latest/userguide/security-ssl.html
    https://docs.aws.amazon.com/documentdb/latest/developerguide/security.encryption.ssl.html
    """
    return str(_parameter(item, FORCE_SSL[engine])).lower() not in {"0", "disabled"}


def _minimum_tls(item: Item) -> str:
    """What the parameter group says: one version of PostgreSQL, a list of MySQL. Empty where it says nothing."""
    if item.left_unset(_GROUPS[item.type].key):
        return ""
    name = "ssl_min_protocol_version" if _engine(item) == "postgres" else "tls_version"
    written = _parameter(item, name)
    return lowest_listed(written, name) if written else ""


def _default(item: Item, engine: str) -> bool:
    """What the engine does when its parameter group says nothing. A replica begins with the version of its source."""
    if item.left_unset("engine_version") and (source := _source(item)) is not None:
        return _default(source, engine)
    version = "" if engine == "sqlserver" else str(item.get("engine_version") or "")
    return refuses_by_default(engine, version, aurora=is_aurora(str(item.get("engine"))))


def _encryption(item: Item) -> str:
    if not item.setting("storage_encrypted", default=item.body.get("engine_mode") == "serverless"):
        return _inherited(item)
    return str(whose_key()(item))


def _inherited(item: Item) -> str:
    """What is copied from another database is as encrypted as that is, whatever it says itself.

    https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Overview.Encryption.html
    """
    if item.type == "aws_db_instance":
        source = item.target("replicate_source_db", kinds=("aws_db_instance",))
        if source is not None:
            return _encryption(source)
    for key in ("snapshot_identifier", "restore_to_point_in_time", "replication_source_identifier"):
        if not item.left_unset(key) and item.get(key):
            raise UnknownRead(Unknown("it is as encrypted as what it is restored from, which is not in the plan", key))
    item.cite("storage_encrypted")
    return "none"


def _cluster_public(item: Item) -> bool:
    opened = item.satellites(
        f"{item.type}_instance",
        "cluster_identifier",
        where=lambda one: bool(one.setting("publicly_accessible", default=False)),
    )
    return bool(opened)


def _kin(engine: str, *, key: str) -> dict[str, Getter]:
    """Getters of the engines that Aurora is the model of."""

    def encryption(item: Item) -> str:
        if not item.setting("storage_encrypted", default=False):
            return _inherited(item)
        return str(whose_key(key)(item))

    return {
        "engine": always(engine),
        "tls_required": lambda item: _kin_tls(item, engine),
        "client_certificate_required": no,
        "minimum_tls": always(""),
        "public": _cluster_public,
        "encryption": encryption,
        "key_region": nowhere,
        "replica_regions": _cluster_replicas,
        "backup_regions": none,
    }


def _cluster_replicas(item: Item) -> list[str]:
    replicas = item.satellites(item.type, "replication_source_identifier")
    replicas += fellows(item, "global_cluster_identifier", *_GLOBAL)
    return other_regions(item, [known_region(replica) for replica in replicas])


GETTERS: dict[str, dict[str, Getter]] = {
    "aws_db_instance": {
        "engine": _engine,
        "tls_required": _tls_required,
        "client_certificate_required": no,
        "minimum_tls": _minimum_tls,
        "public": lambda item: bool(item.setting("publicly_accessible", default=False)),
        "encryption": _encryption,
        "key_region": nowhere,
        "replica_regions": regions_of("aws_db_instance", "replicate_source_db"),
        "backup_regions": regions_of("aws_db_instance_automated_backups_replication", "source_db_instance_arn"),
    },
    "aws_docdb_cluster": _kin("docdb", key="kms_key_id"),
    "aws_neptune_cluster": _kin("neptune", key="kms_key_arn"),
    "aws_rds_cluster": {
        "engine": _engine,
        "tls_required": _tls_required,
        "client_certificate_required": no,
        "minimum_tls": _minimum_tls,
        "public": _cluster_public,
        "encryption": _encryption,
        "key_region": nowhere,
        "replica_regions": _cluster_replicas,
        "backup_regions": none,
    },
}
