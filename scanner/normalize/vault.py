"""Understands policies of Vault that stand in files of their own. Dialect `vault`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from scanner.model import Citation, Document, Origin, Problem, Resource
from scanner.normalize._reading import understood

DIALECT = "vault"


def resources(documents: Iterable[Document]) -> Iterator[Resource | Problem]:
    """One resource for each policy."""
    return understood(documents, _resources)


def _resources(document: Document) -> Iterator[Resource]:
    body, origin = document.body, document.origin
    yield Resource(
        uid=f"{origin.uri}#{origin.address}",
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
