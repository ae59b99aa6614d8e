"""The piece of text that a node was parsed from. The parser gives only one offset for each node."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from functools import lru_cache

from scanner.cel.nodes import Node, children
from scanner.patterns import regex

_TOKEN = regex(
    r"""\s+|//[^\n]*
    |[bBrR]{0,2}(?:'''.*?'''|\"{3}.*?\"{3}|'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")
    |[\w]+(?:\.\d+)?|.""",
    re.DOTALL | re.VERBOSE,
)
_OPEN, _CLOSE = frozenset("([{"), frozenset(")]}")


def span(text: str, node: Node) -> str:
    """The node's own text on one line, brackets balanced."""
    offsets = list(_offsets(node))
    starts, words = _tokens(text)
    first, last = (max(bisect_right(starts, offset) - 1, 0) for offset in (min(offsets), max(offsets)))
    first, last = _grow(words, first, last)
    return " ".join(text[starts[first] : starts[last] + len(words[last])].split())


@lru_cache(maxsize=1024)
def _tokens(text: str) -> tuple[list[int], list[str]]:
    """Where each token begins, and the tokens; without space and comments. Findings of one policy come in numbers."""
    found = [(match.start(), match.group()) for match in _TOKEN.finditer(text)]
    kept = [(start, word) for start, word in found if word.strip() and not word.startswith("//")]
    return [start for start, _ in kept], [word for _, word in kept]


def _offsets(node: Node) -> Iterator[int]:
    yield node.at
    for child in children(node):
        yield from _offsets(child)


def _grow(words: list[str], first: int, last: int) -> tuple[int, int]:
    """Take in the name before an opening bracket or a dot, the name after a dot, and what closes open brackets."""
    while last + 1 < len(words) and words[last] in {".", "?"}:
        last += 1
    while first and (words[first] == "." or (words[first] == "(" and words[first - 1][-1:].isalnum())):
        first -= 1
    while first > 1 and words[first - 1] == ".":
        first -= 2
    depth = 0
    for at in range(first, last + 1):
        depth += (words[at] in _OPEN) - (words[at] in _CLOSE)
        if depth < 0 and first:
            first, depth = _opening(words, at), 0
    while depth > 0 and last + 1 < len(words):
        last += 1
        depth += (words[last] in _OPEN) - (words[last] in _CLOSE)
    return first, last


def _opening(words: list[str], closing: int) -> int:
    """The bracket that this one closes."""
    depth = 0
    for at in range(closing, -1, -1):
        depth += (words[at] in _CLOSE) - (words[at] in _OPEN)
        if depth == 0:
            return at
    return 0
