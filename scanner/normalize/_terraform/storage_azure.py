"""Storage accounts, each with its containers and its key."""

from __future__ import annotations

from scanner.model import Unknown, UnknownRead
from scanner.normalize._reading import Getter
from scanner.normalize._terraform.item import Item
from scanner.normalize._terraform.keys_azure import storage_key, storage_key_region
from scanner.normalize._terraform.words import flag, paired, renamed

_ALLOWS_PUBLIC = renamed("allow_nested_items_to_be_public", "allow_blob_public_access", default=True)


def _minimum_tls(item: Item) -> str:
    version: str = item.setting("min_tls_version", default="TLS1_2")
    return version.removeprefix("TLS").replace("_", ".")


def _is_public(item: Item) -> bool:
    """A container opens itself; the account can only forbid it. Containers may also be made outside of the plan.

    What a static website is made of can be read by anybody, also where the account forbids it of its containers.
    https://learn.microsoft.com/azure/storage/blobs/storage-blob-static-website
    """
    if not item.setting("public_network_access_enabled", default=True):
        return False
    if _is_website(item):
        return True
    if not _ALLOWS_PUBLIC(item):
        return False
    for key in ("storage_account_id", "storage_account_name"):
        for container in item.satellites("azurerm_storage_container", key):
            if container.get("container_access_type") in {"blob", "container"}:
                return True
    item.cite("allow_nested_items_to_be_public")
    raise UnknownRead(
        Unknown("the account lets its containers be public; whether one outside the plan is cannot be seen")
    )


def _is_website(item: Item) -> bool:
    """By a block of its own up to provider 4, by a resource beside it from then on."""
    if not item.left_unset("static_website") and item.get("static_website"):
        return True
    return item.satellite("azurerm_storage_account_static_website", "storage_account_id") is not None


def _replicas(item: Item) -> list[str]:
    return paired(item) if item.get("account_replication_type") in {"GRS", "RAGRS", "GZRS", "RAGZRS"} else []


GETTERS: dict[str, dict[str, Getter]] = {
    "azurerm_storage_account": {
        "tls_required": renamed("https_traffic_only_enabled", "enable_https_traffic_only", default=True),
        "minimum_tls": _minimum_tls,
        "public": _is_public,
        "encryption": storage_key,
        "key_region": storage_key_region,
        "versioned": flag("blob_properties", 0, "versioning_enabled", default=False),
        "replica_regions": _replicas,
    },
}
