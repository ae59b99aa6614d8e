"""The types of variables, and what a value becomes that a variable of a type is given.

https://developer.hashicorp.com/terraform/language/expressions/type-constraints
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tree_sitter import Node  # noqa: TC002  # whoever imports this parses

from scanner.load._hcl.nodes import arguments_of, collection, text_of
from scanner.load._hcl.plain_texts import BeyondError, FailedError
from scanner.load._hcl.plain_types import a_kind, a_set, is_uniform, simple
from scanner.load._hcl.syntax import Expression
from scanner.load._hcl.trust import HOLE

Constant = Callable[[Expression], Any]
"""Works out the default of an optional attribute."""

_ANY = frozenset({"any", "list", "map"})
"""`list` and `map` are what they were called before Terraform 0.12."""


def typed(kind: Expression, value: Any, constant: Constant) -> Any:
    """The value as one of this type."""
    if value is None or value is HOLE:
        return value
    inner = kind.inner
    if inner.type != "function_call":
        word = text_of(inner).strip('"')
        return value if word in _ANY else simple(word, value)
    name, given = _call(inner)
    match name, given:
        case "list", [part]:
            return _alike(part, [typed(part, one, constant) for one in a_kind(list, value)])
        case "set", [part]:
            return a_set([typed(part, one, constant) for one in a_kind(list, value)])
        case "map", [part]:
            parts = _alike(part, [typed(part, one, constant) for one in a_kind(dict, value).values()])
            return dict(zip(value, parts, strict=True))
        case "object", [part]:
            return _object(part, a_kind(dict, value), constant)
    raise BeyondError


def _call(node: Node) -> tuple[str, list[Expression]]:
    given = [Expression(child) for child in arguments_of(node) if child.type == "expression"]
    return text_of(node.named_children[0]), given


def _alike(kind: Expression, values: list[Any]) -> list[Any]:
    """Values of one type. Where that is open, simple ones become texts if they are of several types."""
    if "any" not in kind.text or HOLE in values or is_uniform(values):
        return values
    return [one if one is None else simple("string", one) for one in values]


def _object(kind: Expression, value: Mapping[str, Any], constant: Constant) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for element in collection(kind.inner).named_children:
        if element.type == "object_elem":
            key, part = (Expression(child) for child in element.named_children if child.type == "expression")
            found[key.text.strip('"')] = _attribute(part, value.get(key.text.strip('"'), ...), constant)
    return dict(sorted(found.items()))


def _attribute(kind: Expression, value: Any, constant: Constant) -> Any:
    """The value of an attribute that may be left out, which is told by `...`."""
    name, given = _call(kind.inner) if kind.inner.type == "function_call" else ("", [])
    if name != "optional":
        if value is ...:
            raise FailedError
        return typed(kind, value, constant)
    if value is ... or value is None:
        value = constant(given[1]) if len(given) > 1 else None
    return typed(given[0], value, constant)
