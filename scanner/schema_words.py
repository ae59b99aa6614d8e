"""What does not follow a JSON Schema, in words for somebody who has never seen it: what is wrong, what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from scanner.model import Path as BodyPath

Told = tuple[BodyPath, str]
"""A place in the file, and what is wrong there."""

_KINDS: Mapping[str, str] = {
    "string": "a text",
    "object": "a map",
    "array": "a list",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
}
_SHOWN = 60
"""Characters of a wrong value that are repeated."""


def told(error: Any, nearest: Callable[[str, Iterable[str]], str]) -> Iterator[Told]:
    """Each part of a schema error, at its own place. `nearest` guesses which known word was meant."""
    path = tuple(error.absolute_path)
    for where, message in _WORDS[error.validator](error, nearest):
        place = ".".join(map(str, path + where))
        yield path + where, f"{place}: {message}" if place else f"the file {message}"


def _type(error: Any, _: object) -> Iterator[Told]:
    wanted = [error.validator_value] if isinstance(error.validator_value, str) else error.validator_value
    if error.instance is None:
        yield (), f"is empty; write {_or(_KINDS[kind] for kind in wanted)}"
    else:
        quotes = "; put it in quotes" if "string" in wanted and not isinstance(error.instance, list) else ""
        yield (), f"must be {_or(_KINDS[kind] for kind in wanted)}, not {_kind(error.instance)}{quotes}"


def _required(error: Any, _: object) -> Iterator[Told]:
    """The library tells them one by one, all at the same place; which one is only in its sentence."""
    name = next(name for name in error.validator_value if error.message.startswith(repr(name)))
    about = error.schema["properties"].get(name, {}).get("description", "")
    yield (), f"has no '{name}'; add it{': ' + about if about else ''}"


def _unknown(error: Any, nearest: Callable[[str, Iterable[str]], str]) -> Iterator[Told]:
    known = sorted(error.schema["properties"])
    for extra in sorted(set(error.instance) - set(known), key=str):
        guess = nearest(str(extra), known) or f"; known here: {', '.join(known)}"
        yield (extra,), f"is no key{guess}"


def _enum(error: Any, nearest: Callable[[str, Iterable[str]], str]) -> Iterator[Told]:
    words = [str(word) for word in error.validator_value]
    yield (), f"must be {_or(words)}, not {_value(error.instance)}{nearest(str(error.instance), words)}"


def _constant(error: Any, _: object) -> Iterator[Told]:
    yield (), f"must be {_value(error.validator_value)}, not {_value(error.instance)}"


def _short(error: Any, _: object) -> Iterator[Told]:
    if not error.instance:
        yield (), "is empty; write something, or leave the key out where it is not needed"
    else:
        yield (), f"is too short: {_value(error.instance)}; write {error.validator_value} characters or more"


def _long(error: Any, _: object) -> Iterator[Told]:
    yield (), f"has {len(error.instance)} characters; write {error.validator_value} or fewer"


def _no_entry(error: Any, _: object) -> Iterator[Told]:
    kind = "list" if isinstance(error.instance, list) else "map"
    known = error.schema.get("properties", ())
    yield (), f"is an empty {kind}; add an entry{': one of ' + ', '.join(sorted(known)) if known else ''}"


def _many(error: Any, _: object) -> Iterator[Told]:
    yield (), f"has {', '.join(map(str, error.instance))}; keep one of them"


def _twice(error: Any, _: object) -> Iterator[Told]:
    for number, entry in enumerate(error.instance):
        if entry in error.instance[:number]:
            yield (number,), f"{_value(entry)} stands here twice; keep one"


def _pattern(error: Any, _: object) -> Iterator[Told]:
    """The schema says in words what the pattern wants, under the name that editors know it by."""
    wanted = error.schema.get("patternErrorMessage", f"must match {error.validator_value}")
    where = (error.instance,) if "propertyNames" in error.absolute_schema_path else ()
    yield where, f"{wanted}, not {_value(error.instance)}"


def _minimum(error: Any, _: object) -> Iterator[Told]:
    yield (), f"must be {error.validator_value} or more, not {_value(error.instance)}"


def _one_of(error: Any, _: object) -> Iterator[Told]:
    """Of alternatives that each want another key."""
    keys = [f"'{name}'" for option in error.validator_value for name in option["required"]]
    there = [key for key in keys if key.strip("'") in error.instance]
    yield (), f"has both {' and '.join(there)}; keep one" if there else f"has no {' and no '.join(keys)}; add one"


def _dependent(error: Any, _: object) -> Iterator[Told]:
    for name, needed in error.validator_value.items():
        for other in needed:
            if name in error.instance and other not in error.instance:
                yield (name,), f"needs '{other}' beside it; add it"


_WORDS: Mapping[str, Callable[[Any, Callable[[str, Iterable[str]], str]], Iterator[Told]]] = {
    "type": _type,
    "required": _required,
    "additionalProperties": _unknown,
    "enum": _enum,
    "const": _constant,
    "minLength": _short,
    "maxLength": _long,
    "minItems": _no_entry,
    "minProperties": _no_entry,
    "maxProperties": _many,
    "uniqueItems": _twice,
    "pattern": _pattern,
    "minimum": _minimum,
    "oneOf": _one_of,
    "dependentRequired": _dependent,
}
KEYWORDS = frozenset(_WORDS)
"""Every keyword by which a file can break one of govscan's schemas."""


def _kind(value: Any) -> str:
    kinds = {str: "a text", dict: "a map", list: "a list", bool: _value(value)}
    return kinds.get(type(value), f"the number {value}")


def _value(value: Any) -> str:
    """A value as YAML has it, cut to what a line can hold."""
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "nothing"}[value]
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


def _or(words: Iterable[str]) -> str:
    *first, last = words
    return f"{', '.join(first)} or {last}" if first else last
