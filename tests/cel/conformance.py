"""The conformance cases of google/cel-spec as Python values."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from msgspec import Struct

from scanner.cel.types import CelType
from scanner.cel.values import Duration, Timestamp, Uint
from tests.cel.textproto import Message, read


class NotApplicableError(Exception):
    """The case needs something that govscan does not offer; the message says what."""


class Case(Struct, frozen=True):
    name: str
    fields: Message

    @property
    def text(self) -> str:
        return self.fields["expr"][0].decode()

    def has(self, field: str) -> bool:
        return self.fields.get(field, ["false"])[0] != "false"

    def variables(self) -> dict[str, str]:
        found = {}
        for declaration in self.fields.get("type_env", []):
            if "ident" not in declaration:
                raise NotApplicableError("functions of the caller's own")
            found[declaration["name"][0].decode()] = type_text(declaration["ident"][0].get("type", [{}])[0])
        return found

    def roots(self) -> dict[str, Any]:
        roots: dict[str, Any] = {}
        for binding in self.fields.get("bindings", []):
            *path, last = binding["key"][0].decode().split(".")
            inner = roots
            for step in path:
                inner = inner.setdefault(step, {})
            inner[last] = value(binding["value"][0]["value"][0])
        return roots

    def expected(self) -> Any:
        if "value" in self.fields:
            return value(self.fields["value"][0])
        if "typed_result" in self.fields:
            return value(self.fields["typed_result"][0].get("result", [{"bool_value": ["true"]}])[0])
        return True


def cases(file: Path) -> Iterator[Case]:
    for section in read(file.read_text(encoding="utf-8")).get("section", []):
        for test in section.get("test", []):
            name = f"{file.stem}/{section['name'][0].decode()}/{test['name'][0].decode()}"
            yield Case(name, test)


_PRIMITIVES = {
    "BOOL": "bool",
    "INT64": "int",
    "UINT64": "uint",
    "DOUBLE": "double",
    "STRING": "string",
    "BYTES": "bytes",
}


def type_text(kind: Message) -> str:
    if "message_type" in kind:
        name = kind["message_type"][0].decode()
        if name in {"google.protobuf.Timestamp", "google.protobuf.Duration"}:
            return str(name.rpartition(".")[2].lower())
        raise NotApplicableError("protobuf messages")
    if "wrapper" in kind:
        raise NotApplicableError("protobuf wrapper types as variables")
    if "list_type" in kind:
        return f"list({type_text(kind['list_type'][0].get('elem_type', [{}])[0])})"
    if "map_type" in kind:
        inner = kind["map_type"][0]
        return f"map({type_text(inner['key_type'][0])}, {type_text(inner['value_type'][0])})"
    if "abstract_type" in kind:
        inner = kind["abstract_type"][0]
        params = ", ".join(type_text(part) for part in inner.get("parameter_types", []))
        return f"{inner['name'][0].decode()}({params})"
    if "primitive" in kind:
        return _PRIMITIVES[kind["primitive"][0]]
    if "well_known" in kind:
        return kind["well_known"][0].lower().replace("any", "dyn")
    if "type" in kind:
        return "type"
    return "null" if "null" in kind else "dyn"


_SCALARS: dict[str, Callable[[Any], Any]] = {
    "null_value": lambda _: None,
    "bool_value": lambda content: content == "true",
    "int64_value": lambda content: int(content, 0),
    "uint64_value": lambda content: Uint(int(content, 0)),
    "double_value": float,
    "string_value": lambda content: content.decode(),
    "bytes_value": lambda content: content,
    "type_value": lambda content: CelType(content.decode()),
}


def value(fields: Message) -> Any:
    name, (content, *_) = next(iter(fields.items()))
    if name in _SCALARS:
        return _SCALARS[name](content)
    if name == "list_value":
        return [value(item) for item in content.get("values", [])]
    if name == "map_value":
        return {value(entry["key"][0]): value(entry["value"][0]) for entry in content.get("entries", [])}
    if name == "object_value":
        return _object(*next(iter(content.items())))
    raise NotApplicableError("protobuf enums")


def _object(url: str, values: list[Message]) -> Any:
    kind = url.rpartition("/")[2]
    nanos = int(values[0].get("seconds", ["0"])[0]) * 10**9 + int(values[0].get("nanos", ["0"])[0])
    if kind == "google.protobuf.Duration":
        return Duration(nanos)
    if kind == "google.protobuf.Timestamp":
        return Timestamp(nanos)
    raise NotApplicableError("protobuf messages")
