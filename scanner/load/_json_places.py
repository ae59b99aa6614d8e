"""Where a path is written in a JSON text, without holding the parsed text.

Containers are opened one level at a time; the standard library's C scanner runs over what lies beside the path.
A container's entries are remembered, so many paths into one file cost one run for each level.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from scanner.load._text import Place, Text
from scanner.model import Path

_BLANK = re.compile(r"[ \t\r\n]*")
# Numbers stay unconverted: Python refuses integers of thousands of digits.
_DECODER = json.JSONDecoder(parse_int=float, parse_float=float, strict=False)


@dataclass(frozen=True, slots=True)
class _Entry:
    """Offsets of one entry of a container. An entry of a list has its value for a label."""

    start: int
    label_end: int
    value: int
    end: int


class JsonPlaces:
    """Finds paths in one text; `start` is where the value begins that paths start from."""

    def __init__(self, text: Text) -> None:
        self._text = text
        self._entries: dict[int, dict[str | int, _Entry]] = {}

    def find(self, path: Path, start: int = 0) -> Place:
        """The deepest part of the path that is written; the first line of the whole for an empty one."""
        here = self._skip(start)
        found = self._text.head(here, len(self._text.text))
        for step in path:
            entry = self._open(here).get(step)
            if entry is None:
                break
            found = self._place(entry)
            here = entry.value
        return found

    def _place(self, entry: _Entry) -> Place:
        if entry.start == entry.value:
            return self._text.head(entry.start, entry.end)
        return self._text.entry(entry.start, entry.label_end, entry.end)

    def _open(self, start: int) -> dict[str | int, _Entry]:
        if start not in self._entries:
            found: dict[str | int, _Entry] = {}
            # What was read before the text breaks off stays of use.
            with suppress(ValueError, IndexError, RecursionError):
                found.update(self._scan(start))
            self._entries[start] = found
        return self._entries[start]

    def _scan(self, start: int) -> Iterator[tuple[str | int, _Entry]]:
        text = self._text.text
        opening = text[start : start + 1]
        if opening not in ("{", "["):
            return
        here, index = self._skip(start + 1), 0
        while text[here] not in "}]":
            label, label_end, key = here, here, index
            if opening == "{":
                name, label_end = _DECODER.raw_decode(text, here)
                here = self._skip(self._skip(label_end) + 1)
            value = here
            _, end = _DECODER.raw_decode(text, value)
            yield (name if opening == "{" else key), _Entry(label, label_end, value, end)
            here, index = self._skip(end), index + 1
            here = self._skip(here + 1) if text[here] == "," else here

    def _skip(self, start: int) -> int:
        match = _BLANK.match(self._text.text, start)
        return match.end() if match else start
