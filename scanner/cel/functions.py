"""CEL's standard functions on known values, by name. Each raises `Fault` where CEL has an error."""

from __future__ import annotations

import base64
import functools
import math
import re
from collections.abc import Callable, Mapping
from typing import Any

from scanner.cel import times
from scanner.cel.operators import mismatch, signed, unsigned
from scanner.cel.types import CelType
from scanner.cel.values import NONE, SECOND, Duration, Fault, Optional, Timestamp, Uint, kind
from scanner.patterns import regex

_TRUE, _FALSE = frozenset({"true", "True", "TRUE", "t", "1"}), frozenset({"false", "False", "FALSE", "f", "0"})
_DOUBLE = regex(r"[+-]?((\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|inf|infinity|nan)", re.ASCII | re.IGNORECASE)


def size(value: Any) -> int:
    """Code points of a text, bytes, elements, entries."""
    if kind(value) in {"string", "bytes", "list", "map"}:
        return len(value)
    raise mismatch("size", value)


def to_int(value: Any) -> int:
    """`int(x)`: doubles are cut off, timestamps give seconds."""
    match value:
        case bool():
            raise mismatch("int", value)
        case int():
            return signed(int(value))
        case float():
            return _whole(value, -(2**63), 2**63)
        case str() if re.fullmatch(r"-?\d+", value, re.ASCII):
            return signed(_digits(value))
        case Timestamp():
            return value.nanos // SECOND
        case str():
            raise Fault(f"cannot convert '{value}' to an int")
    raise mismatch("int", value)


def to_uint(value: Any) -> Uint:
    """`uint(x)`."""
    match value:
        case bool():
            raise mismatch("uint", value)
        case int():
            return unsigned(int(value))
        case float():
            return Uint(_whole(value, -1, 2**64))
        case str() if re.fullmatch(r"\d+", value, re.ASCII):
            return unsigned(_digits(value))
        case str():
            raise Fault(f"cannot convert '{value}' to a uint")
    raise mismatch("uint", value)


def _digits(text: str) -> int:
    """Longer texts cannot fit in 64 bits, and Python refuses very long ones."""
    if len(text) > 100:  # noqa: PLR2004  # far above the 20 digits that fit, leading zeros included
        raise Fault("integer overflow")
    return int(text)


def _whole(value: float, low: int, high: int) -> int:
    """Cut off a double that lies strictly between the bounds."""
    if low < value < high:
        return int(value)
    raise Fault(f"double {value} is out of range")


def to_double(value: Any) -> float:
    """`double(x)`."""
    match value:
        case bool():
            raise mismatch("double", value)
        case int() | float():
            return float(value)
        case str() if _DOUBLE.fullmatch(value):
            return float(value)
        case str():
            raise Fault(f"cannot convert '{value}' to a double")
    raise mismatch("double", value)


def to_string(value: Any) -> str:
    """`string(x)`."""
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return value
        case int():
            return str(int(value))
        case float():
            return double_text(value)
        case bytes():
            return _decoded(value)
        case Duration():
            return str(value)
        case Timestamp():
            return times.text(value)
    raise mismatch("string", value)


def double_text(value: float) -> str:
    """The shortest text that reads back as the same double."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "-Infinity" if value < 0 else "Infinity"
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)  # noqa: PLR2004  # still exact


def _decoded(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError as error:
        raise Fault("the bytes are no UTF-8 text") from error


def to_bytes(value: Any) -> bytes:
    """`bytes(x)`: the UTF-8 of a text."""
    if isinstance(value, bytes):
        return value
    if isinstance(value, str):
        return value.encode(errors="surrogatepass")
    raise mismatch("bytes", value)


def to_bool(value: Any) -> bool:
    """`bool(x)` of a bool or one of the words Go's ParseBool takes."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        if value in _TRUE or value in _FALSE:
            return value in _TRUE
        raise Fault(f"cannot convert '{value}' to a bool")
    raise mismatch("bool", value)


def matches(text: Any, pattern: Any) -> bool:
    """Whether the RE2 pattern is found anywhere in the text."""
    if not (isinstance(text, str) and isinstance(pattern, str)):
        raise mismatch("matches", text, pattern)
    try:
        return compiled(pattern).search(text) is not None
    except UnicodeEncodeError as error:
        raise Fault("the text is not valid Unicode") from error


@functools.lru_cache(maxsize=512)
def compiled(pattern: str) -> Any:
    """A compiled RE2 pattern. Imported here because most policies need no regular expression."""
    import re2  # noqa: PLC0415

    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        raise Fault(f"invalid regular expression '{pattern}': {_told(error)}") from error


def _told(error: Exception) -> str:
    """What RE2 says, which it says in bytes."""
    said = error.args[0] if error.args else ""
    return said.decode(errors="replace") if isinstance(said, bytes) else str(said)


def on_texts(name: str, compute: Callable[[str, str], Any]) -> Callable[[Any, Any], Any]:
    """A function of two texts."""

    def run(left: Any, right: Any) -> Any:
        if isinstance(left, str) and isinstance(right, str):
            return compute(left, right)
        raise mismatch(name, left, right)

    return run


def negation(value: Any) -> bool:
    """`!`."""
    if isinstance(value, bool):
        return not value
    raise mismatch("!_", value)


def some(value: Any) -> Optional:
    """`optional.of(x)`."""
    return Optional(present=True, value=value)


def some_unless_zero(value: Any) -> Optional:
    """`optional.ofNonZeroValue(x)`: nothing for the zero, empty, false or null of any type."""
    zero = not value.nanos if isinstance(value, Duration | Timestamp) else not value
    return NONE if zero else some(value)


def unwrap(value: Any) -> Any:
    """`optional.value()`."""
    if not isinstance(value, Optional):
        raise mismatch("value", value)
    if not value.present:
        raise Fault("optional.none() has no value")
    return value.value


def has_value(value: Any) -> bool:
    """`optional.hasValue()`."""
    if isinstance(value, Optional):
        return value.present
    raise mismatch("hasValue", value)


def end(at: int) -> Callable[[Any], Optional]:
    """`list.first()` and `list.last()`: an optional, empty for an empty list."""

    def run(value: Any) -> Optional:
        if kind(value) != "list":
            raise mismatch("last" if at else "first", value)
        return some(value[at]) if value else NONE

    return run


def base64_text(value: Any) -> str:
    """`base64.encode(bytes)`."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    raise mismatch("base64.encode", value)


def base64_bytes(value: Any) -> bytes:
    """`base64.decode(text)`; the padding may be left out."""
    if not isinstance(value, str):
        raise mismatch("base64.decode", value)
    try:
        return base64.b64decode(value + "=" * (-len(value) % 4), validate=True)
    except ValueError:
        raise Fault("the text is no base64") from None


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "!_": negation,
    "size": size,
    "type": lambda value: CelType(kind(value)),
    "dyn": lambda value: value,
    "int": to_int,
    "uint": to_uint,
    "double": to_double,
    "string": to_string,
    "bytes": to_bytes,
    "bool": to_bool,
    "matches": matches,
    "startsWith": on_texts("startsWith", str.startswith),
    "endsWith": on_texts("endsWith", str.endswith),
    "contains": on_texts("contains", str.__contains__),
    "optional.of": some,
    "optional.none": lambda: NONE,
    "optional.ofNonZeroValue": some_unless_zero,
    "value": unwrap,
    "hasValue": has_value,
    "first": end(0),
    "last": end(-1),
    "base64.encode": base64_text,
    "base64.decode": base64_bytes,
}
