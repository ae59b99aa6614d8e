"""What Google's APIs call the canonical attributes. The APIs leave out what is false, zero or empty."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scanner.model import Unknown, UnknownRead
from scanner.normalize._gcp_asset import Asset
from scanner.normalize._google_words import (
    SQL_TLS,
    last_part,
    sql_backup_region,
    sql_engine,
    tpu_type,
    zones_of,
)
from scanner.normalize._reading import Getter

_EVERYBODY = ("allUsers", "allAuthenticatedUsers")
_IP = ("settings", "ipConfiguration")
_BACKUP = ("settings", "backupConfiguration")


def _key(*path: str) -> Getter:
    return lambda asset: "customer" if asset.get(*path) else "provider"


def _key_region(*path: str) -> Getter:
    """A key's name has its place in it."""

    def getter(asset: Asset) -> str:
        name = asset.get(*path)
        if not name:
            return ""
        place = str(name).partition("/locations/")[2].partition("/")[0].lower()
        if not place:
            raise UnknownRead(Unknown("the name of the key does not say where it is", path[-1]))
        return place

    return getter


def _flag(*path: str) -> Getter:
    return lambda asset: bool(asset.get(*path))


def _bucket_public(asset: Asset) -> bool:
    """Who may read it is in the policy of the asset, which only an export of that content type has."""
    if asset.get("iamConfiguration", "publicAccessPrevention") == "enforced":
        return False
    bindings = asset.policy().blocks("bindings")
    return any(member in _EVERYBODY for binding in bindings for member in binding.get("members") or ())


def _bucket_replicas(asset: Asset) -> list[str]:
    return [place.lower() for place in asset.get("customPlacementConfig", "dataLocations") or ()]


def _sql_tls(asset: Asset) -> bool:
    mode = asset.get(*_IP, "sslMode")
    return SQL_TLS.get(mode, False) if mode in SQL_TLS else bool(asset.get(*_IP, "requireSsl"))


def _sql_client_certificate(asset: Asset) -> bool:
    """Before `sslMode`, `requireSsl` asked for a client certificate, except of SQL Server, which knows none."""
    mode = asset.get(*_IP, "sslMode")
    if mode in SQL_TLS:
        return bool(mode == "TRUSTED_CLIENT_CERTIFICATE_REQUIRED")
    return bool(asset.get(*_IP, "requireSsl")) and sql_engine(asset.get("databaseVersion")) != "sqlserver"


def _sql_public(asset: Asset) -> bool:
    """Some exports leave out the setting, but not the address that it makes."""
    if asset.get(*_IP, "ipv4Enabled") is not None:
        return bool(asset.get(*_IP, "ipv4Enabled"))
    return any(address.get("type") == "PRIMARY" for address in asset.blocks("ipAddresses"))


def _sql_replicas(asset: Asset) -> list[str]:
    """An instance lists its replicas by name; their regions are in their own assets."""
    regions = []
    for name in asset.get("replicaNames") or ():
        replica = asset.sibling(last_part(name))
        if replica is None:
            raise UnknownRead(Unknown(f"its replica '{last_part(name)}' is not in this export", "replicaNames"))
        regions.append(replica.region())
    return [region for region in dict.fromkeys(regions) if region != asset.region()]


def _sql_backups(asset: Asset) -> list[str]:
    if not asset.get(*_BACKUP, "enabled"):
        return []
    place = asset.get(*_BACKUP, "location") or sql_backup_region(asset.region())
    return [place.lower()] if place.lower() != asset.region() else []


def _cluster_public(asset: Asset) -> bool:
    """Private nodes alone do not close the control plane."""
    if asset.get("privateClusterConfig", "enablePrivateEndpoint"):
        return False
    networks = "masterAuthorizedNetworksConfig"
    if not asset.get(networks, "enabled"):
        return True
    return any(block.get("cidrBlock") in ("0.0.0.0/0", "::/0") for block in asset.blocks(networks, "cidrBlocks"))


def _attached(asset: Asset, *path: str) -> list[dict[str, Any]]:
    found = [
        {"model": last_part(block.get("acceleratorType")), "count": int(block.get("acceleratorCount") or 0)}
        for block in asset.blocks(*path)
    ]
    asset.cite(*path)
    return [accelerator for accelerator in found if accelerator["count"]]


def _pool_limit(each: str, total: str) -> Getter:
    """Counts are for each zone, except the totals of an autoscaler. A pool that does not scale has its first size."""

    def getter(asset: Asset) -> int:
        zones = len(asset.get("locations") or ()) or zones_of(asset.region())
        if not asset.get("autoscaling", "enabled"):
            return int(asset.get("initialNodeCount") or 0) * zones
        whole = asset.get("autoscaling", total)
        return int(whole) if whole else int(asset.get("autoscaling", each) or 0) * zones

    return getter


def _is_spot(*path: str) -> Getter:
    return lambda asset: bool(asset.get(*path, "spot")) or bool(asset.get(*path, "preemptible"))


_BY_NAME = "SPECIFIC_RESERVATION"


def _pool_reserved(asset: Asset) -> bool:
    """It names a reservation, or asks for its machines in a queue."""
    return (
        bool(asset.get("queuedProvisioning", "enabled"))
        or bool(asset.get("config", "flexStart"))
        or asset.get("config", "reservationAffinity", "consumeReservationType") == _BY_NAME
    )


def _instance_spot(asset: Asset) -> bool:
    return bool(asset.get("scheduling", "preemptible")) or asset.get("scheduling", "provisioningModel") == "SPOT"


def _disk_key(asset: Asset) -> str:
    """A key of the customer's own, in the key service or given with every request."""
    held = asset.get("diskEncryptionKey") or {}
    return (
        "customer"
        if any(held.get(key) for key in ("kmsKeyName", "rawKey", "rsaEncryptedKey", "sha256"))
        else "provider"
    )


def _secret_copies(asset: Asset) -> list[str]:
    """Automatic replication is an empty object and lets Google choose."""
    if asset.get("replication") is None:
        raise UnknownRead(Unknown("the export does not say how it is replicated", "replication"))
    if asset.get("replication", "automatic") is not None:
        return ["global"]
    return [str(one.get("location")).lower() for one in asset.blocks("replication", "userManaged", "replicas")]


def _secret_key(asset: Asset) -> str:
    """Every copy has a key of its own."""
    if asset.get("replication", "automatic") is not None:
        return str(_key("replication", "automatic", "customerManagedEncryption", "kmsKeyName")(asset))
    replicas = asset.blocks("replication", "userManaged", "replicas")
    keyed = [replica.get("customerManagedEncryption", "kmsKeyName") for replica in replicas]
    return "customer" if keyed and all(keyed) else "provider"


def _tpu_machine(asset: Asset) -> str:
    config = asset.get("acceleratorConfig")
    if config and not asset.get("acceleratorType"):
        return tpu_type(asset.get("acceleratorConfig", "type"), asset.get("acceleratorConfig", "topology"))
    return last_part(asset.get("acceleratorType"))


def _fixed(value: Any) -> Getter:
    """A getter for what Google lets nobody choose. An asset without its data does not say that either."""

    def getter(asset: Asset) -> Any:
        asset.get("name")
        return value

    return getter


_UNCHANGED: dict[str, Getter] = {"added": lambda _: 0}
_ONE: dict[str, Getter] = {"minimum": lambda _: 1, "maximum": lambda _: 1, **_UNCHANGED}

NODE_POOL: dict[str, Getter] = {
    **_UNCHANGED,
    "machine_type": lambda asset: last_part(asset.get("config", "machineType") or "e2-medium"),
    "accelerators": lambda asset: _attached(asset, "config", "accelerators"),
    "minimum": _pool_limit("minNodeCount", "totalMinNodeCount"),
    "maximum": _pool_limit("maxNodeCount", "totalMaxNodeCount"),
    "spot": _is_spot("config"),
    "reserved": _pool_reserved,
    "alternatives": lambda _: [],
}

GETTERS: Mapping[str, Mapping[str, Getter]] = {
    "storage.googleapis.com/Bucket": {
        "tls_required": lambda _: True,
        "public": _bucket_public,
        "encryption": _key("encryption", "defaultKmsKeyName"),
        "key_region": _key_region("encryption", "defaultKmsKeyName"),
        "versioned": _flag("versioning", "enabled"),
        "replica_regions": _bucket_replicas,
    },
    "sqladmin.googleapis.com/Instance": {
        "engine": lambda asset: sql_engine(asset.get("databaseVersion")),
        "tls_required": _sql_tls,
        "client_certificate_required": _sql_client_certificate,
        "minimum_tls": _fixed(""),
        "public": _sql_public,
        "encryption": _key("diskEncryptionConfiguration", "kmsKeyName"),
        "key_region": _key_region("diskEncryptionConfiguration", "kmsKeyName"),
        "replica_regions": _sql_replicas,
        "backup_regions": _sql_backups,
    },
    "bigquery.googleapis.com/Dataset": {
        "tls_required": _fixed(value=True),
        "encryption": _key("defaultEncryptionConfiguration", "kmsKeyName"),
        "key_region": _key_region("defaultEncryptionConfiguration", "kmsKeyName"),
        "replica_regions": lambda _: [],
    },
    "redis.googleapis.com/Instance": {
        "tls_required": lambda asset: asset.get("transitEncryptionMode") == "SERVER_AUTHENTICATION",
        "minimum_tls": _fixed(""),
    },
    "compute.googleapis.com/Instance": {
        **_ONE,
        "machine_type": lambda asset: last_part(asset.get("machineType")),
        "accelerators": lambda asset: _attached(asset, "guestAccelerators"),
        "spot": _instance_spot,
        "reserved": lambda asset: asset.get("reservationAffinity", "consumeReservationType") == _BY_NAME,
    },
    "container.googleapis.com/Cluster": {
        "public_endpoint": _cluster_public,
        "secrets_encryption": lambda asset: asset.get("databaseEncryption", "state") == "ENCRYPTED",
        "cost_allocation": _flag("costManagementConfig", "enabled"),
    },
    "container.googleapis.com/NodePool": NODE_POOL,
    "tpu.googleapis.com/Node": {
        **_ONE,
        "machine_type": _tpu_machine,
        "accelerators": lambda _: [],
        "spot": _is_spot("schedulingConfig"),
        "reserved": lambda asset: bool(asset.get("schedulingConfig", "reserved")),
    },
    "secretmanager.googleapis.com/Secret": {
        "replica_regions": _secret_copies,
        "encryption": _secret_key,
        "renewed": lambda asset: any(asset.get(key) is not None for key in ("rotation", "expireTime")),
    },
    "compute.googleapis.com/Disk": {
        "encryption": _disk_key,
        "key_region": _key_region("diskEncryptionKey", "kmsKeyName"),
        "shared": _fixed(value=False),
        "tls_required": _fixed(value=True),
    },
}
"""Asset type to a getter for each attribute that its API can say something about."""
