"""A policy file looked at by its author's eyes: everything that is wrong with it, at once.

Loading stops at the first layer that is broken. Here what breaks the schema is taken out of the way, so that the
expressions beside it are looked at as well.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct

from scanner import checked_yaml
from scanner.checked_yaml import Mistake
from scanner.model import Path as BodyPath
from scanner.model import Policy
from scanner.policy._build import build
from scanner.policy._variables import Vocabulary
from scanner.policy.memory import Memory

SCHEMA = Path(__file__).with_name("schema.json")

_WHOLE = {("match",), ("params",)}
_INSIDE = {("match", "types"), ("group_by",), ("measure",)}
"""What the meaning of every expression hangs on: where these are broken, themselves or inside, none can be checked."""


class Examined(Struct, frozen=True):
    """A policy file, as far as it could be understood."""

    path: Path
    body: Mapping[str, Any]
    """As written; empty where the file is no mapping."""
    policy: Policy | None
    """Compiled; None where anything is wrong."""
    mistakes: list[Mistake]


def check_schema(path: Path, body: Any) -> list[Mistake]:
    """What in a policy file does not follow the published schema; its id must be its file name."""
    found = checked_yaml.check(path, body, SCHEMA)
    if isinstance(body, Mapping) and isinstance(body.get("id"), str) and body["id"] != path.stem:
        found.append(checked_yaml.mistake(path, ("id",), f"id is '{body['id']}', but the file is called '{path.stem}'"))
    return found


def examine(path: Path, vocabulary: Vocabulary) -> Examined:
    """Everything that is wrong with one policy file."""
    body, mistakes = checked_yaml.read(path)
    if mistakes or not isinstance(body, Mapping):
        return Examined(path, {}, None, mistakes or check_schema(path, body))
    mistakes = check_schema(path, body)
    broken = checked_yaml.broken(body, SCHEMA) if mistakes else set()
    policy = None
    if not _undecided(broken):
        mended = _mended(path, body, broken)
        policy = build(path, mended, vocabulary, mended.get("params", {}), mistakes, Memory(), trusted=False)
    return Examined(path, body, policy if not mistakes else None, mistakes)


def _mended(path: Path, body: Mapping[str, Any], broken: Collection[BodyPath]) -> dict[str, Any]:
    """The body with something harmless in every place that is broken or missing; places keep their numbers."""
    harmless = {
        "id": path.stem,
        "severity": "info",
        "match": {},
        "validations": [],
        "controls": [],
        **dict.fromkeys(("title", "family", "rationale", "remediation"), ""),
    }
    tops = {where[0] for where in broken if where} - {"validations", "match", "params"}
    mended = {**harmless, **{key: value for key, value in body.items() if key not in tops}}
    mended["match"] = _match(mended["match"], {where[1] for where in broken if where[:1] == ("match",)})
    mended["params"] = {name: value for name, value in mended.get("params", {}).items() if str(name).isidentifier()}
    if any(where[:1] == ("validations",) for where in broken):
        entries = body["validations"] if isinstance(body["validations"], list) else []
        mended["validations"] = [_entry(entry) for entry in entries]
    return mended


def _undecided(broken: Collection[BodyPath]) -> bool:
    """Whether it is not known what an expression may name."""
    return any(where in _WHOLE or not _INSIDE.isdisjoint((where[:1], where[:2])) for where in broken)


def _match(match: Mapping[str, Any], broken: Collection[str | int]) -> dict[str, Any]:
    """What is right in it; and the types, if they stand under a mistyped word."""
    right = {key: value for key, value in match.items() if key not in broken}
    from difflib import get_close_matches  # noqa: PLC0415  # only a mistake needs it

    meant = [match[key] for key in broken if key in get_close_matches("types", map(str, broken))]
    words = [value for value in meant if isinstance(value, list) and all(isinstance(word, str) for word in value)]
    return {"types": words[0]} | right if words else right


def _entry(entry: Any) -> dict[str, str]:
    parts = entry if isinstance(entry, Mapping) else {}
    expression, message = parts.get("expression"), parts.get("message")
    return {
        "expression": expression if isinstance(expression, str) and expression else "true",
        "message": message if isinstance(message, str) else "",
    }
