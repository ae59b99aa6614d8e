"""Kubernetes objects that Terraform puts into a cluster: `kubernetes_manifest`, and `kubectl_manifest` with its YAML.

They are understood as in a manifest, beside the resource that holds them. Only objects that speak for themselves are:
what runs in the cluster, and what its namespaces allow, is decided by more than one configuration puts there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import ryaml
from msgspec.structs import replace

from scanner.model import Citation, Document, Problem, Resource
from scanner.normalize._kubernetes.shapes import group_kind
from scanner.normalize._terraform.estate import Estate
from scanner.normalize._terraform.item import Item
from scanner.normalize._types import canonical

_DIALECT = "kubernetes"
_ARGUMENTS = {"kubernetes_manifest": "manifest", "kubectl_manifest": "yaml_body"}
_JUDGED = frozenset({"kubernetes.node_pool", "mesh.destination_rule", "mesh.peer_authentication", "secret.store"})
_ANCHOR = "&"
"""What YAML begins an anchor with. A few of them can stand for a text that fills the memory, so none is read."""


def objects(estate: Estate, fate: Callable[[Item], str]) -> Iterator[Resource | Problem]:
    """The objects of a partition, each with what the change does to the resource that holds it."""
    held = {item.origin.address: item for kind in _ARGUMENTS for item in estate.by_type.get(kind, ())}
    if not held:
        return
    from scanner.normalize import kubernetes  # noqa: PLC0415  # a dialect of its own, with many files

    bodies = [(item, _object(item)) for item in held.values()]
    documents = [Document(_DIALECT, body, item.origin) for item, body in bodies if _is_judged(body)]
    for found in kubernetes.resources(documents):
        if isinstance(found, Problem):
            yield found
        else:
            item = held[found.origin.address]
            yield _placed(found, _ARGUMENTS[item.type], fate(item))


def _is_judged(body: Any) -> bool:
    if not isinstance(body, dict) or not all(isinstance(body.get(key), str) for key in ("apiVersion", "kind")):
        return False
    return canonical(_DIALECT).get(group_kind(body)) in _JUDGED


def _object(item: Item) -> Any:
    value = item.peek(_ARGUMENTS[item.type])
    if not isinstance(value, str):
        return value
    if _ANCHOR in value:
        return None
    try:
        return ryaml.loads(value)
    except ryaml.InvalidYamlError:
        return None


def _placed(found: Resource, argument: str, fate: str) -> Resource:
    """The object with its places inside of the argument that holds it."""
    citations = {name: Citation(one.origin, (argument, *one.path)) for name, one in found.citations.items()}
    kind = found.native_type.rpartition("/")[2]
    return replace(found, uid=f"{found.uid}/{kind}/{found.name}", citations=citations, change=fate)
