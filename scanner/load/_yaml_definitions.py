"""YAML documents that define kinds of objects, read without the schemas of their fields.

Nearly all text of a CustomResourceDefinition is schema, and hardly any policy asks for it. Its lines are taken out
before the parser sees them, and an `Unknown` stands in their place. That is done only where the rest is certain to mean
the same without them; see docs/decisions/0023-schemas-of-definitions-are-left-unread.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import re2
from msgspec.structs import replace

from scanner.bodies import peek
from scanner.errors import LoadError
from scanner.load import _yaml
from scanner.load._yaml import Piece
from scanner.model import Unknown

_GROUP = "apiextensions.k8s.io/"
_KIND = "CustomResourceDefinition"
_NAME = "openAPIV3Schema"
_KEY = f"{_NAME}:\n".encode()
_REASON = f"left unread, because no policy names {_NAME}"
STAND_IN = "a schema that govscan left unread"
_DEEPEST = 100
"""Columns of indentation; nobody's tools write so many."""

_BREAK = re2.compile(rb"[\r\x{85}\x{2028}\x{2029}]")
"""What ends a line for YAML 1.1 and not for us."""
_OPEN_FLOW = re2.compile(rb"""(?m)(?:^|[:?-][ \t]|[!&]\S*[ \t])[ \t]*[\[{][^\[\]{}"'#\n]*(?:$|[\[{"'#])""")
"""The start of a flow collection that may not end on its line."""
_BOUNDARY = b" \t\n[]{},:?-\\'"
"""What a quote may follow to begin a text; after a backslash or an apostrophe, it may not end one."""
_CLOSERS = re2.compile(rb"""["'\]}]""")


def value(piece: Piece) -> Any:
    """As `_yaml.value`; in a CustomResourceDefinition, schemas may be an `Unknown`."""
    if f"\nkind: {_KIND}" in piece.text:
        kept, count = without_schemas(piece.text.encode())
        if count and (body := _read(piece, kept, count)):
            return body
    return _yaml.value(piece)


def without_schemas(whole: bytes) -> tuple[bytes, int]:
    """The document with a stand-in for each schema, and how many there are: 0 if it has to be read as it is."""
    parts: list[bytes] = []
    schemas: list[bytes] = []
    start = 0
    while (key := whole.find(_KEY, start)) >= 0:
        indent = key - whole.rfind(b"\n", 0, key) - 1
        if indent > _DEEPEST or whole[key - indent : key].strip(b" "):
            return whole, 0
        first = key + len(_KEY)
        last = _end_of_block(indent).search(whole, first - 1)
        end = last.start() + 1 if last else len(whole)
        # A literal block cannot stand inside a flow collection: there, the parser refuses it.
        stand_in = f" |-\n{' ' * indent} {STAND_IN} {len(schemas)}\n".encode()
        parts += [whole[start : first - 1], stand_in]
        schemas.append(whole[first:end])
        start = end
    rest = whole[start:]
    short = b"".join([*parts, rest])
    alone = short.count(STAND_IN.encode()) == len(schemas) and not _yaml.ALIAS.search(short)
    return (short, len(schemas)) if alone and _are_apart(schemas, rest) else (whole, 0)


def _are_apart(schemas: list[bytes], rest: bytes) -> bool:
    """Whether what begins in these lines certainly ends in them, or else `rest` could not be read with them."""
    if any(map(_has_breaks, schemas)):
        return False
    return (len(schemas) == 1 and _closes_nothing(rest)) or all(map(_is_closed, schemas))


def _has_breaks(block: bytes) -> bool:
    return b"\r" in block or (not block.isascii() and _BREAK.search(block) is not None)


@cache
def _end_of_block(indent: int) -> Any:
    """Finds the line that follows what is indented more than its key."""
    return re2.compile(rb"\n {0,%d}[^ \n]" % indent)


def _is_closed(block: bytes) -> bool:
    """Whether every quoted text and every flow collection that begins in these lines certainly ends in them."""
    return all(_ends_a_text(block, block.rfind(quote)) for quote in (b'"', b"'")) and not _OPEN_FLOW.search(block)


def _ends_a_text(block: bytes, last: int) -> bool:
    """Whether the last quote of its kind can only end a text. Then every text that began before has ended by there."""
    return last < 0 or block[last - 1] not in _BOUNDARY


def _closes_nothing(rest: bytes) -> bool:
    """Whether these lines cannot end a text or a flow collection: if one were open, it would stay so."""
    return not _CLOSERS.search(rest.replace(b"{}", b"").replace(b"[]", b""))


def _read(piece: Piece, kept: bytes, count: int) -> Any:
    """The body with an `Unknown` for each stand-in; None if it cannot be read or one is not where a schema belongs."""
    try:
        body = _yaml.value(replace(piece, text=kept.decode()))
    except LoadError:
        return None
    for path, holder in _holders(body):
        if str(holder.get(_NAME)).startswith(STAND_IN):
            holder[_NAME] = Unknown(_REASON, f"{path}.{_NAME}")
            count -= 1
    return None if count else body


def _holders(body: Any) -> Iterator[tuple[str, dict[Any, Any]]]:
    """The mappings in which a definition has its schemas, each with its path."""
    if not str(peek(body, "apiVersion")).startswith(_GROUP) or body.get("kind") != _KIND:
        return
    spec = body.get("spec")
    versions = peek(spec, "versions")
    found = [("spec.validation", peek(spec, "validation"))]
    for number, version in enumerate(versions if isinstance(versions, list) else []):
        found.append((f"spec.versions[{number}].schema", peek(version, "schema")))
    yield from ((path, holder) for path, holder in found if isinstance(holder, dict))
