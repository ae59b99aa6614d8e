"""How nested blocks have to be written for the evaluator to see as many of them, and in the order, as Terraform does.

tfparse 0.6.22 makes what a `dynamic` block stands for if that block is one of a resource, or of the content of another
`dynamic` block; in a block that is written plainly it makes nothing and says nothing. What it makes it puts behind all
plain blocks of the kind, and the last of it is lost if a plain block follows. So where a `dynamic` block is involved,
plain blocks are turned into `dynamic` ones that are made once, and no plain block is the last one.
"""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node  # noqa: TC002  # whoever imports this parses

from scanner.load._hcl.edits import Edit
from scanner.load._hcl.nodes import body_of, head, statements

_WORD = "dynamic"
_ONCE = 'dynamic "{}" {{\nfor_each = ["once"]\niterator = govscan_once\ncontent'
_LAST = b'\ndynamic "govscan_last" {\nfor_each = ["once"]\ncontent {\n}\n}\n'
_OWNERS = frozenset({"resource", "data"})
META = frozenset({"lifecycle", "connection", "provisioner"})
"""Blocks in a resource that are for Terraform, and never made by `dynamic`."""


def opened(root: Node) -> Iterator[Edit]:
    """The changes to a file."""
    if _WORD.encode() not in (root.text or b""):
        return  # as in nearly all files: no block of it has to be looked into
    for block in statements(root):
        if block.type == "block" and not block.has_error and head(block)[0] in _OWNERS:
            yield from _inside(block)


def _inside(owner: Node) -> Iterator[Edit]:
    """The changes to a block that a provider reads, or to the content of a `dynamic` one."""
    body = body_of(owner)
    nested = [block for block in statements(body) if block.type == "block"]
    if body is None or not any(map(_makes, nested)):
        return
    made = {_kind(block) for block in nested if _makes(block)}
    for block in nested:
        if _is_dynamic(block):
            yield from _inside(_content(block))
        elif _kind(block) in made:
            yield from _once(block)
            yield from _inside(block)
    if _kind(nested[-1]) not in made:
        yield Edit(body.end_byte, body.end_byte, _LAST)


def _once(block: Node) -> Iterator[Edit]:
    kind = block.named_children[0]
    yield Edit(kind.start_byte, kind.end_byte, _ONCE.format(_kind(block)).encode())
    yield Edit(block.end_byte, block.end_byte, b"\n}")


def _makes(block: Node) -> bool:
    """Whether a nested block is a `dynamic` one, or there is one somewhere in it."""
    if head(block)[0] in META:
        return False
    return _is_dynamic(block) or any(_makes(inner) for inner in statements(body_of(block)) if inner.type == "block")


def _is_dynamic(block: Node) -> bool:
    kind, labels = head(block)
    return kind == _WORD and len(labels) == 1


def _kind(block: Node) -> str:
    kind, labels = head(block)
    return labels[0] if _is_dynamic(block) else kind


def _content(dynamic: Node) -> Node:
    inner = (block for block in statements(body_of(dynamic)) if block.type == "block")
    return next((block for block in inner if head(block)[0] == "content"), dynamic)
