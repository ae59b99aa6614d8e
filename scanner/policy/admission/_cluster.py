"""What one partition says about the cluster it is meant for, and the request that would create one of its objects."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache, cached_property, lru_cache
from typing import Any

from msgspec import Struct

from scanner.model import Inventory, Unknown, UnknownRead
from scanner.policy.admission import _kinds
from scanner.policy.admission._defaults import completed
from scanner.policy.admission._selectors import Labels

Object = Mapping[str, Any]

_NAME_LABEL = "kubernetes.io/metadata.name"
"""Kubernetes gives it to every namespace."""
_NOT_OFFLINE = "only a cluster knows it"


class Request(Struct, frozen=True, dict=True):
    """The request that would create an object, as far as files tell."""

    object: Object
    """With what the API server fills in before it asks a policy."""
    group: str
    version: str
    kind: str
    plural: str
    guessed: bool
    """Whether `plural` is only the usual one, because nothing says what this kind is called."""
    namespaced: bool | Unknown
    namespace: str | Unknown
    """Empty for an object of the cluster; a namespace's own name for a namespace."""
    namespace_object: Object | Unknown | None
    namespace_labels: Labels | None
    """None where a namespace selector does not apply."""
    labels: Labels

    @property
    def name(self) -> str:
        """Empty where the API server is asked to make up a name."""
        return _text(_metadata(self.object).get("name"))

    @cached_property
    def roots(self) -> Mapping[str, Any]:
        """The variables that are the same for every policy."""
        return {
            "object": self.object,
            "oldObject": None,
            "request": _as_cel(self),
            "namespaceObject": self.namespace_object,
            "authorizer": Unknown("nobody can be asked offline who may do what", "authorizer"),
        }


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
        group, version, kind = _kinds.group_of(body), _kinds.version_of(body), _text(body.get("kind"))
        plural, guessed, namespaced = self._named(group, kind, body)
        namespace = _namespace(body, kind if not group else "", namespaced)
        found = self._namespace_object(namespace) if namespaced is not False else None
        if isinstance(namespaced, Unknown) and found is not None and not isinstance(found, dict):
            found = Unknown(namespaced.reason, "namespaceObject")
        return Request(
            object=_seen(completed(body), namespace, namespaced),
            group=group,
            version=version,
            kind=kind,
            plural=plural,
            guessed=guessed,
            namespaced=namespaced,
            namespace=namespace,
            namespace_object=found,
            namespace_labels=_namespace_labels(body, group, kind, namespace, namespaced, found),
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
        written = _text(_metadata(body).get("namespace"))
        return _kinds.plural(kind), True, bool(written) or Unknown(reason)

    def _namespace_object(self, namespace: str | Unknown) -> Object | Unknown:
        if isinstance(namespace, Unknown):
            return Unknown(namespace.reason, "namespaceObject")
        found = [one for one in self._by_kind.get("core/Namespace", ()) if _metadata(one).get("name") == namespace]
        if not found:
            return Unknown(f"namespace {namespace} is not among the files", "namespaceObject")
        if not _agree(found):
            return Unknown(f"the files declare namespace {namespace} in several ways", "namespaceObject")
        labels = {**mapping(_metadata(found[0]).get("labels")), _NAME_LABEL: namespace}
        return {**found[0], "metadata": {**_metadata(found[0]), "labels": labels}}


@lru_cache(maxsize=1)
def cluster_of(inventory: Inventory, given: Given) -> Cluster:
    """The cluster of a partition; partitions come one after the other."""
    return Cluster(inventory, given)


@cache
def nowhere() -> Inventory:
    """For an object that is judged by itself."""
    return Inventory(())


def _as_cel(request: Request) -> Object:
    """The variable `request`."""
    kind = {"group": request.group, "version": request.version, "kind": request.kind}
    resource = {"group": request.group, "version": request.version, "resource": request.plural}
    return {
        "operation": "CREATE",
        "kind": kind,
        "requestKind": kind,
        "resource": resource,
        "requestResource": resource,
        "subResource": "",
        "requestSubResource": "",
        "name": request.name,
        "namespace": request.namespace,
        "dryRun": False,
        "uid": Unknown(_NOT_OFFLINE, "request.uid"),
        "userInfo": Unknown("who will create the object is not known", "request.userInfo"),
        "options": Unknown(_NOT_OFFLINE, "request.options"),
    }


def _kind(body: Object) -> str:
    """`group/Kind`, as normalizing names it."""
    return f"{_kinds.group_of(body) or 'core'}/{body.get('kind')}"


def _definitions(definitions: Any) -> Iterator[tuple[str, tuple[str, bool]]]:
    for one in definitions:
        spec = mapping(one.get("spec"))
        names = mapping(spec.get("names"))
        called = _text(names.get("plural"))
        if called:
            key = f"{_text(spec.get('group'))}/{_text(names.get('kind'))}"
            yield key, (called, spec.get("scope") == "Namespaced")


def _namespace(body: Object, core_kind: str, namespaced: bool | Unknown) -> str | Unknown:  # noqa: FBT001  # an answer
    if core_kind == "Namespace":
        return _text(_metadata(body).get("name"))
    if namespaced is False:
        return ""
    written = _text(_metadata(body).get("namespace"))
    return written or Unknown("the file names no namespace", "object.metadata.namespace")


def _namespace_labels(  # noqa: PLR0913, PLR0917  # all that a namespace selector depends on
    body: Object,
    group: str,
    kind: str,
    namespace: str | Unknown,
    namespaced: bool | Unknown,  # noqa: FBT001  # an answer, not a switch
    found: Object | Unknown | None,
) -> Labels | None:
    if not group and kind == "Namespace":
        return Labels({**labels_of(body).known, _NAME_LABEL: namespace}, labels_of(body).rest)
    if namespaced is False:
        return None
    if isinstance(found, Unknown):
        return Labels({_NAME_LABEL: namespace}, found)
    return labels_of(found or {})


def _seen(body: Object, namespace: str | Unknown, namespaced: bool | Unknown) -> Object:  # noqa: FBT001  # an answer
    """The object with those metadata that whoever creates it, or the API server, adds."""
    metadata = dict(_metadata(body))
    if namespaced is not False and "namespace" not in metadata:
        metadata["namespace"] = namespace
    if "name" not in metadata and "generateName" in metadata:
        metadata["name"] = Unknown("the API server will make it up", "object.metadata.name")
    return {**body, "metadata": metadata}


def labels_of(body: Object) -> Labels:
    """The labels of an object."""
    labels = _metadata(body).get("labels")
    return Labels({}, labels) if isinstance(labels, Unknown) else Labels(mapping(labels))


def _agree(found: list[Object]) -> bool:
    try:
        return all(one == found[0] for one in found)
    except UnknownRead:
        return False


def _metadata(body: Object) -> Object:
    return mapping(body.get("metadata"))


def mapping(value: Any) -> Object:
    """The value if it is a map, else an empty one."""
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
