"""One asset of a Cloud Asset Inventory export, and the others it was exported with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from scanner.model import Document, Path, Unknown, UnknownRead
from scanner.normalize._reading import Block, Place
from scanner.patterns import regex

_PLACE = regex(r"/(?:regions|zones|locations)/([^/]+)")
_DATA: Path = ("resource", "data")


class Asset(Block):
    """What the service's own API says about a thing (`resource.data` of the asset)."""

    __slots__ = ("document", "export")

    def __init__(
        self, document: Document, export: Export, within: Path = _DATA, last: list[Place] | None = None
    ) -> None:
        super().__init__(_inside(document.body, within), document.origin, within, last)
        self.document = document
        self.export = export

    @property
    def type(self) -> str:
        """Google's asset type."""
        return asset_type(self.document)

    def region(self) -> str:
        """Region or zone, lower case; empty for what is everywhere. Raises `UnknownRead` if it is not known.

        What the service says comes first; then the name, which has it for most services; then the asset's own field.
        """
        for key in ("zone", "location", "region"):
            if place := self._own(key):
                return str(place).rpartition("/")[2].lower()
        if match := _PLACE.search(self.document.body["name"]):
            self.cite_asset("name")
            return match[1].lower()
        return self._exported_region()

    def _own(self, key: str) -> Any:
        return None if isinstance(self.body, Unknown) else self.get(key)

    def _exported_region(self) -> str:
        resource = self.document.body.get("resource")
        place = (resource or {}).get("location")
        self.cite_asset("resource", "location")
        if isinstance(self.body, Unknown) and place is None:
            raise UnknownRead(self.body)
        if isinstance(place, Unknown):
            raise UnknownRead(place)
        return "" if place in {None, "global"} else str(place).lower()

    def policy(self) -> Block:
        """Its access policy; raises `UnknownRead` if the export has none."""
        for key in ("iamPolicy", "iam_policy"):
            if self.document.body.get(key) is not None:
                return Block(self.document.body[key], self.origin, (key,), self.last)
        self.cite_asset("iamPolicy")
        raise UnknownRead(Unknown("the export holds no access policies (content type iam-policy)", "iamPolicy"))

    def sibling(self, name: str) -> Asset | None:
        """The asset of the same type and project with this name, if it was exported too."""
        return self.export.find(f"{self.document.body['name'].rpartition('/')[0]}/{name}", self.last)

    def cluster(self) -> Asset | None:
        """The cluster of a node pool, if it was exported too."""
        name, inside, _ = self.document.body["name"].partition("/nodePools/")
        return self.export.find(name, self.last) if inside else None

    def cite_asset(self, *path: str) -> None:
        """Name a path of the asset itself as the place that decides."""
        self.last[0] = (self.origin, path)


class Export:
    """The assets of one partition, by name."""

    def __init__(self, documents: Iterable[Document]) -> None:
        self._documents = {document.body["name"]: document for document in documents}
        self.pools = frozenset(name.partition("/nodePools/")[0] for name in self._documents if "/nodePools/" in name)
        """Names of the clusters whose node pools were exported as assets of their own."""

    def find(self, name: str, last: list[Place]) -> Asset | None:
        """The asset with this full name."""
        document = self._documents.get(name)
        return Asset(document, self, last=last) if document else None


def asset_type(document: Document) -> str:
    """The type, in either spelling of its key."""
    body = document.body
    return str(body.get("assetType") or body.get("asset_type"))


def _inside(body: Mapping[str, Any], path: Path) -> Any:
    """The body of a block; unknown if the export does not hold it."""
    value: Any = body
    for step in path:
        if isinstance(value, Unknown):
            return value
        value = value.get(step) if isinstance(value, Mapping) else value[step] if value else None
    return (
        Unknown("the export holds no resource data (content type resource)", "resource.data")
        if value is None
        else value
    )
