"""Changes to the text of a file, and where its lines are once they are made."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate

from msgspec import Struct
from tree_sitter import Node  # noqa: TC002  # whoever imports this parses


class Edit(Struct, frozen=True):
    """Bytes of a file, and what is put in their place."""

    start: int
    end: int
    text: bytes


def edited(data: bytes, edits: Iterable[Edit]) -> bytes:
    """The file with all changes made. They do not overlap; what is put in one place stands in their order."""
    parts, here = list[bytes](), 0
    for edit in sorted(edits, key=_place):
        parts += (data[here : edit.start], edit.text)
        here = edit.end
    return b"".join((*parts, data[here:]))


class Lines:
    """The lines of nodes in a file that was changed since it was parsed."""

    def __init__(self, edits: Sequence[Edit]) -> None:
        ordered = sorted(edits, key=_place)
        self._starts = [edit.start for edit in ordered]
        self._added = [0, *accumulate(edit.text.count(b"\n") for edit in ordered)]

    def of(self, node: Node) -> int:
        """The line that a node begins on, counted from 1, behind what is put right before it."""
        return node.start_point.row + 1 + self._added[bisect_right(self._starts, node.start_byte)]


def _place(edit: Edit) -> tuple[int, int]:
    return edit.start, edit.end
