"""Regular expressions that are compiled when they are first used.

Python compiles one in 50 to 500 microseconds. A scan imports more than a hundred, and asks a third of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, AnyStr, cast

_compile = re.compile


def regex(text: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """As `re.compile`, but later."""
    return cast("re.Pattern[AnyStr]", _Pattern(text, flags))


@contextmanager
def compiled_later() -> Iterator[None]:
    """Modules that are imported meanwhile compile their patterns when they first use them, as ours do."""
    re.compile = regex  # type: ignore[assignment]  # it does the same, later
    try:
        yield
    finally:
        re.compile = _compile


class _Pattern:
    """Looks like a compiled pattern. What was asked once (`search`) is found at once the next time."""

    def __init__(self, text: str | bytes, flags: int) -> None:
        self._text = text
        self._flags = flags

    def __getattr__(self, name: str) -> Any:
        found = getattr(_compile(self._text, self._flags), name)
        setattr(self, name, found)
        return found
