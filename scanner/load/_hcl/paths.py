"""The way from a block down a path: to arguments, blocks inside, and entries of the objects and lists in them."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node  # noqa: TC002  # whoever imports this parses

from scanner.load._hcl.json_blocks import WRITTEN_AS
from scanner.load._hcl.nodes import body_of, head, literal, statements, text_of, walk
from scanner.model import Path as BodyPath


def variables(node: Node | None) -> Iterator[str]:
    """The names of the module's variables that an expression reads."""
    for found in walk(node):
        if found.type == "expression" and len(found.named_children) > 1:
            first, second = found.named_children[:2]
            if first.type == "variable_expr" and text_of(first) == "var" and second.type == "get_attr":
                yield text_of(second).lstrip(".")


def descend(node: Node, path: BodyPath) -> Iterator[Node]:
    """The nodes on the way down a path, as far as it is written."""
    if not path or not isinstance(path[0], str):
        return
    name, rest = WRITTEN_AS.get(path[0], path[0]), path[1:]
    if name == "region" and not rest and not attribute_of(node, name):
        name = "provider"  # whose region it is
    if attribute := attribute_of(node, name):
        yield attribute
        yield from _into(expression_of(attribute), rest)
        return
    index = rest[0] if rest and isinstance(rest[0], int) else 0
    if found := _nested(node, name, index):
        block, content = found
        yield block
        yield from descend(content, rest[1:] if rest and isinstance(rest[0], int) else rest)


def _into(expression: Node, path: BodyPath) -> Iterator[Node]:
    """As `descend`, inside an expression: objects, lists, and those given to a function such as `merge`."""
    if not path:
        return
    for literal_node in _literals(expression):
        if literal_node.type == "object" and (element := entry_of(literal_node, path[0])):
            yield element
            yield from _into(expression_of(element), path[1:])
            return
        if literal_node.type == "tuple" and isinstance(path[0], int):
            entries = [child for child in literal_node.named_children if child.type == "expression"]
            if path[0] < len(entries):
                yield entries[path[0]]
                yield from _into(entries[path[0]], path[1:])
            return


def _literals(expression: Node) -> Iterator[Node]:
    """Objects and lists that an expression is, or that the functions it calls are given, the last one first."""
    for child in reversed(expression.named_children):
        if child.type == "collection_value":
            yield from child.named_children
        elif child.type in {"expression", "function_call", "function_arguments"}:
            yield from _literals(child)


def entry_of(node: Node, key: str | int) -> Node | None:
    """The entry of an object under a key, as a whole."""
    for element in node.named_children:
        if element.type == "object_elem" and element.named_children:
            written = element.named_children[0]
            if (literal(written) or text_of(written)) == str(key):
                return element
    return None


def _nested(node: Node, name: str, index: int) -> tuple[Node, Node] | None:
    """The block written for entry `index`, and the block that holds its arguments.

    A `dynamic` block stands for any number of entries, so it has all that are not written before it.
    """
    for number, block in enumerate(nested_blocks(body_of(node), name, dynamic=True)):
        if kind_of(block) == "dynamic":
            return block, next(nested_blocks(body_of(block), "content"), block)
        if number == index:
            return block, block
    return None


def nested_blocks(body: Node | None, kind: str, *, dynamic: bool = False) -> Iterator[Node]:
    """The blocks of a kind in a body or a whole file; with the `dynamic` ones that make such blocks if asked for."""
    for child in statements(body):
        if child.type == "block":
            own = kind_of(child)
            if own == kind or (dynamic and own == "dynamic" and head(child)[1] == (kind,)):
                yield child


def expression_of(node: Node) -> Node:
    """What an argument, or an element of an object, is set to. A half-written one stands for itself."""
    found = [child for child in node.named_children if child.type == "expression"]
    return found[-1] if found else node


def attribute_of(block: Node, name: str) -> Node | None:
    """The argument of a name, as a whole."""
    written = name.encode()
    found = (node for node in statements(body_of(block)) if node.type == "attribute")
    return next((node for node in found if node.children[0].text == written), None)


def kind_of(block: Node) -> str:
    """The word that a block begins with."""
    return text_of(block.named_children[0]) if block.named_children else ""
