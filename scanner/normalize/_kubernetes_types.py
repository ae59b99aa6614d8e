"""Canonical types of Kubernetes kinds."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import ryaml


@cache
def kubernetes_types() -> dict[str, str]:
    """Native to canonical type."""
    table = ryaml.loads((files("scanner.normalize") / "types.yaml").read_text())
    return {native: kind for kind, row in table.items() for native in row["native"].get("kubernetes", ())}
