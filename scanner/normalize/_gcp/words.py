"""Small translations that several families of Google's assets need."""

from __future__ import annotations

from typing import Any

from scanner.model import Unknown, UnknownRead
from scanner.normalize._gcp.asset import Asset
from scanner.normalize._reading import Getter


def key_of(*path: str) -> Getter:
    """A getter for `encryption`: the customer's key if one is named under the path, else the provider's own."""
    return lambda asset: "customer" if asset.get(*path) else "provider"


def key_region(*path: str) -> Getter:
    """A getter for `key_region`: a key's name has its place in it."""

    def getter(asset: Asset) -> str:
        name = asset.get(*path)
        if not name:
            return ""
        place = str(name).partition("/locations/")[2].partition("/")[0].lower()
        if not place:
            raise UnknownRead(Unknown("the name of the key does not say where it is", path[-1]))
        return place

    return getter


def flag(*path: str) -> Getter:
    """A getter for a switch."""
    return lambda asset: bool(asset.get(*path))


def fixed(value: Any) -> Getter:
    """A getter for what Google lets nobody choose. An asset without its data does not say that either."""

    def getter(asset: Asset) -> Any:
        asset.get("name")
        return value

    return getter
