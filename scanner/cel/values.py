"""CEL's values in Python, and what is equal to what.

null, bool, int, double, string, bytes, list and map are None, bool, int, float, str, bytes, list (or tuple) and any
Mapping. The rest is below. Unknown values (`model.Unknown`) may sit anywhere inside lists and maps.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from msgspec import Struct

from scanner.cel.budget import BUDGET
from scanner.cel.budget import Fault as Fault  # noqa: PLC0414  # a word of this file, which others import from here
from scanner.cel.types import CelType
from scanner.model import Unknown, UnknownRead

SECOND = 10**9
"""In nanoseconds."""


class Uint(int):
    """An unsigned 64 bit number; `1u`."""

    __slots__ = ()


class Duration(Struct, frozen=True, order=True):
    """A span of time."""

    nanos: int

    def __str__(self) -> str:
        sign, whole = "-" if self.nanos < 0 else "", abs(self.nanos)
        fraction = f".{whole % SECOND:09}".rstrip("0").rstrip(".")
        return f"{sign}{whole // SECOND}{fraction}s"


class Timestamp(Struct, frozen=True, order=True):
    """A moment, in nanoseconds since 1970-01-01T00:00:00Z."""

    nanos: int


class Optional(Struct, frozen=True):
    """`optional.of(value)`, or `optional.none()` where `present` is false."""

    present: bool
    value: Any = None


NONE = Optional(present=False)


class Failure(Struct, frozen=True):
    """An expression could not be evaluated: a missing key, a wrong type, a number too large. A value, not raised."""

    message: str


class Opaque:
    """A value of a type that a library adds to CEL. Derived classes are immutable and equal by what they stand for."""

    __slots__ = ()
    type_name: ClassVar[str]


class Doubt(Unknown):
    """An unknown that came out of a computation: once known, it might as well have been a failure.

    Never leaves this package. A plain `Unknown` stands for some value, so a list that holds one has a known size.
    """

    __slots__ = ()

    @classmethod
    def of(cls, unknown: Unknown) -> Doubt:
        """The doubt that this unknown casts on what is computed from it."""
        return cls(unknown.reason, unknown.path)


def kind(value: Any) -> str:
    """The name of a value's CEL type.

    Fault for a Python object that no CEL value stands for, UnknownRead for an unknown.
    """
    exact = _KINDS.get(type(value))
    if exact:
        return exact
    if isinstance(value, Mapping):
        return "map"
    if isinstance(value, Opaque):
        return value.type_name
    for python, name in _KINDS.items():
        if isinstance(value, python):
            return name
    if isinstance(value, Unknown):
        raise UnknownRead(value)
    raise Fault(f"a {type(value).__name__} is no CEL value")


def kind_name(value: Any) -> str:
    """For messages: an object that is no CEL value by its Python name."""
    try:
        return kind(value)
    except (Fault, UnknownRead):
        return type(value).__name__


_KINDS: Mapping[type, str] = {
    str: "string",
    bool: "bool",
    Uint: "uint",
    int: "int",
    float: "double",
    dict: "map",
    list: "list",
    tuple: "list",
    type(None): "null_type",
    bytes: "bytes",
    Timestamp: "google.protobuf.Timestamp",
    Duration: "google.protobuf.Duration",
    Optional: "optional_type",
    CelType: "type",
}
"""`bool` and `Uint` come before `int`, which they derive from."""

NUMBERS = frozenset({"int", "uint", "double"})


def equal(left: Any, right: Any) -> bool | Unknown:
    """CEL's `==`. Numbers of different types compare by value, a bool is no number, other types are never equal.

    Not known where it hangs on an unknown part, and only there: `[1, unknown]` is not `[2, 3]`. Fault where the values
    are too large to be compared.
    """
    BUDGET.spend(1)
    if isinstance(left, Unknown):
        return left
    if isinstance(right, Unknown):
        return right
    one, other = kind(left), kind(right)
    if one != other:
        return one in NUMBERS and other in NUMBERS and operator.eq(*comparable(left, right))
    if one == "list":
        return len(left) == len(right) and _all_equal(zip(left, right, strict=True))
    if one == "map":
        return len(left) == len(right) and _same_entries(left, right)
    if one == "optional_type":
        return left.present == right.present and (not left.present or equal(left.value, right.value))
    return bool(left == right)


def comparable(left: Any, right: Any) -> tuple[Any, Any]:
    """Two numbers in one type: as cel-spec's tests want it, an integer next to a double counts as a double."""
    if isinstance(left, float) == isinstance(right, float):
        return left, right
    return _double(left), _double(right)


def _double(value: Any) -> float:
    try:
        return float(value)
    except OverflowError:  # JSON has integers of any size
        return math.inf if value > 0 else -math.inf


def _all_equal(pairs: Any) -> bool | Unknown:
    answer: bool | Unknown = True
    for left, right in pairs:
        same = equal(left, right)
        if same is False:
            return False
        if same is not True:
            answer = same
    return answer


def _same_entries(left: Mapping[Any, Any], right: Mapping[Any, Any]) -> bool | Unknown:
    found = [(value, lookup(right, key)) for key, value in left.items()]
    return all(other is not MISSING for _, other in found) and _all_equal(found)


class BoolMap(Mapping[Any, Any]):
    """A map with a bool among its keys. In a dict, `true` and `1` would be one key."""

    def __init__(self) -> None:
        self._entries: dict[tuple[bool, Any], tuple[Any, Any]] = {}

    def add(self, key: Any, value: Any) -> None:
        """Put in an entry."""
        self._entries[isinstance(key, bool), key] = (key, value)

    def __getitem__(self, key: Any) -> Any:
        return self._entries[isinstance(key, bool), key][1]

    def __iter__(self) -> Iterator[Any]:
        return (key for key, _ in self._entries.values())

    def __len__(self) -> int:
        return len(self._entries)


MISSING = object()
"""What `lookup` gives for a key that is not there."""


def lookup(mapping: Mapping[Any, Any], key: Any) -> Any:
    """The value of a key, by CEL's equality: 1, 1u and 1.0 are one key, true is another."""
    try:
        value = mapping.get(key, MISSING)
    except TypeError:  # a list or a map, which is no key
        return MISSING
    if type(key) is str or value is MISSING:
        return value
    return value if any(equal(known, key) is True for known in mapping) else MISSING
