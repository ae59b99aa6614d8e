"""Where a block, and a path inside it, is written in one folder of `.tf` files."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from msgspec import Struct, field
from tree_sitter import Node  # noqa: TC002  # data classes hold it, and whoever imports this parses

from scanner.errors import LoadError
from scanner.load import _files
from scanner.load._files import Options
from scanner.load._hcl_nodes import body_of, literal, parse, statements, text_of, walk
from scanner.load._text import Place, Text
from scanner.model import Path as BodyPath

_SUFFIXES = (".tf", ".tofu")
_WRITTEN_AS = {
    # computed argument: the argument a person writes instead
    "tags_all": "tags",
    "effective_labels": "labels",
    "terraform_labels": "labels",
    "effective_annotations": "annotations",
}


class Block(Struct, frozen=True):
    """A block of the configuration: its syntax node and the file it stands in."""

    text: Text
    node: Node

    def header(self) -> Place:
        """The line that opens it, up to the brace."""
        opening = next((child for child in self.node.children if child.type == "block_start"), None)
        end = opening.start_byte if opening else self.node.end_byte
        return _place(self.text, self.node, end)

    def find(self, path: BodyPath) -> Place:
        """The deepest part of the path that is written; the header if nothing of it is."""
        nodes = list(_descend(self.node, path))
        if not nodes:
            return self.header()
        last = nodes[-1]
        return Block(self.text, last).header() if last.type == "block" else _place(self.text, last, last.end_byte)

    def variables(self, path: BodyPath) -> Iterator[str]:
        """The module's variables that the value at a path is made from, those written closest to it first."""
        for node in reversed(list(_descend(self.node, path))):
            made_from = _attribute(node, "for_each") if node.type == "block" else node
            yield from variables(made_from)

    def argument(self, name: str) -> Node | None:
        """The expression of an argument."""
        attribute = _attribute(self.node, name)
        return _expression(attribute) if attribute else None


class Folder(Struct):
    """The `.tf` files of one module. A file is parsed only if it holds the words that are looked for."""

    path: Path
    options: Options
    _parsed: dict[Path, tuple[Text, Node]] = field(default_factory=dict)
    _files: list[tuple[Path, bytes]] | None = None

    def block(self, kind: str, *labels: str) -> Block | None:
        """The block `kind "label" ...`, if it is here."""
        for path, data in self.files():
            if all(label.encode() in data for label in labels):
                text, root = self._parse(path, data)
                for node in _blocks(root, kind):
                    if _labels(node) == labels:
                        return Block(text, node)
        return None

    def parsed(self) -> Iterator[tuple[Text, Node]]:
        """Every file of the module: its text and its syntax."""
        for path, data in self.files():
            yield self._parse(path, data)

    def blocks(self) -> Iterator[Block]:
        """Every block of the module."""
        for text, root in self.parsed():
            for node in statements(root):
                if node.type == "block":
                    yield Block(text, node)

    def root(self, name: str) -> Node:
        """The syntax of another file of the folder, such as a variable file; raises `LoadError`."""
        path = self.path / name
        return self._parse(path, _files.read(path, self.options).data)[1]

    def files(self) -> list[tuple[Path, bytes]]:
        """The module's files, sorted; links that lead out of the boundary are left out, as is what cannot be read."""
        if self._files is None:
            self._files = list(self._read())
        return self._files

    def _read(self) -> Iterator[tuple[Path, bytes]]:
        try:
            found = sorted(path for path in self.path.iterdir() if path.name.endswith(_SUFFIXES))
        except OSError:
            return
        boundary = _files.boundary(self.path, self.options)
        for path in found:
            real = _files.real(path)
            if real.is_relative_to(boundary):
                with suppress(LoadError):
                    yield real, _files.read(real, self.options).data

    def _parse(self, path: Path, data: bytes) -> tuple[Text, Node]:
        if path not in self._parsed:
            text = data.decode(errors="replace")
            self._parsed[path] = (Text(_files.uri_of(path, self.options.base), text), parse(text))
        return self._parsed[path]


def variables(node: Node | None) -> Iterator[str]:
    """The names of the module's variables that an expression reads."""
    for found in walk(node):
        if found.type == "expression" and len(found.named_children) > 1:
            first, second = found.named_children[:2]
            if first.type == "variable_expr" and text_of(first) == "var" and second.type == "get_attr":
                yield text_of(second).lstrip(".")


def _place(text: Text, node: Node, end_byte: int) -> Place:
    """From the node to a byte offset, but not beyond the node's first line."""
    line = node.start_point.row + 1
    start = text.line_start(line) + _characters(text.line(line), node.start_point.column)
    length = _characters(text.text[start : start + end_byte - node.start_byte], end_byte - node.start_byte)
    return text.head(start, start + length)


def _characters(text: str, size: int) -> int:
    """How many characters the first `size` bytes are."""
    return len(text.encode()[:size].decode(errors="ignore"))


def _descend(node: Node, path: BodyPath) -> Iterator[Node]:
    """The nodes on the way down a path, as far as it is written."""
    if not path or not isinstance(path[0], str):
        return
    name, rest = _WRITTEN_AS.get(path[0], path[0]), path[1:]
    if attribute := _attribute(node, name):
        yield attribute
        yield from _into(_expression(attribute), rest)
        return
    index = rest[0] if rest and isinstance(rest[0], int) else 0
    if found := _nested(node, name, index):
        block, content = found
        yield block
        yield from _descend(content, rest[1:] if rest and isinstance(rest[0], int) else rest)


def _into(expression: Node, path: BodyPath) -> Iterator[Node]:
    """As `_descend`, inside an expression: objects, lists, and those given to a function such as `merge`."""
    if not path:
        return
    for literal_node in _literals(expression):
        if literal_node.type == "object" and (element := _element(literal_node, path[0])):
            yield element
            yield from _into(_expression(element), path[1:])
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


def _element(node: Node, key: str | int) -> Node | None:
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
    for number, block in enumerate(_blocks(body_of(node), name, dynamic=True)):
        if _kind(block) == "dynamic":
            return block, next(_blocks(body_of(block), "content"), block)
        if number == index:
            return block, block
    return None


def _blocks(body: Node | None, kind: str, *, dynamic: bool = False) -> Iterator[Node]:
    for child in statements(body):
        if child.type == "block":
            own = _kind(child)
            if own == kind or (dynamic and own == "dynamic" and _labels(child) == (kind,)):
                yield child


def _expression(node: Node) -> Node:
    """What an argument, or an element of an object, is set to. A half-written one stands for itself."""
    found = [child for child in node.named_children if child.type == "expression"]
    return found[-1] if found else node


def _attribute(block: Node, name: str) -> Node | None:
    found = (node for node in statements(body_of(block)) if node.type == "attribute")
    return next((node for node in found if text_of(node.named_children[0]) == name), None)


def _kind(block: Node) -> str:
    return text_of(block.named_children[0]) if block.named_children else ""


def _labels(block: Node) -> tuple[str, ...]:
    """A block's labels; quotes are optional around a label."""
    labels = (child for child in block.named_children[1:] if child.type in {"string_lit", "identifier"})
    return tuple(text_of(label).strip('"') for label in labels)
