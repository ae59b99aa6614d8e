"""YAML streams, document by document, with the values Kubernetes would read.

A stream is cut at its `---` lines, so that one broken document does not take the others with it and only one is in
memory. Each piece is read by `ryaml`, which follows YAML 1.2 and rejects duplicate keys and deep nesting. The API
server follows YAML 1.1 in a few points (plain `yes` and `on` are booleans, `0644` is octal, `<<` merges, keys are
text). A piece that shows a sign of one of those is read again, slowly and exactly, by `_yaml_exact`.
What remains different: a flow mapping's bare number keys stay numbers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from types import ModuleType
from typing import Any

import re2
import ryaml
from msgspec import Struct

from scanner.errors import LoadError
from scanner.patterns import regex

_SEPARATOR = "\n---"
_CONTENT = regex(r"^(?![^\S\n]*(?:#|$)|%|\.\.\.\s*$)", re.MULTILINE)
_PLAIN = r"(?:[yYnN]|[yY]es|YES|[nN]o|NO|[oO]n|ON|[oO]ff|OFF|[-+]?0[0-9_]+|[-+]?[0-9][0-9.]*_[0-9_.]*|[-+]?[0-9]{19,})"
# RE2 looks through a megabyte sixty times faster than `re`, and every byte of every manifest is looked at.
_EXACT = re2.compile(
    "(?im)"
    rf"[:,\[-][ \t]+{_PLAIN}[ \t]*(?:$|[,\]}}]|[ \t]#)"  # a value that YAML 1.1 reads differently
    r"|<<[ \t]*:"  # a merge
    rf"|^[ \t]*(?:- +)*(?:[-+]?[0-9][0-9.xob_]*|true|false|null|~|{_PLAIN})[ \t]*:(?:\s|$)"  # a key that is not text
)
ALIAS = re2.compile(r"(?:^|[\s\[,{])\*[^\s*,\[\]{}]")
_ANCHOR = re2.compile(r"(?:^|[\s\[,{])&[^\s&,\[\]{}]")
_LINE = regex(r"\bline (\d+)")


class Piece(Struct, frozen=True):
    """One document of a stream, as text. `number`, `line` and `start` (an offset) count from 0."""

    number: int
    line: int
    start: int
    text: str


def pieces(text: str) -> Iterator[Piece]:
    """The documents of a stream that hold anything."""
    line = number = before = 0
    for start, end in pairwise([0, *_separators(text), len(text)]):
        line, before = line + text.count("\n", before, start), start
        piece = text[start:end]
        if piece.startswith("---") or _CONTENT.search(piece):
            yield Piece(number, line, start, piece)
            number += 1


def _separators(text: str) -> Iterator[int]:
    found = text.find(_SEPARATOR)
    while found >= 0:
        end = found + len(_SEPARATOR)
        if end == len(text) or text[end].isspace():
            yield found + 1
        found = text.find(_SEPARATOR, end)


def value(piece: Piece) -> Any:
    """What the document holds; raises `LoadError` with a sentence that names the line in the file."""
    try:
        encoded = piece.text.encode()
        if b"*" in encoded and b"&" in encoded and ALIAS.search(encoded) and _ANCHOR.search(encoded):
            _exact().check_size(piece.text)
        if _EXACT.search(encoded):
            return _exact().value(piece.text)
        return ryaml.loads(piece.text)
    except ValueError as error:
        raise _load_error(str(error), piece.line) from None


def _exact() -> ModuleType:
    from scanner.load import _yaml_exact  # noqa: PLC0415  # most scans do without PyYAML

    return _yaml_exact


def _load_error(message: str, first_line: int) -> LoadError:
    """The parser's message with lines counted from the top of the file; ours as they are."""
    plain = " ".join(message.split())
    moved = _LINE.sub(lambda match: f"line {int(match[1]) + first_line}", plain)
    where = "" if _LINE.search(plain) else f" (in the document that begins at line {first_line + 1})"
    hint = "Correct the file; `kubectl apply --dry-run=client` checks it."
    return LoadError(f"is not valid YAML: {moved}{where}", hint)
