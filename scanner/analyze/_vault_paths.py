"""Which of a policy's paths decides about a request, by Vault's own rules.

Of the paths that match, the most specific one decides alone; what is written twice counts together, and `deny` takes
all else away. Source: `vault/acl.go`, and "priority matching" in Vault's documentation of policies.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from msgspec import Struct

from scanner.patterns import regex

ANY = "+"
"""In an area: any one segment, also one that the policy names."""
FREE = "?"
"""In an area: a segment that the policy must leave open, because somebody else's name stands there."""

_FRESH = "\0"
"""A segment that no policy names."""
_TEMPLATE = regex(r"\{\{.*?\}\}|\$\{.*?\}")
"""What is filled in later stays inside of its segment, and is nobody's name."""


class Rule(Struct, frozen=True):
    """What a policy says about one path."""

    capabilities: frozenset[str] = frozenset()
    limited: bool = False


class Paths:
    """The paths of one policy."""

    def __init__(self, grants: Iterable[Mapping[str, Any]]) -> None:
        self._rules: dict[str, Rule] = {}
        for grant in grants:
            pattern, own = normal(grant["path"]), frozenset(grant["capabilities"])
            known = self._rules.get(pattern, Rule())
            both = known.capabilities | own
            self._rules[pattern] = Rule(
                frozenset({"deny"}) if "deny" in both else both, known.limited or bool(grant["limited"])
            )

    def reached(self, pattern: str, area: str) -> Rule:
        """What this path of the policy allows in an area; nothing where it does not lead there or another decides."""
        witness = meeting(pattern, area)
        return self.decided(pattern, witness) if witness else Rule()

    def decided(self, pattern: str, path: str) -> Rule:
        """What this path of the policy allows for a request; nothing where another decides."""
        deciding = max((one for one in self._rules if matches(one, path)), key=_priority, default="")
        return self._rules[pattern] if deciding == pattern else Rule()


def normal(path: str) -> str:
    """A path without what is filled in later."""
    return _TEMPLATE.sub("\1", path)


def example(pattern: str) -> str:
    """A request that the path matches and that names nothing else."""
    return "/".join(_FRESH if one == "+" else one for one in _stem(pattern).split("/")) + _FRESH * pattern.endswith("*")


def matches(pattern: str, path: str) -> bool:
    """Whether a request is one of those that a path of a policy is about."""
    stem, prefix = _stem(pattern), pattern.endswith("*")
    if not _is_segmented(pattern):
        return path.startswith(stem) if prefix else path == stem
    wanted, given = stem.split("/"), path.split("/")
    if len(given) < len(wanted) or (len(given) > len(wanted) and not prefix):
        return False
    *whole, last = zip(wanted, given, strict=False)
    ends = last[0] in {"+", last[1]} or (prefix and last[1].startswith(last[0]))
    return ends and all(one in {"+", other} for one, other in whole)


def meeting(pattern: str, area: str) -> str | None:
    """A request in the area that the path matches, as open as the two allow; None if there is none."""
    stem, prefix, wanted = _stem(pattern).split("/"), pattern.endswith("*"), area.split("/")
    if len(wanted) < len(stem) or (len(wanted) > len(stem) and not prefix):
        return None
    partial = len(stem) - 1 if prefix else len(stem)
    found = [_segment(stem, partial, at, one) for at, one in enumerate(wanted)]
    return None if None in found else "/".join(map(str, found))


def _segment(stem: Sequence[str], partial: int, at: int, wanted: str) -> str | None:
    """One segment that suits both; from `partial` on the path leaves open how it goes on."""
    own = stem[at] if at < len(stem) else ""
    open_ended = at >= partial
    if own == "+" or (open_ended and not own):
        return _FRESH if wanted in {ANY, FREE} else wanted
    if wanted == ANY:
        return own + _FRESH if open_ended else own
    suits = wanted.startswith(own) if open_ended else wanted == own
    return wanted if suits and wanted != FREE else None


def _stem(pattern: str) -> str:
    return pattern.removesuffix("*")


def _is_segmented(pattern: str) -> bool:
    return pattern == "+" or pattern.startswith("+/") or "/+" in pattern


def _priority(pattern: str) -> tuple[bool, int, bool, int, int, str]:
    """The larger decides: an exact path, a wildcard that comes later, no `*`, fewer `+`, a longer path."""
    stem, prefix = _stem(pattern), pattern.endswith("*")
    segmented = _is_segmented(pattern)
    first = pattern.index("+") if segmented else len(stem)
    return (not segmented and not prefix, first, not prefix, -stem.split("/").count("+"), len(stem), stem)
