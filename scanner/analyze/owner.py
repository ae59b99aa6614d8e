"""The fact `owner`: the team a resource belongs to, by its tags.

The words of `OWNERSHIP` are tried in their order, so a `team` tag wins over an `owner` tag. A key is compared by its
letters and digits alone and without a prefix: `Cost Center`, `cost-center` and `example.com/costCenter` are the same
word. Annotations of a Kubernetes object count after its labels: many platforms write the owner of a namespace there. An
object that says nothing belongs to the team of its namespace, if the partition has that namespace.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, partial
from typing import Any

from scanner.analyze._guard import each, guarded
from scanner.bodies import at, mapping, text
from scanner.model import Citation, Fact, FactField, Inventory, Resource, Unknown

DOC = "The team a resource belongs to."
READS = frozenset({"*"})
FIELDS = {
    "team": FactField("string", "", "Value of the first ownership tag, such as `team` or `owner`; empty for none."),
}

OWNERSHIP = (
    "team",
    "teamname",
    "owner",
    "ownedby",
    "ownerteam",
    "owningteam",
    "squad",
    "group",
    "department",
    "businessunit",
    "costcenter",
    "costcentre",
)
"""Keys that name an owner, most direct first."""
_RANKS = {word: rank for rank, word in enumerate(OWNERSHIP)}

Tags = Mapping[str, Any]
Namespaces = Mapping[str, Sequence[Resource]]
"""Name to the objects that declare the namespace and an owner of it."""
Source = tuple[Any, Citation | None]
"""Tags, which may be `Unknown`, and where they are written."""


def derive(inventory: Inventory) -> Mapping[str, Fact]:
    """A fact for every resource."""
    namespaces: dict[str, list[Resource]] = {}
    for found in inventory.by_type("kubernetes.namespace"):
        if _has_owner(found):
            namespaces.setdefault(found.name, []).append(found)
    return each(inventory, lambda resource: _fact(resource, namespaces), FIELDS)


def _has_owner(namespace: Resource) -> bool:
    team = guarded(partial(_owner_of, namespace))
    return isinstance(team, Unknown) or team != ""


def _fact(resource: Resource, namespaces: Namespaces) -> Fact:
    for tags, citation in _sources(resource, namespaces):
        team = guarded(partial(_team, tags))
        if isinstance(team, Unknown) or team:
            return Fact({"team": team}, {"team": citation} if citation else {})
    own = resource.citations.get("tags")
    return Fact({}, {"team": own} if own else {})


def _sources(resource: Resource, namespaces: Namespaces) -> Iterator[Source]:
    """Where an owner may be named, nearest first."""
    yield from _written(resource)
    attributes = resource.attributes
    if "pod_labels" in attributes:
        yield attributes["pod_labels"], resource.citations.get("attributes.pod_labels")
    name = attributes.get("namespace", "")
    if isinstance(name, Unknown) and namespaces:
        yield name, resource.citations.get("attributes.namespace")  # any of these namespaces may become its own
    elif isinstance(name, str) and name in namespaces:
        yield from _of_namespace(name, namespaces[name])


def _of_namespace(name: str, declared: Sequence[Resource]) -> Iterator[Source]:
    """What the objects that declare a namespace say; which of them is applied is not known, so they must agree."""
    teams = [guarded(partial(_owner_of, one)) for one in declared]
    unknown = next((team for team in teams if isinstance(team, Unknown)), None)
    if unknown is None and len(set(teams)) > 1:
        unknown = Unknown(f"{len(declared)} files declare namespace {name}, with different owners")
    yield from _written(declared[0]) if unknown is None else [(unknown, None)]


def _owner_of(resource: Resource) -> str:
    return next((team for tags, _ in _written(resource) if (team := _team(tags))), "")


def _written(resource: Resource) -> Iterator[Source]:
    """Its tags or labels, then its annotations."""
    yield resource.tags, resource.citations.get("tags")
    if resource.provider == "kubernetes":
        yield guarded(partial(_annotations, resource)), Citation(resource.origin, ("metadata", "annotations"))


def _annotations(resource: Resource) -> Tags:
    return {str(key): text(value) for key, value in mapping(at(resource.native, "metadata", "annotations")).items()}


def _team(tags: Tags) -> str:
    by_word: dict[str, Any] = {}
    for key, value in tags.items():
        by_word.setdefault(_word(key), value)
    for word in sorted(by_word.keys() & _RANKS, key=_RANKS.__getitem__):
        team = text(by_word[word]).strip()
        if team:
            return team
    return ""


@cache
def _word(key: str) -> str:
    return re.sub(r"[^a-z0-9]", "", key.rpartition("/")[2].lower())
