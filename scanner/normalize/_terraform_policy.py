"""Reads AWS policies of buckets and file systems, written as JSON or as the data source that makes the JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

from scanner.model import Unknown, UnknownRead
from scanner.normalize._terraform_item import Item

_DOCUMENT = "aws_iam_policy_document"
_EVERYTHING = ("*", "s3:*", "elasticfilesystem:*")


class Statement(Struct, frozen=True):
    """One statement, as far as a bucket policy is judged."""

    effect: str
    actions: tuple[Any, ...]
    """Lower case, as are keys and values of conditions; single ones may be `Unknown`."""
    anyone: bool
    """It is about everybody, signed in or not."""
    conditions: tuple[tuple[str, str, tuple[Any, ...]], ...]
    """Operator, key and values."""


def refuses_plaintext(item: Item) -> bool:
    """Whether the policy in `policy` denies every request that did not come over TLS."""
    return any(
        one.effect == "Deny"
        and one.anyone
        and any(wide == action for action in one.actions for wide in _EVERYTHING)
        and ("bool", "aws:securetransport", ("false",)) in one.conditions
        and len(one.conditions) == 1
        for one in statements(item)
    )


def opens_to_anyone(item: Item) -> bool:
    """Whether the policy in `policy` allows something to everybody, without any condition."""
    return any(one.effect == "Allow" and one.anyone and not one.conditions for one in statements(item))


def statements(item: Item) -> Iterator[Statement]:
    """The statements of the policy in `policy`; raises `UnknownRead` where they are not known."""
    value = item.peek("policy")
    if not isinstance(value, Unknown):
        yield from _parsed(json.loads(value) if value else {})
        return
    if (written := item.encoded("policy")) is not None:
        yield from _parsed(written)
        return
    sources = item.estate.referred(item, "policy")
    if len(sources) != 1 or sources[0].type != _DOCUMENT:
        raise UnknownRead(value)
    yield from _documented(sources[0])


def _parsed(policy: Any) -> Iterator[Statement]:
    """A policy as JSON has it. One statement may stand without a list around it."""
    found = policy.get("Statement", ())
    for entry in [found] if isinstance(found, Mapping) else found:
        yield Statement(
            entry["Effect"],
            _texts(entry.get("Action")),
            _is_anyone(entry.get("Principal")),
            tuple(
                (operator.lower(), key.lower(), _texts(values))
                for operator, tests in (entry.get("Condition") or {}).items()
                for key, values in tests.items()
            ),
        )


def _documented(source: Item) -> Iterator[Statement]:
    """The statements of a data source, without those it takes over from other documents."""
    for key in ("source_policy_documents", "override_policy_documents", "source_json", "override_json"):
        if source.get(key):
            raise UnknownRead(Unknown(f"{source.origin.address} merges other documents", key))
    for block in source.blocks("statement"):
        yield Statement(
            block.get("effect") or "Allow",
            _texts(block.get("actions")),
            any(
                principal.get("type") in {"*", "AWS"} and "*" in principal.get("identifiers")
                for principal in block.blocks("principals")
            ),
            tuple(
                (test.get("test").lower(), test.get("variable").lower(), _texts(test.get("values")))
                for test in block.blocks("condition")
            ),
        )


def _texts(value: Any) -> tuple[Any, ...]:
    if value is None:
        return ()
    entries = value if isinstance(value, list) else [value]
    return tuple(entry if isinstance(entry, Unknown) else str(entry).lower() for entry in entries)


def _is_anyone(principal: Any) -> bool:
    if isinstance(principal, Mapping):
        return "*" in _texts(principal.get("AWS"))
    return bool(principal == "*")
