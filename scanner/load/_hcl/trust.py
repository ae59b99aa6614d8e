"""Which values of an evaluated configuration may be believed, judged by how they are written.

The evaluator guesses where Terraform would not know: a variable without default has length 0, a data source answers
with a made-up text, `count` of an unknown condition is 1. So a value is believed only if everything it is made from is
known before any provider is asked. How far that is so is a shape:

- `Known`: believed as a whole; it may be null only if something it is made from may;
- `Opaque`: not known, and why;
- `Fields`, `Items`: an object or list of which parts are known. `rest` allows for keys that are not listed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from msgspec import Struct

CANNOT = "cannot be told from the configuration"
HOLE: dict[str, Any] = {"__attribute__": None}
"""Stands among values for one that is not believed; whoever reads it knows that from the source."""


class Known(Struct, frozen=True):
    """Everything it is made from is known."""

    nullable: bool = False


class Opaque(Struct, frozen=True):
    """Something it is made from is not known."""

    reason: str = CANNOT
    nullable: bool = False
    """Whether it may turn out to be nothing, such as by a condition."""


class Fields(Struct, frozen=True):
    """An object whose keys are known, but not all values."""

    parts: Mapping[str, Shape]
    rest: bool = False


class Items(Struct, frozen=True):
    """A list whose length is known, but not all entries."""

    parts: tuple[Shape, ...]


Shape = Known | Opaque | Fields | Items

_WORDS = (
    "abs alltrue anytrue base64decode base64encode base64gzip base64sha256 base64sha512 basename can ceil "
    "chomp chunklist cidrhost cidrnetmask cidrsubnet cidrsubnets coalesce coalescelist compact concat "
    "contains csvdecode dirname distinct element endswith flatten floor format formatdate formatlist "
    "indent index join jsondecode jsonencode keys length log lookup lower map list matchkeys max md5 "
    "merge min nonsensitive one parseint pow range regex regexall replace reverse setintersection "
    "setproduct setsubtract setunion sha1 sha256 sha512 signum slice sort split startswith strcontains "
    "strrev substr sum timeadd timecmp title tobool tolist tomap tonumber toset tostring transpose trim "
    "trimprefix trimspace trimsuffix try upper urlencode uuidv5 values yamldecode yamlencode zipmap "
)
FUNCTIONS = frozenset(_WORDS.split())
"""Terraform's functions that depend on their arguments alone, and that the evaluator knows."""


def merged(shapes: Iterable[Shape]) -> Known | Opaque:
    """What is made from all of these together."""
    nullable, reason = False, ""
    for shape in shapes:
        flat = shape if isinstance(shape, Known | Opaque) else merged(children(shape))
        nullable = nullable or flat.nullable
        if isinstance(flat, Opaque):
            reason = reason or flat.reason
    return Opaque(reason, nullable) if reason else Known(nullable)


def overlaid(shapes: Iterable[Shape]) -> Shape:
    """What `merge` makes of objects: a later one's value wins."""
    parts: dict[str, Shape] = {}
    rest = False
    for shape in shapes:
        if isinstance(shape, Opaque | Items):
            return shape if isinstance(shape, Opaque) else Opaque()
        if isinstance(shape, Fields):
            parts |= shape.parts
            rest = rest or shape.rest
        else:
            # Its keys are believed to be what the evaluator says, and may replace any key before.
            rest = True
    return Fields(parts, rest)


def descended(shape: Shape, steps: Iterable[str]) -> Shape:
    """A part of a value; a step in brackets is an index."""
    for step in steps:
        key = step.strip('[]"')
        if isinstance(shape, Fields):
            shape = shape.parts.get(key, Known(nullable=True) if shape.rest else Opaque())
        elif isinstance(shape, Items):
            inside = key.isdigit() and int(key) < len(shape.parts)
            shape = shape.parts[int(key)] if inside else Opaque()
        else:
            return shape
    return shape


def iterated(shape: Shape, steps: tuple[str, ...]) -> Shape:
    """A part of what an iteration gives: `key`, or `value` with what is taken from it."""
    if isinstance(shape, Known | Opaque):
        return shape
    if steps[:1] == ("key",):
        return Known()
    return merged(descended(part, steps[1:]) for part in children(shape))


def keys_known(shape: Shape) -> Known | Opaque:
    """How far the keys or the length of a value are known, whatever its values are."""
    return shape if isinstance(shape, Known | Opaque) else Known()


def children(shape: Fields | Items) -> Iterator[Shape]:
    """The parts of an object or a list."""
    yield from shape.parts.values() if isinstance(shape, Fields) else shape.parts
