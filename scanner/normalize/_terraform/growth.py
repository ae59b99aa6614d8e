"""What a change adds to a group of machines."""

from __future__ import annotations

from collections.abc import Mapping

from scanner.normalize._reading import Getter
from scanner.normalize._terraform.item import Item


def with_growth(getters: Mapping[str, Getter]) -> dict[str, Getter]:
    """The getters of a type with a `maximum`, and one for how much the change raises it."""
    maximum = getters.get("maximum")
    return {**getters, "added": _added(maximum)} if maximum else dict(getters)


def _added(maximum: Getter) -> Getter:
    def getter(item: Item) -> int:
        actions = item.document.body["actions"]
        if actions == ("create",):
            return int(maximum(item) or 0)
        if actions != ("update",):
            return 0
        before = _before(item)
        return max(0, int(maximum(item) or 0) - int(maximum(before) or 0)) if before else 0

    return getter


def _before(item: Item) -> Item | None:
    """The same block as it is before the change; None where it is not there yet."""
    body = item.document.body["before"]
    for step in item.prefix:
        here = isinstance(body, Mapping) if isinstance(step, str) else isinstance(body, list) and step < len(body)
        body = (body.get(step) if isinstance(body, Mapping) else body[step]) if here else None
    if not isinstance(body, Mapping):
        return None
    return Item(item.document, item.estate, within=item.prefix, body=body, expressions={}, last=item.last)
