"""The bodies of requests to Azure's own API, as `azapi_resource` holds them."""

from __future__ import annotations

import json
from typing import Any

from scanner.model import Unknown, UnknownRead
from scanner.normalize._terraform.item import Item


def body_of(item: Item) -> Item:
    """The body of the request, as if it were a resource of its own; raises `UnknownRead` where it is not known."""
    value = item.peek("body")
    if isinstance(value, Unknown):
        written = item.encoded("body")
        if written is None:
            raise UnknownRead(value)
        value = written
    body = json.loads(value) if isinstance(value, str) else value
    return Item(item.document, item.estate, within=("body",), body=body or {}, expressions={}, last=item.last)


def told(item: Item, key: str, default: str) -> Any:
    """What the resource says, else its body, else the provider's configuration; a plan shows what came of it.

    One takes the other's place as a whole, tags too. None where none of them says anything.
    https://registry.terraform.io/providers/Azure/azapi/latest/docs
    """
    own = item.peek(key)
    left = isinstance(own, Unknown) and item.left_alone(key)
    if own is not None and not left:
        return own
    try:
        inside = body_of(item).peek(key)
    except (UnknownRead, ValueError):
        inside = Unknown(f"its body, which may have a {key} of its own, is not known", "body")
    given = item.document.body["provider_config"].get(default)
    if inside is not None or given is None or (item.planned and not left):
        return inside
    return own if left else given
