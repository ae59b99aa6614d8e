"""Which policies are about a resource, by what is known before judging: its type and its source."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase
from functools import cache, lru_cache

from scanner.evaluate._judge import Forms, Panel
from scanner.model import Match, Policy, Resource

_WILD = frozenset("*?[")


class Matcher:
    """Remembers the policies for each combination of type, source and change, which are few.

    Policies become a panel when the first resource comes that they are all about.
    """

    def __init__(self, policies: Sequence[Policy]) -> None:
        self._policies = policies
        self._alike: dict[tuple[tuple[str, ...], ...], list[Policy]] = {}
        """Policies that are about the same types, sources and changes."""
        for policy in policies:
            self._alike.setdefault(_asked(policy.match), []).append(policy)
        self._forms = Forms()
        self._panels: dict[tuple[str, ...], Panel] = {}
        self._known: dict[tuple[str, str, str, str], Panel] = {}

    def panel_for(self, resource: Resource) -> Panel:
        """The policies whose types, sources and changes include this resource."""
        key = (resource.type, resource.native_type, resource.origin.source, resource.change)
        panel = self._known.get(key)
        if panel is None:
            panel = self._known[key] = self._panel(self._about(resource))
        return panel

    def _about(self, resource: Resource) -> list[Policy]:
        """In the order of all policies."""
        groups = (alike for alike in self._alike.values() if is_about(alike[0].match, resource))
        found = {policy.id for alike in groups for policy in alike}
        return [policy for policy in self._policies if policy.id in found]

    def _panel(self, policies: Sequence[Policy]) -> Panel:
        ids = tuple(policy.id for policy in policies)
        if ids not in self._panels:
            self._panels[ids] = Panel(policies, self._forms)
        return self._panels[ids]


def _asked(match: Match) -> tuple[tuple[str, ...], ...]:
    return match.types, match.native_types, match.sources, tuple(match.changes)


def is_about(match: Match, resource: Resource) -> bool:
    """Whether a policy's types, sources and changes include the resource; `where` is decided when it is judged."""
    return (
        _any(match.types, resource.type)
        and _any(match.native_types, resource.native_type)
        and _any(match.sources, resource.origin.source)
        and (not match.changes or resource.change in match.changes)
    )


@lru_cache(maxsize=4096)
def _any(patterns: tuple[str, ...], word: str) -> bool:
    if not patterns:
        return True
    words, starts, others = _sorted(patterns)
    return word in words or word.startswith(starts) or any(fnmatchcase(word, pattern) for pattern in others)


@cache
def _sorted(patterns: tuple[str, ...]) -> tuple[frozenset[str], tuple[str, ...], list[str]]:
    """Patterns that are a word, those that begin as one (without the `*`), and others, which take longer."""
    starts = {pattern: pattern.removesuffix("*") for pattern in patterns}
    others = [pattern for pattern, start in starts.items() if _WILD & set(start)]
    plain = {pattern: start for pattern, start in starts.items() if pattern not in others}
    words = frozenset(pattern for pattern, start in plain.items() if start == pattern)
    return words, tuple(start for pattern, start in plain.items() if start != pattern), others
