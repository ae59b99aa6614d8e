"""Kubernetes' semantic versions: `semver("1.2.3-rc.1")`, ordered as semver.org says."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from scanner.cel.kubernetes._shapes import member, readable
from scanner.cel.operators import mismatch
from scanner.cel.values import Fault, Opaque
from scanner.patterns import regex

_NUMBER = r"(0|[1-9]\d{0,18})"
_SEMVER = regex(
    rf"{_NUMBER}\.{_NUMBER}\.{_NUMBER}"
    r"(?:-((?:0|[1-9]\d{0,18}|\d*[A-Za-z-][0-9A-Za-z-]*)(?:\.(?:0|[1-9]\d{0,18}|\d*[A-Za-z-][0-9A-Za-z-]*))*))?"
    r"(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?",
    re.ASCII,
)
_PARTS = 3


@dataclass(frozen=True, slots=True, order=True)
class Semver(Opaque):
    """A version. What was built (`+build`) counts for nothing."""

    type_name: ClassVar[str] = "kubernetes.Semver"
    numbers: tuple[int, int, int]
    released: bool
    """A pre-release comes before its release."""
    before: tuple[tuple[bool, int, str], ...]
    """The parts of a pre-release: numbers in order come before texts in order."""


def parsed(text: Any, normalize: Any = False) -> Semver:  # noqa: FBT002  # CEL passes arguments by place
    """`semver(text)`; normalized, `v1.02` is `1.2.0`."""
    if not (isinstance(text, str) and isinstance(normalize, bool)):
        raise mismatch("semver", text, normalize)
    found = _SEMVER.fullmatch(_normalized(text) if normalize else text)
    if not found:
        raise Fault(f"'{text}' is no semantic version")
    parts = found[4].split(".") if found[4] else []
    before = tuple((not part.isdigit(), int(part) if part.isdigit() else 0, part) for part in parts)
    return Semver((int(found[1]), int(found[2]), int(found[3])), not parts, before)


def _normalized(text: str) -> str:
    parts = text.removeprefix("v").split(".", _PARTS - 1)
    if len(parts) < _PARTS and set(parts[-1]) & set("+-"):
        raise Fault(f"'{text}' is no semantic version: a short one cannot name a pre-release or a build")
    plain = [re.sub(r"^0+(?=\d)", "", part) for part in parts]
    return ".".join([*plain, "0", "0"][:_PARTS])


def _number(name: str, at: int) -> Callable[[Any], Any]:
    return member(name, Semver, lambda version: version.numbers[at])


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "semver": parsed,
    "isSemver": readable(parsed),
    "major": _number("major", 0),
    "minor": _number("minor", 1),
    "patch": _number("patch", 2),
}
