"""Understands documents: what a thing is, where it is, what it is tagged with, what is unknown about it and why.

Each public module here is one dialect with `resources(documents) -> Iterator[Resource | Problem]`, where the
documents are all those of one partition in that dialect. The canonical types and attributes that dialects share are
in `types.yaml`. Nothing here reads files, and nothing here judges.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec.structs import replace

from scanner import registry
from scanner.model import Document, Inventory, Ledger, Partition, Problem, Resource
from scanner.normalize import _types


def inventory(partition: Partition, ledger: Ledger) -> Inventory:
    """Everything in the partition that can be understood; what cannot is a problem in the ledger."""
    by_dialect: dict[str, list[Document]] = {}
    for document in partition.documents:
        by_dialect.setdefault(document.dialect, []).append(document)
    return Inventory(_with_unique_uids(_understood(by_dialect, ledger)))


def vocabulary() -> Mapping[str, Mapping[str, str]]:
    """Every canonical type, with the CEL type of each attribute it has."""
    return {name: row.attributes for name, row in _types.table().items()}


def catalogue() -> Mapping[str, Mapping[str, Any]]:
    """Every canonical type as types.yaml writes it: `doc`, `native` words by dialect, `attributes` (type and doc)."""
    return _types.rows()


def _understood(by_dialect: Mapping[str, list[Document]], ledger: Ledger) -> Iterator[Resource]:
    for dialect, documents in by_dialect.items():
        for found in registry.module(__name__, dialect).resources(documents):
            if isinstance(found, Problem):
                ledger.problems.append(found)
            else:
                yield found


def _with_unique_uids(resources: Iterator[Resource]) -> Iterator[Resource]:
    """Files repeat themselves; the second resource of one name is `...~2`."""
    seen: dict[str, int] = {}
    for resource in resources:
        times = seen[resource.uid] = seen.get(resource.uid, 0) + 1
        yield resource if times == 1 else replace(resource, uid=f"{resource.uid}~{times}")
