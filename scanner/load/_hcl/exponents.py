"""Numbers with an exponent: the grammar knows `1.0e3` and stumbles over `1e3`, which means the same."""

from __future__ import annotations

from scanner.load._hcl.nodes import parse, walk
from scanner.patterns import regex

_MAYBE = regex(rb"[0-9][eE][-+]?[0-9]")
_EXPONENT = regex(rb"[eE][-+]?[0-9]+")
_POINT = b".0"


def with_points(data: bytes) -> bytes:
    """A file in the native syntax in which such numbers have a point. Lines stay where they are."""
    while _MAYBE.search(data):
        root = parse(data.decode(errors="replace"))
        numbers = (node for node in walk(root) if node.type == "numeric_lit") if root.has_error else ()
        ends = [node.end_byte for node in numbers if _EXPONENT.match(data, node.end_byte)]
        if not ends:
            break
        for end in sorted(ends, reverse=True):
            data = data[:end] + _POINT + data[end:]
    return data
