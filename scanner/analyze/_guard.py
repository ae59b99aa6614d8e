"""What analyzers share: keeping what is unknown or broken where it belongs."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import TypeVar

from scanner.errors import HOSTILE_SHAPE
from scanner.model import Fact, Resource, Unknown, UnknownRead

T = TypeVar("T")


def guarded(getter: Callable[[], T]) -> T | Unknown:
    """What `getter` returns, or the `Unknown` that it tried to use.

    One call guards one field, so that an unknown value spoils exactly the fields that depend on it.
    """
    try:
        return getter()
    except UnknownRead as read:
        return read.unknown


def each(
    resources: Iterable[Resource], fact: Callable[[Resource], Fact | None], fields: Collection[str]
) -> dict[str, Fact]:
    """The facts of resources, one by one, by uid. One that defeats `fact` has all its fields unknown, it alone."""
    found: dict[str, Fact] = {}
    for resource in resources:
        try:
            one = fact(resource)
        except UnknownRead as read:
            one = Fact(dict.fromkeys(fields, read.unknown))
        except HOSTILE_SHAPE as error:
            unknown = Unknown(f"it has a shape that its provider would refuse ({type(error).__name__})")
            one = Fact(dict.fromkeys(fields, unknown))
        if one is not None:
            found[resource.uid] = one
    return found
