"""Reads types.yaml, the table of canonical types."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import ryaml
from msgspec import Struct

OTHER = "other"
"""The canonical type of everything that types.yaml does not name."""


class CanonicalType(Struct, frozen=True):
    """One row of the table."""

    attributes: Mapping[str, str]
    """Attribute to its CEL type, in the order of the table."""
    native: Mapping[str, tuple[str, ...]]
    """Dialect to the source's own words."""


@cache
def rows() -> Mapping[str, Mapping[str, Any]]:
    """The table as it is written, documentation included."""
    loaded: Mapping[str, Mapping[str, Any]] = ryaml.loads(
        Path(__file__).with_name("types.yaml").read_text(encoding="utf-8")
    )
    return loaded


@cache
def table() -> Mapping[str, CanonicalType]:
    """The whole table, by canonical type."""
    return {
        name: CanonicalType(
            {attribute: spec["type"] for attribute, spec in row["attributes"].items()},
            {dialect: tuple(words) for dialect, words in row["native"].items()},
        )
        for name, row in rows().items()
    }


@cache
def canonical(dialect: str) -> Mapping[str, str]:
    """The source's own word to the canonical type, for one dialect. What is not in here is `OTHER`."""
    return {native: name for name, row in table().items() for native in row.native.get(dialect, ())}
