"""A small reader of protobuf's text format, enough for the conformance files: message -> field name -> values."""

import re
from typing import Any

Message = dict[str, list[Any]]

_TOKEN = re.compile(
    r"""(?P<skip>[\s,;]+|\#[^\n]*)
    |(?P<text>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')
    |(?P<type>\[[\w./]+\])
    |(?P<punctuation>[{}<>:\[\]])
    |(?P<word>[-+.\w]+)""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(rb"\\(x[0-9a-fA-F]{1,2}|[0-7]{1,3}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)", re.DOTALL)
_LETTERS = {b"n": b"\n", b"t": b"\t", b"r": b"\r", b"a": b"\a", b"b": b"\b", b"f": b"\f", b"v": b"\v"}


def read(text: str) -> Message:
    tokens = [(found.lastgroup, found.group()) for found in _TOKEN.finditer(text) if found.lastgroup != "skip"]
    tokens.reverse()
    return _message(tokens, "")


def _message(tokens: list[Any], end: str) -> Message:
    fields: Message = {}
    while tokens and tokens[-1][1] != end:
        name = tokens.pop()[1]
        if tokens[-1][1] == ":":
            tokens.pop()
        fields.setdefault(name.strip("[]"), []).extend(_values(tokens))
    if end:
        tokens.pop()
    return fields


def _values(tokens: list[Any]) -> list[Any]:
    kind, token = tokens.pop()
    if token in {"{", "<"}:
        return [_message(tokens, "}" if token == "{" else ">")]
    if token == "[":
        found = []
        while tokens[-1][1] != "]":
            found += _values(tokens)
        tokens.pop()
        return found
    if kind == "text":
        parts = [token]
        while tokens and tokens[-1][0] == "text":
            parts.append(tokens.pop()[1])
        return [b"".join(_unescaped(part[1:-1]) for part in parts)]
    return [token]


def _unescaped(text: str) -> bytes:
    """Texts and bytes are both bytes here; the field's type says how to read them."""
    return _ESCAPE.sub(lambda found: _character(found.group(1)), text.encode())


def _character(escape: bytes) -> bytes:
    if escape[:1] in b"uU" and len(escape) > 1:
        return chr(int(escape[1:], 16)).encode()
    if escape[:1] == b"x" and len(escape) > 1:
        return bytes([int(escape[1:], 16)])
    if escape[:1].isdigit():
        return bytes([int(escape, 8)])
    return _LETTERS.get(escape, escape)
