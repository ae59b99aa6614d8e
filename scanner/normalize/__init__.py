"""Understands documents: what a thing is, where it is, what it is tagged with, what is unknown about it and why.

Each public module here is one dialect with `resources(documents) -> Iterator[Resource | Problem]`, where the
documents are all those of one partition in that dialect; a dialect of sources that describe a change has
`past(documents) -> (Past, documents of then)` as well. The canonical types and attributes that dialects share are
in `types.yaml`. Nothing here reads files, and nothing here judges.

Private to it are these folders, each described in its own `__init__`:

- `_aws`: The dialect of AWS's APIs.
- `_gcp`: The dialect of Google's asset exports.
- `_kubernetes`: The dialect of Kubernetes: the pods that each kind runs, and the attributes of each canonical type.
- `_terraform`: The dialect of Terraform: how resources refer to each other, and getters of their attributes by family
  and cloud.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from scanner import registry
from scanner.model import Document, Inventory, Ledger, Partition, Past, Problem, Resource
from scanner.normalize import _types


class Estates(Struct, frozen=True):
    """What a partition holds, and what it says that it held before."""

    now: Inventory
    past: Past

    @property
    def before(self) -> Inventory | None:
        """Only for `Past.OTHER`. A resource has the uid that it has now, also where it has moved."""
        return self.now.before


def inventory(partition: Partition, ledger: Ledger) -> Inventory:
    """Everything in the partition that can be understood; what cannot is a problem in the ledger."""
    return _inventory(_by_dialect(partition), ledger)


def estates(partition: Partition, ledger: Ledger) -> Estates:
    """The partition as it will be and as it was. The latter is only put together where the two differ."""
    now = _by_dialect(partition)
    if len(now) == 1:
        [(dialect, documents)] = now.items()
        tell = getattr(registry.module(__name__, dialect), "past", None)
        past, then = tell(documents) if tell else (Past.UNTOLD, [])
    else:
        past, then = Past.UNTOLD, []
    inventory_now = _inventory(now, ledger)
    if past is not Past.OTHER:
        return Estates(inventory_now, past)
    aside = Ledger()
    inventory_now.before = _inventory({dialect: then}, aside)
    ledger.problems += [problem for problem in aside.problems if problem not in ledger.problems]
    return Estates(inventory_now, past)


def _by_dialect(partition: Partition) -> dict[str, list[Document]]:
    found: dict[str, list[Document]] = {}
    for document in partition.documents:
        found.setdefault(document.dialect, []).append(document)
    return found


def _inventory(by_dialect: Mapping[str, list[Document]], ledger: Ledger) -> Inventory:
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
