"""Which policies are about a resource, by what is known before judging: its type and its source."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase
from functools import lru_cache

from scanner.evaluate._judge import Prepared, prepare
from scanner.model import Match, Policy, Resource


class Matcher:
    """Remembers the policies for each combination of type and source, which are few.

    A policy is prepared when the first resource comes that it is about.
    """

    def __init__(self, policies: Sequence[Policy]) -> None:
        self._policies = policies
        self._prepared: dict[str, Prepared] = {}
        self._known: dict[tuple[str, str, str], tuple[Prepared, ...]] = {}

    def policies_for(self, resource: Resource) -> tuple[Prepared, ...]:
        """The policies whose types and sources include this resource."""
        key = (resource.type, resource.native_type, resource.origin.source)
        if key not in self._known:
            self._known[key] = tuple(self._ready(one) for one in self._policies if is_about(one.match, resource))
        return self._known[key]

    def _ready(self, policy: Policy) -> Prepared:
        if policy.id not in self._prepared:
            self._prepared[policy.id] = prepare(policy)
        return self._prepared[policy.id]


def is_about(match: Match, resource: Resource) -> bool:
    """Whether a policy's types and sources include the resource; `where` is decided when it is judged."""
    return (
        _any(match.types, resource.type)
        and _any(match.native_types, resource.native_type)
        and _any(match.sources, resource.origin.source)
    )


@lru_cache(maxsize=4096)
def _any(patterns: tuple[str, ...], word: str) -> bool:
    return not patterns or any(fnmatchcase(word, pattern) for pattern in patterns)
