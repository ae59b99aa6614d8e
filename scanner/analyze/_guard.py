"""What analyzers share: turning the use of an unknown value into an unknown field."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from scanner.model import Unknown, UnknownRead

T = TypeVar("T")


def guarded(getter: Callable[[], T]) -> T | Unknown:
    """What `getter` returns, or the `Unknown` that it tried to use.

    One call guards one field, so that an unknown value spoils exactly the fields that depend on it.
    """
    try:
        return getter()
    except UnknownRead as read:
        return read.unknown
