"""Reads everything of an account and region that the table asks for, many answers at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from functools import cached_property
from typing import Any

from scanner.errors import HOSTILE_SHAPE
from scanner.load._aws.account import Account, Gone
from scanner.load._aws.found import Found, called_by, keep_back, own_arn, place_of, search, with_tags
from scanner.load._aws.table import Call, Kind, filled, table
from scanner.model import Unknown

ACCOUNT = "AWS::Account"


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
        yield from (with_tags(one) for one in found)

    def buckets(self) -> Mapping[str, Any]:
        """Every bucket of the account to its region; `Unknown` where it is not known."""
        if isinstance(self._buckets, Unknown):
            return {}
        return {str(entry["Name"]): entry["BucketRegion"] for entry in self._buckets if "Name" in entry}

    def _listed(
        self, region: str, asked: Iterable[tuple[str, Mapping[str, Any]]], unlisted: dict[str, Unknown]
    ) -> Iterator[Found]:
        asked = list(asked)
        answers = self._pool.map(lambda one: self._entries(region, *one), asked)
        for (name, parent), entries in zip(asked, answers, strict=True):
            if isinstance(entries, Gone):  # its parent is, whose details will say so
                continue
            if isinstance(entries, Unknown):
                unlisted[name] = entries
            else:
                yield from self._usable(region, name, entries, parent, unlisted)

    def _usable(
        self, region: str, name: str, entries: Any, parent: Mapping[str, Any], unlisted: dict[str, Unknown]
    ) -> Iterator[Found]:
        """What is listed without what it would be called by is not read, and whoever looks for it is told why."""
        kind = table().types[name]
        for entry in entries:
            try:
                yield self._found(region, name, entry, parent)
            except HOSTILE_SHAPE as error:
                unlisted[name] = self.account.unusable(region, f"{kind.service}:{kind.operation}", error)

    def _entries(self, region: str, name: str, parent: Mapping[str, Any]) -> Any:
        kind = table().types[name]
        if kind.whole:
            mine = self._buckets
            return mine if isinstance(mine, Unknown) else [one for one in mine if self._is_looked_at(one, region)]
        known = {**self._context(region), "parent": parent}
        answer = self._answer(region, kind, kind.operation, kind, known)
        return answer if isinstance(answer, Unknown) else search(kind.items, answer) or []

    def _is_looked_at(self, bucket: Mapping[str, Any], region: str) -> bool:
        """A bucket of which nobody says where it is is looked at once, with the first region."""
        place = bucket["BucketRegion"]
        return region == (self.account.regions[0] if isinstance(place, Unknown) else place)

    @cached_property
    def _buckets(self) -> Any:
        """Listed once for all regions. Older versions of the SDK do not say where each is."""
        kind = table().types["AWS::S3::Bucket"]
        answer = self.account.call(kind.service, self.account.base, kind.operation, kind, kind.params)
        if isinstance(answer, Unknown):
            return answer
        placed = self._pool.map(self._placed, answer.get("Buckets") or ())
        return [one for one in placed if not isinstance(one["BucketRegion"], Gone)]

    def _placed(self, bucket: dict[str, Any]) -> dict[str, Any]:
        if bucket.get("BucketRegion"):
            return bucket
        asked = {"Bucket": bucket.get("Name")}
        answer = self.account.call("s3", self.account.base, "GetBucketLocation", Call(), asked)
        if isinstance(answer, Unknown):
            return {**bucket, "BucketRegion": answer}
        place = answer.get("LocationConstraint") or "us-east-1"
        return {**bucket, "BucketRegion": "eu-west-1" if place == "EU" else place}

    def _found(self, region: str, name: str, entry: Any, parent: Mapping[str, Any]) -> Found:
        kind = table().types[name]
        known = self._context(region) | (entry if isinstance(entry, dict) else {})
        known |= {"entry": entry, "parent": parent, "last": str(entry).rpartition("/")[2].rpartition(":")[2]}
        keep_back(kind, entry, lambda code, grant: self.account.refused(code, kind.operation, grant, region))
        called = called_by(kind, known)
        known["name"] = called
        known["arn"] = filled(kind.arn, known)
        body = {
            "type": name,
            "arn": known["arn"],
            "name": called,
            "account": self.account.id,
            "region": place_of(entry, region),
            kind.operation: entry,
        }
        if parent:
            body["parent"] = parent["arn"]
        return Found(name, kind, known, body)

    def _context(self, region: str) -> dict[str, Any]:
        return {"account": self.account.id, "partition": self.account.partition, "region": region}

    def _detailed(self, region: str, found: Sequence[Found]) -> list[Found]:
        """Each with its details, but for those that are not there any more."""
        asked = [
            (one, operation, call)
            for one in found
            for operation, call in one.kind.details.items()
            if not call.when or search(call.when, one.known["entry"])
        ]
        gone: dict[int, Found] = {}
        answers = self._pool.map(lambda each: self._asked(region, *each), asked)
        for (one, operation, call), answer in zip(asked, answers, strict=True):
            one.body[call.name or operation] = answer
            if isinstance(answer, Gone):
                gone[id(one)] = one
        for one in found:
            one.body["arn"] = own_arn(one) or one.body["arn"]
        for one in gone.values():
            self.account.gone(region, one.type)
        return [one for one in found if id(one) not in gone]

    def _asked(self, region: str, one: Found, operation: str, call: Call) -> Any:
        answer = self._answer(region, one.kind, operation, call, one.known)
        return search(call.pick, answer) if call.pick and isinstance(answer, dict) else answer

    def _answer(self, region: str, kind: Kind, operation: str, spec: Call | Kind, known: Mapping[str, Any]) -> Any:
        try:
            params = filled(spec.params, known)
        except HOSTILE_SHAPE as error:
            return self.account.unusable(region, f"{kind.service}:{operation}", error)
        return self.account.call(kind.service, region, operation, spec, params)

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
