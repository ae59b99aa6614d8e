"""What `jsonencode` is given, as far as it is written down: a policy is one before its resources have ARNs."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

from tree_sitter import Node  # noqa: TC002  # whoever imports this parses

from scanner.load._hcl.nodes import arguments_of, collection, text_of
from scanner.load._hcl.plain_texts import BeyondError, quoted
from scanner.load._hcl.syntax import Expression
from scanner.model import Unknown

_PASSED = ("var.", "local.", "each.", "module.")
"""How references begin to what may be anything, whatever it is called."""

_CONSTANTS = frozenset({"numeric_lit", "bool_lit", "null_lit"})


def encoded(expression: Expression) -> Any:
    """The value that is turned into JSON, `Unknown` wherever it is computed; None for any other expression.

    What is an attribute of a resource as it is has that for its path: `aws_x.y.arn`.
    """
    inner = expression.inner
    if inner.type != "function_call" or expression.calls[0][0] != "jsonencode":
        return None
    entries = [child for child in arguments_of(inner) if child.type == "expression"]
    return _value(Expression(entries[0])) if len(entries) == 1 else None


def _value(expression: Expression) -> Any:
    inner = collection(expression.inner)
    if inner.type == "string_lit":
        with suppress(BeyondError):  # an escape that is not valid
            return quoted(inner)
    if inner.type in _CONSTANTS:
        with suppress(ValueError):
            return json.loads(text_of(inner))
    if inner.type == "tuple":
        return [_value(Expression(child)) for child in inner.named_children if child.type == "expression"]
    entries = _entries(inner) if inner.type == "object" else None
    return _computed(expression) if entries is None else entries


def _entries(node: Node) -> dict[str, Any] | None:
    """The entries of an object; None if a key is computed."""
    entries: dict[str, Any] = {}
    for element in node.named_children:
        if element.type != "object_elem" or len(element.named_children) < 2:  # noqa: PLR2004  # key and value
            continue
        key = Expression(element.named_children[0])
        name = key.text if key.text.isidentifier() else _value(key)
        if not isinstance(name, str) or not name:
            return None
        entries[name] = _value(Expression(element.named_children[1]))
    return entries


def _computed(expression: Expression) -> Unknown:
    names = [str(reference) for reference in expression.references]
    is_own = names == [expression.text] and not names[0].startswith(_PASSED)
    return Unknown(f"it is made from {names[0]}" if names else "it is computed", names[0] if is_own else "")
