"""The nouns every room shares. Frozen, and nothing here does any work beyond looking things up.

A *path* is a tuple of keys and indexes into a body, such as `("spec", "containers", 0, "image")`.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NoReturn, Protocol

Path = tuple[str | int, ...]


class UnknownRead(Exception):  # noqa: N818  # a signal, not an error: the answer is "unknown"
    """Somebody used a value that is not known. Whatever was being computed is unknown too, for the same reason."""

    def __init__(self, unknown: Unknown) -> None:
        super().__init__(unknown.reason)
        self.unknown = unknown


class Unknown:
    """Stands in a body where a value belongs that could not be known: "known after apply", "access denied: ...".

    Any use of it (comparing, indexing, iterating, testing its truth) raises `UnknownRead`, so that code
    which forgets about unknowns cannot guess. Test for it with `isinstance(value, Unknown)`.
    """

    __slots__ = ("path", "reason")

    def __init__(self, reason: str, path: str = "") -> None:
        self.reason = reason
        """Why it is not known, in words for the user."""
        self.path = path
        """Where it was read, dotted, as the source writes it; empty where the source has no name for it."""

    def _used(self, *_: object) -> NoReturn:
        raise UnknownRead(self)

    __bool__ = __len__ = __iter__ = __getitem__ = __contains__ = __int__ = __float__ = __index__ = _used
    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = __add__ = __radd__ = __sub__ = __rsub__ = _used
    __mul__ = __rmul__ = __truediv__ = __rtruediv__ = __floordiv__ = __mod__ = __neg__ = _used
    __hash__ = _used  # looking it up in a set or a dict is a use as well

    def __getattr__(self, name: str) -> NoReturn:
        # Text methods such as `.lower()` are uses as well; protocol probes (dunder names) are not.
        if name.startswith("__"):
            raise AttributeError(name)
        raise UnknownRead(self)

    def __repr__(self) -> str:
        return f"Unknown({self.reason!r}, {self.path!r})"

    def __reduce__(self) -> tuple[type[Unknown], tuple[str, str]]:
        return (Unknown, (self.reason, self.path))


@dataclass(frozen=True, slots=True)
class Origin:
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


@dataclass(frozen=True, slots=True)
class Citation:
    """Where one value was read: the block it was written in, and the path inside that block's body."""

    origin: Origin
    path: Path


@dataclass(frozen=True, slots=True)
class Document:
    """What a loader yields: raw, in one dialect, not understood. The body's shape is documented by the loader."""

    dialect: str
    body: Mapping[str, Any]
    origin: Origin


@dataclass(frozen=True, slots=True)
class Partition:
    """The unit of work. Every document a fact may look at lies inside one: a Terraform root module, a cluster."""

    name: str
    documents: Iterable[Document]


@dataclass(frozen=True, slots=True)
class Resource:
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
    """Path into `native` to what its value refers to, in the source's own words (`var.password`)."""
    change: str = "none"
    """What the change does to it: `create update replace delete no-op`, or `none` for a source that changes nothing."""


class Inventory:
    """All resources of one partition, indexed."""

    def __init__(self, resources: Iterable[Resource]) -> None:
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


@dataclass(frozen=True, slots=True)
class FactField:
    """One value a fact provides, as a policy author sees it."""

    type: str
    """A CEL type: `bool int double string dyn list(string) map(string, string)` ..."""
    default: Any
    """What it is for a resource the fact says nothing about."""
    doc: str


@dataclass(frozen=True, slots=True)
class Fact:
    """What one analyzer derived about one resource. Fields it leaves out have their default."""

    values: Mapping[str, Any]
    citations: Mapping[str, Citation] = field(default_factory=dict)
    """Field name to where the deciding value was read."""
    sensitive: tuple[Path, ...] = ()
    """Paths into the resource's native body that turned out to hold secrets."""


class Verdict(StrEnum):
    """The answer of one policy about one resource."""

    PASS = "pass"  # noqa: S105  # a verdict, not a password
    FAIL = "fail"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not_applicable"
    ERROR = "error"


class Severity(StrEnum):
    """How bad a failure is. Declared from worst to least."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INFO = "info"

    def at_least(self, other: Severity) -> bool:
        """Whether this is as bad as `other`, or worse."""
        order = list(Severity)
        return order.index(self) <= order.index(other)


class ReadValue(Protocol):
    """One value that an expression read: where, and what it was."""

    @property
    def path(self) -> str:
        """As an author writes it: `resource.native.spec.containers[0].image`."""

    @property
    def steps(self) -> Path:
        """The same, step by step, root included."""

    @property
    def value(self) -> Any:
        """What was read; `Unknown` where it is not known."""


class Explanation(Protocol):
    """Why an expression came out as it did."""

    @property
    def reads(self) -> Sequence[ReadValue]:
        """The values that decided, the most telling first."""


class Program(Protocol):
    """A compiled expression; implemented in `scanner.cel`."""

    @property
    def text(self) -> str:
        """The expression as its author wrote it."""

    @property
    def reads(self) -> frozenset[str]:
        """Dotted paths it may read, as far as they can be told from its text."""

    def fast(self) -> ast.expr | None:
        """Plain Python over the root names, right whenever it finishes; None where there is no such form."""

    def evaluate(self, roots: Mapping[str, Any]) -> Any:
        """The exact answer: a plain value, `Unknown`, or a `scanner.cel.Failure`. Never raises."""

    def explain(self, roots: Mapping[str, Any]) -> Explanation:
        """Which values decided the answer."""


@dataclass(frozen=True, slots=True)
class Validation:
    """One expression that must be true, and what to say when it is false."""

    program: Program
    message: str
    """Plain text with `{expression}` holes, already parsed into `message_parts`."""
    message_parts: tuple[str | Program, ...]


@dataclass(frozen=True, slots=True)
class Match:
    """Which resources a policy is about. Empty tuples match everything."""

    types: tuple[str, ...] = ()
    """Canonical types; `storage.*` matches a family."""
    native_types: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    where: Program | None = None


@dataclass(frozen=True, slots=True)
class Aggregate:
    """How an aggregate policy groups and measures."""

    group_by: Mapping[str, Program]
    """Short name (`team`) to the expression that computes it for a resource."""
    operator: str
    """`sum`, `count`, `min`, `max` or `distinct`."""
    measure: Program | None
    """What is measured on each resource; None for `count`."""


@dataclass(frozen=True, slots=True)
class Policy:
    """One policy file, checked and compiled."""

    id: str
    title: str
    severity: Severity
    family: str
    pack: str
    match: Match
    when: Program | None
    validations: tuple[Validation, ...]
    aggregate: Aggregate | None
    rationale: str
    remediation: str
    controls: tuple[str, ...]
    """`framework/control`, for example `nist-800-53-r5/SC-8`; each exists in policies/frameworks/."""
    params: Mapping[str, Any]
    """Defaults with the organization's overrides applied."""
    on_unknown: Verdict = Verdict.UNKNOWN
    aliases: tuple[str, ...] = ()
    path: str = ""
    """The policy file, for error messages."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A few lines of code around an origin, redacted, ready to show."""

    first_line: int
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Evidence:
    """One value that decided a verdict."""

    path: str
    """As a policy author writes it: `facts.mesh_mtls.mode`."""
    value: str
    """Redacted JSON text, shortened; for an unknown value, why it is not known."""
    origin: Origin | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """A verdict that somebody must look at: fail, unknown or error. Passes and the rest are counted in `Tally`."""

    policy_id: str
    resource_uid: str
    """For an aggregate policy, `group:` and the group's values."""
    verdict: Verdict
    message: str
    origin: Origin
    """The line that broke the policy."""
    evidence: tuple[Evidence, ...] = ()
    related: tuple[Origin, ...] = ()
    """Other places that matter: the workload that a mesh-wide setting decided, the contributors to a sum."""
    frame: Frame | None = None
    fingerprint: str = ""
    """Hexadecimal; the same for the same violation in the next scan, wherever its line moved to."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something we could not see. `hint` says what to do next."""

    stage: str
    """The room that met it: `load`, `normalize`, `analyze`, `evaluate`."""
    where: str
    """A file, or a file and an address."""
    message: str
    hint: str


@dataclass(frozen=True, slots=True)
class ResourceCard:
    """What reports need to know about a resource; its body stays behind."""

    uid: str
    type: str
    native_type: str
    provider: str
    name: str
    region: str
    team: str
    source: str
    origin: Origin


Tally = Mapping[Verdict, Sequence[str]]
"""Verdict to the uids of the resources that got it, for one policy."""


@dataclass(slots=True)
class Ledger:
    """The one mutable thing that travels through a scan: what was seen, and what could not be."""

    problems: list[Problem] = field(default_factory=list)
    files: Counter[str] = field(default_factory=Counter)
    """Source name to the number of files read."""
    skipped: Counter[str] = field(default_factory=Counter)
    """Reason to the number of files passed over, such as `not infrastructure`."""

    def problem(self, stage: str, where: str, message: str, hint: str) -> None:
        """Write down something that could not be seen."""
        self.problems.append(Problem(stage, where, message, hint))


@dataclass(frozen=True, slots=True)
class ScanResult:
    """Everything a report may show, once."""

    policies: Mapping[str, Policy]
    resources: Mapping[str, ResourceCard]
    findings: tuple[Finding, ...]
    """Sorted: worst severity first, then policy, file, line."""
    tallies: Mapping[str, Tally]
    """Policy id to its tally; every judgement of the scan is in here."""
    problems: tuple[Problem, ...]
    files: Mapping[str, int]
    skipped: Mapping[str, int]
    targets: tuple[str, ...] = ()
    version: str = ""
    """govscan's version."""

    def count(self, verdict: Verdict) -> int:
        """How many judgements ended in this verdict."""
        return sum(len(tally.get(verdict, ())) for tally in self.tallies.values())
