"""CEL types: as values (`type(1) == int`), and as text in declarations and results (`map(string, dyn)`)."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from msgspec import Struct

from scanner.cel import wire
from scanner.patterns import regex

_PRIMITIVES = ("null", "bool", "int", "uint", "double", "string", "bytes")
"""By their number in the PrimitiveType enum of checked.proto."""
_WELL_KNOWN = ("dyn", "dyn", "timestamp", "duration")
_TOKEN = regex(r"\s*([\w.]+|[(),])")
_NAMES = {
    "null_type": "null",
    "any": "dyn",
    "google.protobuf.Timestamp": "timestamp",
    "google.protobuf.Duration": "duration",
}


class CelType(Struct, frozen=True):
    """A type as a value, by the name that CEL gives it: `null_type`, `google.protobuf.Duration`."""

    name: str

    def __str__(self) -> str:
        return self.name


def names() -> frozenset[str]:
    """What an expression can call a type."""
    simple = {"bool", "int", "uint", "double", "string", "bytes", "null_type", "list", "map", "type", "optional_type"}
    return frozenset(simple | {"google.protobuf.Timestamp", "google.protobuf.Duration", "net.IP", "net.CIDR"})


def type_text(fields: wire.Message) -> str:
    """A `Type` message of checked.proto as text."""
    field = next(iter(fields), 1)
    inner = wire.message(wire.data(fields, field)) if isinstance(fields.get(field, [0])[-1], bytes) else {}
    match field:
        case 2:
            return "null"
        case 3 | 4:
            return _PRIMITIVES[wire.number(fields, field)]
        case 5:
            return _WELL_KNOWN[wire.number(fields, field)]
        case 6:
            return f"list({type_text(wire.message(wire.data(inner, 1)))})"
        case 7:
            key, value = (type_text(wire.message(wire.data(inner, part))) for part in (1, 2))
            return f"map({key}, {value})"
        case 11:
            return "type"
        case 14:
            params = ", ".join(type_text(part) for part in wire.messages(inner, 2))
            return f"{wire.text(inner, 1)}({params})"
    return "dyn"


@lru_cache(maxsize=256)
def declared(text: str) -> Any:
    """The CEL library's own type for a text such as `list(string)`.

    The library's `cel.Type(text)` reads compound types as opaque names, so we take them apart ourselves.
    Raises ValueError for a text that is no type.
    """
    tokens = _TOKEN.findall(text)
    if "".join(tokens) != re.sub(r"\s", "", text):
        raise ValueError(f"'{text}' is no CEL type")
    found, rest = _parse(tokens, text)
    if rest:
        raise ValueError(f"'{text}' is no CEL type")
    return found


def _parse(tokens: list[str], text: str) -> tuple[Any, list[str]]:
    from cel_expr_python import cel  # noqa: PLC0415  # only a run that compiles expressions pays for it

    name, rest = (tokens[0], tokens[1:]) if tokens else ("", [])
    params: list[Any] = []
    if rest[:1] == ["("]:
        while rest[0] != ")":
            param, rest = _parse(rest[1:], text)
            params.append(param)
            if not rest:
                raise ValueError(f"'{text}' is no CEL type")
        rest = rest[1:]
    match _NAMES.get(name, name), params:
        case "list", [element]:
            return cel.Type.List(element), rest
        case "map", [key, value]:
            return cel.Type.Map(key, value), rest
        case "optional_type", [element]:
            return cel.Type.AbstractType("optional_type", [element]), rest
        case ("list" | "map" | "type" | "timestamp" | "duration" | "dyn" | "null" | "bool") as simple, []:
            return getattr(cel.Type, simple.upper()), rest
        case ("int" | "uint" | "double" | "string" | "bytes") as simple, []:
            return getattr(cel.Type, simple.upper()), rest
    raise ValueError(f"'{text}' is no CEL type")
