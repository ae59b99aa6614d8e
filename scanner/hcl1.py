"""HashiCorp's configuration language, version 1, as Vault reads it: attributes, blocks, lists. Nothing is evaluated.

Terraform speaks version 2, which takes some texts that Vault refuses (a list of names instead of strings) and refuses
some that Vault takes (several attributes on a line, quoted keys, JSON). So whoever wants to know what Vault will do
reads the text as Vault does. Grammar: the parser and scanner of the `hashicorp/hcl` repository, version 1.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

from scanner._hcl1_tokens import HINT, Token, line_of, tokens
from scanner.errors import LoadError
from scanner.model import Path

MOST_CHARACTERS = 1_000_000
"""A policy or a server's configuration has a few thousand."""
DEEPEST = 40
"""Brackets inside of one another. A policy has three."""

_BOOLEANS = {"true": True, "false": False}


class Item(Struct, frozen=True):
    """An attribute or a block: `path "secret/*" { ... }` has the keys `path` and `secret/*`."""

    keys: tuple[str, ...]
    value: Any
    """A literal, a list of values, or a `Body`."""
    start: int = 0
    """Where the first key begins, in characters; 0 in JSON."""
    end: int = 0
    path: Path = ()
    """In JSON, what leads to the value from the beginning of the text."""


class Body(Struct, frozen=True):
    """What stands between braces, or in the whole file, in its order."""

    items: tuple[Item, ...] = ()

    def named(self, *keys: str) -> Iterator[Item]:
        """Attributes and blocks with one of these as their first key."""
        return (item for item in self.items if item.keys[0] in keys)


def parse(text: str) -> Body:
    """The whole text; raises `LoadError` with a line where Vault would refuse it as well."""
    if len(text) > MOST_CHARACTERS:
        raise LoadError("is too large to be HCL that a person wrote", HINT)
    try:
        return _of_json(json.loads(text), 1, ()) if text.lstrip()[:1] == "{" else _Parser(text).file()
    except (RecursionError, json.JSONDecodeError) as error:
        raise LoadError(f"is not valid HCL: it looks like JSON, but is none ({type(error).__name__})", HINT) from None


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = tokens(text)
        self._next = next(self._tokens)
        self._depth = 0

    def file(self) -> Body:
        body = self._body("")
        self._take("")
        return body

    def _body(self, closing: str) -> Body:
        items: list[Item] = []
        while self._next.kind not in {closing, ""}:
            items.append(self._item())
            if self._next.kind == ",":
                self._take(",")
        return Body(tuple(items))

    def _item(self) -> Item:
        keys = [self._take("word", "text")]
        while self._next.kind in {"word", "text"}:
            keys.append(self._take("word", "text"))
        if self._next.kind == "=" and len(keys) == 1:
            self._take("=")
        elif self._next.kind != "{":
            raise self._wrong(self._next)
        start, (value, end) = keys[0].start, self._value()
        return Item(tuple(str(key.value) for key in keys), value, start, end)

    def _value(self) -> tuple[Any, int]:
        token = self._take("text", "number", "word", "{", "[")
        if token.kind == "word":
            if token.value not in _BOOLEANS:
                raise self._wrong(token)
            return _BOOLEANS[token.value], token.end
        return (token.value, token.end) if token.kind in {"text", "number"} else self._nested(token)

    def _nested(self, opening: Token) -> tuple[Any, int]:
        self._depth += 1
        if self._depth > DEEPEST:
            raise LoadError("is not valid HCL: it nests too deeply", HINT)
        value: Any = self._body("}") if opening.kind == "{" else list(self._elements())
        self._depth -= 1
        return value, self._take("}" if opening.kind == "{" else "]").end

    def _elements(self) -> Iterator[Any]:
        """Between two values there has to be a comma; of more than that nobody complains."""
        separated = True
        while self._next.kind not in {"]", ""}:
            if self._next.kind == ",":
                self._take(",")
                separated = True
            elif separated:
                yield self._value()[0]
                separated = False
            else:
                raise self._wrong(self._next)

    def _take(self, *kinds: str) -> Token:
        token = self._next
        if token.kind not in kinds:
            raise self._wrong(token)
        if token.kind:
            self._next = next(self._tokens)
        return token

    def _wrong(self, token: Token) -> LoadError:
        """Names no text that might be a secret, only words of the language and the line."""
        told = (
            f"'{token.value}'"
            if token.kind == "word"
            else {"": "its end", "text": "a string"}.get(token.kind, token.kind)
        )
        return LoadError(
            f"is not valid HCL: line {line_of(self._text, token.start)} has {told} where it cannot be", HINT
        )


def _of_json(value: Mapping[str, Any], depth: int, path: Path) -> Body:
    """JSON means the same with fewer words: an object in an object is a block whose keys are joined."""
    return Body(tuple(item for key, inside in value.items() for item in _items((key,), inside, depth, (*path, key))))


def _items(keys: tuple[str, ...], value: Any, depth: int, path: Path) -> Iterator[Item]:
    if depth > DEEPEST:
        raise LoadError("is not valid HCL: it nests too deeply", HINT)
    if isinstance(value, list) and value and all(isinstance(one, Mapping) for one in value):
        for number, one in enumerate(value):
            yield from _items(keys, one, depth + 1, (*path, number))
    elif isinstance(value, Mapping) and value and all(isinstance(one, Mapping) for one in value.values()):
        for key, inside in value.items():
            yield from _items((*keys, key), inside, depth + 1, (*path, key))
    else:
        yield Item(keys, _of_json(value, depth + 1, path) if isinstance(value, Mapping) else value, path=path)
