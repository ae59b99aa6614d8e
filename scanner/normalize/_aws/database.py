"""Managed databases of a live AWS account. Whether they refuse clear text is decided by their parameter group."""

from __future__ import annotations

from typing import Any

from scanner.model import Unknown, UnknownRead
from scanner.normalize._amazon_words import FORCE_SSL, engine_family, is_aurora, refuses_by_default
from scanner.normalize._aws.thing import Thing
from scanner.normalize._aws.words import arn_region, encryption, in_force, other_regions
from scanner.normalize._reading import Getter, always, no
from scanner.normalize._tls_versions import lowest_listed

_CLUSTER = "AWS::RDS::DBCluster"
_INSTANCE = "AWS::RDS::DBInstance"
_KIN = frozenset({"docdb", "neptune"})
"""Refuse clear text unless told otherwise; see `_terraform/database_aws.py`."""
_ON = frozenset({"1", "on", "true", "yes"})


def is_member(thing: Thing) -> bool:
    """Whether it is a server of a cluster, which is what is judged."""
    return thing.type == _INSTANCE and bool(thing.entry("DBClusterIdentifier"))


def _engine(thing: Thing) -> str:
    return engine_family(str(thing.entry("Engine")))


def _parameter(thing: Thing, name: str) -> Any:
    """The value that its parameter group gives a parameter; None where the engine's default holds."""
    if thing.type == _CLUSTER:
        group, kind = thing.entry("DBClusterParameterGroup"), "AWS::RDS::DBClusterParameterGroup"
        answer = "DescribeDBClusterParameters"
    else:
        group, kind = thing.entry("DBParameterGroups", 0, "DBParameterGroupName"), "AWS::RDS::DBParameterGroup"
        answer = "DescribeDBParameters"
    for status in _statuses(thing):
        in_force(status, f"its parameter group {group}")
    found = thing.one(kind, str(group)) if group else None
    if found is None:
        if not group or str(group).startswith("default."):
            return None
        raise UnknownRead(Unknown(f"the parameter group {group} is not among those that were read", kind))
    for parameter in found.get(answer) or ():
        if parameter.get("ParameterName") == name:
            return parameter.get("ParameterValue")
    return None


def _statuses(thing: Thing) -> list[Any]:
    """Whether its parameter group is in force, at each server."""
    if thing.type == _CLUSTER:
        return [one.get("DBClusterParameterGroupStatus") for one in thing.entry("DBClusterMembers") or ()]
    return [thing.entry("DBParameterGroups", 0, "ParameterApplyStatus")]


def _tls_required(thing: Thing) -> bool:
    engine = _engine(thing)
    value = _parameter(thing, FORCE_SSL.get(engine, "require_secure_transport"))
    if engine in _KIN:
        return str(value).lower() not in {"0", "disabled"}
    if engine not in {"postgres", "sqlserver", "mysql", "mariadb"}:
        raise UnknownRead(Unknown(f"whether {engine} refuses clear text is not decided by a parameter group"))
    if value is not None:
        return str(value).lower() in _ON
    engine_version = str(thing.entry("EngineVersion") or "")
    return refuses_by_default(engine, engine_version, aurora=is_aurora(str(thing.entry("Engine"))))


def _minimum_tls(thing: Thing) -> str:
    """What the parameter group says: one version of PostgreSQL, a list of MySQL. Empty where it says nothing."""
    engine = _engine(thing)
    if engine in _KIN:
        return ""
    name = "ssl_min_protocol_version" if engine == "postgres" else "tls_version"
    written = _parameter(thing, name)
    return lowest_listed(written, name) if written else ""


def _encryption(thing: Thing) -> str:
    return encryption(thing, thing.entry("StorageEncrypted"), thing.entry("KmsKeyId"))


def _cluster_public(thing: Thing) -> bool:
    members = [str(one.get("DBInstanceIdentifier")) for one in thing.entry("DBClusterMembers") or ()]
    servers = [thing.one(_INSTANCE, name) for name in members]
    return any(server is not None and bool(server.entry("PubliclyAccessible")) for server in servers)


def _instance_replicas(thing: Thing) -> list[str]:
    """Replicas in another region are named by their ARN."""
    return other_regions(thing, map(arn_region, thing.entry("ReadReplicaDBInstanceIdentifiers") or ()))


def _instance_backups(thing: Thing) -> list[str]:
    copies = thing.entry("DBInstanceAutomatedBackupsReplications") or ()
    return other_regions(thing, [arn_region(one.get("DBInstanceAutomatedBackupsArn")) for one in copies])


def _cluster_replicas(thing: Thing) -> list[str]:
    """Replicas of its own, and the other clusters of its global cluster."""
    named = [arn_region(one) for one in thing.entry("ReadReplicaIdentifiers") or ()]
    for whole in thing.all("AWS::RDS::GlobalCluster"):
        members = [one["DBClusterArn"] for one in whole.entry("GlobalClusterMembers") or () if one.get("DBClusterArn")]
        named += map(arn_region, members if thing.body["arn"] in members else ())
    return other_regions(thing, named)


_SAME: dict[str, Getter] = {
    "engine": _engine,
    "tls_required": _tls_required,
    "client_certificate_required": no,
    "minimum_tls": _minimum_tls,
    "encryption": _encryption,
    "key_region": always(""),
}

GETTERS: dict[str, dict[str, Getter]] = {
    _INSTANCE: {
        **_SAME,
        "public": lambda thing: bool(thing.entry("PubliclyAccessible")),
        "replica_regions": _instance_replicas,
        "backup_regions": _instance_backups,
    },
    _CLUSTER: {
        **_SAME,
        "public": _cluster_public,
        "replica_regions": _cluster_replicas,
        "backup_regions": always([]),
    },
}
