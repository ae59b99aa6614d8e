"""Whether a file is laid out as Terraform's language wants it: its grammar cares about lines, tree-sitter's does not.

https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md#bodies
"""

from __future__ import annotations

from tree_sitter import Node  # noqa: TC002  # whoever imports this parses

from scanner.load._hcl.nodes import head, statements

_LABELS = {
    "check": 1,
    "data": 2,
    "ephemeral": 2,
    "import": 0,
    "locals": 0,
    "module": 1,
    "moved": 0,
    "output": 1,
    "provider": 1,
    "removed": 0,
    "resource": 2,
    "terraform": 0,
    "variable": 1,
}
"""How many labels the blocks of a module have: https://developer.hashicorp.com/terraform/language/syntax/configuration."""


def is_valid(root: Node) -> bool:
    """Whether a whole file holds nothing but blocks of a module, all of them laid out well."""
    return all(
        node.type == "comment" or (node.type == "block" and _is_known(node) and _is_laid_out(node))
        for node in statements(root)
    )


def is_assignments(root: Node) -> bool:
    """Whether a whole file holds nothing but arguments, each of them on a line of its own and set once."""
    inside = [node for node in statements(root) if node.type != "comment"]
    return not root.has_error and all(node.type == "attribute" for node in inside) and _are_apart(inside, -1)


def _is_known(block: Node) -> bool:
    kind, labels = head(block)
    return _LABELS.get(kind) == len(labels)


def _is_laid_out(block: Node) -> bool:
    body: list[Node] = []
    opened = 0
    for child in block.children:
        if child.type == "body":
            body = child.children
        elif child.type == "block_start":
            opened = child.end_point.row
        elif child.type == "string_lit" and b"${" in (child.text or b""):
            return False  # in a label
    inside = [child for child in body if child.type != "comment"]
    if block.end_point.row == opened:
        return not inside or [child.type for child in inside] == ["attribute"]
    last = inside[-1].end_point.row if inside else opened
    nested = all(_is_laid_out(child) for child in inside if child.type == "block")
    return nested and _are_apart(inside, opened) and block.end_point.row > last


def _are_apart(inside: list[Node], here: int) -> bool:
    """Whether each of them begins on a line of its own, and no argument is set twice. `here` is the line before."""
    for child in inside:
        if child.start_point.row == here:
            return False
        here = child.end_point.row
    names = [child.children[0].text for child in inside if child.type == "attribute"]
    return len(names) == len(set(names))


def is_separated(elements: list[Node]) -> bool:
    """Whether a comma or a line break stands between any two elements of an object; `elements` are all its parts."""
    before: Node | None = None
    for node in elements:
        if node.type == "object_elem":
            if before and before.end_point.row == node.start_point.row:
                return False
            before = node
        elif node.type == ",":
            before = None
    return True
