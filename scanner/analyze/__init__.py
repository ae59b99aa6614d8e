"""Derives facts: what several policies want to know and no single attribute says.

Each public module here is one fact, named as policies name it. It has `DOC` (a sentence), `READS` (the canonical types
it asks the inventory for, `{"*"}` if it walks through all), `FIELDS` (what it provides) and
`derive(inventory) -> Mapping[uid, Fact]`. Adding the file is registering the fact. A fact looks at nothing outside its
partition, and needs no other fact.

Private to it are these folders, each described in its own `__init__`:

- `_accelerators`: Which accelerators machines and pods have; for `accelerators` and `accelerator_quota`.
- `_mesh`: What is known of service meshes, one file for each way to be in one; for `mesh_mtls` and `mesh_clients`.
- `_secrets`: Where secrets stand and where they come from; for `secret_references` and `vault_access`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from functools import cache
from types import ModuleType
from typing import Any

from scanner import registry
from scanner.errors import HOSTILE_SHAPE
from scanner.model import Citation, Elsewhere, Fact, FactField, Inventory, Ledger, Path, Resource, Unknown, UnknownRead

NAMED_FILES = 3


class Facts:
    """The facts of one partition. Its dicts are shared between resources: read them, never change them."""

    def __init__(self, defaults: Mapping[str, dict[str, Any]], derived: Mapping[str, Mapping[str, Fact]]) -> None:
        self._defaults = dict(defaults)
        self._derived = {name: told for name, told in derived.items() if told}
        self._hiding = [told for told in self._derived.values() if any(fact.sensitive for fact in told.values())]
        """Those facts that found secrets; most look for none."""
        self._joined: dict[str, dict[str, dict[str, Any]]] = {}

    @property
    def common(self) -> Mapping[str, dict[str, Any]]:
        """The values of each fact for every resource it says nothing about: always the same dict."""
        return self._defaults

    def values_for(self, uid: str) -> dict[str, dict[str, Any]]:
        """Fact name to field name to value, with every field of every derived fact present.

        Joined when they are first asked for: a scan asks for its reports, and again to judge.
        """
        values = self._joined.get(uid)
        if values is None:
            values = self._joined[uid] = self._join(uid)
        return values

    def _join(self, uid: str) -> dict[str, dict[str, Any]]:
        values = self._defaults.copy()
        for name, of_resource in self._derived.items():
            fact = of_resource.get(uid)
            if fact is not None:
                own = fact.values
                values[name] = own if type(own) is dict and len(own) == len(values[name]) else {**values[name], **own}
        return values

    def citation(self, uid: str, path: str) -> Citation | None:
        """Where the value that decided `path` (such as `mesh_mtls.mode`) was read, if the fact can tell."""
        name, _, field = path.partition(".")
        fact = self._derived.get(name, {}).get(uid)
        return fact.citations.get(field) if fact else None

    def sensitive(self, uid: str) -> tuple[Path, ...]:
        """Paths into the resource's native body that a fact found to hold secrets."""
        found = [of_resource[uid].sensitive for of_resource in self._hiding if uid in of_resource]
        return tuple(dict.fromkeys(path for paths in found for path in paths)) if any(found) else ()


def facts(inventory: Inventory, ledger: Ledger, names: Collection[str]) -> Facts:
    """Derive the named facts of one partition.

    A fact that cannot be derived is a problem in the ledger, and unknown for every resource of the partition.
    """
    defaults: dict[str, dict[str, Any]] = {}
    derived: dict[str, Mapping[str, Fact]] = {}
    for name in sorted(names):
        module = registry.module(__name__, name)
        try:
            derived[name] = module.derive(inventory)
            defaults[name] = {field: spec.default for field, spec in module.FIELDS.items()}
        except (*HOSTILE_SHAPE, UnknownRead) as error:
            defaults[name] = _unknown(module, name, error)
            ledger.problem("analyze", _where(inventory), *_complaint(name, error))
    return Facts(defaults, derived)


def note(inventory: Inventory, elsewhere: Elsewhere) -> None:
    """Let a partition know what others hold, and others what it holds."""
    inventory.elsewhere = elsewhere
    for one in inventory.by_type("storage.bucket"):
        elsewhere.buckets.update((name, one.region) for name in _bucket_names(one))
    for one in inventory.by_type("vault.role"):
        elsewhere.vault_roles.setdefault(one.name, []).append(one)


def _bucket_names(bucket: Resource) -> Iterator[str]:
    """What people call it, if that is known. An asset of Google's inventory has its own body deeper inside."""
    asset = bucket.native.get("resource")
    body = asset.get("data") if isinstance(asset, Mapping) else bucket.native
    named = [body.get(key) for key in ("bucket", "name")] if isinstance(body, Mapping) else []
    placed = isinstance(bucket.region, Unknown) or bucket.region
    yield from (name for name in named if placed and isinstance(name, str) and name)


def names() -> Collection[str]:
    """Every fact there is."""
    return registry.names(__name__)


@cache
def vocabulary() -> Mapping[str, FactField]:
    """Every fact field there is, by the path a policy author writes: `mesh_mtls.mode`."""
    return {
        f"{name}.{field}": spec for name in names() for field, spec in registry.module(__name__, name).FIELDS.items()
    }


def _unknown(module: ModuleType, name: str, error: Exception) -> dict[str, Any]:
    unknown = Unknown(f"the fact '{name}' could not be derived: {type(error).__name__}")
    return dict.fromkeys(module.FIELDS, unknown)


def _where(inventory: Inventory) -> str:
    """The files of the partition, shortened; which resource was to blame is not known."""
    uris = list(dict.fromkeys(resource.origin.uri for resource in inventory))
    return ", ".join(uris[:NAMED_FILES]) + (" and more files" if len(uris) > NAMED_FILES else "")


def _complaint(name: str, error: Exception) -> tuple[str, str]:
    """Message and hint. The exception's own text stays out: it may quote a value that is secret."""
    message = f"The fact '{name}' could not be derived ({type(error).__name__})."
    hint = (
        "A resource has a shape its provider would refuse; validate the input with the provider's own tool, "
        "or report this to govscan with the smallest input that shows it."
    )
    return message, hint
