"""The syntax tree of Terraform's language, as tree-sitter gives it: parsing, and the small steps through it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import tree_sitter_hcl
from tree_sitter import Language, Node, Parser

_KEPT = 1_000_000
"""Characters whose trees are kept. A tree takes some 20 times the size of its text."""


def parse(text: str) -> Node:
    """The whole file. Offsets in the tree count bytes of UTF-8."""
    return _TREES.of(text)


class Trees:
    """The trees of the last files: one is read to believe its values, and once more where it has findings."""

    def __init__(self) -> None:
        self._known: dict[str, Node] = {}
        self._size = 0

    def of(self, text: str) -> Node:
        """The tree of a file."""
        if text in self._known:
            return self._known[text]
        root = _parser().parse(text.encode()).root_node
        if len(text) <= _KEPT:
            self._keep(text, root)
        return root

    def _keep(self, text: str, root: Node) -> None:
        self._known[text] = root
        self._size += len(text)
        while self._size > _KEPT:
            oldest = next(iter(self._known))
            self._size -= len(oldest)
            del self._known[oldest]


_TREES = Trees()


def stumbled(text: str, root: Node) -> int:
    """The line from which on the parser did not understand the file, counted from 1; 0 if it understood all of it."""
    end = text.find("\0")  # it takes a null character for the end of the file
    if not root.has_error:
        return text.count("\n", 0, end) + 1 if end >= 0 else 0
    node: Node | None = root
    while node is not None and node.type != "ERROR" and not node.is_missing:
        root, node = node, next((child for child in node.children if child.has_error or child.is_missing), None)
    return (node or root).start_point.row + 1


def literal(node: Node | None) -> str | None:
    """The text of a string literal without interpolation; None for any other expression."""
    while node is not None and node.type in {"expression", "literal_value"}:
        node = node.named_children[0] if node.named_children else None
    if node is None or node.type != "string_lit":
        return None
    parts = [child for child in node.named_children if child.type == "template_literal"]
    return text_of(parts[0]) if len(parts) == 1 else ""


def statements(body: Node | None) -> Iterator[Node]:
    """Attributes and blocks of a body, or of a whole file."""
    for child in body.named_children if body else ():
        if child.type == "body":
            yield from child.named_children
        else:
            yield child


def head(block: Node) -> tuple[str, tuple[str, ...]]:
    """A block's kind and labels; quotes are optional around a label."""
    words = [text_of(child).strip('"') for child in block.named_children if child.type in {"identifier", "string_lit"}]
    return words[0] if words else "", tuple(words[1:])


def collection(node: Node) -> Node:
    """The object or list without what the grammar puts around it; any other expression as it is."""
    return node.named_children[0] if node.type == "collection_value" and node.named_children else node


def arguments_of(call: Node) -> list[Node]:
    """What stands between the brackets of a function's call, ellipsis and comments as well."""
    inside = next((child for child in call.named_children if child.type == "function_arguments"), None)
    return inside.named_children if inside else []


def body_of(block: Node) -> Node | None:
    """The inside of a block; None for an empty one."""
    return next((child for child in block.named_children if child.type == "body"), None)


def walk(node: Node | None) -> Iterator[Node]:
    """The node and all below it that have a name in the grammar."""
    stack = [node] if node else []
    while stack:
        here = stack.pop()
        yield here
        stack += here.named_children


def text_of(node: Node) -> str:
    """As it is written."""
    return node.text.decode() if node.text else ""


@cache
def _parser() -> Parser:
    return Parser(Language(tree_sitter_hcl.language()))
