"""Positions of what JSON says about a Terraform configuration that may lie beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from scanner.load._files import File, Options
from scanner.load._hcl.configuration import Configurations
from scanner.load._json_places import JsonPlaces
from scanner.load._text import Place, Text
from scanner.model import Citation, Path


def places(
    file: Callable[[], File], citations: Sequence[Citation], options: Options, head: Callable[[Path], Path]
) -> Iterator[Place | None]:
    """Where each citation is written: in the configuration where it is at hand, else in the file itself.

    `head` leads from an origin's pointer to where a resource as a whole is shown.
    """
    configurations = Configurations(options)
    found: JsonPlaces | None = None
    for citation in citations:
        origin = citation.origin
        place = configurations.find(origin.uri, origin.address, citation.path)
        if place is None:
            found = found or _in_itself(origin.uri, file())
            place = found.find((*origin.pointer, *citation.path) if citation.path else head(origin.pointer))
        yield place


def _in_itself(uri: str, file: File) -> JsonPlaces:
    return JsonPlaces(Text(uri, file.text), file.data)
