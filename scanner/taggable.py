"""Which resource types of Terraform's cloud providers take tags or labels, by the providers' own schemas.

`taggable.txt` is made by `tools/taggable.py`. A data table that rooms share as they share the model.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

CLOUDS = ("aws_", "google_", "azurerm_")
"""How the types begin that the table is about."""


def is_taggable(native_type: str) -> bool | None:
    """Whether the provider's schema has a place for tags of this type; None for a type of another provider."""
    return native_type in _types() if native_type.startswith(CLOUDS) else None


@cache
def _types() -> frozenset[str]:
    lines = Path(__file__).with_name("taggable.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(line.partition(" ")[0] for line in lines)
