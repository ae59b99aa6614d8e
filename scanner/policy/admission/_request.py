"""The request that would create an object, and what it says of the object before a policy is asked."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from msgspec import Struct

from scanner.model import Unknown
from scanner.policy.admission._selectors import Labels

Object = Mapping[str, Any]

NAME_LABEL = "kubernetes.io/metadata.name"
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
        return text(metadata_of(self.object).get("name"))

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


def namespace_of(body: Object, core_kind: str, namespaced: bool | Unknown) -> str | Unknown:  # noqa: FBT001  # an answer
    """The namespace it would stand in; empty for an object of the cluster."""
    if core_kind == "Namespace":
        return text(metadata_of(body).get("name"))
    if namespaced is False:
        return ""
    written = text(metadata_of(body).get("namespace"))
    return written or Unknown("the file names no namespace", "object.metadata.namespace")


def namespace_labels(  # noqa: PLR0913, PLR0917  # all that a namespace selector depends on
    body: Object,
    group: str,
    kind: str,
    namespace: str | Unknown,
    namespaced: bool | Unknown,  # noqa: FBT001  # an answer, not a switch
    found: Object | Unknown | None,
) -> Labels | None:
    """The labels that a namespace selector asks; None where it does not apply."""
    if not group and kind == "Namespace":
        return Labels({**labels_of(body).known, NAME_LABEL: namespace}, labels_of(body).rest)
    if namespaced is False:
        return None
    if isinstance(found, Unknown):
        return Labels({NAME_LABEL: namespace}, found)
    return labels_of(found or {})


def as_created(body: Object, namespace: str | Unknown, namespaced: bool | Unknown) -> Object:  # noqa: FBT001  # an answer
    """The object with those metadata that whoever creates it, or the API server, adds."""
    metadata = dict(metadata_of(body))
    if namespaced is not False and "namespace" not in metadata:
        metadata["namespace"] = namespace
    if "name" not in metadata and "generateName" in metadata:
        metadata["name"] = Unknown("the API server will make it up", "object.metadata.name")
    return {**body, "metadata": metadata}


def labels_of(body: Object) -> Labels:
    """The labels of an object."""
    labels = metadata_of(body).get("labels")
    return Labels({}, labels) if isinstance(labels, Unknown) else Labels(mapping(labels))


def metadata_of(body: Object) -> Object:
    """The metadata of an object, empty if it has none."""
    return mapping(body.get("metadata"))


def mapping(value: Any) -> Object:
    """The value if it is a map, else an empty one."""
    return value if isinstance(value, dict) else {}


def text(value: Any) -> str:
    """The value if it is text, else an empty one."""
    return value if isinstance(value, str) else ""
