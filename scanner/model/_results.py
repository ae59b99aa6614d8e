"""What came out: findings, problems, and the whole of a scan."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from enum import StrEnum

from msgspec import Struct, field

from scanner.model._policies import Policy, Verdict
from scanner.model._things import Origin


class Frame(Struct, frozen=True):
    """A few lines of code around an origin, redacted, ready to show."""

    first_line: int
    lines: tuple[str, ...]


class Evidence(Struct, frozen=True):
    """One value that decided a verdict."""

    path: str
    """As a policy author writes it: `facts.mesh_mtls.mode`."""
    value: str
    """Redacted JSON text, shortened; for an unknown value, why it is not known."""
    origin: Origin | None = None


class Effect(StrEnum):
    """What the change that a plan describes does to a finding."""

    NONE = "none"
    """Not said: the source describes no change."""
    INTRODUCED = "introduced"
    LEFT = "left"
    """It was so before, and stays so."""
    UNCLEAR = "unclear"
    """It fails after the change, and whether it did before cannot be told."""
    FIXED = "fixed"
    """It failed before, and does not any more, be it that it is gone."""

    @property
    def gates(self) -> bool:
        """Whether a gate on what a change introduces stops it: all that is not known to have been there before."""
        return self in {Effect.INTRODUCED, Effect.UNCLEAR, Effect.NONE}


class Finding(Struct, frozen=True):
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
    """Other places that matter: the calls of the modules around the line, the innermost first; then the workload that
    a mesh-wide setting decided, the contributors to a sum."""
    frame: Frame | None = None
    fingerprint: str = ""
    """Hexadecimal; the same for the same violation in the next scan, wherever its line moved to."""
    effect: Effect = Effect.NONE
    was: str = ""
    """The message it had before the change; empty where there was none, or the same."""


class Problem(Struct, frozen=True):
    """Something we could not see. `hint` says what to do next."""

    stage: str
    """The room that met it: `load`, `normalize`, `analyze`, `evaluate`."""
    where: str
    """A file, or a file and an address."""
    message: str
    hint: str
    incomplete: bool = True
    """Whether the scan is incomplete for it, which the exit code says. What the user left out on purpose is not."""


class ResourceCard(Struct, frozen=True):
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


class Ledger(Struct):
    """The one mutable thing that travels through a scan: what was seen, and what could not be."""

    problems: list[Problem] = field(default_factory=list)
    files: Counter[str] = field(default_factory=Counter)
    """Source name to the number of files read."""
    skipped: Counter[str] = field(default_factory=Counter)
    """Reason to the number of files passed over, such as `not infrastructure`."""
    secrets: set[str] = field(default_factory=set)
    """Every text that is known to be a secret, so that no output shows it."""

    def problem(self, stage: str, where: str, message: str, hint: str, *, incomplete: bool = True) -> None:
        """Write down something that could not be seen."""
        self.problems.append(Problem(stage, where, message, hint, incomplete))


class ScanResult(Struct, frozen=True):
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
    disabled: tuple[Policy, ...] = ()
    """Policies of the chosen packs that the organization does not ask, each with its reason; not in `policies`."""
    fixed: tuple[Finding, ...] = ()
    """Failures that plans put an end to, in the order of `findings`; in no tally, because they are over."""

    def count(self, verdict: Verdict) -> int:
        """How many judgements ended in this verdict."""
        return sum(len(tally.get(verdict, ())) for tally in self.tallies.values())
