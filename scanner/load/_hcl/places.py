"""Where a block, and a path inside it, is written in one folder of `.tf` files."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path

from msgspec import Struct, field
from msgspec.structs import replace
from tree_sitter import Node  # noqa: TC002  # data classes hold it, and whoever imports this parses

from scanner.errors import LoadError
from scanner.load import _files
from scanner.load._files import Options
from scanner.load._hcl.forms import JSON, Source, is_override, read
from scanner.load._hcl.json_blocks import JsonBlock, blocks, written
from scanner.load._hcl.json_native import native
from scanner.load._hcl.nodes import head, parse, statements
from scanner.load._hcl.paths import attribute_of, descend, expression_of, nested_blocks, variables
from scanner.load._json_places import JsonPlaces
from scanner.load._text import Place, Text
from scanner.model import Path as BodyPath


class Block(Struct, frozen=True):
    """A block of the configuration: its syntax node and the file it stands in."""

    text: Text
    node: Node
    overrides: tuple[Block, ...] = ()
    """What override files say about it, the last word last."""

    def header(self) -> Place:
        """The line that opens it, up to the brace."""
        opening = next((child for child in self.node.children if child.type == "block_start"), None)
        end = opening.start_byte if opening else self.node.end_byte
        return _place(self.text, self.node, end)

    def find(self, path: BodyPath) -> Place:
        """The deepest part of the path that is written; the header if nothing of it is."""
        found = (block.written(path) for block in (*reversed(self.overrides), self))
        return next((place for place in found if place), None) or self.header()

    def written(self, path: BodyPath) -> Place | None:
        """The deepest part of the path that this block itself writes."""
        nodes = list(descend(self.node, path))
        if not nodes:
            return None
        last = nodes[-1]
        return Block(self.text, last).header() if last.type == "block" else _place(self.text, last, last.end_byte)

    def writes(self, path: BodyPath) -> bool:
        """Whether all of the path is written in so many words."""
        steps = [step for step in path if isinstance(step, str)]
        blocks = (*reversed(self.overrides), self)
        return any(len(list(descend(block.node, path))) == len(steps) for block in blocks)

    def reach(self, path: BodyPath) -> tuple[Node | None, int]:
        """The expression at a path, as far as this block itself writes it, and how many of its names are written."""
        found = list(descend(self.node, path))
        return (expression_of(found[-1]) if found else None), len(found)

    def variables(self, path: BodyPath) -> Iterator[str]:
        """The module's variables that the value at a path is made from, those written closest to it first."""
        for node in reversed(list(descend(self.node, path))):
            made_from = attribute_of(node, "for_each") if node.type == "block" else node
            yield from variables(made_from)

    def argument(self, name: str) -> Node | None:
        """The expression of an argument."""
        found = (attribute_of(block.node, name) for block in (*reversed(self.overrides), self))
        attribute = next((node for node in found if node), None)
        return expression_of(attribute) if attribute else None


class InJson(Block, frozen=True, kw_only=True):
    """A block that is written in JSON; its node is of the same block in the native syntax."""

    places: JsonPlaces
    json: JsonBlock

    def header(self) -> Place:
        """The line with its last label."""
        return self.places.find(self.json.pointer)

    def written(self, path: BodyPath) -> Place | None:
        """The deepest part of the path that this block itself writes."""
        inside = tuple(written(self.json.body, path))
        return self.places.find((*self.json.pointer, *inside)) if inside else None


class Folder(Struct):
    """The files of one module. A file is parsed only if it holds the words that are looked for."""

    path: Path
    options: Options
    _files: list[Source] | None = None
    _parsed: dict[Path, tuple[Text, Node]] = field(default_factory=dict)
    _named: dict[Path, dict[tuple[str, ...], list[Node]]] = field(default_factory=dict)
    _json: dict[Path, tuple[JsonPlaces, list[JsonBlock]]] = field(default_factory=dict)

    def block(self, kind: str, *labels: str) -> Block | None:
        """The block `kind "label" ...`, if it is here, with what override files say about it."""
        found: list[Block] = []
        for file in self.files():
            if (not found or is_override(file.name)) and self._may_hold(file, labels):
                found += islice(self._find(file, kind, labels), 1)
        return replace(found[0], overrides=tuple(found[1:])) if found[1:] else found[0] if found else None

    def _may_hold(self, file: Source, labels: tuple[str, ...]) -> bool:
        """Whether it is worth parsing a file. Once that is done, its blocks are found faster than words in its text."""
        return file.path in self._named or all(label.encode() in file.data for label in labels)

    def may_hold(self, word: str) -> bool:
        """Whether a word stands anywhere in the module, told without parsing it."""
        return any(word.encode() in file.data for file in self.files())

    def every(self, kind: str, *labels: str) -> Iterator[Block]:
        """Every block `kind "label" ...`, as it is written in one place."""
        for file in self.files():
            yield from self._find(file, kind, labels)

    def _find(self, file: Source, kind: str, labels: tuple[str, ...]) -> Iterator[Block]:
        if not file.name.endswith(JSON):
            text, root = self._parse(file)
            if file.path not in self._named:
                self._named[file.path] = _named(root)
            yield from (Block(text, node) for node in self._named[file.path].get((kind, *labels), ()))
            return
        places, blocks = self._parse_json(file)
        for block in blocks:
            if (block.kind, block.labels) == (kind, labels):
                node = next(nested_blocks(parse("\n".join(native(block))), kind))
                yield InJson(text=places.text, node=node, places=places, json=block)

    def parsed(self) -> Iterator[tuple[Text, Node]]:
        """Every file of the module, all in the native syntax: its text and its syntax tree."""
        for file in self.files():
            yield self._parse(file)

    def blocks(self) -> Iterator[Block]:
        """Every block of the module."""
        for text, root in self.parsed():
            for node in statements(root):
                if node.type == "block":
                    yield Block(text, node)

    def files(self) -> list[Source]:
        """The module's files; links that lead out of the boundary are left out, as is what cannot be read."""
        if self._files is None:
            self._files = list(read(self.path, self.options))
        return self._files

    def _parse(self, file: Source) -> tuple[Text, Node]:
        if file.path not in self._parsed:
            text = self._text(file)
            self._parsed[file.path] = (text, parse(text.text))
        return self._parsed[file.path]

    def _parse_json(self, file: Source) -> tuple[JsonPlaces, list[JsonBlock]]:
        if file.path not in self._json:
            text, found = self._text(file), list[JsonBlock]()
            with suppress(LoadError):
                found = list(blocks(text.text))
            self._json[file.path] = (JsonPlaces(text), found)
        return self._json[file.path]

    def _text(self, file: Source) -> Text:
        return Text(_files.uri_of(file.path, self.options.base), file.data.decode(errors="replace"))


def _named(root: Node) -> dict[tuple[str, ...], list[Node]]:
    """The blocks of a file by kind and labels."""
    found: dict[tuple[str, ...], list[Node]] = {}
    for node in statements(root):
        if node.type == "block":
            kind, labels = head(node)
            found.setdefault((kind, *labels), []).append(node)
    return found


def _place(text: Text, node: Node, end_byte: int) -> Place:
    """From the node to a byte offset, but not beyond the node's first line."""
    if text.text.isascii():
        return text.head(node.start_byte, end_byte)
    line = node.start_point.row + 1
    start = text.line_start(line) + _characters(text.line(line), node.start_point.column)
    length = _characters(text.text[start : start + end_byte - node.start_byte], end_byte - node.start_byte)
    return text.head(start, start + length)


def _characters(text: str, size: int) -> int:
    """How many characters the first `size` bytes are."""
    return len(text.encode()[:size].decode(errors="ignore"))
