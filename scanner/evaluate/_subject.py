"""What an expression sees of a resource: plain dicts under the root names `resource`, `facts` and `params`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scanner.model import Resource

Roots = dict[str, Any]


def subject(resource: Resource, facts: Mapping[str, Any]) -> Roots:
    """The roots for one resource. A policy's params are added when it is judged."""
    return {
        "resource": {
            "uid": resource.uid,
            "type": resource.type,
            "native_type": resource.native_type,
            "provider": resource.provider,
            "name": resource.name,
            "region": resource.region,
            "source": resource.origin.source,
            "change": resource.change,
            "tags": resource.tags,
            "attributes": resource.attributes,
            "native": resource.native,
        },
        "facts": facts,
    }
