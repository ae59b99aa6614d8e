"""What plans and states have in common as `terraform show -json` writes them: their instances of resources."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from scanner.model import Path

PLAN_KEYS = ("resource_changes", "planned_values", "configuration")
"""What only plans have, at their top."""


def is_known_format(version: str) -> bool:
    """Whether the shape of what `terraform show -json` writes in this format version is known."""
    return version in {"0.1", "0.2"} or version.partition(".")[0] == "1"


def identity(entry: Mapping[str, Any]) -> dict[str, Any]:
    """The part of a body that says which instance it is. States show their instances in the same way."""
    provider = str(entry.get("provider_name") or entry["type"].partition("_")[0]).rpartition("/")[2]
    module, mode, index = entry.get("module_address"), entry.get("mode"), entry.get("index")
    if module is None and entry["address"].startswith("module."):
        module = entry["address"].rpartition(f".{'data.' if mode == 'data' else ''}{entry['type']}.")[0]
    return {
        "address": entry["address"],
        "module": str(module or ""),
        "mode": mode if isinstance(mode, str) and mode else "managed",
        "type": entry["type"],
        "name": entry["name"],
        "index": index if isinstance(index, str | int) else None,
        "provider": provider.removesuffix("-beta"),
    }


def in_module(module: Any, pointer: Path, seen: Collection[str] = ()) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """The instances of a module as plans and states show their values, and of the modules below it.

    Those whose addresses were `seen` are left out.
    """
    if not isinstance(module, dict):
        return
    address = module.get("address") or ""
    for index, entry in enumerate(listed(module, "resources")):
        if is_instance(entry) and entry["address"] not in seen:
            yield (*pointer, "resources", index), {"module_address": address, **entry}
    for index, child in enumerate(listed(module, "child_modules")):
        yield from in_module(child, (*pointer, "child_modules", index), seen)


def is_instance(entry: Any) -> bool:
    """Whether an entry says which instance it is."""
    return (
        isinstance(entry, dict)
        and isinstance(entry.get("address"), str)
        and isinstance(entry.get("type"), str)
        and isinstance(entry.get("name"), str)
    )


def listed(mapping: Mapping[str, Any], key: str) -> list[Any]:
    """The list under a key; empty if there is none."""
    found = mapping.get(key)
    return found if isinstance(found, list) else []
