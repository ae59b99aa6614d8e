"""The words of HashiCorp's configuration language, version 1: see `hcl1`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from scanner.errors import LoadError
from scanner.patterns import regex

HINT = "Check it with `vault policy fmt` or Vault itself, or exclude it from the scan."
_TOKEN = regex(
    r"""[ \t\r\n]+|\#[^\n]*|//[^\n]*|/\*.*?\*/
    |(?P<word>[^\W\d][\w.-]*)
    |(?P<number>-?(?:0[xX][0-9a-fA-F]+|\d+(?:\.\d+)?(?:[eE][-+]?\d+)?))
    |(?P<text>")
    |<<-?(?P<heredoc>\w+)\r?\n
    |(?P<mark>[\[\]{},=])""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = regex(r'\\(?:([abfnrtv\\"])|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3}))')
_LETTERS = dict(zip('abfnrtv\\"', '\a\b\f\n\r\t\v\\"', strict=True))


class Token(Struct, frozen=True):
    """One word, and where it stands."""

    kind: str
    """`word text number`, or the mark itself; empty at the end."""
    value: Any
    start: int
    end: int


def tokens(text: str) -> Iterator[Token]:
    """Every word of the text, and one of no kind at its end; raises `LoadError`."""
    at = 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            raise LoadError(f"is not valid HCL: line {line_of(text, at)} has a character that has no meaning", HINT)
        kind, start, at = found.lastgroup, at, found.end()
        if kind == "text":
            value, at = _quoted(text, at)
            yield Token("text", value, start, at)
        elif kind == "heredoc":
            value, at = _heredoc(text, at, found["heredoc"])
            yield Token("text", value, start, at)
        elif kind is not None:
            word = found[kind]
            yield Token(word if kind == "mark" else kind, _number(word) if kind == "number" else word, start, at)
    yield Token("", "", at, at)


def _quoted(text: str, start: int) -> tuple[str, int]:
    """A string up to its quote. Inside of `${ }`, which Vault leaves as it is, quotes do not count."""
    at, braces = start, 0
    while at < len(text):
        letter = text[at]
        if not braces and letter in '"\n':
            break
        if text.startswith("${", at) or (braces and letter == "{"):
            braces += 1
            at += letter == "$"
        braces -= bool(braces) and letter == "}"
        if letter == "\\" and not _ESCAPE.match(text, at):
            raise LoadError(f"is not valid HCL: line {line_of(text, at)} has a backslash that has no meaning", HINT)
        at += 2 if letter == "\\" else 1
    if text[at : at + 1] != '"':
        raise LoadError(f"is not valid HCL: line {line_of(text, start)} has a string without an end", HINT)
    return _ESCAPE.sub(_unescaped, text[start:at]), at + 1


def _heredoc(text: str, start: int, anchor: str) -> tuple[str, int]:
    found = re.compile(rf"^[ \t]*{re.escape(anchor)}\r?$", re.MULTILINE).search(text, start)
    if found is None:
        raise LoadError(f"is not valid HCL: line {line_of(text, start) - 1} has a text without an end", HINT)
    return text[start : found.start()], found.end()


def line_of(text: str, offset: int) -> int:
    """The line of an offset, from 1."""
    return text.count("\n", 0, offset) + 1


def _unescaped(found: re.Match[str]) -> str:
    letter, *codes, octal = found.groups()
    if letter:
        return _LETTERS[letter]
    return chr(min(int(octal, 8) if octal else int(next(filter(None, codes)), 16), 0x10FFFF))


def _number(word: str) -> int | float:
    try:
        return int(word, 16 if "x" in word.lower() else 10)
    except ValueError:
        return float(word)
