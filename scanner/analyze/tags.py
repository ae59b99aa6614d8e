"""The fact `tags`: the tags or labels of a resource, and whether it can have any at all.

Of the types of Terraform's cloud providers the providers' own schemas tell, by the table of `scanner.taggable`; of a
type that is newer than the table, a plan does, which writes every attribute of a schema. A resource of another source
can be tagged if its canonical type can, and every Kubernetes object can be labeled. Of any other the body tells.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import orjson
import ryaml

from scanner.analyze._guard import each
from scanner.model import Fact, FactField, Inventory, Resource, Unknown
from scanner.taggable import is_taggable

DOC = "The tags or labels of a resource, and whether it can have any."
READS = frozenset({"*"})
FIELDS = {
    "all": FactField("map(string, string)", {}, "Tags or labels; provider defaults are included where they are known."),
    "of_namespace": FactField(
        "map(string, string)",
        {},
        "Labels of a workload's namespace, which OpenCost and KubeCost give to pods that lack them; a label is"
        " unknown where that depends on which namespace it is, and absent if none is in view.",
    ),
    "taggable": FactField("bool", default=False, doc="The provider can tag or label this kind of resource."),
    "alike": FactField(
        "list(list(string))", [], "Keys that are one word in several spellings, such as `cost-center` and `CostCenter`."
    ),
}

PLACES = ("tags", "tags_all", "tag", "labels", "effective_labels", "resource_labels", "user_labels", "freeform_tags")
"""Attributes in which providers keep tags: AWS and Azure, scaling groups, Google and its older services, Oracle."""

_OF_API = "azapi_resource"
"""Any resource of Azure. Those that have a place of their own take tags, and no others.

https://learn.microsoft.com/azure/azure-resource-manager/management/azure-services-resource-providers
"""

NEWER = ("tags_all", "effective_labels")
"""What Terraform's providers of AWS and Google compute for every type that takes tags, and for no other."""

_JOINTS = dict.fromkeys(map(ord, "-_ "))
"""What stands between the words of a key."""


def derive(inventory: Inventory) -> Mapping[str, Fact]:
    """A fact for every resource."""
    namespaces: dict[str, list[Any]] = {}
    for one in inventory.by_type("kubernetes.namespace"):
        namespaces.setdefault(one.name, []).append(one.tags)
    return each(inventory, lambda resource: _fact(resource, namespaces), FIELDS)


def _fact(resource: Resource, namespaces: Mapping[str, list[Any]]) -> Fact:
    tags = resource.tags
    alike = tags if isinstance(tags, Unknown) else _alike(tuple(tags))
    values = {"all": tags, "taggable": _taggable(resource), "alike": alike}
    citation = resource.citations.get("tags")
    cited = dict.fromkeys(values, citation) if citation else {}
    return Fact({**values, "of_namespace": _of_namespace(resource, namespaces)}, cited)


def _of_namespace(resource: Resource, namespaces: Mapping[str, list[Any]]) -> Any:
    """A label that not every candidate has alike is not known: which of them is applied is not known either."""
    if resource.type != "workload":
        return {}
    name = resource.attributes["namespace"]
    declared = [one for several in namespaces.values() for one in several]
    unknown = name
    if not isinstance(name, Unknown):
        declared = namespaces.get(name, [])
        unknown = Unknown(f"{len(declared)} files declare namespace {name}, with different labels")
    hidden = next((one for one in declared if isinstance(one, Unknown)), None)
    if hidden is not None:
        return hidden
    keys = dict.fromkeys(key for one in declared for key in one)
    sure = [] if isinstance(name, Unknown) else declared[:1]
    return {key: _agreed(key, sure, declared, unknown) for key in keys}


def _agreed(key: str, sure: list[Any], declared: list[Any], unknown: Unknown) -> Any:
    agree = sure and all(one.get(key) == sure[0].get(key) for one in declared)
    return sure[0][key] if agree else unknown


@lru_cache(maxsize=4096)
def _alike(keys: tuple[str, ...]) -> list[list[str]]:
    """Estates have few sets of keys, so each is looked at once."""
    spellings: dict[str, list[str]] = {}
    for key in keys:
        spellings.setdefault(key.lower().translate(_JOINTS), []).append(key)
    return [several for several in spellings.values() if len(several) > 1]


def _taggable(resource: Resource) -> Any:
    listed = is_taggable(resource.native_type)
    if listed is not None:
        return listed or any(place in resource.native for place in NEWER)
    if resource.origin.source == "aws":
        return "tags" in resource.native
    if resource.native_type == _OF_API and resource.type not in _types():
        return _has_place(resource)
    if resource.type in _types():
        return _types()[resource.type]
    if resource.provider == "kubernetes" and isinstance(resource.native.get("metadata"), Mapping):
        return True
    return any(place in body for body in _bodies(resource.native) for place in PLACES)


def _has_place(resource: Resource) -> Any:
    """Whether it is somewhere; what a plan leaves to the provider does not tell."""
    found = [(key, body.get(key)) for body in _api_bodies(resource.native) for key in ("location", "tags")]
    if any(value for _, value in found if not isinstance(value, Unknown)):
        return True
    unknown = {key: value for key, value in found if isinstance(value, Unknown)}
    written = not resource.references or any((key,) in resource.references for key in unknown)
    return bool(unknown) if written else next(iter(unknown.values()), False)


def _api_bodies(native: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Of a request to Azure's API, the arguments and the body, which may be the text of one."""
    yield native
    body = native.get("body")
    try:
        inside = orjson.loads(body) if isinstance(body, str) else body
    except orjson.JSONDecodeError:
        return
    if isinstance(inside, Mapping):
        yield inside


def _bodies(native: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The body, and where some sources keep tags deeper in it.

    An asset of Google's inventory has the resource's own body under `resource.data`; Terraform's Kubernetes provider
    writes labels into a `metadata` block.
    """
    yield native
    asset = native.get("resource")
    for nested in (asset.get("data") if isinstance(asset, Mapping) else None, native.get("metadata")):
        if isinstance(nested, Mapping):
            yield nested
        elif isinstance(nested, list):
            yield from (block for block in nested if isinstance(block, Mapping))


@cache
def _types() -> dict[str, bool]:
    """Canonical type to whether its resources can be tagged. A table of data, shared by the rooms as the model is."""
    table = Path(__file__).parents[1] / "normalize" / "types.yaml"
    rows = ryaml.loads(table.read_text(encoding="utf-8"))
    return {name: row.get("taggable", True) for name, row in rows.items()}
