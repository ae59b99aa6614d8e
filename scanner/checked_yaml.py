"""YAML files that people write for govscan (policies, configuration), checked against a JSON Schema.

Every mistake is reported at once, each with the file, line and column it stands in.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import ryaml

from scanner.model import Path as BodyPath


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing that is wrong in a file. `line` and `column` count from 1; 0 where there is none."""

    file: str
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.message}"


def read(path: Path) -> tuple[Any, list[Mistake]]:
    """The file's value; or None and what is wrong with the file as YAML."""
    try:
        return ryaml.loads(path.read_text(encoding="utf-8")), []
    except OSError as error:
        return None, [Mistake(str(path), 0, 0, f"cannot be read: {error.strerror}")]
    except UnicodeDecodeError:
        return None, [Mistake(str(path), 0, 0, "is not UTF-8 text")]
    except ryaml.InvalidYamlError as error:
        return None, [Mistake(str(path), 0, 0, f"is not valid YAML: {error}")]


def check(path: Path, value: Any, schema: Path) -> list[Mistake]:
    """Everything in `value`, read from `path`, that does not follow the schema."""
    positions = _Positions(path)
    return [
        Mistake(str(path), *positions.of(tuple(error.absolute_path)), _plain(error))
        for error in sorted(_validator(schema).iter_errors(value), key=lambda error: list(map(str, error.path)))
    ]


def mistake(path: Path, where: BodyPath, message: str) -> Mistake:
    """A mistake at a path inside a file, with its line and column."""
    return Mistake(str(path), *_Positions(path).of(where), message)


@cache
def _validator(schema: Path) -> Any:
    import jsonschema  # noqa: PLC0415  # takes 70 ms, and shipped packs do not need it

    return jsonschema.Draft202012Validator(json.loads(schema.read_text(encoding="utf-8")))


def _plain(error: Any) -> str:
    """A schema error in words for somebody who has never seen the schema."""
    where = ".".join(str(step) for step in error.absolute_path)
    known = sorted(error.schema.get("properties", ())) if isinstance(error.schema, Mapping) else []
    if error.validator == "additionalProperties":
        extra = sorted(set(error.instance) - set(known))
        return f"{where or 'the file'} has {', '.join(map(repr, extra))}; known here: {', '.join(known)}"
    return f"{where}: {error.message}" if where else str(error.message)


class _Positions:
    """Line and column of a path in a YAML file; reads and composes the file on first use."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def of(self, where: BodyPath) -> tuple[int, int]:
        import yaml  # noqa: PLC0415  # only files with a mistake need positions

        node = yaml.compose(self._path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
        mark = node.start_mark if node else None
        for step in where:
            found = next(_children(node, step), None)
            if found is None:
                break
            mark, node = found
        return (mark.line + 1, mark.column + 1) if mark else (0, 0)


def _children(node: Any, step: str | int) -> Iterator[tuple[Any, Any]]:
    if isinstance(step, int) and node.id == "sequence" and step < len(node.value):
        yield node.value[step].start_mark, node.value[step]
    elif node.id == "mapping":
        yield from ((key.start_mark, value) for key, value in node.value if key.value == str(step))
