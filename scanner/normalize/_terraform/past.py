"""What stood before the change that a plan describes, as documents of the same shape.

A plan tells every value of what stood, and under which address it is now. It does not tell how the configuration was
written before. An argument whose value stays is taken to have been written as it is now; of one whose value changes,
where it came from is not known.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from scanner.model import Document, Past, Unknown, UnknownRead

_STAYS = ("no-op",)
_CREATED = ("create",)
_WRITE_ONLY = "_wo"
_UNTOLD = "the plan does not show what it was"


def past(documents: Sequence[Document]) -> tuple[Past, list[Document]]:
    """What the documents of one partition say about the time before, and the documents of then for `Past.OTHER`."""
    managed = [document.body for document in documents if document.body["mode"] == "managed"]
    changes = [body for body in managed if "was_sensitive" in body]
    if (managed and not changes) or any(not body["actions"] for body in managed):
        return Past.UNTOLD, []
    if all(body["actions"] == _STAYS for body in managed):
        if not managed:
            return Past.UNTOLD, []  # nothing but data sources and outputs: nothing to compare
        if not any(document.body["mode"] == "setting" for document in documents):
            return Past.SAME, []
        return Past.OTHER, [was for document in documents if (was := _before(document))]
    if all(body["actions"] == _CREATED for body in managed):
        return Past.EMPTY, []
    return Past.OTHER, [was for document in documents if (was := _before(document))]


def _before(document: Document) -> Document | None:
    """The document as it was; None for what was not there. What stays and what is only read is the same object."""
    body = document.body
    if body["mode"] == "setting":
        return _untold(document)
    if body["mode"] != "managed" or body["actions"] == _STAYS:
        return document
    if body["actions"] == _CREATED or body["deposed"]:
        return None
    was, now = body["before"], body["values"]
    if was is None and not now:
        return None  # something cut the plan down, and took what it was along
    if was is None:
        was = {key: Unknown(_UNTOLD, key) for key in now}
    was = {**was, **{key: now[key] for key in now if _is_untold(key, was)}}
    then = {
        **body,
        "values": was,
        "actions": _STAYS,
        "fate": fate(body["actions"]),
        "sensitive": body["was_sensitive"],
        "expressions": _written(body["expressions"], was, now),
    }
    return Document(document.dialect, then, replace(document.origin, pointer=(*document.origin.pointer[:-1], "before")))


def _is_untold(key: str, was: Mapping[str, Any]) -> bool:
    """Whether an argument is write-only: a plan leaves it null, and tells the constant of now alone."""
    return key.endswith(_WRITE_ONLY) and was.get(key) is None


def _untold(document: Document) -> Document:
    """A setting as it may have been: a plan shows how the configuration is written now, and nothing else of it."""
    body = document.body
    expressions = {name: {"references": [f"before.{name}"]} for name in body["expressions"]}
    values = {**body["values"], "sensitive": Unknown(_UNTOLD, "sensitive")}
    return replace(document, body={**body, "expressions": expressions, "values": values})


def fate(actions: Sequence[str]) -> str:
    """One word for the plan's words. What is replaced and forgotten is not destroyed."""
    if "forget" in actions:
        return "forget"
    if len(actions) > 1:
        return "replace"
    return actions[0] if actions else "none"


def _written(expressions: Mapping[str, Any], was: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any]:
    """The configuration as far as it may be taken to have been the same.

    A block that is gone from the configuration may have written all that its resource shows. That of an instance that
    is deleted, and still has its block, is taken to have been the same: `now` is then what it was. A write-only
    argument is null whatever it was; its version tells that there was one.
    """
    names: Iterable[str] = expressions or was
    kept: dict[str, Any] = {}
    for name in names:
        value = was.get(name)
        if name in expressions and not name.endswith(_WRITE_ONLY) and _same(value, now.get(name)):
            kept[name] = expressions[name]
        elif _stood(value) or (name.endswith(_WRITE_ONLY) and _stood(was.get(f"{name}_version"))):
            kept[name] = {"references": [f"before.{name}"]}
    return kept


def _stood(value: Any) -> bool:
    return isinstance(value, Unknown) or value not in (None, [], {}, "")


def _same(was: Any, now: Any) -> bool:
    """Whether a value stays; one that is not known may change."""
    try:
        return bool(was == now)
    except UnknownRead:
        return False
