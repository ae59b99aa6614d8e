"""How a module's `.tf` files are written: blocks, arguments and what each argument refers to.

The evaluator gives values; only the source tells which of them may be believed, see `trust`.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct, field
from tree_sitter import Node  # noqa: TC002  # data classes hold it, and whoever imports this parses

from scanner.load._hcl.dynamic import opened
from scanner.load._hcl.edits import Lines
from scanner.load._hcl.nodes import body_of, head, literal, statements, text_of, walk
from scanner.load._hcl.places import Folder

_STEPS = frozenset({"get_attr", "index", "splat"})
_LOOPS = frozenset({"for_tuple_expr", "for_object_expr", "template_for"})
_INTRODUCTIONS = frozenset({"for_intro", "template_for_start"})
"""Where a `for` names what it goes over, and its parts."""
CONSTANTS = frozenset({"string_lit", "numeric_lit", "bool_lit", "null_lit"})
"""Kinds of expressions that are made from nothing else."""

_WRAPPERS = frozenset({"expression", "literal_value"})


class Reference(Struct, frozen=True):
    """`aws_x.y["k"].id` as `("aws_x", "y", '["k"]', "id")`; `whole` is false where a part of it is computed."""

    parts: tuple[str, ...]
    whole: bool
    rest: tuple[str, ...] = ()
    """What follows the computed part, which comes first: that of an own key, such as `[each.key]`, else `[*]`."""

    def names(self) -> Iterator[str]:
        """As a plan writes it: the whole reference, then shorter ones down to what it is a part of.

        A plan leaves out what is computed, and what follows it.
        """
        parts = self.parts + self.rest
        shortest = 3 if parts[0] == "data" else 2
        for end in range(len(parts), min(shortest, len(parts)) - 1, -1):
            yield _joined(parts[:end])

    def __str__(self) -> str:
        return _joined(self.parts)


def _joined(parts: tuple[str, ...]) -> str:
    return "".join(part if part.startswith("[") else f".{part}" for part in parts)[1:]


class Expression:
    """What an argument is set to. Its parts are looked up when they are asked for, and kept."""

    __slots__ = ("_calls", "_references", "inner", "is_constant", "node")

    def __init__(self, node: Node) -> None:
        self.node = node
        while node.type in _WRAPPERS and len(children := node.named_children) == 1:
            node = children[0]
        self.inner = node
        """The node without the wrappers that the grammar puts around it."""
        self.is_constant = node.type in CONSTANTS
        """Whether it is made from nothing else."""
        self._references: tuple[Reference, ...] | None = () if self.is_constant else None
        self._calls: tuple[tuple[str, Node], ...] | None = () if self.is_constant else None

    @property
    def references(self) -> tuple[Reference, ...]:
        """What it refers to, without the names that its own `for` expressions make."""
        if self._references is None:
            self._references = tuple(dict.fromkeys(_references(self.node, frozenset())))
        return self._references

    @property
    def calls(self) -> tuple[tuple[str, Node], ...]:
        """The functions it calls, with their nodes."""
        if self._calls is None:
            found = (node for node in walk(self.node) if node.type == "function_call")
            self._calls = tuple((text_of(node.named_children[0]), node) for node in found)
        return self._calls

    @property
    def text(self) -> str:
        """As it is written."""
        return text_of(self.node)

    @property
    def literal(self) -> str | None:
        """The text, if it is a plain text."""
        return literal(self.node)


class Body(Struct, frozen=True):
    """The inside of a block."""

    arguments: dict[str, Expression] = field(default_factory=dict)
    blocks: list[Nested] = field(default_factory=list)


class Nested(Struct, frozen=True):
    """A block inside of another; for a `dynamic` one, of the kind it makes, with what it iterates over."""

    kind: str
    line: int
    body: Body
    iterator: str = ""
    each: Expression | None = None


class Written(Struct, frozen=True):
    """A block of a module."""

    kind: str
    labels: tuple[str, ...]
    line: int
    body: Body


def blocks(folder: Folder) -> Iterator[Written]:
    """The blocks of all files of a module. Lines are those that the evaluator sees."""
    for _, root in folder.parsed():
        lines = Lines(list(opened(root)))
        for node in statements(root):
            if node.type == "block":
                kind, labels = head(node)
                yield Written(kind, labels, lines.of(node), _body(node, lines))


def _body(block: Node, lines: Lines) -> Body:
    inside = body_of(block)
    return Body(arguments(inside), list(_nested(inside, lines))) if inside else Body()


def arguments(body: Node | None) -> dict[str, Expression]:
    """The arguments of a body, or at the top of a file."""
    found: dict[str, Expression] = {}
    for child in statements(body):
        if child.type == "attribute" and len(parts := child.named_children) > 1:
            found[text_of(parts[0])] = Expression(parts[1])
    return found


def _nested(body: Node, lines: Lines) -> Iterator[Nested]:
    for child in body.named_children:
        if child.type == "block":
            kind, labels = head(child)
            inside = _body(child, lines)
            is_dynamic = kind == "dynamic" and labels
            yield _dynamic(labels[0], inside) if is_dynamic else Nested(kind, lines.of(child), inside)


def _dynamic(kind: str, inside: Body) -> Nested:
    content = next((block for block in inside.blocks if block.kind == "content"), Nested("content", 0, Body()))
    iterator = inside.arguments.get("iterator")
    name = iterator.text if iterator else kind
    return Nested(kind, content.line, content.body, name, inside.arguments.get("for_each"))


def _references(node: Node, bound: frozenset[str]) -> Iterator[Reference]:
    children = node.named_children
    introduced = _introduced(children) if node.type in _LOOPS else frozenset()
    for position, child in enumerate(children):
        if child.type in _INTRODUCTIONS:  # what is gone over knows nothing of the names
            yield from _references(child, bound)
            continue
        inside = bound | introduced
        if child.type == "variable_expr":
            name = text_of(child)
            reference = traversal(name, children[position + 1 :])
            if name not in inside and not _is_key(node, position):
                yield reference
        elif child.type not in {"identifier", "template_literal", "literal_value"}:
            yield from _references(child, inside)


def _introduced(children: list[Node]) -> frozenset[str]:
    """The names that a `for` makes."""
    intro = next((child for child in children if child.type in _INTRODUCTIONS), None)
    names = intro.named_children if intro else ()
    return frozenset(text_of(child) for child in names if child.type == "identifier")


def _is_key(node: Node, position: int) -> bool:
    """Whether a bare name is the key of an object's element."""
    parent = node.parent
    if position or len(node.named_children) > 1 or parent is None or parent.type != "object_elem":
        return False
    return parent.named_children[0] == node


def traversal(name: str, following: list[Node]) -> Reference:
    """The reference that begins with a name, as far as the nodes behind it belong to it."""
    parts = [name]
    for position, node in enumerate(following):
        if node.type == "get_attr":
            parts.append(text_of(node).lstrip(". "))
        elif node.type == "index" and (key := _index(node)):
            parts.append(key)
        else:
            whole = node.type not in _STEPS
            return Reference(tuple(parts), whole, () if whole else tuple(_behind(following[position:])))
    return Reference(tuple(parts), whole=True)


def _behind(following: list[Node]) -> Iterator[str]:
    """A computed index or a splat, and the attributes behind it. Of `.*.id[0]` the index is that of the list."""
    first = next(iter(following[0].named_children), following[0])
    inside = first.named_children if following[0].type == "splat" else []
    index = next((node for node in inside if node.type == "index"), None) if first.type == "attr_splat" else None
    yield _any_index(index or first)
    for node in (*inside, *following[1:]):
        if node.type == "get_attr":
            yield text_of(node).lstrip(". ")
        elif node is not index:
            return


def _any_index(node: Node) -> str:
    inside = text_of(node).strip("[] \n")
    return _index(node) or (f"[{inside}]" if inside in {"each.key", "each.value", "count.index"} else "[*]")


def _index(node: Node) -> str:
    """A constant index as a plan writes it; empty for one that is computed."""
    inside = text_of(node).strip().removeprefix("[").removesuffix("]").strip()
    if inside.isdigit() or (inside.startswith('"') and inside.endswith('"') and "${" not in inside):
        return f"[{inside}]"
    return ""
