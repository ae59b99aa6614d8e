"""Reads `aws_calls.yaml`, the table of what an audit of an AWS account asks for."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import ryaml
from msgspec import Struct, field


class Call(Struct, frozen=True, rename={"params": "with", "name": "as"}):
    """One operation that is asked of one thing."""

    params: Mapping[str, Any] = {}
    absent: tuple[str, ...] = ()
    """Error codes by which the service says that there is none."""
    grant: str = ""
    pick: str = ""
    name: str = ""
    when: str = ""


class Setting(Struct, frozen=True, rename={"params": "with"}):
    """One operation that is asked once for an account and region."""

    service: str
    call: str
    params: Mapping[str, Any] = {}
    absent: tuple[str, ...] = ()
    grant: str = ""


class KeptBack(Struct, frozen=True):
    """A part of an entry that a service may keep to itself, and what says in its place that it did."""

    part: tuple[str, ...]
    error: str
    grant: str


class Kind(Struct, frozen=True, rename={"params": "with", "parent": "of", "operation": "list"}):
    """How things of one type are found and read."""

    service: str
    operation: str
    items: str
    name: str
    arn: str
    or_name: str = ""
    own_arn: str = ""
    kept_back: tuple[KeptBack, ...] = ()
    params: Mapping[str, Any] = {}
    parent: str = ""
    whole: bool = False
    grant: str = ""
    tags: str = ""
    details: Mapping[str, Call] = {}


class Table(Struct, frozen=True):
    """The whole table."""

    settings: Mapping[str, Setting]
    types: Mapping[str, Kind] = field(default_factory=dict)


@cache
def table() -> Table:
    """The table as the file has it."""
    written = ryaml.loads((Path(__file__).parents[1] / "aws_calls.yaml").read_text(encoding="utf-8"))
    return msgspec.convert(written, Table)


def filled(template: Any, known: Mapping[str, Any]) -> Any:
    """A template with its places filled in."""
    if isinstance(template, str):
        return template.format_map(known)
    if isinstance(template, Mapping):
        return {key: filled(value, known) for key, value in template.items()}
    return [filled(value, known) for value in template] if isinstance(template, list) else template
