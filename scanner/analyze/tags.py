"""The fact `tags`: the tags or labels of a resource, and whether it can have any at all.

A resource of a canonical type can be tagged unless types.yaml says otherwise, and every Kubernetes object can be
labeled. Of any other resource the body tells: a Terraform plan writes every attribute of a resource's schema, also the
empty ones, so one without a place for tags cannot be tagged. Satellites such as `aws_s3_bucket_policy` are like that.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import ryaml

from scanner.analyze._guard import each
from scanner.model import Fact, FactField, Inventory, Resource

DOC = "The tags or labels of a resource, and whether it can have any."
READS = frozenset({"*"})
FIELDS = {
    "all": FactField("map(string, string)", {}, "Tags or labels; provider defaults are included where they are known."),
    "taggable": FactField("bool", default=False, doc="The provider can tag or label this kind of resource."),
}

PLACES = ("tags", "tags_all", "tag", "labels", "effective_labels", "resource_labels", "user_labels", "freeform_tags")
"""Attributes in which providers keep tags: AWS and Azure, scaling groups, Google and its older services, Oracle."""

WITHOUT_LABELS = frozenset({"google_vertex_ai_metadata_store", "google_tpu_v2_queued_resource"})
"""Native types that have no labels, though their canonical type can be tagged (Terraform's Google provider)."""


def derive(inventory: Inventory) -> Mapping[str, Fact]:
    """A fact for every resource."""
    return each(inventory, _fact, FIELDS)


def _fact(resource: Resource) -> Fact:
    values = {"all": resource.tags, "taggable": _taggable(resource)}
    citation = resource.citations.get("tags")
    return Fact(values, {"all": citation, "taggable": citation} if citation else {})


def _taggable(resource: Resource) -> bool:
    if resource.type in _types():
        return _types()[resource.type] and resource.native_type not in WITHOUT_LABELS
    if resource.provider == "kubernetes" and isinstance(resource.native.get("metadata"), Mapping):
        return True
    return any(place in body for body in _bodies(resource.native) for place in PLACES)


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
