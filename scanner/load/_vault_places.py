"""Where something is written in a text that Vault reads, in its own language or in JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scanner.load._json_places import JsonPlaces
from scanner.load._text import Place

if TYPE_CHECKING:
    from scanner.hcl1 import Item


def place_of(item: Item | None, places: JsonPlaces) -> Place:
    """The lines of an attribute or of a block; the first line for none. `places` are those of the text it stands in."""
    text = places.text
    if item is None:
        return text.head(0, len(text.text))
    return places.find(item.path) if item.path else text.head(item.start, item.end)
