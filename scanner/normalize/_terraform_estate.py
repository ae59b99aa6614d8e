"""All Terraform resources of one partition, and how they belong to each other.

Two resources are joined by values that are known (a name, an id, an ARN) and by what the configuration says an
argument refers to. What might be joined, but cannot be known to be, makes an attribute unknown: an argument that is
known only after apply may point at any resource of its kind.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from scanner.model import Document, Path, Unknown, UnknownRead
from scanner.normalize._reading import Block, Place

_REFERENCE = re.compile(r'(data\.)?([a-z]\w*)\.([\w-]+)(?:\[("[^"]*"|\d+)\])?')
_ELSEWHERE = ("module.", "each.value")
"""References behind which another resource may stand than those named beside them."""

_TELL_REGION = ("aws_region", "aws_availability_zones")
"""Data sources that describe the region their provider is configured for."""

_KEY = re.compile(r"(aws_kms_|google_kms_crypto_key|azurerm_key_vault_key)")

_IDENTITY = ("id", "arn", "self_link", "name", "bucket", "identifier", "cluster_identifier")


class Item(Block):
    """One Terraform resource (or data source) with its configuration and its neighbors."""

    __slots__ = ("document", "estate", "expressions", "within")

    def __init__(  # noqa: PLR0913  # a view of a resource is the resource, its neighbors and the block looked at
        self,
        document: Document,
        estate: Estate,
        *,
        within: Path = (),
        body: Mapping[str, Any] | None = None,
        expressions: Any = None,
        last: list[Place] | None = None,
    ) -> None:
        super().__init__(document.body["values"] if body is None else body, document.origin, within, last)
        self.document = document
        self.estate = estate
        self.expressions = document.body["expressions"] if expressions is None else expressions
        self.within = within

    @property
    def type(self) -> str:
        """Terraform's resource type."""
        return str(self.document.body["type"])

    def item(self, *path: str | int) -> Item:
        """A block nested in this one, with its part of the configuration, as if it were a resource of its own."""
        written = _walk(self.expressions, path)
        return Item(
            self.document,
            self.estate,
            within=self.prefix + path,
            body=self.get(*path) or {},
            expressions=written if isinstance(written, Mapping) and not _is_expression(written) else {},
            last=self.last,
        )

    def setting(self, *path: str | int, default: Any) -> Any:
        """The value, or what the provider takes where neither the configuration nor the plan says anything."""
        value = self.peek(*path)
        if isinstance(value, Unknown):
            if not self.left_alone(*path):
                raise UnknownRead(value)
            return default
        return default if value is None else value

    def left_alone(self, *path: str | int) -> bool:
        """Whether a value is unknown only because the provider will choose it.

        So it is for a resource that is created and whose configuration is known not to mention the value. Nothing is
        said about values inside of a block that the plan's configuration does not show, such as one made by `dynamic`.
        A block that is unknown as a whole counts as left alone if it is not shown: Terraform opens up the blocks that
        somebody wrote, unless they come from a `dynamic` block over something that is not known itself.
        """
        if "create" not in self.document.body["actions"] or not self.expressions:
            return False
        value: Any = self.body
        written: Any = self.expressions
        for step in path:
            if _is_expression(written):
                return False
            value = value[step]
            inside = written[step] if _has(written, step) else None
            if isinstance(value, Unknown):
                return isinstance(written, Mapping) and inside is None
            if inside is None:
                return False
            written = inside
        return False

    def left_unset(self, key: str) -> bool:
        """Whether nobody sets this argument or block: it is absent, or the provider will choose it."""
        value = self.peek(key)
        return self.left_alone(key) if isinstance(value, Unknown) else value is None

    def configured(self, *path: str | int) -> bool:
        """Whether the configuration is known to mention the value, rather than the provider having chosen it."""
        return _walk(self.expressions, path) is not None

    def is_set(self, *path: str | int) -> bool:
        """Whether a value is there at all, such as the id of a key.

        An unknown value that refers to a key of this configuration is there, whatever it will be.
        """
        value = self.peek(*path)
        if not isinstance(value, Unknown):
            return bool(value)
        if any(_KEY.match(reference) for reference in self.references(*path)):
            return True
        if self.left_alone(*path):
            return False
        raise UnknownRead(value)

    def references(self, *path: str | int) -> Sequence[str]:
        """What the configuration says the value refers to."""
        written = _walk(self.expressions, path)
        found = written.get("references") if isinstance(written, Mapping) else None
        return found if isinstance(found, list) else ()

    def satellites(self, kind: str, key: str, where: Callable[[Item], bool] = lambda _: True) -> list[Item]:
        """The resources of another type whose argument `key` names this one.

        Raises `UnknownRead` if one more might. `where` narrows down which ones matter.
        """
        links = self.estate.links(kind, key, self.type)
        mine = [item for item in self._views(links.certain.get(self.origin.address, ())) if where(item)]
        for doubtful in links.doubtful(self):
            (item,) = self._views([doubtful])
            if _possibly(where, item):
                item.cite(key)
                raise UnknownRead(
                    Unknown(f"{item.origin.address} may belong to it; which one it belongs to is not known", key)
                )
        return mine

    def satellite(self, kind: str, key: str) -> Item | None:
        """The one resource of another type whose argument `key` names this one, or None if there surely is none."""
        mine = self._views(self.estate.links(kind, key, self.type).certain.get(self.origin.address, ()))
        return mine[0] if mine else next(iter(self.satellites(kind, key)), None)

    def target(self, *path: str | int, kinds: Iterable[str]) -> Item | None:
        """The resource of this plan that an argument names; None for an argument that is not set.

        Raises `UnknownRead` if it names something that is not in the plan.
        """
        value = self.peek(*path)
        if value is None or (isinstance(value, Unknown) and self.left_alone(*path)):
            return None
        found = self.estate.pointed(self, path, tuple(kinds))
        if len(found) == 1:
            return self._views(found)[0]
        if isinstance(value, Unknown):
            raise UnknownRead(value)
        reason = f"'{_short(value)}' is not in this plan"
        raise UnknownRead(Unknown(reason, str(path[-1])))

    def _views(self, items: Iterable[Item]) -> list[Item]:
        """The same resources, noting what is read of them in this one's place."""
        return [Item(item.document, item.estate, last=self.last) for item in items]


class _Links:
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
        self._links: dict[tuple[str, str, str], _Links] = {}
        self._provider_regions: dict[int, str] = {}
        for document in documents:
            body = document.body
            item = Item(document, self)
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

    def links(self, kind: str, key: str, parent: str) -> _Links:
        """Which resources of type `kind` belong to which of type `parent`, by the argument `key`."""
        name = (kind, key, parent)
        if name not in self._links:
            links = _Links()
            for item in self.by_type.get(kind, ()):
                self._link(links, item, key, parent)
            self._links[name] = links
        return self._links[name]

    def pointed(self, item: Item, path: Path, kinds: Iterable[str]) -> list[Item]:
        """The resources that an argument of `item` surely points at: none or one; several if it is not clear which."""
        value = item.peek(*path)
        if isinstance(value, str):
            same = [found for kind in kinds for found in self._named(kind).get(_plain(value), ())]
            if len(same) == 1:
                return same
        found, certain = self._referred(item, path, kinds)
        return found if certain else []

    def referred(self, item: Item, *path: str | int) -> list[Item]:
        """Every resource and data source that the configuration of an argument names, if it names nothing else."""
        references = item.references(*path)
        if any(reference.startswith(_ELSEWHERE) for reference in references):
            return []
        return self._resolve(item, references)

    def _link(self, links: _Links, item: Item, key: str, parent: str) -> None:
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


def _possibly(where: Callable[[Item], bool], item: Item) -> bool:
    try:
        return where(item)
    except UnknownRead:
        return True


def _short(value: Any) -> str:
    return str(value).rpartition("/")[2][:60]


def _has(node: Any, step: str | int) -> bool:
    if isinstance(node, Mapping):
        return step in node
    return isinstance(node, list) and isinstance(step, int) and step < len(node)


def _is_expression(node: Any) -> bool:
    """Whether this is how an argument was written, rather than a block of arguments."""
    return isinstance(node, Mapping) and ("constant_value" in node or isinstance(node.get("references"), list))


def _walk(node: Any, path: Path) -> Any:
    """The configuration of a value, or of what it is a part of; None if the configuration does not show it."""
    for step in path:
        if _is_expression(node):
            return node
        if isinstance(step, int) and isinstance(node, Mapping):
            continue  # a single nested block is written without a list
        if not _has(node, step):
            return None
        node = node[step]
    return node
