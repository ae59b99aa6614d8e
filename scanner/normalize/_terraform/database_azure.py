"""Azure's managed databases."""

from __future__ import annotations

from collections.abc import Callable

from scanner.normalize._reading import Getter, always, no, yes
from scanner.normalize._terraform.item import Item
from scanner.normalize._terraform.keys_azure import given_key, given_key_region, vault_key, vault_key_region
from scanner.normalize._terraform.replicas import followers, secondaries
from scanner.normalize._terraform.words import (
    azure_regions,
    flag,
    is_on,
    key_region,
    none,
    nowhere,
    paired,
    regions_of,
)
from scanner.normalize._tls_versions import lowest_listed, version


def _requires_tls(kind: str, key: str) -> Callable[[Item], bool]:
    """Flexible servers refuse clear text unless `require_secure_transport` is turned off.

    https://learn.microsoft.com/azure/postgresql/flexible-server/how-to-connect-tls-ssl
    https://learn.microsoft.com/azure/mysql/flexible-server/how-to-connect-tls-ssl
    """

    def getter(item: Item) -> bool:
        named = item.satellites(kind, key, where=lambda one: bool(one.get("name") == "require_secure_transport"))
        return is_on(named[0].get("value")) if named else True

    return getter


def _configured_version(kind: str, key: str, parameter: str) -> Callable[[Item], str]:
    """Flexible servers take TLS 1.2 and later unless a configuration names older versions too (sources as above)."""

    def getter(item: Item) -> str:
        named = item.satellites(kind, key, where=lambda one: bool(one.get("name") == parameter))
        return lowest_listed(named[0].get("value"), "value") if named else "1.2"

    return getter


def _chosen_version(key: str, default: str) -> Callable[[Item], str]:
    """Servers that are told to enforce no version take all of them."""

    def getter(item: Item) -> str:
        written = str(item.setting(key, default=default))
        return "1.0" if written in {"Disabled", "TLSEnforcementDisabled"} else version(written, key)

    return getter


def _open_network(item: Item) -> bool:
    """A server inside a virtual network has no public address."""
    if item.peek("delegated_subnet_id") is not None and not item.left_unset("delegated_subnet_id"):
        return False
    value = item.setting("public_network_access_enabled", default=None)
    if value is None:
        return bool(item.setting("public_network_access", default="Enabled") == "Enabled")
    return bool(value)


def _geo_backups(item: Item) -> list[str]:
    return paired(item) if item.setting("geo_redundant_backup_enabled", default=False) else []


_SQL_KEY = ("azurerm_mssql_server_transparent_data_encryption", "server_id")
_INSTANCE_KEY = ("azurerm_mssql_managed_instance_transparent_data_encryption", "managed_instance_id")
_OWN_SQL_KEY = "transparent_data_encryption_key_vault_key_id"


def _sql_encryption(item: Item) -> str:
    return "customer" if item.is_set(_OWN_SQL_KEY) else str(given_key(*_SQL_KEY)(item))


def _sql_key_region(item: Item) -> str:
    """The vault may be in any region.

    https://learn.microsoft.com/azure/azure-sql/database/transparent-data-encryption-byok-overview
    """
    return key_region(_OWN_SQL_KEY)(item) or str(given_key_region(*_SQL_KEY)(item))


def _sql_backups(item: Item) -> list[str]:
    """Backups of a database go to the paired region unless it says `Local` or `Zone`."""
    copied = item.satellites(
        "azurerm_mssql_database",
        "server_id",
        where=lambda one: bool(one.setting("storage_account_type", default="Geo") in {"Geo", "GeoZone"}),
    )
    return paired(item) if copied else []


def _instance_backups(item: Item) -> list[str]:
    return paired(item) if item.setting("storage_account_type", default="GRS") in {"GRS", "GZRS"} else []


def _cosmos_public(item: Item) -> bool:
    if not item.setting("public_network_access_enabled", default=True):
        return False
    return not item.setting("is_virtual_network_filter_enabled", default=False) and not item.setting(
        "ip_range_filter", default=""
    )


def _cosmos_backups(item: Item) -> list[str]:
    """Periodic backups, the default, are kept in the paired region too unless another redundancy is chosen."""
    if not item.left_unset("backup") and item.get("backup"):
        kind = item.get("backup", 0, "type")
        redundancy = item.setting("backup", 0, "storage_redundancy", default="Geo")
        return paired(item) if (kind, redundancy) == ("Periodic", "Geo") else []
    return paired(item)


_SINGLE_SERVER: dict[str, Getter] = {
    "tls_required": flag("ssl_enforcement_enabled", default=True),
    "minimum_tls": _chosen_version("ssl_minimal_tls_version_enforced", "TLS1_2"),
    "client_certificate_required": no,
    "public": flag("public_network_access_enabled", default=True),
    "key_region": nowhere,
    "backup_regions": _geo_backups,
}

_FLEXIBLE_SERVER: dict[str, Getter] = {
    "client_certificate_required": no,
    "public": _open_network,
    "encryption": vault_key("customer_managed_key", 0),
    "key_region": nowhere,  # the vault is in the region of the server
    "backup_regions": _geo_backups,
}

GETTERS: dict[str, dict[str, Getter]] = {
    "azurerm_postgresql_flexible_server": {
        **_FLEXIBLE_SERVER,
        "engine": always("postgres"),
        "tls_required": _requires_tls("azurerm_postgresql_flexible_server_configuration", "server_id"),
        "minimum_tls": _configured_version(
            "azurerm_postgresql_flexible_server_configuration", "server_id", "ssl_min_protocol_version"
        ),
        "replica_regions": regions_of("azurerm_postgresql_flexible_server", "source_server_id"),
    },
    "azurerm_mysql_flexible_server": {
        **_FLEXIBLE_SERVER,
        "engine": always("mysql"),
        "tls_required": _requires_tls("azurerm_mysql_flexible_server_configuration", "server_name"),
        "minimum_tls": _configured_version("azurerm_mysql_flexible_server_configuration", "server_name", "tls_version"),
        "replica_regions": regions_of("azurerm_mysql_flexible_server", "source_server_id"),
    },
    "azurerm_postgresql_server": {
        **_SINGLE_SERVER,
        "engine": always("postgres"),
        "encryption": given_key("azurerm_postgresql_server_key", "server_id"),
        "replica_regions": regions_of("azurerm_postgresql_server", "creation_source_server_id"),
    },
    "azurerm_mysql_server": {
        **_SINGLE_SERVER,
        "engine": always("mysql"),
        "encryption": given_key("azurerm_mysql_server_key", "server_id"),
        "replica_regions": regions_of("azurerm_mysql_server", "creation_source_server_id"),
    },
    "azurerm_mariadb_server": {
        **_SINGLE_SERVER,
        "engine": always("mariadb"),
        "encryption": always("provider"),
        "replica_regions": regions_of("azurerm_mariadb_server", "creation_source_server_id"),
    },
    "azurerm_mssql_server": {
        "engine": always("sqlserver"),
        "tls_required": yes,
        "minimum_tls": _chosen_version("minimum_tls_version", "1.2"),
        "client_certificate_required": no,
        "public": flag("public_network_access_enabled", default=True),
        "encryption": _sql_encryption,
        "key_region": _sql_key_region,
        "replica_regions": secondaries,
        "backup_regions": _sql_backups,
    },
    "azurerm_sql_server": {  # up to provider 3; it has no argument for the version, which may be set elsewhere
        "engine": always("sqlserver"),
        "tls_required": yes,
        "client_certificate_required": no,
        "public": yes,
        "encryption": given_key(*_SQL_KEY),
        "replica_regions": none,
        "key_region": given_key_region(*_SQL_KEY),
    },
    "azurerm_mssql_managed_instance": {
        "engine": always("sqlserver"),
        # always: https://learn.microsoft.com/azure/azure-sql/database/security-overview
        "tls_required": yes,
        "minimum_tls": _chosen_version("minimum_tls_version", "1.2"),
        "client_certificate_required": no,
        "public": flag("public_data_endpoint_enabled", default=False),
        "encryption": given_key(*_INSTANCE_KEY),
        "key_region": given_key_region(*_INSTANCE_KEY),
        "replica_regions": none,
        "backup_regions": _instance_backups,
    },
    "azurerm_cosmosdb_postgresql_cluster": {
        "engine": always("postgres"),
        # always: https://learn.microsoft.com/azure/cosmos-db/postgresql/howto-ssl-connection-security
        "tls_required": yes,
        "minimum_tls": always(""),
        "client_certificate_required": no,
        "public": flag("coordinator_public_ip_access_enabled", default=True),
        "encryption": always("provider"),
        "key_region": nowhere,
        "replica_regions": followers("source_resource_id"),
        "backup_regions": none,
    },
    "azurerm_mongo_cluster": {
        "engine": always("mongodb"),
        # always: https://learn.microsoft.com/azure/documentdb/security
        "tls_required": yes,
        "minimum_tls": always(""),
        "client_certificate_required": no,
        "public": lambda item: bool(item.setting("public_network_access", default="Enabled") == "Enabled"),
        "encryption": vault_key("customer_managed_key", 0),
        "key_region": vault_key_region("customer_managed_key", 0),
        "replica_regions": regions_of("azurerm_mongo_cluster", "source_server_id"),
        "backup_regions": none,
    },
    "azurerm_cosmosdb_account": {
        "engine": always("cosmosdb"),
        "tls_required": yes,
        "minimum_tls": _chosen_version("minimal_tls_version", "Tls12"),
        "client_certificate_required": no,
        "public": _cosmos_public,
        "encryption": vault_key(),
        "key_region": vault_key_region(),
        "replica_regions": lambda item: azure_regions(item, "geo_location", "location"),
        "backup_regions": _cosmos_backups,
    },
}
