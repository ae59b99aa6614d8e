"""What is asked: policies, compiled, and the words for their answers."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import PurePath
from typing import Any, Protocol

from msgspec import Struct

from scanner.model._things import Path


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

    @property
    def inputs(self) -> frozenset[Path] | None:
        """The same step by step: the answer hangs on nothing but the values there. None where that cannot be told."""

    def fast(self, params: Mapping[str, Any] | None = None) -> ast.expr | None:
        """Plain Python over the root names, right whenever it finishes; None where there is no such form.

        With `params`, those parameters that are texts, numbers and lists of texts are written into it.
        """

    def evaluate(self, roots: Mapping[str, Any]) -> Any:
        """The exact answer: a plain value, `Unknown`, or a `scanner.cel.Failure`. Never raises."""

    def explain(self, roots: Mapping[str, Any]) -> Explanation:
        """Which values decided the answer."""


class Validation(Struct, frozen=True):
    """One expression that must be true, and what to say when it is false."""

    program: Program
    message: str
    """Plain text with `{expression}` holes, already parsed into `message_parts`."""
    message_parts: tuple[str | Program, ...]


class Match(Struct, frozen=True):
    """Which resources a policy is about. Empty tuples match everything."""

    types: tuple[str, ...] = ()
    """Canonical types; `storage.*` matches a family."""
    native_types: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    where: Program | None = None
    changes: tuple[str, ...] = ()
    """`delete` and `replace`: only what a plan destroys in this way, judged as it was before. Empty for all others."""


class Aggregate(Struct, frozen=True):
    """How an aggregate policy groups and measures."""

    group_by: Mapping[str, Program]
    """Short name (`team`) to the expression that computes it for a resource."""
    operator: str
    """`sum`, `count`, `min`, `max` or `distinct`."""
    measure: Program | None
    """What is measured on each resource; None for `count`."""


class Policy(Struct, frozen=True):
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
    deprecated: str = ""
    """What to use instead, for a policy that is on its way out; it still runs."""
    disabled: str = ""
    """Why the organization does not ask it; empty where it does."""

    @property
    def file(self) -> str:
        """Its file as people name it, the same on every machine: `pack/id.yaml`."""
        return f"{self.pack}/{PurePath(self.path).name}" if self.path else ""
