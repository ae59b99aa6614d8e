"""Policies of AWS, as far as buckets and file systems are judged by them, whichever source holds their JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from msgspec import Struct

from scanner.model import Unknown

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


def refuse_plaintext(statements: Iterable[Statement]) -> bool:
    """Whether every request is denied that did not come over TLS."""
    return any(
        one.effect == "Deny"
        and one.anyone
        and any(wide == action for action in one.actions for wide in _EVERYTHING)
        and ("bool", "aws:securetransport", ("false",)) in one.conditions
        and len(one.conditions) == 1
        for one in statements
    )


def open_to_anyone(statements: Iterable[Statement]) -> bool:
    """Whether something is allowed to everybody, without any condition."""
    return any(one.effect == "Allow" and one.anyone and not one.conditions for one in statements)


def parsed(policy: Any) -> Iterator[Statement]:
    """The statements of a policy as JSON has it. One statement may stand without a list around it."""
    found = policy.get("Statement", ())
    for entry in [found] if isinstance(found, Mapping) else found:
        yield Statement(
            entry["Effect"],
            texts(entry.get("Action")),
            _is_anyone(entry.get("Principal")),
            tuple(
                (operator.lower(), key.lower(), texts(values))
                for operator, tests in (entry.get("Condition") or {}).items()
                for key, values in tests.items()
            ),
        )


def texts(value: Any) -> tuple[Any, ...]:
    """One text or several, in lower case."""
    if value is None:
        return ()
    entries = value if isinstance(value, list) else [value]
    return tuple(entry if isinstance(entry, Unknown) else str(entry).lower() for entry in entries)


def _is_anyone(principal: Any) -> bool:
    if isinstance(principal, Mapping):
        return "*" in texts(principal.get("AWS"))
    return bool(principal == "*")
