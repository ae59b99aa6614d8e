"""Keeps secrets out of what people see. Used once, on findings, before any report gets them.

There are two ways to know a secret. Its text is known, because it was read from a place marked as sensitive: then it
goes wherever it appears. Or it has the shape of one (`password: ...`, a token, a private key: `secret_shapes`).

The number of lines of a text never changes, so that code frames keep their line numbers.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import lru_cache
from typing import Any

from msgspec.structs import replace

from scanner import secret_shapes
from scanner.known_secrets import KnownSecrets
from scanner.model import Frame, Unknown
from scanner.secret_shapes import Span

MARK = "(redacted)"
"""What stands where a secret stood."""

_SHOWN = 200
"""Characters of a value that are shown."""
_KEPT = 600
"""Characters of a text that is looked through once, however many findings show it: a few lines of code."""
_SAID = 2000
"""Characters of what we say ourselves that are looked through once, however many findings say it."""
_AS_JSON = json.JSONEncoder(ensure_ascii=False, default=str)
_DEEPEST = 12
"""Levels of a value that are shown; what is deeper could not be seen in `_SHOWN` characters anyway."""


class Redactor:
    """Knows some secrets, and removes them and everything that looks like one."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._known = KnownSecrets(secrets)
        self._text = lru_cache(maxsize=4096)(self._without_secrets)

    def text(self, text: str) -> str:
        """The text with `(redacted)` for each secret, and as many lines as before."""
        # Findings repeat what they say, and those of one resource often show the same code.
        return self._text(text) if len(text) <= _KEPT else self._without_secrets(text)

    def prose(self, text: str) -> str:
        """The same for what we say ourselves, and for names: a secret that is a word of every other line stays."""
        return self._text(text, common=False) if len(text) <= _SAID else self._without_secrets(text, common=False)

    def name(self, text: str) -> str:
        """An address, which has the shape of no secret: without those that are known, as prose."""
        return _replaced(text, _merged(self._known.spans(text, common=False)))

    def _without_secrets(self, text: str, *, common: bool = True) -> str:
        spans = [*self._known.spans(text, common=common), *secret_shapes.spans(text)]
        return _replaced(text, _merged(spans)) if spans else text

    def value(self, value: Any, *, sensitive: bool) -> str:
        """A value as JSON text, at most about 200 characters; all of it hidden where it is sensitive.

        For a value that is not known: why it is not.
        """
        if isinstance(value, Unknown):
            return _short(self.text(value.reason))
        if sensitive:
            return json.dumps(MARK)
        shown = _AS_JSON.encode(self._plain(value, _DEEPEST))
        return _short(self.text(shown))

    def frame(self, frame: Frame) -> Frame:
        """The frame without secrets, line for line."""
        return replace(frame, lines=tuple(self.text("\n".join(frame.lines)).split("\n"))) if frame.lines else frame

    def _plain(self, value: Any, depth: int) -> Any:
        """The value as JSON knows it, each text in it without secrets before it is escaped or cut."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Unknown):
            return f"not known: {self.text(value.reason)}"
        if depth == 0 and isinstance(value, Mapping | Sequence | AbstractSet):
            return "..."
        if isinstance(value, Mapping):
            return self._plain_mapping(value, depth - 1)
        if isinstance(value, AbstractSet):
            return sorted((self._plain(one, depth - 1) for one in value), key=repr)
        if isinstance(value, Sequence):
            return [self._plain(one, depth - 1) for one in value]
        return value

    @staticmethod
    def keys_hidden(value: Mapping[Any, Any]) -> set[Any]:
        """The keys whose values are secrets by their names: `password`, or `value` beside such a `name`."""
        hidden = {key for key in value if secret_shapes.hides(str(key), value[key])}
        if isinstance(value.get("name"), str) and secret_shapes.hides(value["name"], value.get("value")):
            hidden.add("value")
        return hidden

    def _plain_mapping(self, value: Mapping[Any, Any], depth: int) -> dict[str, Any]:
        hidden = self.keys_hidden(value)
        return {
            self.text(str(key)): MARK if key in hidden else self._plain(inner, depth) for key, inner in value.items()
        }


def _merged(spans: Iterable[Span]) -> Iterator[Span]:
    """The same ground in spans that do not touch, from left to right."""
    start = end = -1
    for left, right in sorted(spans):
        if left <= end:
            end = max(end, right)
            continue
        if start < end:
            yield start, end
        start, end = left, right
    if start < end:
        yield start, end


def _replaced(text: str, spans: Iterable[Span]) -> str:
    pieces, place = [], 0
    for start, end in spans:
        pieces += [text[place:start], _masked(text[start:end])]
        place = end
    return "".join([*pieces, text[place:]])


def _masked(secret: str) -> str:
    """One mark on each line that holds something, indented as before."""
    return "\n".join(re.sub(r"\S.*", MARK, line) for line in secret.split("\n"))


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
