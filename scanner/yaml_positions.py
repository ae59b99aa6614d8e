"""Where things stand in a YAML file that people write: a key, a value, one character of a value's text.

Only files with a mistake need positions, so the file is composed a second time, by PyYAML, which keeps them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from scanner.model import Path as BodyPath
from scanner.strange_files import refused

ENCODING = "utf-8-sig"
"""UTF-8, with or without the mark that editors on Windows put first."""
Position = tuple[int, int]
"""Line and column, from 1; zeros where there is none."""


class Positions:
    """Looks places up in one file; it is read on first use."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._text = ""
        self._root: Any = None

    def of(self, where: BodyPath) -> Position:
        """The key or list entry at the path; the deepest one that is there."""
        mark, _ = self._find(where)
        return _position(mark) if mark else (0, 0)

    def inside(self, where: BodyPath, offset: int) -> Position:
        """One character of the text that is the value at the path, however it is quoted and folded."""
        _, node = self._find(where)
        if node is None or node.id != "scalar":
            return self.of(where)
        start, end = node.start_mark.index, node.end_mark.index
        found = _at(
            self._text, start + _opening(self._text[start:end], node.style), end, node.value[:offset], node.style
        )
        before = self._text[:found]
        return before.count("\n") + 1, found - (before.rfind("\n") + 1) + 1

    def repeated(self) -> list[tuple[Position, str]]:
        """Every key that stands in its map already, where it stands again, in the order of the file."""
        root = self._composed()
        return sorted((_position(key.start_mark), key.value) for key in _repeated(root)) if root else []

    def lines(self, where: BodyPath) -> str:
        """The value at the path as it is written in the file, with the indentation of its first line."""
        _, node = self._find(where)
        if node is None:
            return ""
        start = node.start_mark.index - (0 if node.start_mark.column == 0 else node.start_mark.column)
        head = self._text[start : node.start_mark.index]
        lead = head if not head.strip() else " " * len(head)
        return lead + self._text[node.start_mark.index : node.end_mark.index]

    def _find(self, where: BodyPath) -> tuple[Any, Any]:
        """The mark where the path's last step is written, and the node of its value."""
        node = self._composed()
        mark = node.start_mark if node else None
        for step in where:
            found = next(_children(node, step), None)
            if found is None:
                return mark, None
            mark, node = found
        return mark, node

    def _composed(self) -> Any:
        if self._root is None:
            import yaml  # noqa: PLC0415  # only files with a mistake need positions

            if refused(self._path, links=True):
                return None
            # What cannot be understood has no places. The two parsers differ at the edges of the language.
            with suppress(OSError, UnicodeDecodeError, RecursionError, yaml.YAMLError):
                self._text = self._path.read_text(encoding=ENCODING)
                self._root = yaml.compose(self._text, Loader=yaml.SafeLoader)
        return self._root


def _position(mark: Any) -> Position:
    return mark.line + 1, mark.column + 1


def _children(node: Any, step: str | int) -> Iterator[tuple[Any, Any]]:
    if isinstance(step, int) and node.id == "sequence" and step < len(node.value):
        yield node.value[step].start_mark, node.value[step]
    elif node.id == "mapping":
        yield from ((key.start_mark, value) for key, value in node.value if key.value == str(step))


def _repeated(root: Any) -> Iterator[Any]:
    """The nodes of such keys. An alias makes a node stand in several places, and perhaps in itself."""
    waiting, seen = [root], {id(root)}
    while waiting:
        node = waiting.pop()
        if node.id == "mapping":
            yield from _again([key for key, _ in node.value if key.id == "scalar"])
        inner = [part for entry in node.value for part in (entry if node.id == "mapping" else [entry])]
        fresh = {id(one): one for one in inner if one.id != "scalar" and id(one) not in seen}
        seen |= fresh.keys()
        waiting += fresh.values()


def _again(keys: Sequence[Any]) -> Iterator[Any]:
    seen: set[tuple[str, str]] = set()
    for key in keys:
        if (key.tag, key.value) in seen:
            yield key
        seen.add((key.tag, key.value))


def _opening(source: str, style: str | None) -> int:
    """Characters before the text itself: a quote, or the line of a block's indicator."""
    if style in {"'", '"'}:
        return 1
    return source.find("\n") + 1 if style in {"|", ">"} else 0


def _at(source: str, place: int, end: int, before: str, style: str | None) -> int:
    """Walk over the source as far as the characters before the wanted one reach; space does not count, it is folded."""
    for _ in range(sum(not character.isspace() for character in before)):
        place = _next(source, place, end)
        escaped = (style == '"' and source[place] == "\\") or (style == "'" and source[place : place + 2] == "''")
        place += 2 if escaped else 1
    return _next(source, place, end)


def _next(source: str, place: int, end: int) -> int:
    """The next character that is no space."""
    while place < end - 1 and source[place].isspace():
        place += 1
    return min(place, end - 1)
