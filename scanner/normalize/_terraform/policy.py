"""Reads AWS policies of buckets and file systems, written as JSON or as the data source that makes the JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator

from scanner.model import Unknown, UnknownRead
from scanner.normalize._aws.policy import Statement, covers_all, open_to_anyone, parsed, refuse_plaintext, texts
from scanner.normalize._reading import Block
from scanner.normalize._terraform.item import Item

_DOCUMENT = "aws_iam_policy_document"


def refuses_plaintext(item: Item) -> bool:
    """Whether the policy in `policy` denies every request that did not come over TLS."""
    return refuse_plaintext(statements(item))


def opens_to_anyone(item: Item) -> bool:
    """Whether the policy in `policy` allows something to everybody, without any condition."""
    return open_to_anyone(statements(item))


def statements(item: Item) -> Iterator[Statement]:
    """The statements of the policy in `policy`; raises `UnknownRead` where they are not known."""
    value = item.peek("policy")
    if not isinstance(value, Unknown):
        yield from parsed(json.loads(value) if value else {})
        return
    if (written := item.encoded("policy")) is not None:
        yield from parsed(written)
        return
    sources = item.estate.referred(item, "policy")
    if len(sources) != 1 or sources[0].type != _DOCUMENT:
        raise UnknownRead(value)
    yield from _documented(sources[0])


def _documented(source: Item) -> Iterator[Statement]:
    """The statements of a data source, with those of the documents that it begins with."""
    for key in ("override_policy_documents", "source_json", "override_json"):
        if source.get(key):
            raise _merges(source, key)
    yield from _taken_over(source)
    for block in source.blocks("statement"):
        effect = block.get("effect") or "Allow"
        yield Statement(
            effect,
            texts(block.get("actions")),
            (effect == "Allow" and bool(block.blocks("not_principals"))) or _is_anyone(block),
            tuple(
                (test.get("test").lower(), test.get("variable").lower(), texts(test.get("values")))
                for test in block.blocks("condition")
            ),
            not block.peek("not_resources") and _covers_all(block),
        )


def _taken_over(source: Item) -> Iterator[Statement]:
    """Documents in a list are put together. Raises `UnknownRead` unless each that is not known is one in view."""
    key = "source_policy_documents"
    entries = source.get(key) or ()
    for entry in entries:
        if isinstance(entry, str) and entry:
            yield from parsed(json.loads(entry))
    unknown = [entry for entry in entries if isinstance(entry, Unknown)]
    if not unknown:
        return
    meant = source.estate.meant(source, (key,))
    others = [one for one in source.references(key) if not one.startswith(f"data.{_DOCUMENT}.")]
    if others or meant.doubt or len(meant.items) != len(unknown) or any(one.type != _DOCUMENT for one in meant.items):
        raise _merges(source, key)
    for one in meant.items:
        yield from _documented(one)


def _merges(source: Item, key: str) -> UnknownRead:
    return UnknownRead(Unknown(f"{source.origin.address} merges other documents", key))


def _is_anyone(block: Block) -> bool | Unknown:
    try:
        named = [one for one in block.blocks("principals") if one.get("type") in {"*", "AWS"}]
        return any("*" in one.get("identifiers") for one in named)
    except UnknownRead as met:
        return met.unknown


def _covers_all(block: Block) -> bool:
    """A policy of a bucket names resources; without any, the document is not one that S3 takes."""
    named = block.peek("resources")
    return named is None or isinstance(named, Unknown) or covers_all(named)
