"""All Terraform resources of one partition, and how they belong to each other.

Two resources are joined by values that are known (a name, an id, an ARN) and by what the configuration says an
argument refers to. What might be joined, but cannot be known to be, makes an attribute unknown: an argument that is
known only after apply may point at any resource of its kind.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from msgspec.structs import replace

from scanner.model import Document, Path, Unknown
from scanner.normalize._terraform import references
from scanner.normalize._terraform.configuration import expressions_of, written_at
from scanner.normalize._terraform.item import Item, short
from scanner.normalize._terraform.references import Meant
from scanner.normalize._terraform.scope import Index, Instances, Scope, alike, module_path, split_call

T = TypeVar("T")
_TELL_REGION = ("aws_region", "aws_availability_zones")
"""Data sources that describe the region their provider is configured for."""


_NAMES = ("name", "bucket", "identifier", "cluster_identifier", "dataset_id")
"""Arguments by which people name things; other resources may name them in the same words."""
_IDENTITY = ("id", "arn", "self_link", "namespace_name", "replication_group_id", "multi_region_cluster_name", *_NAMES)


class Links:
    """The resources of one type by the address of what they belong to."""

    def __init__(self) -> None:
        self.certain: dict[str, list[Item]] = {}
        self.possible: dict[str, list[Item]] = {}
        self.anywhere: list[Item] = []
        """Those that may belong to any resource of the type."""
        self.strangers: list[Item] = []
        """Those that name something by a name that nothing in the partition is known to have."""
        self.doubts: dict[str, str] = {}
        """Why it is not known what each of these belongs to, by its address."""

    def doubtful(self, item: Item) -> Iterator[Item]:
        """Those that may belong to this resource, or may not."""
        yield from self.possible.get(item.origin.address, ())
        yield from (one for one in self.anywhere if one.origin.address != item.origin.address)
        if self.strangers and _is_named_later(item):
            yield from self.strangers


class Estate:
    """The resources of one partition, found by type, by name and by what refers to what."""

    def __init__(self, documents: Iterable[Document]) -> None:
        self.by_type: dict[str, list[Item]] = {}
        self._by_block: dict[tuple[str, bool, str, str], list[Item]] = {}
        self._instances: dict[tuple[str, bool, str, str], Instances] = {}
        self._scopes: dict[tuple[str, bool, str, str], Scope] = {}
        self._module_keys: dict[str, set[Index]] | None = None
        self._identities: dict[str, dict[str, list[Item]]] = {}
        self._links: dict[tuple[str, str, str], Links] = {}
        self._once: dict[str, Any] = {}
        self._provider_regions: dict[int, str] = {}
        self._absent: list[Item] = []
        self._reached: dict[str, list[Item]] | None = None
        for document in documents:
            body = document.body
            item = Item(document, self)
            if body["mode"] == "absent":
                self._absent.append(item)
                continue
            is_data = body["mode"] == "data"
            if body["type"] in _TELL_REGION and (told := _region_of(item)):
                self._provider_regions[id(body["provider_config"])] = told
            if not is_data:
                self.by_type.setdefault(body["type"], []).append(item)
            self._by_block.setdefault((body["module"], is_data, body["type"], body["name"]), []).append(item)

    def provider_region(self, item: Item) -> str:
        """The AWS region that the resource's provider configuration is for, if a data source of it says so; else empty.

        Loaders share one object between all resources of one provider configuration.
        """
        return self._provider_regions.get(id(item.document.body["provider_config"]), "")

    def reached_by(self, item: Item, kind: str) -> Item | None:
        """What is not in view, is given something of this resource, and is of this type or may hold some of it."""
        if self._reached is None:
            self._reached = {}
            for absent in self._absent:
                for written in expressions_of(absent.expressions):
                    for one in references.meant(self, written, self.scope(absent)).items:
                        self._reached.setdefault(one.origin.address, []).append(absent)
        found = self._reached.get(item.origin.address, ())
        return next((absent for absent in found if absent.type in {"module", kind}), None)

    def links(self, kind: str, key: str, parent: str) -> Links:
        """Which resources of type `kind` belong to which of type `parent`, by the argument `key`."""
        name = (kind, key, parent)
        if name not in self._links:
            links = Links()
            for item in self.by_type.get(kind, ()):
                self._link(links, item, key, parent)
            self._links[name] = links
        return self._links[name]

    def pointed(self, item: Item, path: Path, kinds: Iterable[str]) -> list[Item]:
        """The resources that an argument of `item` surely points at: none or one; several if it is not clear which."""
        value = item.peek(*path)
        if isinstance(value, str):
            same = self.named(value, kinds)
            if len(same) == 1:
                return same
        meant = self.meant(item, path, kinds)
        return [] if meant.doubt else list(meant.items)

    def once(self, name: str, make: Callable[[], T]) -> T:
        """What is worked out once for all resources that ask for it."""
        if name not in self._once:
            self._once[name] = make()
        found: T = self._once[name]
        return found

    def named(self, identity: str, kinds: Iterable[str]) -> list[Item]:
        """The resources of these types that have this name, id or ARN; none has an empty one."""
        return [found for kind in kinds for found in self._named(kind).get(_plain(identity), ())]

    def referred(self, item: Item, *path: str | int) -> list[Item]:
        """Every resource and data source that the configuration of an argument names, if it names nothing else."""
        meant = self.meant(item, path)
        return list(meant.items) if not meant.doubt or len(meant.items) > 1 else []

    def meant(self, item: Item, path: Path, kinds: Iterable[str] | None = None) -> Meant:
        """What an argument is made from, of these kinds, as far as the configuration tells."""
        return references.meant(self, written_at(item.expressions, path), self.scope(item), kinds)

    def instances(self, module: str, is_data: bool, kind: str, name: str) -> Instances:  # noqa: FBT001  # part of a key
        """The instances of a block of a module instance."""
        key = (module, is_data, kind, name)
        if key not in self._instances:
            by_index = {one.document.body["index"]: one for one in self._by_block.get(key, ())}
            self._instances[key] = Instances(by_index, frozenset(by_index))
        return self._instances[key]

    def scope(self, item: Item) -> Scope:
        """Where the arguments of a resource are written."""
        body = item.document.body
        key = (body["module"], body["mode"] == "data", body["type"], body["name"])
        if key not in self._scopes:
            siblings = self.instances(*key)
            is_counted = len(siblings.keys) > 1 and isinstance(body["index"], int)
            same = is_counted and alike(list(siblings.by_index.values()))
            self._scopes[key] = Scope(body["module"], body["modules"], body["repeated"], None, siblings.keys, same)
        return replace(self._scopes[key], index=body["index"])

    def call(self, scope: Scope) -> Scope:
        """Where the arguments of the call are written that leads into the module of a scope."""
        outer, block, index = split_call(scope.module)
        module = scope.modules.get(module_path(scope.module), {})
        return Scope(outer, scope.modules, module.get("repeated", {}), index, self.module_keys(block))

    def module_keys(self, block: str) -> frozenset[Index]:
        """The indexes of the instances that a module call has, as far as there is anything in them, in view or not."""
        if self._module_keys is None:
            self._module_keys = {}
            left_out = {absent.document.body["module"] for absent in self._absent if absent.type != "module"}
            for module in left_out.union(module for module, *_ in self._by_block):
                while module:
                    outer, call, index = split_call(module)
                    self._module_keys.setdefault(call, set()).add(index)
                    module = outer  # noqa: PLW2901  # from the innermost call to the outermost
        return frozenset(self._module_keys.get(block, ()))

    def _link(self, links: Links, item: Item, key: str, parent: str) -> None:
        value = item.peek(key)
        mine = self.pointed(item, (key,), (parent,))
        if len(mine) == 1:
            links.certain.setdefault(mine[0].origin.address, []).append(item)
        elif isinstance(value, Unknown) and not item.left_alone(key):
            meant = self.meant(item, (key,), (parent,))
            links.doubts[item.origin.address] = meant.doubt
            if not meant.items:
                links.anywhere.append(item)
            for candidate in meant.items:
                if candidate.origin.address != item.origin.address:
                    links.possible.setdefault(candidate.origin.address, []).append(item)
        elif isinstance(value, str) and value and not mine:
            links.strangers.append(item)
            links.doubts[item.origin.address] = (
                f"it names '{short(value)}', and what this one is called is not known yet"
            )

    def _named(self, kind: str) -> dict[str, list[Item]]:
        if kind not in self._identities:
            names: dict[str, list[Item]] = {}
            for item in self.by_type.get(kind, ()):
                values = {_plain(item.body[key]) for key in _IDENTITY if isinstance(item.body.get(key), str)}
                for value in values - {""}:
                    names.setdefault(value, []).append(item)
            self._identities[kind] = names
        return self._identities[kind]


def _is_named_later(item: Item) -> bool:
    """Whether somebody gives it a name that is not known yet. One that its provider makes up, nobody has written."""
    return any(isinstance(item.body.get(key), Unknown) and not item.left_alone(key) for key in _NAMES)


def _region_of(item: Item) -> str:
    """Both have it as their id. From provider 6 on they can be asked about another region, which tells nothing."""
    found = item.body.get("id")
    return found if isinstance(found, str) and not item.configured("region") else ""


def _plain(identity: str) -> str:
    """Google's self links come with several hosts and API versions, Azure's ids in several cases."""
    return re.sub(r"^https://[^/]+/(compute/)?(v1|beta|alpha)/", "", identity).lower()
