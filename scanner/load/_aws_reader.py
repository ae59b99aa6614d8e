"""Reads everything of an account and region that the table asks for, many answers at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from functools import cache, cached_property
from typing import Any

from msgspec import Struct

from scanner.load._aws_account import Account, Gone
from scanner.load._aws_table import Call, Kind, filled, table
from scanner.model import Unknown

ACCOUNT = "AWS::Account"


class _Found(Struct):
    """A thing that was listed."""

    type: str
    kind: Kind
    known: dict[str, Any]
    """What templates are filled from."""
    body: dict[str, Any]


class Reader:
    """Lists, then asks about each thing, with a pool of threads."""

    def __init__(self, account: Account, pool: Executor) -> None:
        self.account = account
        self._pool = pool

    def bodies(self, region: str) -> Iterator[Mapping[str, Any]]:
        """One body a thing in the order of types and names; first that of the account."""
        self.buckets()  # listed before, because this asks the pool by itself
        unlisted: dict[str, Unknown] = {}
        roots = [name for name, kind in table().types.items() if not kind.parent]
        found = list(self._listed(region, ((name, {}) for name in roots), unlisted))
        children = [
            (name, {**one.known, **one.body})
            for name, kind in table().types.items()
            for one in found
            if kind.parent == one.type
        ]
        found += self._listed(region, children, unlisted)
        found = self._detailed(region, found)
        found.sort(key=lambda one: (one.type, str(one.body["arn"])))
        yield self._whole(region, unlisted)
        yield from (_with_tags(one) for one in found)

    def buckets(self) -> Mapping[str, Any]:
        """Every bucket of the account to its region."""
        if isinstance(self._buckets, Unknown):
            return {}
        return {str(entry["Name"]): entry["BucketRegion"] for entry in self._buckets}

    def _listed(
        self, region: str, asked: Iterable[tuple[str, Mapping[str, Any]]], unlisted: dict[str, Unknown]
    ) -> Iterator[_Found]:
        asked = list(asked)
        answers = self._pool.map(lambda one: self._entries(region, *one), asked)
        for (name, parent), entries in zip(asked, answers, strict=True):
            if isinstance(entries, Gone):  # its parent is, whose details will say so
                continue
            if isinstance(entries, Unknown):
                unlisted[name] = entries
            else:
                yield from (self._found(region, name, entry, parent) for entry in entries)

    def _entries(self, region: str, name: str, parent: Mapping[str, Any]) -> Any:
        kind = table().types[name]
        if kind.whole:
            mine = self._buckets
            return mine if isinstance(mine, Unknown) else [one for one in mine if one["BucketRegion"] == region]
        params = filled(kind.params, {**self._context(region), "parent": parent})
        answer = self.account.call(kind.service, region, kind.operation, kind, params)
        return answer if isinstance(answer, Unknown) else _search(kind.items, answer) or []

    @cached_property
    def _buckets(self) -> Any:
        """Listed once for all regions. Older versions of the SDK do not say where each is."""
        kind = table().types["AWS::S3::Bucket"]
        answer = self.account.call(kind.service, self.account.home, kind.operation, kind, kind.params)
        if isinstance(answer, Unknown):
            return answer
        return list(self._pool.map(self._placed, answer["Buckets"]))

    def _placed(self, bucket: dict[str, Any]) -> dict[str, Any]:
        if bucket.get("BucketRegion"):
            return bucket
        answer = self.account.call("s3", self.account.home, "GetBucketLocation", Call(), {"Bucket": bucket["Name"]})
        if isinstance(answer, Unknown):
            return {**bucket, "BucketRegion": answer}
        place = answer.get("LocationConstraint") or "us-east-1"
        return {**bucket, "BucketRegion": "eu-west-1" if place == "EU" else place}

    def _found(self, region: str, name: str, entry: Any, parent: Mapping[str, Any]) -> _Found:
        kind = table().types[name]
        known = self._context(region) | (entry if isinstance(entry, dict) else {})
        known |= {"entry": entry, "parent": parent, "last": str(entry).rpartition("/")[2].rpartition(":")[2]}
        called = filled(kind.name, known)
        known["name"] = called
        known["arn"] = filled(kind.arn, known)
        body = {
            "type": name,
            "arn": known["arn"],
            "name": called,
            "account": self.account.id,
            "region": region,
            kind.operation: entry,
        }
        if parent:
            body["parent"] = parent["arn"]
        return _Found(name, kind, known, body)

    def _context(self, region: str) -> dict[str, Any]:
        return {"account": self.account.id, "partition": self.account.partition, "region": region}

    def _detailed(self, region: str, found: Sequence[_Found]) -> list[_Found]:
        """Each with its details, but for those that are not there any more."""
        asked = [
            (one, operation, call)
            for one in found
            for operation, call in one.kind.details.items()
            if not call.when or _search(call.when, one.known["entry"])
        ]
        gone: dict[int, _Found] = {}
        answers = self._pool.map(lambda each: self._asked(region, *each), asked)
        for (one, operation, call), answer in zip(asked, answers, strict=True):
            one.body[call.name or operation] = answer
            if isinstance(answer, Gone):
                gone[id(one)] = one
        for one in found:
            one.body["arn"] = _own_arn(one) or one.body["arn"]
        for one in gone.values():
            self.account.gone(region, one.type)
        return [one for one in found if id(one) not in gone]

    def _asked(self, region: str, one: _Found, operation: str, call: Call) -> Any:
        answer = self.account.call(one.kind.service, region, operation, call, filled(call.params, one.known))
        return _search(call.pick, answer) if call.pick and isinstance(answer, dict) else answer

    def _whole(self, region: str, unlisted: Mapping[str, Unknown]) -> dict[str, Any]:
        """What holds for all of the account in this region."""
        context = self._context(region)
        asked = table().settings
        answers = self._pool.map(
            lambda one: self.account.call(one.service, region, one.call, one, filled(one.params, context)),
            asked.values(),
        )
        arn = f"arn:{self.account.partition}:iam::{self.account.id}:root"
        return {
            "type": ACCOUNT,
            "arn": arn,
            "account": self.account.id,
            "region": region,
            "settings": dict(zip(asked, answers, strict=True)),
            "unlisted": dict(unlisted),
            "buckets": self.buckets(),
        }


def _own_arn(one: _Found) -> str:
    operation, _, key = one.kind.own_arn.partition(".")
    answer = one.body.get(operation)
    return str(answer.get(key) or "") if isinstance(answer, dict) else ""


def _with_tags(one: _Found) -> Mapping[str, Any]:
    """The body, with the tags in one shape whatever the service calls their parts."""
    if one.kind.tags:
        operation, _, path = one.kind.tags.partition(".")
        answer = one.body.get(operation)
        one.body["tags"] = answer if isinstance(answer, Unknown) else _texts(_search(path or "@", answer))
    return one.body


def _texts(tags: Any) -> dict[str, str]:
    if isinstance(tags, Mapping):
        return {str(key): str(value) for key, value in tags.items()}
    keys = ("Key", "key", "TagKey")
    return {_first(tag, keys): _first(tag, ("Value", "value", "TagValue")) for tag in tags or ()}


def _first(tag: Mapping[str, Any], keys: Iterable[str]) -> str:
    return next((str(tag[key]) for key in keys if tag.get(key) is not None), "")


def _search(path: str, answer: Any) -> Any:
    return _compiled(path).search(answer)


@cache
def _compiled(path: str) -> Any:
    import jmespath  # noqa: PLC0415  # comes with the SDK

    return jmespath.compile(path)
