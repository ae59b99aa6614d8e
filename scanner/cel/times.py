"""Timestamps and durations: reading, writing, and the parts of a date."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Any

from scanner.cel.operators import duration, mismatch, timestamp
from scanner.cel.values import SECOND, Duration, Fault, Timestamp
from scanner.patterns import regex

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MOMENT = regex(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d{1,9})?(Z|[+-]\d\d:\d\d)", re.ASCII)
_SPAN = regex(r"[+-]?((\d+(\.\d*)?|\.\d+)(h|m|s|ms|us|µs|μs|ns))+|[+-]?0", re.ASCII)
_PIECE = regex(r"(\d*)\.?(\d*)(h|ms|m|s|us|µs|μs|ns)", re.ASCII)
_UNITS = {
    "h": 3600 * SECOND,
    "m": 60 * SECOND,
    "s": SECOND,
    "ms": 10**6,
    "us": 10**3,
    "µs": 10**3,
    "μs": 10**3,
    "ns": 1,
}
_OFFSET = regex(r"([+-]?)(\d\d):(\d\d)", re.ASCII)


def to_timestamp(value: Any) -> Timestamp:
    """`timestamp(x)` of an RFC 3339 text, or of seconds since 1970."""
    match value:
        case Timestamp():
            return value
        case int() if not isinstance(value, bool):
            return timestamp(value * SECOND)
        case str():
            return _read(value)
    raise mismatch("timestamp", value)


def _read(text: str) -> Timestamp:
    found = _MOMENT.fullmatch(text)
    nothing = Fault(f"'{text}' is no RFC 3339 timestamp")
    if not found:
        raise nothing
    try:
        moment = datetime.fromisoformat(found[1]).replace(tzinfo=UTC)
    except ValueError as error:  # the 30th of February
        raise nothing from error
    seconds = (moment - _EPOCH) // timedelta(seconds=1) - _offset(found[3])
    return timestamp(seconds * SECOND + int((found[2] or ".0")[1:].ljust(9, "0")))


def _offset(text: str) -> int:
    """`+02:00` in seconds."""
    found = _OFFSET.fullmatch(text)
    if not found:
        return 0
    seconds = int(found[2]) * 3600 + int(found[3]) * 60
    return -seconds if found[1] == "-" else seconds


def to_duration(value: Any) -> Duration:
    """`duration(x)` of a text such as `1h30m`, `-2.5s`."""
    if isinstance(value, Duration):
        return value
    if not isinstance(value, str):
        raise mismatch("duration", value)
    if not _SPAN.fullmatch(value) or len(value) > 100:  # noqa: PLR2004  # longer texts are over the limit or nonsense
        raise Fault(f"'{value}' is no duration")
    nanos = 0
    for whole, fraction, unit in _PIECE.findall(value):
        scale = _UNITS[unit]
        nanos += int(whole or 0) * scale + int(fraction or 0) * scale // 10 ** len(fraction)
    return duration(-nanos if value.startswith("-") else nanos)


def text(moment: Timestamp) -> str:
    """RFC 3339 in UTC, with as many digits of the second as it takes."""
    seconds, nanos = divmod(moment.nanos, SECOND)
    fraction = f".{nanos:09}".rstrip("0").rstrip(".")
    date = (_EPOCH + timedelta(seconds=seconds)).replace(tzinfo=None)
    return f"{date.isoformat()}{fraction}Z"


def _zone(name: str) -> tzinfo:
    """`UTC`, `Europe/Berlin`, `+02:00`, `02:00`."""
    from zoneinfo import ZoneInfo  # noqa: PLC0415  # slow to import, and hardly any policy asks for a time zone

    if _OFFSET.fullmatch(name):
        return timezone(timedelta(seconds=_offset(name)))
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError) as error:  # not a name, not known, not readable
        raise Fault(f"there is no time zone '{name}'") from error


def part(name: str, of_date: Callable[[datetime], int], of_span: Callable[[int], int] | None) -> Callable[..., int]:
    """A function such as `getHours`, of a timestamp with or without a time zone, or of a duration."""

    def run(value: Any, zone: Any = "UTC") -> int:
        if isinstance(value, Duration) and of_span:
            return of_span(value.nanos)
        if not (isinstance(value, Timestamp) and isinstance(zone, str)):
            raise mismatch(name, value)
        try:
            utc = _EPOCH + timedelta(microseconds=value.nanos // 1000)
            return of_date(utc.astimezone(UTC if zone == "UTC" else _zone(zone)))
        except OverflowError as error:
            raise Fault("timestamp out of range") from error

    return run


def _towards_zero(nanos: int, unit: int) -> int:
    return nanos // unit if nanos >= 0 else -(-nanos // unit)


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "timestamp": to_timestamp,
    "duration": to_duration,
    "getFullYear": part("getFullYear", lambda date: date.year, None),
    "getMonth": part("getMonth", lambda date: date.month - 1, None),
    "getDate": part("getDate", lambda date: date.day, None),
    "getDayOfMonth": part("getDayOfMonth", lambda date: date.day - 1, None),
    "getDayOfWeek": part("getDayOfWeek", lambda date: date.isoweekday() % 7, None),
    "getDayOfYear": part("getDayOfYear", lambda date: date.timetuple().tm_yday - 1, None),
    "getHours": part("getHours", lambda date: date.hour, lambda nanos: _towards_zero(nanos, 3600 * SECOND)),
    "getMinutes": part("getMinutes", lambda date: date.minute, lambda nanos: _towards_zero(nanos, 60 * SECOND)),
    "getSeconds": part("getSeconds", lambda date: date.second, lambda nanos: _towards_zero(nanos, SECOND)),
    "getMilliseconds": part(
        "getMilliseconds",
        lambda date: date.microsecond // 1000,
        lambda nanos: _towards_zero(nanos, 10**6) - 1000 * _towards_zero(nanos, SECOND),
    ),
}
