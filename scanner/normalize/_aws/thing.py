"""One thing of a live AWS account, and the others of its account and region."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from scanner.model import Document, Unknown, UnknownRead
from scanner.normalize._amazon_words import is_amazons_alias
from scanner.normalize._reading import Block, Place

T = TypeVar("T")
_WHOLE = "AWS::Account"
_KEY = "AWS::KMS::Key"
_PARTS = 6
"""Of an ARN: `arn`, partition, service, region, account, the rest."""


class Thing(Block):
    """What the service answered about a thing, by operation."""

    __slots__ = ("account", "document")

    def __init__(self, document: Document, account: Account, last: list[Place] | None = None) -> None:
        super().__init__(document.body, document.origin, (), last)
        self.document = document
        self.account = account

    @property
    def type(self) -> str:
        """CloudFormation's name of its type."""
        return str(self.body["type"])

    def entry(self, *path: str | int) -> Any:
        """What the listing says of it."""
        return self.get(self.account.listing(self), *path)

    def one(self, kind: str, key: str) -> Thing | None:
        """The thing of another type with this ARN or name; raises `UnknownRead` where that type could not be listed."""
        found = self.account.find(kind, key)
        return Thing(found, self.account, self.last) if found else None

    def all(self, kind: str, where: Callable[[Thing], bool] = lambda _: True) -> list[Thing]:
        """The things of another type; raises `UnknownRead` where that type could not be listed."""
        return [thing for found in self.account.of(kind) if where(thing := Thing(found, self.account, self.last))]

    def setting(self, name: str) -> Any:
        """What is set for the whole account; None where nothing is."""
        value = self.account.whole["settings"].get(name)
        if isinstance(value, Unknown):
            raise UnknownRead(value)
        return value

    def customers_key(self, key: Any) -> bool:
        """Whether a key is one that a customer manages. AWS's own keys serve no other account than their own."""
        name = str(key)
        if name.rpartition(":")[2].startswith("alias/"):
            return not is_amazons_alias(name)
        parts = name.split(":", _PARTS - 1)
        if len(parts) == _PARTS and parts[4] != self.body["account"]:
            return True
        found = self.one(_KEY, name)
        if found is None:
            raise UnknownRead(Unknown(f"the key {name.rpartition('/')[2]} is not among those that were read", "KeyId"))
        return not found.is_amazons_key()

    def is_amazons_key(self) -> bool:
        """Whether AWS keeps this key for one of its services: it says so, or has named it after one."""
        if self.get("DescribeKey", "KeyManager") == "AWS":
            return True
        names = self.all("AWS::KMS::Alias", lambda one: one.entry("TargetKeyId") == self.body["name"])
        return any(is_amazons_alias(one.body["name"]) for one in names)


class Account:
    """The things of one account and region, by type and by what they are called."""

    def __init__(self, documents: Iterable[Document]) -> None:
        self.whole: Mapping[str, Any] = {"settings": {}, "unlisted": {}, "buckets": {}}
        self.documents: list[Document] = []
        self._by_type: dict[str, list[Document]] = {}
        self._by_name: dict[tuple[str, str], Document] = {}
        self._once: dict[str, Any] = {}
        for document in documents:
            if document.body["type"] == _WHOLE:
                self.whole = document.body
            else:
                self._add(document)

    def of(self, kind: str) -> list[Document]:
        """Everything of a type."""
        if kind in self.whole["unlisted"]:
            raise UnknownRead(self.whole["unlisted"][kind])
        return self._by_type.get(kind, [])

    def find(self, kind: str, key: str) -> Document | None:
        """The one of a type with this ARN or name."""
        self.of(kind)
        return self._by_name.get((kind, key))

    def once(self, name: str, make: Callable[[], T]) -> T:
        """What is worked out once for all things that ask for it."""
        if name not in self._once:
            self._once[name] = make()
        found: T = self._once[name]
        return found

    def listing(self, thing: Thing) -> str:
        """The operation by which it was listed: the one answer that every thing has, which comes first."""
        return next(key for key in thing.body if key[0].isupper())

    def _add(self, document: Document) -> None:
        body = document.body
        self.documents.append(document)
        self._by_type.setdefault(body["type"], []).append(document)
        for key in (body["arn"], body["name"], str(body["arn"]).rpartition(":")[2]):
            self._by_name[body["type"], str(key)] = document
