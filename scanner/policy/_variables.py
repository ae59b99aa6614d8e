"""The names an expression may use, each with its CEL type, so that a typo is an error when a pack is loaded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Any

from msgspec import Struct

RESOURCE: Mapping[str, str] = {
    "resource.uid": "string",
    "resource.type": "string",
    "resource.native_type": "string",
    "resource.provider": "string",
    "resource.name": "string",
    "resource.region": "string",
    "resource.source": "string",
    "resource.change": "string",
    "resource.tags": "map(string, string)",
    "resource.native": "map(string, dyn)",
}
"""What every resource has."""
_ATTRIBUTE = "resource.attributes."


class Vocabulary(Struct, frozen=True):
    """What the rooms before this one provide; the spine collects it so that no room imports another."""

    facts: Mapping[str, str]
    """`mesh_mtls.mode` to its CEL type."""
    types: Mapping[str, Mapping[str, str]]
    """Canonical type to its attributes and their CEL types."""


def for_resource(vocabulary: Vocabulary, types: Iterable[str], params: Mapping[str, Any]) -> dict[str, str]:
    """The variables of an expression about one resource of these canonical types (patterns allowed)."""
    return {**RESOURCE, **_attributes(vocabulary, types), **_facts(vocabulary), **for_params(params)}


def for_params(params: Mapping[str, Any]) -> dict[str, str]:
    """The parameters of a policy; a parameter's type is that of its default."""
    return {f"params.{name}": cel_type(value) for name, value in params.items()}


def for_groups(names: Iterable[str], params: Mapping[str, Any]) -> dict[str, str]:
    """The variables of an aggregate policy's validations."""
    return {"measured": "dyn", **{f"group.{name}": "string" for name in names}, **for_params(params)}


def matching(vocabulary: Vocabulary, patterns: Iterable[str]) -> list[str]:
    """The canonical types that the patterns name."""
    return [name for name in vocabulary.types if any(fnmatchcase(name, pattern) for pattern in patterns)]


def partly_there(vocabulary: Vocabulary, patterns: Iterable[str], name: str) -> str:
    """What to say about an attribute that only some of the matched types have; empty for any other name."""
    attribute = name.removeprefix(_ATTRIBUTE)
    types = matching(vocabulary, patterns)
    lacking = [kind for kind in types if attribute not in vocabulary.types[kind]]
    if attribute == name or len(lacking) in {0, len(types)}:
        return ""
    return f"'{name}' is not an attribute of every type in match.types: {', '.join(lacking)} has none"


def cel_type(value: Any) -> str:
    """The CEL type of a parameter's default value."""
    if isinstance(value, list):
        return "list(string)" if all(isinstance(item, str) for item in value) else "list(dyn)"
    if isinstance(value, dict):
        return "map(string, dyn)"
    return {bool: "bool", int: "int", float: "double", str: "string"}.get(type(value), "dyn")


def _facts(vocabulary: Vocabulary) -> dict[str, str]:
    return {f"facts.{name}": kind for name, kind in vocabulary.facts.items()}


def _attributes(vocabulary: Vocabulary, patterns: Iterable[str]) -> dict[str, str]:
    """Attributes that every matched type has; one that differs in type from type to type is dyn."""
    found: dict[str, str] = {}
    matched = [vocabulary.types[name] for name in matching(vocabulary, patterns)]
    shared = set.intersection(*map(set, matched)) if matched else set()
    for attributes in matched:
        for name in shared:
            kind = attributes[name]
            found[name] = kind if found.get(name, kind) == kind else "dyn"
    return {f"{_ATTRIBUTE}{name}": kind for name, kind in sorted(found.items())}
