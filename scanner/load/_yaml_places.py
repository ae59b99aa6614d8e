"""Where a path is written in a YAML stream. Only documents that are asked about are parsed.

The deepest part of the path that is written wins: a missing key is shown at the key that holds its parent, and an
object that lacks a key at its top is shown at its first line.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from scanner.errors import LoadError
from scanner.load import _yaml
from scanner.load._text import Place, Text
from scanner.model import Path

if TYPE_CHECKING:
    import yaml


def places(text: Text, paths: Sequence[Path]) -> list[Place | None]:
    """The place of each path, whose first element is the document's number; None if there is no such document.

    Only one document's syntax tree is in memory at a time.
    """
    wanted: dict[str | int, list[int]] = {}
    for index, path in enumerate(paths):
        wanted.setdefault(path[0], []).append(index)
    found: list[Place | None] = [None] * len(paths)
    for piece in _yaml.pieces(text.text):
        asked = wanted.pop(piece.number, [])
        if asked and (root := _root(piece)):
            for index in asked:
                found[index] = _find(text, root, paths[index][1:], piece.start)
        if not wanted:
            break
    return found


def _root(piece: _yaml.Piece) -> yaml.Node | None:
    from scanner.load._pyyaml import yaml  # noqa: PLC0415  # only findings need it

    try:
        # PyYAML composes recursively, in C: what nests too deeply would end the process.
        _check_size(piece)
        return yaml.compose(piece.text, Loader=yaml.CBaseLoader)
    except (ValueError, yaml.YAMLError):
        return None


def _check_size(piece: _yaml.Piece) -> None:
    """Raise `ValueError` for what nests too deeply. What our parser reads does not; it tells that ten times faster."""
    try:
        _yaml.value(piece)
    except LoadError:
        from scanner.load import _yaml_exact  # noqa: PLC0415  # hardly anything needs it

        _yaml_exact.check_size(piece.text)


def _find(text: Text, root: yaml.Node, path: Path, start: int) -> Place:
    found = text.head(start + root.start_mark.index, start + root.end_mark.index)
    node = root
    for step in path:
        if step == node.tag:
            continue
        label, child = _child(node, step)
        if child is None:
            break
        found = _place(text, label, child, start)
        node = child
    return found


def _child(node: yaml.Node, step: str | int) -> tuple[yaml.Node | None, yaml.Node | None]:
    """The key's node (None for an entry of a list) and the value's."""
    from scanner.load._pyyaml import yaml  # noqa: PLC0415  # it is there by now

    if isinstance(node, yaml.SequenceNode):
        known = isinstance(step, int) and step < len(node.value)
        return None, node.value[step] if known else None
    if not isinstance(node, yaml.MappingNode):
        return None, None
    merged: list[yaml.Node] = []
    for key, value in node.value:
        if isinstance(key, yaml.ScalarNode):
            if key.value == str(step):
                return key, value
            if key.value == "<<":
                merged += value.value if isinstance(value, yaml.SequenceNode) else [value]
    found = (_child(entry, step) for entry in merged)
    return next((pair for pair in found if pair[1] is not None), (None, None))


def _place(text: Text, label: yaml.Node | None, value: yaml.Node, start: int) -> Place:
    begin, end = start + value.start_mark.index, start + value.end_mark.index
    if label is None:
        return text.head(begin, end)
    key = start + label.start_mark.index
    # An alias's value is written elsewhere, before its key.
    end = end if begin > key else start + label.end_mark.index
    return text.entry(key, start + label.end_mark.index, end)
