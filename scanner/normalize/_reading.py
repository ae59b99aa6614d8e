"""What dialects share: reading a body piece by piece, and keeping what is unknown or broken where it belongs.

A getter is a small function from a `Block` to the value of one canonical attribute. It is written as if everything
were known: `Block.get` raises `UnknownRead` where it meets an unknown value, and `attributes` turns that into the
attribute's value. The last place a getter read is the place the attribute is cited from, also if nothing was there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from scanner.errors import HOSTILE_SHAPE
from scanner.model import Citation, Document, Origin, Path, Problem, Resource, Unknown, UnknownRead, known
from scanner.normalize import _types

Place = tuple[Origin, Path]
"""What a `Citation` is made of; cheaper to note at every reading."""


class Block:
    """A block of values as somebody wrote it: the body of a resource, or a block nested in one."""

    __slots__ = ("body", "last", "origin", "prefix")

    def __init__(
        self, body: Mapping[str, Any], origin: Origin, prefix: Path = (), last: list[Place] | None = None
    ) -> None:
        self.body = body
        self.origin = origin
        self.prefix = prefix
        self.last = [(origin, prefix)] if last is None else last
        """The place read last, shared with nested blocks and with the blocks folded in."""

    def get(self, *path: str | int) -> Any:
        """The value under a path; None where the path leads nowhere. Raises `UnknownRead` if it is not known."""
        return known(self.peek(*path))

    def peek(self, *path: str | int) -> Any:
        """As `get`, but gives an unknown value, or the unknown value it would have been inside of, as it is."""
        self.last[0] = (self.origin, self.prefix + path)
        value: Any = self.body
        for step in path:
            if value.__class__ is dict and step.__class__ is str:  # as nearly everywhere
                value = value.get(step)
            elif isinstance(value, Unknown):
                return value
            elif value is None or (isinstance(value, list) and isinstance(step, int) and step >= len(value)):
                return None
            else:
                value = value.get(step) if isinstance(step, str) else value[step]
        return value

    def blocks(self, *path: str | int) -> list[Block]:
        """The blocks nested under a path: those of a list, or the one that is there."""
        found = self.get(*path)
        if found is None:
            return []
        if isinstance(found, Mapping):
            return [Block(found, self.origin, self.prefix + path, self.last)]
        return [self._nested(element, (*path, index)) for index, element in enumerate(found)]

    def cite(self, *path: str | int) -> None:
        """Name a path as the place that decides."""
        self.last[0] = (self.origin, self.prefix + path)

    def _nested(self, body: Any, path: Path) -> Block:
        if isinstance(body, Unknown):
            self.cite(*path)
            raise UnknownRead(body)
        return Block(body or {}, self.origin, self.prefix + path, self.last)


Getter = Callable[[Any], Any]
"""From a block (or what a dialect makes of it) to the value of one attribute."""


def always(value: Any) -> Getter:
    """A getter for what the provider does not let anybody change, or what there is none of."""
    return lambda _: value


def yes(_: object) -> bool:
    """A getter for what the provider always does."""
    return True


def no(_: object) -> bool:
    """A getter for what the provider never does."""
    return False


def attributes(
    type_name: str, getters: Mapping[str, Getter], block: Block, reason: str
) -> tuple[dict[str, Any], dict[str, Citation]]:
    """Exactly the attributes that types.yaml declares for the type, and where each was read.

    What a getter could not know is that `Unknown`; an attribute without a getter is unknown for `reason`.
    """
    values: dict[str, Any] = {}
    cited: dict[str, Citation] = {}
    for name in declared(type_name):
        if name in getters:
            values[name], cited[f"attributes.{name}"] = read(getters[name], block)
        else:
            values[name] = Unknown(reason, name)
    return values, cited


def read(getter: Getter, block: Block) -> tuple[Any, Citation]:
    """What a getter says, or the `Unknown` it met; and where it looked last."""
    block.cite()
    try:
        value = getter(block)
    except UnknownRead as met:
        value = met.unknown
    return value, Citation(*block.last[0])


def declared(type_name: str) -> Iterable[str]:
    """The attributes that types.yaml declares for a canonical type."""
    row = _types.table().get(type_name)
    return row.attributes if row else ()


def understood(
    documents: Iterable[Document], understand: Callable[[Document], Iterable[Resource | Problem]]
) -> Iterator[Resource | Problem]:
    """The resources that `understand` makes of each document; a problem for a document that defeats it."""
    for document in documents:
        try:
            found = list(understand(document))
        except (*HOSTILE_SHAPE, UnknownRead) as error:
            yield _complaint(document, error)
        else:
            yield from found


def _complaint(document: Document, error: Exception) -> Problem:
    """Names the place only. The exception's own text stays out: it may quote a value that is secret."""
    return Problem(
        "normalize",
        f"{document.origin.uri}: {document.origin.address}",
        f"has a shape that its provider would refuse, so it is not judged ({type(error).__name__})",
        "Validate it with the provider's own tool; if it is valid there, report it to govscan.",
    )
