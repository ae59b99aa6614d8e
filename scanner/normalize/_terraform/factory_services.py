"""Linked services of Azure's data factories: which store each leads to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from scanner.model import Unknown
from scanner.normalize._terraform.flow import place_of, uid
from scanner.normalize._terraform.item import Item
from scanner.patterns import regex

_ACCOUNTS = ("azurerm_storage_account",)
_COSMOS = ("azurerm_cosmosdb_account",)
_SQL = ("azurerm_mssql_server", "azurerm_mssql_database", "azurerm_mssql_managed_instance", "azurerm_synapse_workspace")


class Leads(Struct, frozen=True):
    """The arguments that may name the store, and what kind of resource that is."""

    keys: tuple[str, ...]
    kinds: tuple[str, ...]


_PREFIX = "azurerm_data_factory_linked_"
SERVICES: Mapping[str, Leads] = {
    f"{_PREFIX}service_azure_blob_storage": Leads(
        ("connection_string", "connection_string_insecure", "service_endpoint", "sas_uri"), _ACCOUNTS
    ),
    f"{_PREFIX}service_azure_file_storage": Leads(("connection_string", "host"), _ACCOUNTS),
    f"{_PREFIX}service_azure_table_storage": Leads(("connection_string",), _ACCOUNTS),
    f"{_PREFIX}service_data_lake_storage_gen2": Leads(("url",), _ACCOUNTS),
    f"{_PREFIX}service_azure_sql_database": Leads(("connection_string",), _SQL),
    f"{_PREFIX}service_sql_server": Leads(("connection_string",), _SQL),
    f"{_PREFIX}service_synapse": Leads(("connection_string",), _SQL),
    f"{_PREFIX}service_cosmosdb": Leads(("account_endpoint", "connection_string"), _COSMOS),
    f"{_PREFIX}service_cosmosdb_mongoapi": Leads(("connection_string",), _COSMOS),
    f"{_PREFIX}service_mysql": Leads(("connection_string",), ("azurerm_mysql_flexible_server",)),
    f"{_PREFIX}service_postgresql": Leads(("connection_string",), ("azurerm_postgresql_flexible_server",)),
    f"{_PREFIX}service_kusto": Leads(("kusto_endpoint",), ("azurerm_kusto_cluster",)),
    f"{_PREFIX}service_azure_search": Leads(("url",), ("azurerm_search_service",)),
    f"{_PREFIX}service_snowflake": Leads(("connection_string",), ()),
    f"{_PREFIX}service_sftp": Leads(("host",), ()),
    f"{_PREFIX}service_odata": Leads(("url",), ()),
    f"{_PREFIX}service_odbc": Leads(("connection_string",), ()),
    f"{_PREFIX}service_web": Leads(("url",), ()),
    f"{_PREFIX}custom_service": Leads(
        ("type_properties_json",), (*_ACCOUNTS, *_COSMOS, *_SQL, "aws_s3_bucket", "google_storage_bucket")
    ),
}
"""Types of linked services: https://registry.terraform.io/providers/hashicorp/azurerm/latest/docs"""

_HOST = regex(
    r"(?i)(?:AccountName=|https?://|tcp:|Server=|Host=|Data Source=)([a-z0-9-]+)"
    r"(?:;|\.(?:[a-z0-9-]+\.)*(?:windows\.net|azure\.com)|$)"
)
"""The name of the account or server in a connection string or an address."""
_REGION_IN = regex(r"(?i)https://[a-z0-9-]+\.([a-z0-9]+)\.kusto\.windows\.net")


def store(service: Item) -> tuple[Any, str]:
    """The region and the uid of the store that a linked service leads to; without a uid if it is not in the plan."""
    leads = SERVICES[service.type]
    for key in leads.keys:
        if service.left_unset(key):
            continue
        value = service.peek(key)
        found = service.estate.pointed(service, (key,), leads.kinds)
        names = _HOST.findall(value) if isinstance(value, str) else []
        found = found or [one for name in names for one in service.estate.named(name, leads.kinds)]
        if len(found) == 1:
            return place_of(found[0]), uid(found[0])
        if isinstance(value, str) and (match := _REGION_IN.match(value)):
            return match[1].lower(), ""
    return Unknown(f"the store behind {service.origin.address} is not in this plan"), ""
