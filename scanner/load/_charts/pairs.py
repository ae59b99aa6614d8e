"""Where a path stands in a text that only looks like YAML: a template, with its control lines and expressions.

Keys are found by their indentation. Lines that only control the template are passed over. What they make uncertain
(which entry of a list, one of two branches) is settled by the value that was rendered, or left at what holds it: a
place that is too wide is true, one beside the value is not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from msgspec import Struct

from scanner.bodies import peek
from scanner.model import Path
from scanner.patterns import regex

_PAIR = regex(
    r"""^(?P<lead>[ ]*(?:-[ ]+)*)(?P<key>"[^"]*"|'[^']*'|[^\s#:{}\[\]][^:{}]*?)[ ]*:(?:[ ]+(?P<value>.*?))?[ ]*$"""
)
_ENTRY = regex(r"^(?P<lead>[ ]*)-(?:[ ]+|$)")
_CONTROL = regex(r"^[ \t]*\{\{-?[ ]*(?:/\*|(?:if|else|end|range|with|define|block|template|include|toYaml|fail)\b|\$)")
_STEERS = regex(r"^[ \t]*\{\{-?[ ]*(?:/\*|(?:if|else|end|range|with|define)\b)[^{]*$")
"""A line that decides about others, and prints nothing itself."""

_OUTPUT = regex(r"\{\{")


class Found(Struct, frozen=True):
    """A line, from 0; and how much of the path it is about."""

    line: int
    depth: int
    value: str = ""
    """What stands behind the key on that line."""
    block: tuple[int, int] = (0, 0)
    """The lines below the key that belong to it."""


class _Pair(Struct, frozen=True):
    line: int
    column: int
    key: str
    value: str


def find(lines: Sequence[str], first: int, last: int, path: Path, rendered: Any) -> Found | None:
    """The deepest part of a path that is surely written between two lines; None if not even its first key is.

    `rendered` is the body that the template made, at the top of the path.
    """
    found: Found | None = None
    bounds, value = (first, last), rendered
    for depth, step in enumerate(path):
        value = peek(value, step)
        place = _entry(lines, bounds, step, value) if isinstance(step, int) else _key(lines, bounds, step, value)
        if place is None:
            return found
        found = Found(place.line, depth + 1, place.value, place.block)
        bounds = place.block
    return found


def _key(lines: Sequence[str], bounds: tuple[int, int], key: str, rendered: Any) -> Found | None:
    pairs = list(_pairs(lines, bounds))
    column = min((pair.column for pair in pairs), default=0)
    mine = [pair for pair in pairs if pair.column == column and pair.key == key]
    fitting = [pair for pair in mine if fits(pair.value, rendered)]
    if len(fitting) != 1:
        return None
    (pair,) = fitting
    return Found(pair.line, 0, pair.value, (pair.line + 1, _end(lines, (pair.line + 1, bounds[1]), column, lists=True)))


def fits(written: str, rendered: Any) -> bool:
    """Whether a value as it is written may have become the one that was rendered."""
    plain = re.sub(r"\s+#.*$", "", written).strip()
    if not plain or _OUTPUT.search(plain) or plain[0] in "{[|>&*":
        return True
    if isinstance(rendered, dict | list):
        return False
    return plain.strip("\"'").lower() == str(rendered).lower()


def _entry(lines: Sequence[str], bounds: tuple[int, int], index: int, rendered: Any) -> Found | None:
    """An entry of a list: by its `name` where it has one, else by its number where nothing controls the list."""
    starts = [(number, len(match["lead"])) for number, match in _entries(lines, bounds)]
    column = min((column for _, column in starts), default=0)
    mine = [number for number, at in starts if at == column]
    blocks = [(number, _end(lines, (number + 1, bounds[1]), column, lists=False)) for number in mine]
    name = rendered.get("name") if isinstance(rendered, dict) else None
    named = [block for block in blocks if name is not None and _says(lines, block, str(name))]
    if len(named) == 1:
        return _at(named[0])
    controlled = any(_CONTROL.match(lines[number]) for number in range(*bounds))
    if controlled and len(blocks) == 1 and not _made_beside(lines, bounds, blocks[0]):
        return _at(blocks[0])
    return _at(blocks[index]) if not controlled and index < len(blocks) else None


def _made_beside(lines: Sequence[str], bounds: tuple[int, int], block: tuple[int, int]) -> bool:
    """Whether expressions around the only entry that is written may make others."""
    around = [*range(bounds[0], block[0]), *range(block[1], bounds[1])]
    return any(_OUTPUT.search(lines[number]) and not _STEERS.match(lines[number]) for number in around)


def _at(block: tuple[int, int]) -> Found:
    # The first line of an entry holds its first key as well.
    return Found(block[0], 0, "", block)


def _says(lines: Sequence[str], block: tuple[int, int], name: str) -> bool:
    pairs = list(_pairs(lines, block))
    column = min((pair.column for pair in pairs), default=0)
    return any(pair.column == column and pair.key == "name" and pair.value.strip("\"'") == name for pair in pairs)


def _entries(lines: Sequence[str], bounds: tuple[int, int]) -> Iterator[tuple[int, re.Match[str]]]:
    for number in range(*bounds):
        match = None if _CONTROL.match(lines[number]) else _ENTRY.match(lines[number])
        if match:
            yield number, match


def _pairs(lines: Sequence[str], bounds: tuple[int, int]) -> Iterator[_Pair]:
    """The keys in a block, each with the column it begins in; only the outermost ones matter to who asks."""
    for number in range(*bounds):
        line = lines[number]
        match = None if _CONTROL.match(line) else _PAIR.match(line.rstrip("\r\n"))
        if match:
            yield _Pair(number, len(match["lead"]), match["key"].strip("\"'"), match["value"] or "")


def _end(lines: Sequence[str], bounds: tuple[int, int], column: int, *, lists: bool) -> int:
    """The first line that is not below something in this column; the entries of a key's list may stand in it too."""
    for number in range(*bounds):
        line = lines[number].strip()
        if not line or line.startswith("#") or _CONTROL.match(lines[number]):
            continue
        own = len(lines[number]) - len(lines[number].lstrip(" "))
        if own < column or (own == column and not (lists and line.startswith("- "))):
            return number
    return bounds[1]
