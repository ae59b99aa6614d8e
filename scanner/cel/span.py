"""The piece of text that a node was parsed from. The parser gives only one offset for each node."""

from __future__ import annotations

import re
from collections.abc import Iterator

from scanner.cel.nodes import Node, children

_TOKEN = re.compile(
    r"""\s+|//[^\n]*
    |[bBrR]{0,2}(?:'''.*?'''|\"{3}.*?\"{3}|'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")
    |[\w]+(?:\.\d+)?|.""",
    re.DOTALL | re.VERBOSE,
)
_OPEN, _CLOSE = frozenset("([{"), frozenset(")]}")


def span(text: str, node: Node) -> str:
    """The node's own text on one line, brackets balanced."""
    offsets = list(_offsets(node))
    tokens = [(found.start(), found.group()) for found in _TOKEN.finditer(text)]
    tokens = [token for token in tokens if token[1].strip() and not token[1].startswith("//")]
    first = max((at for at, (start, _) in enumerate(tokens) if start <= min(offsets)), default=0)
    last = max((at for at, (start, _) in enumerate(tokens) if start <= max(offsets)), default=0)
    first, last = _grow(tokens, first, last)
    start, end = tokens[first][0], tokens[last][0] + len(tokens[last][1])
    return " ".join(text[start:end].split())


def _offsets(node: Node) -> Iterator[int]:
    yield node.at
    for child in children(node):
        yield from _offsets(child)


def _grow(tokens: list[tuple[int, str]], first: int, last: int) -> tuple[int, int]:
    """Take in the name before an opening bracket or a dot, the name after a dot, and what closes open brackets."""
    words = [token for _, token in tokens]
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
