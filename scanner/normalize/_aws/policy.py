"""Policies of AWS, as far as buckets and file systems are judged by them, whichever source holds their JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from msgspec import Struct

from scanner.model import Unknown, known

_EVERYTHING = ("*", "s3:*", "elasticfilesystem:*")
_WITHOUT_TLS = ("aws:securetransport", ("false",))
_ABSENT_OR_NOT = ("bool", "boolifexists")
"""Both say the same of `aws:SecureTransport`, which every request has.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-securetransport
"""

_ARN = ".arn"
"""How the path of a value ends that is an ARN, whichever; everybody has none."""

_NARROWS_NOBODY = frozenset({"aws:securetransport", "s3:tlsversion", "aws:referer", "aws:useragent"})
"""Keys that say how a request comes, and that whoever sends it can choose: with them S3 still calls a policy public.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html (what is public)
"""


class Statement(Struct, frozen=True):
    """One statement, as far as a bucket policy is judged."""

    effect: str
    actions: tuple[Any, ...]
    """Lower case, as are keys and values of conditions; single ones may be `Unknown`."""
    anyone: bool | Unknown
    """It is about everybody, signed in or not."""
    conditions: tuple[tuple[str, str, tuple[Any, ...]], ...]
    """Operator, key and values."""
    whole: bool = True
    """It is about all that the policy can be about, as far as that is known."""


def refuse_plaintext(statements: Iterable[Statement]) -> bool:
    """Whether every request for data is denied that did not come over TLS."""
    return _about_anyone(
        one
        for one in statements
        if one.effect == "Deny"
        and one.whole
        and any(wide == action for action in one.actions for wide in _EVERYTHING)
        and any((word, *_WITHOUT_TLS) in one.conditions for word in _ABSENT_OR_NOT)
        and len(one.conditions) == 1
    )


def open_to_anyone(statements: Iterable[Statement]) -> bool:
    """Whether something is allowed to everybody, without any condition on who they are or where they come from."""
    return _about_anyone(
        one
        for one in statements
        if one.effect == "Allow" and all(key in _NARROWS_NOBODY for _, key, _ in one.conditions)
    )


def _about_anyone(statements: Iterable[Statement]) -> bool:
    """Whether one of them is about everybody; raises `UnknownRead` if that depends on what is not known."""
    found = [one.anyone for one in statements]
    return any(one is True for one in found) or any(known(one) for one in found)


def covers_all(resources: Any) -> bool:
    """Whether a statement is about every object of the bucket whose policy it is in, or about the file system.

    A policy can name nothing but its own bucket, so that what follows the first slash tells. What is not known counts
    as the bucket's own ARN, or its objects.
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/example-bucket-policies.html
    """
    entries = resources if isinstance(resources, list | tuple) else [resources]
    return any(isinstance(one, Unknown) or _is_whole(str(one)) for one in entries)


def _is_whole(arn: str) -> bool:
    bucket, slash, objects = arn.partition("/")
    if ":s3:" not in f":{bucket}":
        return True  # `*`, or a file system, which has no parts
    return objects == "*" if slash else bucket.endswith("*")


def parsed(policy: Any) -> Iterator[Statement]:
    """The statements of a policy as JSON has it. One statement may stand without a list around it."""
    found = policy.get("Statement", ())
    for entry in [found] if isinstance(found, Mapping) else found:
        yield Statement(
            entry["Effect"],
            texts(entry.get("Action")),
            _is_anyone_but(entry) or _is_anyone(entry.get("Principal")),
            tuple(
                (operator.lower(), key.lower(), texts(values))
                for operator, tests in (entry.get("Condition") or {}).items()
                for key, values in tests.items()
            ),
            "NotResource" not in entry and covers_all(entry.get("Resource", "*")),
        )


def texts(value: Any) -> tuple[Any, ...]:
    """One text or several, in lower case."""
    if value is None:
        return ()
    entries = value if isinstance(value, list) else [value]
    return tuple(entry if isinstance(entry, Unknown) else str(entry).lower() for entry in entries)


def _is_anyone(principal: Any) -> bool | Unknown:
    named = texts(principal.get("AWS") if isinstance(principal, Mapping) else principal)
    if any(not isinstance(one, Unknown) and one == "*" for one in named):
        return True
    open_ones = (one for one in named if isinstance(one, Unknown) and not one.path.endswith(_ARN))
    return next(open_ones, False)


def _is_anyone_but(entry: Mapping[str, Any]) -> bool:
    """Whether it allows something to everybody but some.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
    """
    return entry["Effect"] == "Allow" and "NotPrincipal" in entry
