"""YAML files that people write for govscan (policies, configuration), checked against a JSON Schema.

Every mistake is reported at once, each with the file, line and column it stands in.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import ryaml
from msgspec import Struct

from scanner import schema_words
from scanner.model import Path as BodyPath
from scanner.patterns import regex
from scanner.strange_files import refused
from scanner.yaml_positions import ENCODING, Positions

_PLACE = regex(r"line (\d+),? column (\d+)")
"""Where the parser says that it stopped."""
_QUOTES = "; put a text with ': ', ' #' or brackets in it in quotes as a whole"
_ADVICE = {
    "mapping values are not allowed": _QUOTES,
    "did not find expected": _QUOTES,
    "more than one document": "; write each in a file of its own, without --- between them",
    "found a tab character": "; indent with spaces",
    "cannot start any token": "; indent with spaces, and put a text that begins with a sign in quotes",
}
"""Words of the parser to what its reader should do."""
_TWICE = "duplicate entry"
"""Its words for a key that stands twice in a map."""


class Mistake(Struct, frozen=True):
    """One thing that is wrong in a file. `line` and `column` count from 1; 0 where there is none."""

    file: str
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        return f"{place}: {self.message}"


def read(path: Path, *, links: bool = False) -> tuple[Any, list[Mistake]]:
    """The file's value; or None and what is wrong with the file as YAML. `links` is that of `refused`."""
    reason = refused(path, links=links)
    if reason:
        return None, [Mistake(str(path), 0, 0, reason)]
    try:
        return ryaml.loads(path.read_text(encoding=ENCODING)), []
    except OSError as error:
        return None, [Mistake(str(path), 0, 0, f"cannot be read: {error.strerror}")]
    except UnicodeDecodeError:
        return None, [Mistake(str(path), 0, 0, "is not UTF-8 text")]
    except ValueError as error:  # also for a key that is no text, which is not one of its own errors
        return None, _twice(path, error) or [_not_yaml(path, error)]


def _not_yaml(path: Path, error: ValueError) -> Mistake:
    place = _PLACE.search(str(error))
    line, column = map(int, place.groups()) if place else (1, 1)  # the parser does not tell the beginning
    advice = next((advice for words, advice in _ADVICE.items() if words in str(error)), "")
    return Mistake(str(path), line, column, f"is not valid YAML: {error}{advice}")


def _twice(path: Path, error: ValueError) -> list[Mistake]:
    """The parser tells one key that stands twice, and where its map begins."""
    found = Positions(path).repeated() if _TWICE in str(error) else []
    return [Mistake(str(path), *place, f"'{key}' stands here twice; keep one") for place, key in found]


def check(path: Path, value: Any, schema: Path) -> list[Mistake]:
    """Everything in `value`, read from `path`, that does not follow the schema, in the order of the file."""
    if value is None:
        return [Mistake(str(path), 1, 1, "is empty")]
    positions = Positions(path)
    found = (
        Mistake(str(path), *positions.of(where), message)
        for error in _validator(schema).iter_errors(value)
        for where, message in schema_words.told(error, nearest)
    )
    return sorted(found, key=lambda one: (one.line, one.column, one.message))


def broken(value: Any, schema: Path) -> set[BodyPath]:
    """The places in `value` that do not follow the schema; of an unknown key, the key itself."""
    errors = _validator(schema).iter_errors(value)
    return {
        where for error in errors if error.validator != "required" for where, _ in schema_words.told(error, nearest)
    }


def mistake(path: Path, where: BodyPath, message: str) -> Mistake:
    """A mistake at a path inside a file, with its line and column."""
    return mistakes(path, [(where, message)])[0]


def mistakes(path: Path, told: Iterable[tuple[BodyPath, str]]) -> list[Mistake]:
    """A mistake for each path inside a file that something is told of; the file is read once for all."""
    positions = Positions(path)
    return [Mistake(str(path), *positions.of(where), message) for where, message in told]


def mistake_inside(path: Path, where: BodyPath, offset: int, message: str) -> Mistake:
    """A mistake at one character of the text that stands at a path inside a file."""
    return Mistake(str(path), *Positions(path).inside(where, offset), message)


def nearest(word: str, known: Iterable[str]) -> str:
    """`; did you mean 'X'?` for the known word that is most like this one; empty where none is."""
    import difflib  # noqa: PLC0415  # only a mistake needs it

    words = sorted(known)
    near = [one for one in words if one.lower() == word.lower()] or difflib.get_close_matches(word, words, n=1)
    return f"; did you mean '{near[0]}'?" if near else ""


@cache
def _validator(schema: Path) -> Any:
    import jsonschema  # noqa: PLC0415  # takes 70 ms, and shipped packs do not need it

    return jsonschema.Draft202012Validator(json.loads(schema.read_text(encoding="utf-8")))
