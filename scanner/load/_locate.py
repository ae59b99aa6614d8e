"""Positions of what was found to be wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scanner.load._files import Options
from scanner.model import Citation, Frame, Origin


@dataclass(frozen=True, slots=True)
class Located:
    """Where a citation's value is written. `frame` is raw text, to be redacted; None if there is no text."""

    origin: Origin
    frame: Frame | None


def locate(citations: Sequence[Citation], options: Options) -> list[Located]:
    """The position of each citation, in their order."""
    _ = options
    return [Located(citation.origin, None) for citation in citations]
