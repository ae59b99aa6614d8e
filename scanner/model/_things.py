"""What is scanned: documents as they were read, resources as they were understood."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import Enum, auto
from typing import Any

from msgspec import Struct, field

Path = tuple[str | int, ...]
"""Keys and indexes into a body, such as `("spec", "containers", 0, "image")`."""


class Origin(Struct, frozen=True):
    """A place in a file. A loader gives `pointer`; lines are looked up later, and only for findings."""

    uri: str
    """The file, relative to the scan's base folder, with forward slashes; `<stdin>` for standard input."""
    source: str
    """The loader that read it, by module name: `terraform_plan`, `kubernetes_manifest`, ..."""
    pointer: Path = ()
    """From the root of the file to the body; the first element of a YAML stream is the document's number."""
    address: str = ""
    """What people call it: a Terraform address, `namespace/Kind/name`, an asset name."""
    line: int = 0
    """From 1; 0 means not looked up, or that there is no line."""
    column: int = 0
    end_line: int = 0
    end_column: int = 0
    """One past the last character, as SARIF counts."""


class Citation(Struct, frozen=True):
    """Where one value was read: the block it was written in, and the path inside that block's body."""

    origin: Origin
    path: Path


class Document(Struct, frozen=True):
    """What a loader yields: raw, in one dialect, not understood. The body's shape is documented by the loader."""

    dialect: str
    body: Mapping[str, Any]
    origin: Origin


class Partition(Struct, frozen=True):
    """The unit of work. Every document a fact may look at lies inside one: a Terraform root module, a cluster."""

    name: str
    documents: Iterable[Document]


class Past(Enum):
    """What a partition says about the time before the change that it describes."""

    UNTOLD = auto()
    """Nothing: it describes no change."""
    SAME = auto()
    """Everything stays as it is."""
    EMPTY = auto()
    """Nothing was there."""
    OTHER = auto()
    """There was another estate, which the partition describes as well."""

    @property
    def counted(self) -> bool:
        """Whether what is there now is taken to have been there before: it was, or nothing says that it was not."""
        return self in {Past.UNTOLD, Past.SAME}


class Resource(Struct, frozen=True):
    """One thing, understood."""

    uid: str
    """Unique in a scan and stable between scans: `uri#address`, with `~2` and so on where one file repeats itself."""
    type: str
    """Canonical type from types.yaml, or `other`."""
    native_type: str
    """The source's own word: `aws_s3_bucket`, `apps/Deployment`, `storage.googleapis.com/Bucket`."""
    provider: str
    """`aws`, `gcp`, `azure`, `kubernetes`, or the Terraform provider's own name."""
    name: str
    region: Any
    """The provider's own region or zone name, lower case (`europe-west4-a`); empty for none; may be `Unknown`."""
    tags: Any
    """Tags or labels, text to text; the whole map or single values may be `Unknown`."""
    attributes: Mapping[str, Any]
    """Exactly the canonical attributes that types.yaml declares for the type; what a source cannot say is `Unknown`."""
    native: Mapping[str, Any]
    """The untouched body, with `Unknown` where a value is not known."""
    origin: Origin
    citations: Mapping[str, Citation] = field(default_factory=dict)
    """Canonical path (`region`, `tags`, `attributes.tls_required`) to where its value was read."""
    sensitive: frozenset[Path] = frozenset()
    """Paths into `native` whose values must never be shown."""
    references: Mapping[Path, tuple[str, ...]] = field(default_factory=dict)
    """Path into `native` to what its value refers to, in the source's own words (`var.password`).

    A value that somebody wrote down as it is refers to nothing, but has its path here too.
    """
    change: str = "none"
    """What the change does to it: `create update replace delete forget no-op`, or `none` where no change is described.

    `forget` takes it out of Terraform's hands and leaves it standing.
    """


class Elsewhere(Struct):
    """What partitions may know of each other: things whose names mean one thing in the whole organization."""

    buckets: dict[str, Any] = field(default_factory=dict)
    """Bucket or storage account to its region, which may be `Unknown`. These names are unique in the world."""
    vault_roles: dict[str, list[Resource]] = field(default_factory=dict)
    """Roles of Vault by name; several where several mounts have one of this name."""

    def copy(self) -> Elsewhere:
        """The same knowledge, which grows on its own from here."""
        return Elsewhere(dict(self.buckets), {name: list(roles) for name, roles in self.vault_roles.items()})


class Inventory:
    """All resources of one partition, indexed."""

    def __init__(self, resources: Iterable[Resource]) -> None:
        self.elsewhere = Elsewhere()
        self.before: Inventory | None = None
        """What the partition held before the change that it describes, if that was something else."""
        self._resources: dict[str, Resource] = {}
        self._by_type: dict[str, list[Resource]] = {}
        for resource in resources:
            self._resources[resource.uid] = resource
            self._by_type.setdefault(resource.type, []).append(resource)

    def __iter__(self) -> Iterator[Resource]:
        return iter(self._resources.values())

    def __len__(self) -> int:
        return len(self._resources)

    def get(self, uid: str) -> Resource | None:
        """The resource with this uid, if it is in the partition."""
        return self._resources.get(uid)

    def types(self) -> tuple[str, ...]:
        """The canonical types that occur."""
        return tuple(self._by_type)

    def by_type(self, *types: str) -> tuple[Resource, ...]:
        """Resources of exactly these canonical types, in the order of the source."""
        return tuple(resource for kind in types for resource in self._by_type.get(kind, ()))


class FactField(Struct, frozen=True):
    """One value a fact provides, as a policy author sees it."""

    type: str
    """A CEL type: `bool int double string dyn list(string) map(string, string)` ..."""
    default: Any
    """What it is for a resource the fact says nothing about."""
    doc: str


class Fact(Struct, frozen=True):
    """What one analyzer derived about one resource. Fields it leaves out have their default."""

    values: Mapping[str, Any]
    citations: Mapping[str, Citation] = field(default_factory=dict)
    """Field name to where the deciding value was read."""
    sensitive: tuple[Path, ...] = ()
    """Paths into the resource's native body that turned out to hold secrets."""
