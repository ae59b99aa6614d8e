"""Where something is written in a text that Vault reads, in its own language or in JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scanner.load._json_places import JsonPlaces
from scanner.load._text import Place, Text

if TYPE_CHECKING:
    from scanner.hcl1 import Item


def place_of(item: Item | None, text: Text) -> Place:
    """The lines of an attribute or of a block; the first line for none."""
    if item is None:
        return text.head(0, len(text.text))
    return JsonPlaces(text).find(item.path) if item.path else text.head(item.start, item.end)
