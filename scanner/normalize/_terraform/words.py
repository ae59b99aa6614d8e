"""Small translations that several families of Terraform resources need."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from scanner.model import Unknown, UnknownRead, known
from scanner.normalize._terraform.item import Item
from scanner.normalize._terraform.region import azure_name, region
from scanner.patterns import regex

ANYWHERE = ("0.0.0.0/0", "::/0", "*", "internet")
"""How the clouds write "from any address"."""

_PLACED_KEYS = (
    "google_kms_crypto_key",
    "azurerm_key_vault_key",
    "azurerm_key_vault",
    "azurerm_key_vault_managed_hardware_security_module_key",
    "azurerm_key_vault_managed_hardware_security_module",
    "azurerm_disk_encryption_set",
)
"""Keys, and what holds or stands for them, that may be in another region than what they open."""
_VAULTS = ("azurerm_key_vault", "azurerm_key_vault_managed_hardware_security_module")
_VAULT_IN = regex(r"(?i)https://([a-z0-9-]+)\.(?:vault|managedhsm)\.")
_GOOGLE_PLACE = regex(r"/locations/([^/]+)/")


def nowhere(_: Item) -> str:
    """A getter for `key_region` where the provider takes a key of the same region only, as AWS does everywhere."""
    return ""


def none(_: Item) -> list[str]:
    """A getter for what there surely is none of."""
    return []


def key_of(*path: str | int) -> Callable[[Item], str]:
    """A getter for `encryption`: the customer's key if one is named under the path, else the provider's own."""
    return lambda item: "customer" if item.is_set(*path) else "provider"


def key_region(*path: str | int) -> Callable[[Item], str]:
    """A getter for `key_region`: where the key under the path is; empty where none is named."""

    def getter(item: Item) -> str:
        found = item.estate.pointed(item, path, _PLACED_KEYS) or _vaults(item, item.peek(*path))
        if len(found) == 1:
            return known_region(item.views(found)[0])
        if not item.is_set(*path):
            return ""
        value = str(item.get(*path))
        match = _GOOGLE_PLACE.search(value)
        if match is None:
            raise UnknownRead(
                Unknown(f"where the key '{value.rpartition('/')[2][:60]}' is, is not in this plan", "key")
            )
        return str(match[1]).lower()

    return getter


def _vaults(item: Item, address: Any) -> list[Item]:
    """Vaults and HSMs whose name is in the address of a key; no two in the world have the same."""
    host = _VAULT_IN.match(address) if isinstance(address, str) else None
    return item.estate.named(host[1], _VAULTS) if host else []


def flag(*path: str | int, default: bool) -> Callable[[Item], bool]:
    """A getter for a switch."""
    return lambda item: bool(item.setting(*path, default=default))


def renamed(*keys: str, default: bool) -> Callable[[Item], bool]:
    """A getter for a switch that versions of the provider call by different names, the newest first.

    A version that knows both leaves the one to itself that nobody writes.
    """

    def getter(item: Item) -> bool:
        key = next((key for key in keys if not item.left_unset(key)), None)
        return default if key is None else bool(item.setting(key, default=default))

    return getter


def says(block: str, key: str, word: str) -> Callable[[Item], bool]:
    """A getter for whether a block, which may be left out, says this word."""
    return lambda item: not item.left_unset(block) and bool(item.get(block, 0, key) == word)


def text(*path: str | int, default: str = "") -> Callable[[Item], str]:
    """A getter for plain text."""
    return lambda item: str(item.setting(*path, default=default))


def known_region(item: Item) -> str:
    """The region of a resource; raises `UnknownRead` if it is not known."""
    return str(known(region(item)))


def other_regions(item: Item, regions: Iterable[str]) -> list[str]:
    """The regions that are not its own, each once, in the order of the source; cited from where the last was read."""
    places = list(dict.fromkeys(regions))
    if not places:
        return []
    read = item.last[0]
    own = known_region(item)
    item.last[0] = read
    return [place for place in places if place and place != own]


def regions_in(block: str, key: str) -> Callable[[Item], list[str]]:
    """A getter for copies: the other regions that nested blocks name."""

    def getter(item: Item) -> list[str]:
        blocks = [] if item.left_unset(block) else item.blocks(block)
        return other_regions(item, [nested.get(key) for nested in blocks])

    return getter


def regions_of(kind: str, key: str) -> Callable[[Item], list[str]]:
    """A getter for copies: the other regions in which resources are that name it by this argument."""
    return lambda item: other_regions(item, [known_region(one) for one in item.satellites(kind, key)])


def paired(item: Item) -> list[str]:
    """The marker for the Azure region that its own is paired with; the region fact knows which that is."""
    return [f"pair of {known_region(item)}"]


def azure_regions(item: Item, block: str, key: str) -> list[str]:
    """The other regions that nested blocks of an Azure resource name."""
    return other_regions(item, [azure_name(nested.get(key)) for nested in item.blocks(block)])


def is_on(value: Any) -> bool:
    """How database servers write yes."""
    return str(value).lower() in {"1", "on", "true", "yes"}
