"""What one partition says about the cluster it is meant for: its namespaces, its kinds and its other objects."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Any

from msgspec import Struct

from scanner.model import Inventory, Unknown, UnknownRead
from scanner.policy.admission import _kinds
from scanner.policy.admission._defaults import completed
from scanner.policy.admission._request import (
    NAME_LABEL,
    Object,
    Request,
    as_created,
    labels_of,
    mapping,
    metadata_of,
    namespace_labels,
    namespace_of,
    text,
)


class Given(Struct, frozen=True, eq=False):
    """The objects beside the policies: params, and what else was put there to describe the cluster."""

    objects: tuple[Object, ...]


class Cluster:
    """The namespaces, definitions and other objects of a partition, and those given with the policies."""

    def __init__(self, inventory: Inventory, given: Given) -> None:
        self._by_kind: dict[str, list[Object]] = defaultdict(list)
        for one in given.objects:
            self._by_kind[_kind(one)].append(one)
        for resource in inventory:
            if resource.origin.source.startswith("kubernetes_"):
                self._by_kind[resource.native_type].append(resource.native)
        self._defined = dict(_definitions(self._by_kind.get("apiextensions.k8s.io/CustomResourceDefinition", ())))
        self._last: tuple[Object, Request] | None = None

    def objects(self, api_version: str, kind: str) -> list[Object]:
        """The objects of a kind in this version, those given with the policies first."""
        wanted = {"apiVersion": api_version, "kind": kind}
        return [one for one in self._by_kind.get(_kind(wanted), ()) if one.get("apiVersion") == api_version]

    def is_namespaced(self, api_version: str, kind: str) -> bool | Unknown:
        """Whether objects of a kind live in namespaces."""
        body = {"apiVersion": api_version, "kind": kind, "metadata": {}}
        return self._named(_kinds.group_of(body), kind, body)[2]

    def request(self, body: Object) -> Request:
        """The request that would create an object. Every policy asks for the same one in turn, so it is kept."""
        if self._last is None or self._last[0] is not body:
            self._last = (body, self._request(body))
        return self._last[1]

    def _request(self, body: Object) -> Request:
        group, version, kind = _kinds.group_of(body), _kinds.version_of(body), text(body.get("kind"))
        plural, guessed, namespaced = self._named(group, kind, body)
        namespace = namespace_of(body, kind if not group else "", namespaced)
        found = self._namespace_object(namespace) if namespaced is not False else None
        if isinstance(namespaced, Unknown) and found is not None and not isinstance(found, dict):
            found = Unknown(namespaced.reason, "namespaceObject")
        return Request(
            object=as_created(completed(body), namespace, namespaced),
            group=group,
            version=version,
            kind=kind,
            plural=plural,
            guessed=guessed,
            namespaced=namespaced,
            namespace=namespace,
            namespace_object=found,
            namespace_labels=namespace_labels(body, group, kind, namespace, namespaced, found),
            labels=labels_of(body),
        )

    def _named(self, group: str, kind: str, body: Object) -> tuple[str, bool, bool | Unknown]:
        """The plural, whether it is guessed, and whether the kind is namespaced."""
        known = f"{group or 'core'}/{kind}"
        if known in self._defined:
            plural, in_namespaces = self._defined[known]
            return plural, False, in_namespaces
        if known in _kinds.NAMESPACED or known in _kinds.CLUSTER:
            return _kinds.plural(kind), False, known in _kinds.NAMESPACED
        reason = f"the CustomResourceDefinition of {kind} is not among the files"
        written = text(metadata_of(body).get("namespace"))
        return _kinds.plural(kind), True, bool(written) or Unknown(reason)

    def _namespace_object(self, namespace: str | Unknown) -> Object | Unknown:
        if isinstance(namespace, Unknown):
            return Unknown(namespace.reason, "namespaceObject")
        found = [one for one in self._by_kind.get("core/Namespace", ()) if metadata_of(one).get("name") == namespace]
        if not found:
            return Unknown(f"namespace {namespace} is not among the files", "namespaceObject")
        if not _agree(found):
            return Unknown(f"the files declare namespace {namespace} in several ways", "namespaceObject")
        labels = {**mapping(metadata_of(found[0]).get("labels")), NAME_LABEL: namespace}
        return {**found[0], "metadata": {**metadata_of(found[0]), "labels": labels}}


@lru_cache(maxsize=1)
def cluster_of(inventory: Inventory, given: Given) -> Cluster:
    """The cluster of a partition; partitions come one after the other."""
    return Cluster(inventory, given)


@cache
def nowhere() -> Inventory:
    """For an object that is judged by itself."""
    return Inventory(())


def _kind(body: Object) -> str:
    """`group/Kind`, as normalizing names it."""
    return f"{_kinds.group_of(body) or 'core'}/{body.get('kind')}"


def _definitions(definitions: Any) -> Iterator[tuple[str, tuple[str, bool]]]:
    for one in definitions:
        spec = mapping(one.get("spec"))
        names = mapping(spec.get("names"))
        called = text(names.get("plural"))
        if called:
            key = f"{text(spec.get('group'))}/{text(names.get('kind'))}"
            yield key, (called, spec.get("scope") == "Namespaced")


def _agree(found: list[Object]) -> bool:
    try:
        return all(one == found[0] for one in found)
    except UnknownRead:
        return False
