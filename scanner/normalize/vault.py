"""Understands what Vault itself is given in files: policies, and the configuration of its servers. Dialect `vault`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from scanner.model import Citation, Document, Origin, Problem, Resource, uid_of
from scanner.normalize._reading import understood
from scanner.normalize._vault_server import server

DIALECT = "vault"


def resources(documents: Iterable[Document]) -> Iterator[Resource | Problem]:
    """One resource for each policy and each server."""
    return understood(documents, lambda document: [_server(document) if _is_server(document) else _policy(document)])


def _is_server(document: Document) -> bool:
    return "grants" not in document.body


def _server(document: Document) -> Resource:
    return server(document.body, document.origin, document.origin.address)


def _policy(document: Document) -> Resource:
    body, origin = document.body, document.origin
    return Resource(
        uid=uid_of(origin.uri, origin.address),
        type="vault.policy",
        native_type="policy",
        provider=DIALECT,
        name=body["name"],
        region="",
        tags={},
        attributes={"grants": body["grants"]},
        native=body,
        origin=origin,
        citations=dict(_citations(body["grants"], origin)),
    )


def _citations(grants: Sequence[object], origin: Origin) -> Iterator[tuple[str, Citation]]:
    yield "attributes.grants", Citation(origin, ("grants",))
    for index, _ in enumerate(grants):
        yield f"attributes.grants.{index}", Citation(origin, ("grants", index))
