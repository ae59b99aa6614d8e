"""A tree with the trees of named sub-expressions written into it: `variables.x` by what `x` is.

CEL has no side effects, so an expression means the same either way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from msgspec.structs import replace

from scanner.cel.nodes import Bind, Call, Has, Ident, ListExpr, Loop, MapExpr, Node, Select, children

_MOST = 500
"""Nodes of a tree that is written into others; variables that double each other would fill the memory."""


def inlined(tree: Node, root: str, trees: Mapping[str, Node]) -> Node:
    """The tree with each `root.name` replaced by the tree of that name, where it is known and small."""

    def inside(node: Node) -> Node:
        match node:
            case Select(operand=Ident(name=name, local=False), field=field) if name == root and field in trees:
                return trees[field] if _size(trees[field]) <= _MOST else node
        return rebuilt(node, inside)

    return inside(tree)


def rebuilt(node: Node, change: Callable[[Node], Node]) -> Node:
    """The node with its direct sub-expressions changed."""
    match node:
        case Select(operand=operand) | Has(operand=operand):
            return replace(node, operand=change(operand))
        case Call(args=args):
            return replace(node, args=tuple(map(change, args)))
        case ListExpr(elements=elements):
            return replace(node, elements=tuple(map(change, elements)))
        case MapExpr(entries=entries):
            changed = (replace(one, key=change(one.key), value=change(one.value)) for one in entries)
            return replace(node, entries=tuple(changed))
        case Loop(over=over, test=test, result=result):
            parts = {"test": test and change(test), "result": result and change(result)}
            return replace(node, over=change(over), **parts)
        case Bind(value=value, body=body):
            return replace(node, value=change(value), body=change(body))
    return node


def _size(node: Node) -> int:
    return 1 + sum(map(_size, children(node)))
