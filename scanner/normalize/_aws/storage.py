"""Buckets, disks, tables, registries, secrets and keys of a live AWS account.

What S3 does by itself is told in `_terraform/storage.py`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from scanner.model import Unknown, UnknownRead
from scanner.normalize._amazon_words import is_copied, is_everybody
from scanner.normalize._aws.policy import Statement, open_to_anyone, parsed, refuse_plaintext
from scanner.normalize._aws.thing import Thing
from scanner.normalize._aws.words import encryption, flag, in_force, other_regions
from scanner.normalize._reading import Getter, always, no, yes

_ACCOUNT_BLOCK = "AWS::S3::AccountPublicAccessBlock"


def _statements(thing: Thing) -> list[Statement]:
    policy = thing.get("GetBucketPolicy", "Policy")
    return list(parsed(json.loads(policy))) if policy else []


def _blocked(thing: Thing, word: str) -> bool:
    """Whether a block of the bucket, or of the account, is on."""
    if thing.get("GetPublicAccessBlock", "PublicAccessBlockConfiguration", word):
        return True
    whole = (thing.setting(_ACCOUNT_BLOCK) or {}).get("PublicAccessBlockConfiguration") or {}
    return bool(whole.get(word))


def _is_public(thing: Thing) -> bool:
    """A policy or an access list that lets everybody in, and no block in front of it.

    Blocks are asked about only where something lets everybody in.
    """
    by_acl, by_policy = _acl_is_public(thing), _policy_is_public(thing)
    if by_acl and not _blocked(thing, "IgnorePublicAcls"):
        thing.cite("GetBucketAcl")
        return True
    if by_policy and not _blocked(thing, "RestrictPublicBuckets"):
        thing.cite("GetBucketPolicy")
        return True
    return False


def _acl_is_public(thing: Thing) -> bool:
    grants = thing.get("GetBucketAcl", "Grants") or ()
    return any(is_everybody((grant.get("Grantee") or {}).get("URI")) for grant in grants)


def _policy_is_public(thing: Thing) -> bool:
    return open_to_anyone(_statements(thing))


_DEFAULT = (
    "GetBucketEncryption",
    "ServerSideEncryptionConfiguration",
    "Rules",
    0,
    "ApplyServerSideEncryptionByDefault",
)


def _bucket_encryption(thing: Thing) -> str:
    if not str(thing.get(*_DEFAULT, "SSEAlgorithm") or "").startswith("aws:kms"):
        return "provider"
    key = thing.get(*_DEFAULT, "KMSMasterKeyID")
    return "customer" if key and thing.customers_key(key) else "provider"


def _replicas(thing: Thing) -> list[str]:
    rules = thing.get("GetBucketReplication", "ReplicationConfiguration", "Rules") or ()
    active = [rule["Destination"]["Bucket"].rpartition(":")[2] for rule in rules if rule.get("Status") != "Disabled"]
    return other_regions(thing, [bucket_region(thing, name) for name in active])


def bucket_region(thing: Thing, bucket: str) -> str:
    """Where a bucket is, if it is the account's."""
    place = thing.account.whole["buckets"].get(bucket)
    if isinstance(place, Unknown):
        raise UnknownRead(place)
    if place is None:
        raise UnknownRead(Unknown(f"where the bucket '{bucket}' is, which is not this account's", "Destination"))
    return str(place)


def _volume_encryption(thing: Thing) -> str:
    return encryption(thing, thing.entry("Encrypted"), thing.entry("KmsKeyId"))


def _mount_refuses_plaintext(thing: Thing) -> bool:
    """Clients choose whether they mount it over TLS, unless its policy refuses them."""
    policy = thing.get("DescribeFileSystemPolicy", "Policy")
    return bool(policy) and refuse_plaintext(parsed(json.loads(policy)))


def _image_copies(thing: Thing) -> list[str]:
    """Replication is set once for the whole registry of an account and region."""
    rules = ((thing.setting("AWS::ECR::Registry") or {}).get("replicationConfiguration") or {}).get("rules") or ()
    mine = [
        rule for rule in rules if is_copied(str(thing.body["name"]), map(_filter, rule.get("repositoryFilters") or ()))
    ]
    return other_regions(thing, [one.get("region") for rule in mine for one in rule.get("destinations") or ()])


def _filter(one: Mapping[str, Any]) -> tuple[str, str]:
    return str(one.get("filterType")), str(one.get("filter"))


def _secret_copies(thing: Thing) -> list[str]:
    copies = thing.get("DescribeSecret", "ReplicationStatus") or ()
    return other_regions(thing, [thing.entry("PrimaryRegion"), *(one.get("Region") for one in copies)])


def _secret_key(thing: Thing) -> str:
    return encryption(thing, on=True, key=thing.get("DescribeSecret", "KmsKeyId"))


def _table_copies(thing: Thing) -> list[str]:
    """Global tables of the first version, of 2017, are global without saying here where their replicas are.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TableDescription.html (`GlobalTableVersion`)
    """
    replicas = thing.get("DescribeTable", "Replicas") or ()
    if not replicas and thing.get("DescribeTable", "GlobalTableVersion"):
        raise UnknownRead(Unknown("where the replicas of a global table of the first version are", "Replicas"))
    return other_regions(thing, [one.get("RegionName") for one in replicas])


def _warehouse_tls(thing: Thing) -> bool:
    group = thing.entry("ClusterParameterGroups", 0, "ParameterGroupName")
    in_force(_warehouse_status(thing), f"require_ssl of its parameter group {group}")
    found = thing.one("AWS::Redshift::ClusterParameterGroup", str(group))
    for parameter in (found.get("DescribeClusterParameters") or ()) if found else ():
        return str(parameter.get("ParameterValue")).lower() == "true"
    raise UnknownRead(Unknown(f"what the parameter group {group} says of TLS was not read", "require_ssl"))


def _warehouse_status(thing: Thing) -> Any:
    """Whether `require_ssl` is in force; where that is not told of it alone, whether the whole group is."""
    told = thing.entry("ClusterParameterGroups", 0, "ClusterParameterStatusList") or ()
    alone = [one.get("ParameterApplyStatus") for one in told if one.get("ParameterName") == "require_ssl"]
    return alone[0] if alone else thing.entry("ClusterParameterGroups", 0, "ParameterApplyStatus")


def _warehouse_copies(thing: Thing) -> list[str]:
    return other_regions(thing, [thing.entry("ClusterSnapshotCopyStatus", "DestinationRegion")])


def _file_copies(thing: Thing) -> list[str]:
    copies = [copy for one in thing.get("DescribeReplicationConfigurations") or () for copy in one["Destinations"]]
    return other_regions(thing, [copy.get("Region") for copy in copies])


_DISK: dict[str, Getter] = {"encryption": _volume_encryption, "key_region": always("")}

GETTERS: dict[str, dict[str, Getter]] = {
    "AWS::S3::Bucket": {
        "tls_required": lambda thing: refuse_plaintext(_statements(thing)),
        "minimum_tls": always("1.2"),
        "public": _is_public,
        "encryption": _bucket_encryption,
        "key_region": always(""),
        "versioned": lambda thing: thing.get("GetBucketVersioning", "Status") == "Enabled",
        "replica_regions": _replicas,
    },
    "AWS::KMS::Key": {"multi_region": flag("DescribeKey", "MultiRegion")},
    "AWS::EC2::Volume": {**_DISK, "shared": no, "tls_required": yes, "replica_regions": always([])},
    "AWS::EFS::FileSystem": {
        **_DISK,
        "shared": yes,
        "tls_required": _mount_refuses_plaintext,
        "replica_regions": _file_copies,
    },
    "AWS::ECR::Repository": {"replica_regions": _image_copies},
    "AWS::SecretsManager::Secret": {
        "replica_regions": _secret_copies,
        "encryption": _secret_key,
        "renewed": lambda thing: bool(thing.entry("RotationEnabled")),
    },
    "AWS::DynamoDB::Table": {"replica_regions": _table_copies},
    "AWS::Redshift::Cluster": {
        "tls_required": _warehouse_tls,
        "encryption": _volume_encryption,
        "key_region": always(""),
        "replica_regions": _warehouse_copies,
    },
}
