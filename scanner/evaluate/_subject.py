"""What an expression sees of a resource: plain dicts under the root names `resource`, `facts` and `params`."""

from __future__ import annotations

from collections.abc import Mapping
from operator import attrgetter
from typing import Any

from scanner.model import Resource

Roots = dict[str, Any]
SEEN = {
    **{name: name for name in ("uid", "type", "native_type", "provider", "name", "region", "change")},
    **{name: name for name in ("tags", "attributes", "native")},
    "source": "origin.source",
}
"""What an expression calls it, to where `model.Resource` has it."""
_READERS = {name: attrgetter(path) for name, path in SEEN.items()}


def subject(resource: Resource, facts: Mapping[str, Any]) -> Roots:
    """The roots for one resource. A policy's params are added when it is judged."""
    return {"resource": {name: read(resource) for name, read in _READERS.items()}, "facts": facts}
