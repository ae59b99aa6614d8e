"""The fact `owner`: the team a resource belongs to, by its tags.

The words of `OWNERSHIP` are tried in their order, so a `team` tag wins over an `owner` tag. A key is compared by its
letters and digits alone and without a prefix: `Cost Center`, `cost-center` and `example.com/costCenter` are the same
word. Annotations of a Kubernetes object count after its labels: many platforms write the owner of a namespace there. An
object that says nothing belongs to the team of its namespace, if the partition has that namespace.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache, partial
from typing import Any

from scanner.analyze._guard import guarded
from scanner.analyze._objects import at, mapping, text
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

Tags = Mapping[str, Any]
Source = tuple[Any, Citation | None]
"""Tags, which may be `Unknown`, and where they are written."""


def derive(inventory: Inventory) -> Mapping[str, Fact]:
    """A fact for every resource."""
    namespaces = {found.name: found for found in inventory.by_type("kubernetes.namespace") if _has_owner(found)}
    return {resource.uid: _fact(resource, namespaces) for resource in inventory}


def _has_owner(namespace: Resource) -> bool:
    teams = [guarded(partial(_team, tags)) for tags, _ in _written(namespace)]
    return any(isinstance(team, Unknown) or team for team in teams)


def _fact(resource: Resource, namespaces: Mapping[str, Resource]) -> Fact:
    for tags, citation in _sources(resource, namespaces):
        team = guarded(partial(_team, tags))
        if isinstance(team, Unknown) or team:
            return Fact({"team": team}, {"team": citation} if citation else {})
    own = resource.citations.get("tags")
    return Fact({}, {"team": own} if own else {})


def _sources(resource: Resource, namespaces: Mapping[str, Resource]) -> Iterator[Source]:
    """Where an owner may be named, nearest first."""
    yield from _written(resource)
    attributes = resource.attributes
    if "pod_labels" in attributes:
        yield attributes["pod_labels"], resource.citations.get("attributes.pod_labels")
    name = attributes.get("namespace", "")
    if isinstance(name, Unknown) and namespaces:
        yield name, resource.citations.get("attributes.namespace")  # any of these namespaces may become its own
    elif isinstance(name, str) and name in namespaces:
        yield from _written(namespaces[name])


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
    for word in OWNERSHIP:
        if word in by_word:
            team = by_word[word].strip()
            if team:
                return str(team)
    return ""


@cache
def _word(key: str) -> str:
    return re.sub(r"[^a-z0-9]", "", key.rpartition("/")[2].lower())
