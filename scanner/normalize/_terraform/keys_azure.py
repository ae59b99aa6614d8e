"""Whose key Azure's data is under, and where that key is: in a key vault, or in a managed HSM instead of it."""

from __future__ import annotations

from collections.abc import Iterable

from scanner.model import Path, Unknown, UnknownRead
from scanner.normalize._reading import Getter
from scanner.normalize._terraform.item import Item
from scanner.normalize._terraform.words import key_region

_KEYS = ("key_vault_key_id", "managed_hsm_key_id")
"""Arguments of which one names the key."""


def vault_key(*path: str | int) -> Getter:
    """A getter for `encryption`: the customer's key if one is named inside of a block, or at the resource itself."""
    return lambda item: "customer" if any(item.is_set(*path, key) for key in _KEYS) else "provider"


def vault_key_region(*path: str | int) -> Getter:
    """A getter for `key_region`, likewise."""
    return lambda item: first_region(item, [(*path, key) for key in _KEYS])


def first_region(item: Item, paths: Iterable[Path]) -> str:
    """Where the key is that the first of these names which is written; empty if none is."""
    return next((where for path in paths if (where := key_region(*path)(item))), "")


def given_key(kind: str, belongs: str) -> Getter:
    """A getter for `encryption`, where a resource of its own gives the key; it may also say that none is given."""

    def getter(item: Item) -> str:
        found = item.satellite(kind, belongs)
        return str(vault_key()(found)) if found else "provider"

    return getter


def given_key_region(kind: str, belongs: str) -> Getter:
    """A getter for `key_region`, likewise."""

    def getter(item: Item) -> str:
        found = item.satellite(kind, belongs)
        return str(vault_key_region()(found)) if found else ""

    return getter


_STORAGE_KEYS = ("key_vault_id", "key_vault_uri", *_KEYS)
"""What the resource beside a storage account may name: the vault that has the key, or the key."""


def storage_key(item: Item) -> str:
    """The key of a storage account, in a block of its own or given to it by a resource, which always names one."""
    return "customer" if _has_block(item) or _beside(item) else "provider"


def storage_key_region(item: Item) -> str:
    """The region of the vault; an account may use a vault of any region."""
    if _has_block(item):
        return str(vault_key_region("customer_managed_key", 0)(item))
    found = _beside(item)
    if found is None:
        return ""
    where = first_region(found, [(key,) for key in _STORAGE_KEYS])
    if not where:
        raise UnknownRead(Unknown("which vault or HSM has its key is not known", "key_vault_id"))
    return where


def _has_block(item: Item) -> bool:
    return not item.left_unset("customer_managed_key") and bool(item.get("customer_managed_key"))


def _beside(item: Item) -> Item | None:
    return item.satellite("azurerm_storage_account_customer_managed_key", "storage_account_id")
