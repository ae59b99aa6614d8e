"""The value that stands where a value could not be known."""

from __future__ import annotations

from typing import NoReturn, TypeVar

T = TypeVar("T")


class UnknownRead(Exception):  # noqa: N818  # a signal, not an error: the answer is "unknown"
    """Somebody used a value that is not known. Whatever was being computed is unknown too, for the same reason."""

    def __init__(self, unknown: Unknown) -> None:
        super().__init__(unknown.reason)
        self.unknown = unknown


class Unknown:
    """Stands in a body where a value belongs that could not be known: "known after apply", "access denied: ...".

    Any use of it (comparing, indexing, iterating, testing its truth, making text of it) raises `UnknownRead`, so that
    code which forgets about unknowns cannot guess. Test for it with `isinstance(value, Unknown)`.
    """

    __slots__ = ("may_be_absent", "path", "reason")

    def __init__(self, reason: str, path: str = "", may_be_absent: bool = False) -> None:  # noqa: FBT001, FBT002  # as `copy` gives it
        self.reason = reason
        """Why it is not known, in words for the user."""
        self.path = path
        """Where it was read, dotted, as the source writes it; empty where the source has no name for it."""
        self.may_be_absent = may_be_absent
        """Whether it may turn out that nothing is set at all. Of a plan's values that are not known it is known."""

    def _used(self, *_: object) -> NoReturn:
        raise UnknownRead(self)

    __bool__ = __len__ = __iter__ = __getitem__ = __contains__ = __int__ = __float__ = __index__ = _used
    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = __add__ = __radd__ = __sub__ = __rsub__ = _used
    __mul__ = __rmul__ = __truediv__ = __rtruediv__ = __floordiv__ = __mod__ = __neg__ = _used
    __hash__ = _used  # looking it up in a set or a dict is a use as well
    __str__ = __format__ = _used  # as text it would pass for a value; `repr` is for those who debug

    def __getattr__(self, name: str) -> NoReturn:
        # Text methods such as `.lower()` are uses as well; protocol probes (dunder names) are not.
        if name.startswith("__"):
            raise AttributeError(name)
        raise UnknownRead(self)

    def __repr__(self) -> str:
        return f"Unknown({self.reason!r}, {self.path!r})"

    def __reduce__(self) -> tuple[type[Unknown], tuple[str, str, bool]]:
        return (Unknown, (self.reason, self.path, self.may_be_absent))


def known(value: T | Unknown) -> T:
    """The value itself; raises `UnknownRead` if it is not known."""
    if isinstance(value, Unknown):
        raise UnknownRead(value)
    return value
