"""What AWS's provider shows as a hash up to version 5, although the configuration of a plan has it in the clear.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs/guides/version-6-upgrade (`user_data`)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scanner.normalize._terraform_item import Item
from scanner.patterns import regex

_SCRIPT = "user_data"
_HASH = regex(r"[0-9a-f]{40}")


def unhashed(item: Item) -> Mapping[str, Any]:
    """The body of a resource, with the script of a machine as somebody wrote it, if that is known."""
    value = item.body.get(_SCRIPT)
    if not isinstance(value, str) or not _HASH.fullmatch(value):
        return item.body
    written = item.expressions.get(_SCRIPT) if isinstance(item.expressions, Mapping) else None
    script = written.get("constant_value") if isinstance(written, Mapping) else None
    return {**item.body, _SCRIPT: script} if isinstance(script, str) else item.body
