"""Where a path is written in a JSON text, without holding the parsed text.

Containers are opened one level at a time, and read only as far as the path needs; the standard library's C scanner
runs over what lies before it. Entries are remembered, so many paths into one file cost one run.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache
from typing import Any

from msgspec import Struct

from scanner.load._text import Place, Text
from scanner.model import Path
from scanner.patterns import regex

_BLANKS = " \t\r\n"
_BLANK = regex(rf"[{_BLANKS}]*")
# Numbers stay unconverted: Python refuses integers of thousands of digits.
_KEY = regex(rf'"([^"\\]*)"[{_BLANKS}]*:[{_BLANKS}]*')
"""A key as nearly all are, up to its value."""
_BARE = r"-?\d[\d.eE+-]*+|true|false|null"
_SCALAR = regex(rf'"[^"\\]*"|{_BARE}')
_TEXT = r'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_WORD = rf"(?:{_TEXT}|{_BARE})"
_FLAT = rf"(?:{_WORD}|\[(?:{_WORD}|[,{_BLANKS}])*+\]|\{{(?:{_WORD}|[,:{_BLANKS}])*+\}})"
"""A value with nothing in it that has parts of its own."""
_FARTHEST = 200
"""Entries that are leapt over."""
_DECODER = json.JSONDecoder(parse_int=float, parse_float=float, strict=False)


class _Entry(Struct, frozen=True):
    """Offsets of one entry of a container. An entry of a list has its value for a label."""

    start: int
    label_end: int
    value: int


@lru_cache(maxsize=512)
def _leap(key: str) -> re.Pattern[str]:
    """From the start of an object over flat values to the value of a key, which is not written before it."""
    written = re.escape(json.dumps(key))
    blank = rf"[{_BLANKS}]*+"
    member = rf'"[^"\\]*+"{blank}:{blank}{_FLAT}{blank},{blank}'
    return re.compile(rf"\{{{blank}(?:(?!{written}){member}){{0,{_FARTHEST}}}+({written}){blank}:{blank}")


Entries = Iterator[tuple[str | int, _Entry]]


class JsonPlaces:
    """Finds paths in one text; `start` is where the value begins that paths start from."""

    def __init__(self, text: Text) -> None:
        self.text = text
        self._opened: dict[int, tuple[dict[str | int, _Entry], Entries]] = {}
        """By where a container starts: the entries met so far, and those that follow."""

    def find(self, path: Path, start: int = 0) -> Place:
        """The deepest part of the path that is written; the first line of the whole for an empty one."""
        here = self._skip(start)
        deepest: _Entry | None = None
        for step in path:
            entry = self._entry(here, step)
            if entry is None:
                break
            deepest, here = entry, entry.value
        return self._place(deepest) if deepest else self.text.head(here, len(self.text.text))

    def _place(self, entry: _Entry) -> Place:
        try:
            end = self._end(entry.value)
        except (ValueError, RecursionError):
            end = len(self.text.text)
        if entry.start == entry.value:
            return self.text.head(entry.start, end)
        return self.text.entry(entry.start, entry.label_end, end)

    def _entry(self, start: int, step: str | int) -> _Entry | None:
        """An entry of the container that starts there: the first of its key."""
        if start not in self._opened:
            self._opened[start] = ({}, self._scan(start))
        known, following = self._opened[start]
        if step in known:
            return known[step]
        if isinstance(step, str) and not known and (entry := self._leapt(start, step)):
            return entry
        # What was read before the text breaks off stays of use.
        with suppress(StopIteration, ValueError, IndexError, RecursionError):
            while step not in known:
                key, entry = next(following)
                known.setdefault(key, entry)
        return known.get(step)

    def _leapt(self, start: int, key: str) -> _Entry | None:
        """The entry of a key, found in one go where nothing but flat values stands before it."""
        if found := _leap(key).match(self.text.text, start):
            return _Entry(found.start(1), found.end(1), found.end())
        return None

    def _scan(self, start: int) -> Entries:
        text = self.text.text
        opening = text[start : start + 1]
        if opening not in ("{", "["):
            return
        here, index = self._skip(start + 1), 0
        while text[here] not in "}]":
            key, label, label_end = index, here, here
            if opening == "{":
                key, label_end, here = self._key(here)
            yield key, _Entry(label, label_end, here)
            here, index = self._skip(self._end(here)), index + 1
            here = self._skip(here + 1) if text[here] == "," else here

    def _key(self, start: int) -> tuple[Any, int, int]:
        """A key, where it ends, and where its value starts."""
        if plain := _KEY.match(self.text.text, start):
            return plain[1], plain.end(1) + 1, plain.end()
        name, end = _DECODER.raw_decode(self.text.text, start)
        return name, end, self._skip(self._skip(end) + 1)

    def _end(self, start: int) -> int:
        """Where a value ends."""
        if plain := _SCALAR.match(self.text.text, start):
            return plain.end()
        _, end = _DECODER.raw_decode(self.text.text, start)
        return end

    def _skip(self, start: int) -> int:
        if self.text.text[start : start + 1] not in _BLANKS:
            return start  # by far the most frequent, and three times faster than the regular expression
        match = _BLANK.match(self.text.text, start)
        return match.end() if match else start
