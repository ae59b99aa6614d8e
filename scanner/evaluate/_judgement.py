"""A verdict somebody must look at, before the lines it points to have been looked up."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from msgspec import Struct
from msgspec.structs import replace

from scanner import cel
from scanner.model import Citation, Effect, Evidence, Finding, Frame, Origin, Path, Verdict
from scanner.redact import Redactor

_SHOWN = 400
"""Characters of a line of code that a finding shows."""


class FactView(Protocol):
    """What judging needs of the facts of a partition; `scanner.analyze` provides it."""

    @property
    def common(self) -> Mapping[str, Mapping[str, Any]]:
        """Fact name to the one object that `values_for` has for every resource which the fact says nothing about."""

    def values_for(self, uid: str) -> dict[str, dict[str, Any]]:
        """Fact name to field to value, for one resource."""

    def citation(self, uid: str, path: str) -> Citation | None:
        """Where a fact's value was read; `path` as in `mesh_mtls.mode`."""

    def sensitive(self, uid: str) -> tuple[Path, ...]:
        """Paths into the resource's native body that hold secrets."""


class Read(Struct, frozen=True):
    """One value that decided, with where it was read."""

    path: str
    value: Any
    citation: Citation
    sensitive: bool = False


class Judgement(Struct, frozen=True):
    """A finding in the making. The first citation is the line that broke the policy."""

    policy_id: str
    uid: str
    verdict: Verdict
    message: str
    reads: tuple[Read, ...]
    place: Citation
    related: tuple[Citation, ...] = ()
    effect: Effect = Effect.NONE
    was: str = ""
    """See `Finding`."""

    def citations(self) -> list[Citation]:
        """Every place that `finish` wants looked up, in its order."""
        return [self.place, *(read.citation for read in self.reads), *self.related]


def finish(
    judgement: Judgement,
    places: Sequence[tuple[Origin, Frame | None]],
    around: Sequence[Origin],
    redactor: Redactor,
) -> Finding:
    """The finding, with its places looked up (`places` answers `citations()` one by one) and secrets removed.

    `around` is where else to look to understand the first place, such as the calls of the module it stands in.
    """
    reads = len(judgement.reads)
    origins = [origin for origin, _ in places]
    related = [*around, *origins[reads + 1 :]]
    frame = places[0][1]
    return Finding(
        policy_id=judgement.policy_id,
        resource_uid=judgement.uid,
        verdict=judgement.verdict,
        message=redactor.prose(judgement.message),
        origin=origins[0],
        evidence=tuple(
            Evidence(redactor.name(read.path), _shown(read, redactor), origin)
            for read, origin in zip(judgement.reads, origins[1 : reads + 1], strict=True)
        ),
        related=tuple(dict.fromkeys(origin for origin in related if not _same_line(origin, origins[0]))),
        frame=_readable(redactor.frame(frame)) if frame else None,
        fingerprint=_fingerprint(judgement.policy_id, judgement.uid),
        effect=judgement.effect,
        was=redactor.prose(judgement.was),
    )


def _shown(read: Read, redactor: Redactor) -> str:
    if isinstance(read.value, cel.Failure):
        return f"absent ({redactor.text(read.value.message)})"
    return redactor.value(read.value, sensitive=read.sensitive)


def _readable(frame: Frame) -> Frame:
    """The frame with lines as long as a reader looks at; cut only now that no secret can be cut in two."""
    return replace(frame, lines=tuple(line[:_SHOWN] for line in frame.lines))


def within(citation: Citation, path: Path) -> Citation:
    """The same place, deeper."""
    return replace(citation, path=citation.path + path)


def _same_line(one: Origin, other: Origin) -> bool:
    return (one.uri, one.line) == (other.uri, other.line) and one.line > 0


def _fingerprint(policy_id: str, uid: str) -> str:
    """32 hexadecimal digits. Neither lines nor messages are in it: they change while the violation stays."""
    return hashlib.sha256(f"{policy_id}\n{uid}".encode()).hexdigest()[:32]
