"""What holds data: buckets, databases, disks and secrets, as Google's APIs show them."""

from __future__ import annotations

from scanner.model import Unknown, UnknownRead
from scanner.normalize._gcp.asset import Asset
from scanner.normalize._gcp.words import fixed, flag, key_of, key_region
from scanner.normalize._google_words import SQL_TLS, last_part, sql_backup_region, sql_engine
from scanner.normalize._reading import Getter, yes

_EVERYBODY = ("allUsers", "allAuthenticatedUsers")
_IP = ("settings", "ipConfiguration")
_BACKUP = ("settings", "backupConfiguration")


def _bucket_public(asset: Asset) -> bool:
    """Who may read it is in the policy of the asset, which only an export of that content type has."""
    if asset.get("iamConfiguration", "publicAccessPrevention") == "enforced":
        return False
    bindings = asset.policy().blocks("bindings")
    return any(member in _EVERYBODY for binding in bindings for member in binding.get("members") or ())


def _bucket_replicas(asset: Asset) -> list[str]:
    return [place.lower() for place in asset.get("customPlacementConfig", "dataLocations") or ()]


def _by_connector(asset: Asset) -> bool:
    """Whether Cloud SQL's own connectors are the one way in, which bring a client certificate."""
    return bool(asset.get("settings", "connectorEnforcement") == "REQUIRED")


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
        return str(key_of("replication", "automatic", "customerManagedEncryption", "kmsKeyName")(asset))
    replicas = asset.blocks("replication", "userManaged", "replicas")
    keyed = [replica.get("customerManagedEncryption", "kmsKeyName") for replica in replicas]
    return "customer" if keyed and all(keyed) else "provider"


GETTERS: dict[str, dict[str, Getter]] = {
    "storage.googleapis.com/Bucket": {
        "tls_required": yes,
        "public": _bucket_public,
        "encryption": key_of("encryption", "defaultKmsKeyName"),
        "key_region": key_region("encryption", "defaultKmsKeyName"),
        "versioned": flag("versioning", "enabled"),
        "replica_regions": _bucket_replicas,
    },
    "sqladmin.googleapis.com/Instance": {
        "engine": lambda asset: sql_engine(asset.get("databaseVersion")),
        "tls_required": lambda asset: _by_connector(asset) or _sql_tls(asset),
        "client_certificate_required": lambda asset: _by_connector(asset) or _sql_client_certificate(asset),
        "minimum_tls": fixed(""),
        "public": _sql_public,
        "encryption": key_of("diskEncryptionConfiguration", "kmsKeyName"),
        "key_region": key_region("diskEncryptionConfiguration", "kmsKeyName"),
        "replica_regions": _sql_replicas,
        "backup_regions": _sql_backups,
    },
    "bigquery.googleapis.com/Dataset": {
        "tls_required": fixed(value=True),
        "encryption": key_of("defaultEncryptionConfiguration", "kmsKeyName"),
        "key_region": key_region("defaultEncryptionConfiguration", "kmsKeyName"),
        "replica_regions": lambda _: [],
    },
    "redis.googleapis.com/Instance": {
        "tls_required": lambda asset: asset.get("transitEncryptionMode") == "SERVER_AUTHENTICATION",
        "replica_regions": lambda _: [],
        "minimum_tls": fixed(""),
    },
    "secretmanager.googleapis.com/Secret": {
        "replica_regions": _secret_copies,
        "encryption": _secret_key,
        "renewed": lambda asset: any(asset.get(key) is not None for key in ("rotation", "expireTime")),
    },
    "compute.googleapis.com/Disk": {
        "encryption": _disk_key,
        "key_region": key_region("diskEncryptionKey", "kmsKeyName"),
        "replica_regions": lambda _: [],
        "shared": fixed(value=False),
        "tls_required": fixed(value=True),
    },
}
