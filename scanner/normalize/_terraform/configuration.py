"""The configuration of a resource, as a plan repeats it: which arguments are written down, and what they refer to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from scanner.model import Path


def written_at(node: Any, path: Path) -> Any:
    """The configuration of a value, or of what it is a part of; None if the configuration does not show it."""
    for step in path:
        if is_expression(node):
            return node
        if isinstance(step, int) and isinstance(node, Mapping):
            continue  # a single nested block is written without a list
        if not has_step(node, step):
            return None
        node = node[step]
    return node


def is_expression(node: Any) -> bool:
    """Whether this is how an argument was written, rather than a block of arguments."""
    return isinstance(node, Mapping) and ("constant_value" in node or isinstance(node.get("references"), list))


def expressions_of(node: Any) -> Iterator[Mapping[str, Any]]:
    """Every expression in a block of arguments."""
    if is_expression(node):
        yield node
    elif isinstance(node, Mapping):
        for entry in node.values():
            yield from expressions_of(entry)
    elif isinstance(node, list):
        for entry in node:
            yield from expressions_of(entry)


def has_step(node: Any, step: str | int) -> bool:
    """Whether a block of arguments, or a list of blocks, has this key or index."""
    if isinstance(node, Mapping):
        return step in node
    return isinstance(node, list) and isinstance(step, int) and step < len(node)
