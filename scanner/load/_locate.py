"""Positions of what was found to be wrong. Each file is read once more, and only these files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from scanner import registry
from scanner.errors import LoadError
from scanner.load import _files
from scanner.load._files import File, Options
from scanner.load._text import Place
from scanner.model import Citation, Frame, Origin, Path


class Located(Struct, frozen=True):
    """Where a citation's value is written. `frame` is raw text, to be redacted; None if there is none to show."""

    origin: Origin
    frame: Frame | None
    related: tuple[Origin, ...] = ()
    """Where else to look to understand the place: the calls of the modules around it, the innermost first."""


def locate(citations: Sequence[Citation], options: Options) -> list[Located]:
    """The position of each citation, in their order.

    The deepest part of a path that is written wins. For a plan, that is a line of the `.tf` files if they are at
    hand (the origin's uri is then theirs), else of the plan. An origin stays as it is if its file is gone.
    """
    found: list[Located] = [Located(citation.origin, None) for citation in citations]
    for numbers in _by_file(citations):
        same = list(_alike(citations, numbers))
        asked = [citations[first] for first, *_ in same]
        for group, place in zip(same, _places(asked, options), strict=True):
            if place:
                located = _located(citations[group[0]].origin, place)
                for number in group:
                    found[number] = located
    return found


def _alike(citations: Sequence[Citation], numbers: Iterable[int]) -> Iterator[list[int]]:
    """The citations that are of one place: a finding's line is often that of a value that it read."""
    groups: dict[tuple[int, Path], list[int]] = {}
    for number in numbers:
        citation = citations[number]
        groups.setdefault((id(citation.origin), citation.path), []).append(number)
    yield from groups.values()


def _by_file(citations: Sequence[Citation]) -> Iterator[list[int]]:
    files: dict[tuple[str, str], list[int]] = {}
    for number, citation in enumerate(citations):
        files.setdefault((citation.origin.uri, citation.origin.source), []).append(number)
    yield from files.values()


def _places(citations: Sequence[Citation], options: Options) -> Sequence[Place | None]:
    """The places of citations that share a file and a source. The source's loader knows how to look them up."""
    origin = citations[0].origin
    if origin.source not in registry.names("scanner.load"):
        return [None] * len(citations)
    loader = registry.module("scanner.load", origin.source)

    def file() -> File:
        return _files.read_uri(origin.uri, options)

    try:
        return list(loader.places(file, citations, options))
    except (LoadError, RecursionError):
        return [None] * len(citations)


def _located(origin: Origin, place: Place) -> Located:
    related = (_moved(replace(origin, pointer=(), address=address), other) for address, other in place.related)
    return Located(_moved(origin, place), place.frame(), tuple(related))


def _moved(origin: Origin, place: Place) -> Origin:
    return replace(
        origin,
        uri=place.text.uri,
        line=place.line,
        column=place.column,
        end_line=place.end_line,
        end_column=place.end_column,
    )
