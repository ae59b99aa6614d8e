"""All Terraform resources of one partition, and how they belong to each other.

Two resources are joined by values that are known (a name, an id, an ARN) and by what the configuration says an
argument refers to. What might be joined, but cannot be known to be, makes an attribute unknown: an argument that is
known only after apply may point at any resource of its kind.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from scanner.model import Document, Path, Unknown
from scanner.normalize._terraform_configuration import all_references
from scanner.normalize._terraform_item import Item
from scanner.patterns import regex

_REFERENCE = regex(r'(data\.)?([a-z]\w*)\.([\w-]+)(?:\[("[^"]*"|\d+)\])?')
_ELSEWHERE = ("module.", "each.value")
"""References behind which another resource may stand than those named beside them."""

_TELL_REGION = ("aws_region", "aws_availability_zones")
"""Data sources that describe the region their provider is configured for."""


_IDENTITY = ("id", "arn", "self_link", "name", "bucket", "identifier", "cluster_identifier", "dataset_id")


class Links:
    """The resources of one type by the address of what they belong to."""

    def __init__(self) -> None:
        self.certain: dict[str, list[Item]] = {}
        self.possible: dict[str, list[Item]] = {}
        self.anywhere: list[Item] = []
        """Those that may belong to any resource of the type."""

    def doubtful(self, item: Item) -> Iterator[Item]:
        """Those that may belong to this resource, or may not."""
        yield from self.possible.get(item.origin.address, ())
        yield from (one for one in self.anywhere if one.origin.address != item.origin.address)


class Estate:
    """The resources of one partition, found by type, by name and by what refers to what."""

    def __init__(self, documents: Iterable[Document]) -> None:
        self.by_type: dict[str, list[Item]] = {}
        self._by_block: dict[tuple[str, bool, str, str], list[Item]] = {}
        self._identities: dict[str, dict[str, list[Item]]] = {}
        self._links: dict[tuple[str, str, str], Links] = {}
        self._provider_regions: dict[int, str] = {}
        self._absent: list[Item] = []
        self._reached: dict[str, str] | None = None
        for document in documents:
            body = document.body
            item = Item(document, self)
            if body["mode"] == "module":
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

    def reached_by(self, item: Item) -> str:
        """The address of a module that is not at hand and is given something of this resource; empty if there is none.

        It may hold satellites of the resource.
        """
        if self._reached is None:
            self._reached = {
                one.origin.address: module.origin.address
                for module in self._absent
                for one in self._resolve(module, list(all_references(module.expressions)))
            }
        return self._reached.get(item.origin.address, "")

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
        found, certain = self._referred(item, path, kinds)
        return found if certain else []

    def named(self, identity: str, kinds: Iterable[str]) -> list[Item]:
        """The resources of these types that have this name, id or ARN."""
        return [found for kind in kinds for found in self._named(kind).get(_plain(identity), ())]

    def referred(self, item: Item, *path: str | int) -> list[Item]:
        """Every resource and data source that the configuration of an argument names, if it names nothing else."""
        references = item.references(*path)
        if any(reference.startswith(_ELSEWHERE) for reference in references):
            return []
        return self._resolve(item, references)

    def _link(self, links: Links, item: Item, key: str, parent: str) -> None:
        value = item.peek(key)
        mine = self.pointed(item, (key,), (parent,))
        if len(mine) == 1:
            links.certain.setdefault(mine[0].origin.address, []).append(item)
        elif isinstance(value, Unknown) and not item.left_alone(key):
            candidates = self._candidates(item, key, parent)
            if not candidates:
                links.anywhere.append(item)
            for candidate in candidates:
                if candidate is not item:
                    links.possible.setdefault(candidate.origin.address, []).append(item)

    def _candidates(self, item: Item, key: str, parent: str) -> list[Item]:
        """What an argument that is not known may point at; none where the configuration does not narrow it down."""
        found, _ = self._referred(item, (key,), (parent,))
        if found:
            return found
        module = item.document.body["module"]
        return [
            candidate
            for reference in item.references(key)
            if reference.startswith("module.")
            for candidate in self.by_type.get(parent, ())
            if candidate.origin.address.startswith((f"{module}." if module else "") + _call(reference))
        ]

    def _referred(self, item: Item, path: Path, kinds: Iterable[str]) -> tuple[list[Item], bool]:
        references = item.references(*path)
        found = [one for one in self._resolve(item, references) if one.type in kinds]
        return found, len(found) == 1 and not any(reference.startswith(_ELSEWHERE) for reference in references)

    def _resolve(self, item: Item, references: Sequence[str]) -> list[Item]:
        """The instances that references name, seen from the module of `item`; all of a block without an index."""
        exact: dict[str, Item] = {}
        whole: dict[str, list[Item]] = {}
        done = set()
        for reference in references:
            match = _REFERENCE.match(reference)
            if match is None:
                continue
            data, kind, name, index = match.groups()
            instances = self._by_block.get((item.document.body["module"], bool(data), kind, name), [])
            if index is None:
                whole[f"{kind}.{name}"] = instances
                continue
            done.add(f"{kind}.{name}")
            exact |= {one.origin.address: one for one in instances if _same_index(one, index)}
        same_key = any(reference in {"each.key", "count.index"} for reference in references)
        for block, instances in whole.items():
            if block not in done:
                exact |= {one.origin.address: one for one in _instances(instances, item, same_key=same_key)}
        return list(exact.values())

    def _named(self, kind: str) -> dict[str, list[Item]]:
        if kind not in self._identities:
            names: dict[str, list[Item]] = {}
            for item in self.by_type.get(kind, ()):
                values = {_plain(item.body[key]) for key in _IDENTITY if isinstance(item.body.get(key), str)}
                for value in values:
                    names.setdefault(value, []).append(item)
            self._identities[kind] = names
        return self._identities[kind]


def _region_of(item: Item) -> str:
    """Both have it as their id. From provider 6 on they can be asked about another region, which tells nothing."""
    found = item.body.get("id")
    return found if isinstance(found, str) and not item.configured("region") else ""


def _instances(instances: list[Item], item: Item, *, same_key: bool) -> list[Item]:
    """`block[each.key]` of an instance is that of the same key."""
    index = item.document.body["index"]
    same = [one for one in instances if one.document.body["index"] == index] if same_key and index is not None else []
    return same or instances


def _same_index(item: Item, index: str) -> bool:
    mine = item.document.body["index"]
    return (f'"{mine}"' if isinstance(mine, str) else str(mine)) == index


def _call(reference: str) -> str:
    """`module.logs[0].bucket_id` as `module.logs`, the beginning of its resources' addresses."""
    return ".".join(re.split(r"[.\[]", reference)[:2])


def _plain(identity: str) -> str:
    """Google's self links come with several hosts and API versions, Azure's ids in several cases."""
    return re.sub(r"^https://[^/]+/(compute/)?(v1|beta|alpha)/", "", identity).lower()
