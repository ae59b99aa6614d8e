"""Understands what runs in an AWS account. Dialect `aws`.

The body of a document is what the services' APIs answered about one thing, by operation (see `scanner/load/aws.py`).
What AWS makes for itself is left out: its own keys, the groups of its services. Machines that a group has started
are machines, but the group is what counts them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from scanner.model import Document, Problem, Resource, uid_of
from scanner.normalize import _types
from scanner.normalize._aws.batch import GETTERS as BATCH
from scanner.normalize._aws.compute import GETTERS as COMPUTE
from scanner.normalize._aws.copies import replications
from scanner.normalize._aws.database import GETTERS as DATABASES
from scanner.normalize._aws.database import is_member
from scanner.normalize._aws.left_out import is_left_out
from scanner.normalize._aws.machine_learning import GETTERS as MACHINE_LEARNING
from scanner.normalize._aws.storage import GETTERS as STORAGE
from scanner.normalize._aws.thing import Account, Thing
from scanner.normalize._aws.traffic import GETTERS as TRAFFIC
from scanner.normalize._aws.words import tags_of
from scanner.normalize._reading import Getter, attributes, read, understood

GETTERS: Mapping[str, Mapping[str, Getter]] = {
    **STORAGE,
    **COMPUTE,
    **BATCH,
    **DATABASES,
    **TRAFFIC,
    **MACHINE_LEARNING,
}
"""CloudFormation's name of a type to a getter for each attribute that the API can say something about."""

_SILENT = "AWS's API does not say"


def resources(documents: Sequence[Document]) -> Iterator[Resource | Problem]:
    """Every thing of one account and region, understood."""
    account = Account(documents)
    yield from understood(account.documents, lambda document: _resources(Thing(document, account)))


def _resources(thing: Thing) -> Iterator[Resource]:
    if not is_left_out(thing):
        found = _resource(thing)
        yield found
        yield from replications(thing, found)


def _resource(thing: Thing) -> Resource:
    body, origin = thing.body, thing.origin
    kind = _types.OTHER if is_member(thing) else _types.canonical("aws").get(thing.type, _types.OTHER)
    where, where_cited = read(lambda one: one.get("region"), thing)
    tagged, tags_cited = read(_tags, thing)
    values, cited = attributes(kind, GETTERS.get(thing.type, {}), thing, _SILENT)
    return Resource(
        uid=uid_of(origin.uri, origin.address),
        type=kind,
        native_type=thing.type,
        provider="aws",
        name=str(body["name"]),
        region=where,
        tags=tagged,
        attributes=values,
        native=body,
        origin=origin,
        citations={"region": where_cited, "tags": tags_cited, **cited},
    )


def _tags(thing: Thing) -> dict[str, Any]:
    return tags_of(thing.get("tags") or {})
