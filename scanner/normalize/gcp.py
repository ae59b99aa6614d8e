"""Understands assets of a Google Cloud Asset Inventory export. Dialect `gcp`.

The body of a document is one asset, with keys in either spelling (`assetType`, `asset_type`). What the export was not
asked for is unknown: without the content type `iam-policy` nobody can say whether a bucket is public. The node pools
inside of a cluster are resources of their own, unless they were exported as assets too.

Fields of the services' APIs: https://cloud.google.com/asset-inventory/docs/asset-types
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from scanner.model import Document, Problem, Resource, Unknown, uid_of
from scanner.normalize import _types
from scanner.normalize._gcp.asset import Asset, Export, asset_type
from scanner.normalize._gcp.compute import NODE_POOL
from scanner.normalize._gcp.getters import GETTERS
from scanner.normalize._reading import attributes, read, understood

_SILENT = "Cloud Asset Inventory does not say"
_CLUSTER = "container.googleapis.com/Cluster"

_LABELS: dict[str, tuple[str, ...]] = {
    "sqladmin.googleapis.com/Instance": ("settings", "userLabels"),
    _CLUSTER: ("resourceLabels",),
    "container.googleapis.com/NodePool": ("config", "resourceLabels"),
}


def resources(documents: Sequence[Document]) -> Iterator[Resource | Problem]:
    """Every asset of one partition, understood."""
    export = Export(documents)
    return understood(documents, lambda document: _resources(document, export))


def _resources(document: Document, export: Export) -> Iterator[Resource]:
    asset = Asset(document, export)
    whole = _resource(asset)
    yield whole
    if asset.type == _CLUSTER and document.body["name"] not in export.pools and not isinstance(asset.body, Unknown):
        yield from _pools(asset, whole)


def _resource(asset: Asset) -> Resource:
    document = asset.document
    native_type = asset_type(document)
    kind = _types.canonical("gcp").get(native_type, _types.OTHER)
    where, where_cited = read(Asset.region, asset)
    tagged, tags_cited = read(_tags, asset)
    values, cited = attributes(kind, GETTERS.get(native_type, {}), asset, _SILENT)
    return Resource(
        uid=uid_of(document.origin.uri, document.origin.address),
        type=kind,
        native_type=native_type,
        provider="gcp",
        name=document.body["name"].rpartition("/")[2],
        region=where,
        tags=tagged,
        attributes=values,
        native=document.body,
        origin=document.origin,
        citations={"region": where_cited, "tags": tags_cited, **cited},
    )


def _tags(asset: Asset) -> dict[str, Any]:
    """Labels; the API leaves out a map that is empty. Machines of a node pool bear those of their cluster too."""
    own = asset.get(*_LABELS.get(asset.type, ("labels",))) or {}
    cluster = asset.cluster()
    return {**((cluster.get("resourceLabels") or {}) if cluster else {}), **own}


def _pools(cluster: Asset, whole: Resource) -> Iterator[Resource]:
    """The node pools inside of a cluster, each with the cluster's region and labels."""
    pools = cluster.peek("nodePools")
    for index in range(0 if isinstance(pools, Unknown) else len(pools or ())):
        asset = Asset(cluster.document, cluster.export, (*cluster.prefix, "nodePools", index))
        named = asset.peek("name")
        name = named if isinstance(named, str) else f"nodePools[{index}]"
        tagged, tags_cited = read(lambda pool: {**(cluster.get("resourceLabels") or {}), **_pool_labels(pool)}, asset)
        values, cited = attributes("kubernetes.node_pool", NODE_POOL, asset, _SILENT)
        yield Resource(
            uid=f"{whole.uid}/nodePools/{name}",
            type="kubernetes.node_pool",
            native_type=whole.native_type,
            provider="gcp",
            name=name,
            region=whole.region,
            tags=tagged,
            attributes={**values, "machine_tags": tagged},
            native=whole.native,
            origin=whole.origin,
            citations={"region": whole.citations["region"], "tags": tags_cited, **cited},
        )


def _pool_labels(pool: Asset) -> dict[str, Any]:
    return pool.get("config", "resourceLabels") or {}
