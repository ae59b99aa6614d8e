"""The blocks of a configuration that is written in Terraform's JSON syntax, and what they write where.

Syntax: https://developer.hashicorp.com/terraform/language/syntax/json
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from scanner.errors import LoadError
from scanner.model import Path

LABELS = {"variable": 1, "output": 1, "module": 1, "provider": 1, "resource": 2, "data": 2, "ephemeral": 2, "locals": 0}
"""The kinds of blocks that say what there will be, and how many labels each has."""

COMMENT = "//"
WRITTEN_AS = {
    # computed argument: the argument a person writes instead
    "tags_all": "tags",
    "effective_labels": "labels",
    "terraform_labels": "labels",
    "effective_annotations": "annotations",
}


class Object(list[tuple[str, Any]]):
    """A JSON object as it is written: with names that come twice."""


class Number(str):
    """A JSON number as it is written."""

    __slots__ = ()


class JsonBlock(Struct, frozen=True):
    """A block of the module."""

    pointer: Path
    """From the root of the file to its body."""
    kind: str
    labels: tuple[str, ...]
    body: Object


def parsed(text: str) -> Any:
    """A JSON text, with nothing lost; raises `LoadError`."""
    try:
        return json.loads(text, object_pairs_hook=Object, parse_int=Number, parse_float=Number)
    except json.JSONDecodeError as error:
        message = f"is not valid JSON: {error.msg} (line {error.lineno}, column {error.colno})"
        raise LoadError(message, "Write the file again; its end may be missing.") from None


def blocks(text: str) -> Iterator[JsonBlock]:
    """The blocks of a file; raises `LoadError`."""
    for pointer, kind, value in _entries(parsed(text), "the file"):
        if kind in LABELS:
            for inner, labels, body in _labelled(value, LABELS[kind], kind):
                yield JsonBlock(pointer + inner, kind, labels, body)


def _labelled(value: Any, labels: int, what: str) -> Iterator[tuple[Path, tuple[str, ...], Object]]:
    """The blocks below a kind of block: where each is, its labels, and its body."""
    if labels == 0:
        yield from ((pointer, (), one) for pointer, one in objects(value, what))
        return
    for pointer, name, inside in _entries(value, what):
        if name != COMMENT:
            for inner, rest, body in _labelled(inside, labels - 1, f"{what} {name}"):
                yield pointer + inner, (name, *rest), body


def _entries(value: Any, what: str) -> Iterator[tuple[Path, str, Any]]:
    """The entries of an object, or of all objects of a list, each with the way to it."""
    for pointer, one in objects(value, what):
        yield from (((*pointer, name), name, inside) for name, inside in one)


def objects(value: Any, what: str) -> Iterator[tuple[Path, Object]]:
    """An object, or those of a list; raises `LoadError` for anything else."""
    found: list[tuple[Path, Any]] = [((), value)]
    if type(value) is list:
        found = [((number,), one) for number, one in enumerate(value)]
    for pointer, one in found:
        if not isinstance(one, Object):
            hint = "See what `terraform validate` says."
            raise LoadError(f"is not valid: {what} holds something that is no object", hint)
        yield pointer, one


def written(body: Any, path: Path) -> Iterator[str | int]:
    """The way in JSON that a path into a block has, as far as it is written. A path counts single blocks as well."""
    for position, step in enumerate(path):
        if isinstance(body, Object) and isinstance(step, str):
            inside, name = dict(body), WRITTEN_AS.get(step, step)
            if name in inside:
                yield name
                body = inside[name]
            else:
                yield from _written_dynamic(inside.get("dynamic"), name, path[position + 2 :])
                return
        elif type(body) is list and isinstance(step, int) and step < len(body):
            yield step
            body = body[step]
        elif not (isinstance(body, Object) and step == 0):
            return


def _written_dynamic(dynamic: Any, name: str, path: Path) -> Iterator[str | int]:
    """Inside of what a dynamic block makes, which is the same for each entry."""
    made = dict(dynamic).get(name) if isinstance(dynamic, Object) else None
    if isinstance(made, Object):
        yield from ("dynamic", name)
        if content := dict(made).get("content"):
            yield "content"
            yield from written(content, path)
