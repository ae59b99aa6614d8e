"""The fact `data_stores`: which object stores, cloud services and image registries a workload uses, and where they are.

They are read from what is written in the object: the storage URI of a model server, arguments, environment variables,
annotations, images. Where a bucket is, its URL seldom says; it is looked up among all buckets that the same scan met
in Terraform, in a state or in an inventory. Whatever a program decides by itself is not seen here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from scanner.analyze._addresses import Address, bucket, endpoints, image, stores
from scanner.analyze._guard import each
from scanner.bodies import peek
from scanner.model import Citation, Fact, FactField, Inventory, Path, Resource

DOC = "Which object stores, cloud services and image registries a workload uses, and where they are."
_NAMING = ("workload", "mesh.service_entry", "kubernetes.service")
"""Types of Kubernetes' objects by which something outside is called."""
READS = frozenset(_NAMING)
_PLACES = "list(map(string, dyn))"
FIELDS = {
    "stores": FactField(_PLACES, [], "Object stores, each with `name`, `region` and `jurisdiction`."),
    "endpoints": FactField(_PLACES, [], "Services of the clouds whose host names a region, likewise."),
    "images": FactField(_PLACES, [], "Images from registries that name a region, likewise."),
}
Found = tuple[str, Path, Address]
"""A field, the path in the object, and what its text points to."""


def derive(inventory: Inventory) -> Mapping[str, Fact]:
    """A fact for every workload that names any of them, and every name of a cluster for a host outside."""
    found = [resource for kind in _NAMING for resource in inventory.by_type(kind)]
    return each(found, lambda one: _fact(one, inventory.elsewhere.buckets), FIELDS)


def _fact(workload: Resource, known: Mapping[str, Any]) -> Fact | None:
    values: dict[str, list[dict[str, Any]]] = {}
    citations: dict[str, Citation] = {}
    for field, path, address in _found(workload.native, known):
        value, cited = address.as_value(), citations.get(field)
        if all(value["name"] != other["name"] for other in values.setdefault(field, [])):
            values[field].append(value)
        if cited is None:
            citations[field] = Citation(workload.origin, path)
    return Fact(values, citations) if values else None


def _found(native: Mapping[str, Any], known: Mapping[str, Any]) -> Iterator[Found]:
    for path, text in _texts({key: native.get(key) for key in ("metadata", "spec")}, ()):
        if path[-1] == "image" and (address := image(text)):
            yield "images", path, address
        # Most texts are neither, and are left out by a look that costs little.
        if "://" in text:
            yield from (("stores", path, address) for address in stores(text, known))
        elif named := _bucket(native, path, text, known):
            yield "stores", path, named
        if ".com" in text:
            yield from (("endpoints", path, address) for address in endpoints(text))


def _bucket(native: Mapping[str, Any], path: Path, text: str, known: Mapping[str, Any]) -> Address | None:
    """A text that is a bucket's name, by what the field or the variable around it is called.

    The drivers of Google Cloud Storage and of Mountpoint for S3 take the bucket to mount in `bucketName`.
    """
    called = peek(native, *path[:-1], "name") if path[-1] == "value" else path[-1]
    if not isinstance(called, str) or "bucket" not in called.lower():
        return None
    return bucket(text, known, certain=path[-2:] == ("volumeAttributes", "bucketName"))


def _texts(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    """Every text of an object with its path, but for what kubectl keeps of an older version of it."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for key, entry in value.items():
            if key not in {"managedFields", "kubectl.kubernetes.io/last-applied-configuration"}:
                yield from _texts(entry, (*path, key))
    elif isinstance(value, list | tuple):
        for index, entry in enumerate(value):
            yield from _texts(entry, (*path, index))
