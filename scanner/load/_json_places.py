"""Where a path is written in a JSON text, without holding the parsed text.

Containers are opened one level at a time, and read only as far as the path needs; the standard library's C scanner
runs over what lies before it. Entries are remembered, so many paths into one file cost one run. In a large text
`msgspec` tells beforehand how long the entries of large containers are: it passes over them thirty times faster.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from contextlib import suppress
from functools import lru_cache
from typing import Any

import msgspec
from msgspec import Raw, Struct

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
_LARGE = 1 << 16
"""Bytes of a container whose entries are measured. The scanner runs over a smaller one in half a millisecond."""
_DEEPEST = 8
"""Containers inside of one another that are measured, all of them large."""
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


def _entries(container: bytes | Raw, opening: str) -> Collection[Raw]:
    """The entries of an object or a list as they are written. Raises ValueError where one breaks off."""
    if opening == "[":
        return msgspec.json.decode(container, type=list[Raw])
    return msgspec.json.decode(container, type=dict[str, Raw]).values()


Entries = Iterator[tuple[str | int, _Entry]]


class JsonPlaces:
    """Finds paths in one text; `start` is where the value begins that paths start from."""

    def __init__(self, text: Text, data: bytes = b"") -> None:
        """`data` is the text in UTF-8. It is looked at now and not kept; without it all is found as well, but later."""
        self.text = text
        self._opened: dict[int, tuple[dict[str | int, _Entry], Entries]] = {}
        """By where a container starts: the entries met so far, and those that follow."""
        self._ends: dict[int, int] = {}
        """Where values end that were measured, by where they start."""
        self._began = 0
        self._trail: list[tuple[str | int, _Entry]] = []
        """The steps of the path that was found last; the next one often begins with the same."""
        try:
            self._measure(self._skip(0), data, _DEEPEST)
        except (ValueError, TypeError, IndexError, RecursionError):  # it breaks off, or says a key twice
            self._opened, self._ends = {}, {}

    def find(self, path: Path, start: int = 0) -> Place:
        """The deepest part of the path that is written; the first line of the whole for an empty one."""
        trail = self._trail if start == self._began else []
        here = self._skip(start)
        for depth, step in enumerate(path):
            if depth >= len(trail) or trail[depth][0] != step:
                del trail[depth:]
                entry = self._entry(here, step)
                if entry is None:
                    break
                trail.append((step, entry))
            here = trail[depth][1].value
        del trail[len(path) :]
        self._began, self._trail = start, trail
        return self._place(trail[-1][1]) if trail else self.text.head(here, len(self.text.text))

    def _measure(self, start: int, value: bytes | Raw, left: int) -> None:
        """Open a container, and those in it, where they are large."""
        if len(value) <= _LARGE or not left or self.text.text[start] not in "[{":
            return
        entries: dict[str | int, _Entry] = {}
        inside = _entries(value, self.text.text[start])
        for (key, entry), part in zip(self._scan(start), inside, strict=True):
            self._ends[entry.value] = entry.value + (len(part) if self.text.text.isascii() else len(str(part, "utf-8")))
            entries[key] = entry
            self._measure(entry.value, part, left - 1)
        self._opened[start] = (entries, iter(()))

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
        if start in self._ends:
            return self._ends[start]
        if plain := _SCALAR.match(self.text.text, start):
            return plain.end()
        _, end = _DECODER.raw_decode(self.text.text, start)
        return end

    def _skip(self, start: int) -> int:
        if self.text.text[start : start + 1] not in _BLANKS:
            return start  # by far the most frequent, and three times faster than the regular expression
        match = _BLANK.match(self.text.text, start)
        return match.end() if match else start
