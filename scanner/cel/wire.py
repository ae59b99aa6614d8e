"""Reads the protobuf wire format, just as much of it as a checked syntax tree needs.

The format is described at https://protobuf.dev/programming-guides/encoding/. A message becomes a mapping from field
number to the field's values in order: integers for varints, bytes for everything else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

Message = Mapping[int, list[int | bytes]]


def message(data: bytes) -> Message:
    """Field number to values. The data comes from the CEL library, so anything malformed is a bug: ValueError."""
    fields: dict[int, list[int | bytes]] = {}
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        value: int | bytes
        match key & 7:
            case 0:
                value, at = _varint(data, at)
            case 1:
                value, at = data[at : at + 8], at + 8
            case 2:
                size, at = _varint(data, at)
                value, at = data[at : at + size], at + size
            case other:
                raise ValueError(f"unexpected wire type {other}")
        fields.setdefault(key >> 3, []).append(value)
    return fields


def number(fields: Message, field: int) -> int:
    """An unsigned integer field; 0 where it is left out, as protobuf has it."""
    value = fields.get(field, [0])[-1]
    return value if isinstance(value, int) else 0


def signed(value: int) -> int:
    """A varint read as a 64 bit two's complement number."""
    return value - (1 << 64) if value >= 1 << 63 else value


def data(fields: Message, field: int) -> bytes:
    """A bytes or message field; empty where it is left out."""
    value = fields.get(field, [b""])[-1]
    return value if isinstance(value, bytes) else b""


def text(fields: Message, field: int) -> str:
    """A text field; empty where it is left out."""
    return data(fields, field).decode()


def messages(fields: Message, field: int) -> Iterator[Message]:
    """Every message of a repeated field."""
    for value in fields.get(field, ()):
        if isinstance(value, bytes):
            yield message(value)


def packed(fields: Message, field: int) -> Iterator[int]:
    """The integers of a packed repeated field."""
    body = data(fields, field)
    at = 0
    while at < len(body):
        value, at = _varint(body, at)
        yield value


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """The number that starts at `at`, seven bits a byte, lowest first; and where the next field starts."""
    result = shift = 0
    while True:
        byte = data[at]
        at += 1
        result |= (byte & 0x7F) << shift
        if byte < 0x80:  # noqa: PLR2004  # the highest bit says that another byte follows
            return result, at
        shift += 7
