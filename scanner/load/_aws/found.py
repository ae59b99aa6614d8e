"""A thing that was listed: what it is called by, what of it is kept back, and its tags in one shape."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any

from msgspec import Struct

from scanner.load._aws.table import Kind, filled
from scanner.model import Unknown


class Found(Struct):
    """A thing that was listed."""

    type: str
    kind: Kind
    known: dict[str, Any]
    """What templates are filled from."""
    body: dict[str, Any]


def keep_back(kind: Kind, entry: Any, refused: Callable[[str, str], Unknown]) -> None:
    """Puts `Unknown` in the place of what a service says that it does not show: by error code, and what to grant."""
    for one in kind.kept_back:
        code = search(one.error, entry)
        if code:
            *way, last = one.part
            place = entry
            for step in way:
                place = place[step]
            place[last] = refused(str(code), one.grant)


def called_by(kind: Kind, known: Mapping[str, Any]) -> str:
    """Its name; raises what `filled` does where the entry tells none."""
    try:
        return str(filled(kind.name, known))
    except KeyError:
        if not kind.or_name:
            raise
        return str(filled(kind.or_name, known))


def place_of(entry: Any, region: str) -> Any:
    """Where it is: the region that was asked, unless that is not known of a bucket."""
    told = entry.get("BucketRegion") if isinstance(entry, dict) else None
    return told if isinstance(told, Unknown) else region


def own_arn(one: Found) -> str:
    """The ARN among the answers about it; empty where none is."""
    operation, _, key = one.kind.own_arn.partition(".")
    answer = one.body.get(operation)
    return str(answer.get(key) or "") if isinstance(answer, dict) else ""


def with_tags(one: Found) -> Mapping[str, Any]:
    """The body, with the tags in one shape whatever the service calls their parts."""
    if one.kind.tags:
        operation, _, path = one.kind.tags.partition(".")
        answer = one.body.get(operation)
        one.body["tags"] = answer if isinstance(answer, Unknown) else _texts(search(path or "@", answer))
    return one.body


def _texts(tags: Any) -> dict[str, str]:
    if isinstance(tags, Mapping):
        return {str(key): str(value) for key, value in tags.items()}
    keys = ("Key", "key", "TagKey")
    return {_first(tag, keys): _first(tag, ("Value", "value", "TagValue")) for tag in tags or ()}


def _first(tag: Mapping[str, Any], keys: Iterable[str]) -> str:
    return next((str(tag[key]) for key in keys if tag.get(key) is not None), "")


def search(path: str, answer: Any) -> Any:
    """What is under a JMESPath."""
    return _compiled(path).search(answer)


@cache
def _compiled(path: str) -> Any:
    import jmespath  # noqa: PLC0415  # comes with the SDK

    return jmespath.compile(path)
