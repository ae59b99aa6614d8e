"""From what an expression read back to where it stands in the object's file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from msgspec import Struct

from scanner import cel
from scanner.cel.explain import written
from scanner.model import Path, ReadValue

_DEEPEST = 10
"""Variables that refer to variables."""


class Read(Struct, frozen=True):
    """See `model.ReadValue`."""

    path: str
    steps: Path
    value: Any


class Explained(Struct, frozen=True):
    """See `model.Explanation`."""

    reads: tuple[ReadValue, ...]


def placed(
    reads: Iterable[ReadValue], roots: Mapping[str, Any], variables: Mapping[str, cel.Program], depth: int = 0
) -> Iterator[ReadValue]:
    """The reads, with steps that lead into the resource.

    Params are left out: they may be secrets, and are not what is wrong. What was read through a variable is found in
    the object where it is a part of it, and explained by the variable's own reads elsewhere.
    """
    for read in reads:
        match read.steps:
            case ("object", *rest):
                yield Read(read.path, ("resource", "native", *rest), read.value)
            case ("params", *_):
                continue
            case ("variables", str(name), *rest) if name in variables and depth < _DEEPEST:
                path = _path_of(roots["variables"][name], tuple(rest), roots["object"])
                if path is not None:
                    yield Read(written(("object", *path)), ("resource", "native", *path), read.value)
                else:
                    yield from placed(variables[name].explain(roots).reads, roots, variables, depth + 1)
            case _:
                yield read


def _path_of(value: Any, steps: Path, body: Any) -> Path | None:
    """Where in the body stands what these steps lead to, going by the deepest map or list that is a part of it."""
    found = None
    for depth in range(len(steps) + 1):
        place = _find(body, value)
        if place is not None:
            found = (*place, *steps[depth:])
        if depth == len(steps):
            break
        try:
            value = value[steps[depth]]
        except (KeyError, IndexError, TypeError):
            break
    return found


def _find(body: Any, part: Any) -> Path | None:
    """The path to this very map or list; equal ones elsewhere are not meant."""
    if not isinstance(part, dict | list):
        return None
    if body is part:
        return ()
    inner = body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else ()
    for step, value in inner:
        path = _find(value, part)
        if path is not None:
            return (step, *path)
    return None
