"""Which instances of a block a reference means.

A plan says what an expression refers to, but not how: of `aws_x.y[each.key].id` it tells `aws_x.y` and `each.key`.
That the instance of the same key is meant is believed only where nothing else can be. The source says it itself:
`aws_x.y[each.key]`, or `aws_x.y[*]` for any of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from msgspec import Struct

from scanner.normalize._terraform.scope import Index, Scope, constant, parts

_OWN_KEYS = frozenset({"each.key", "count.index"})
_OWN_VALUE = "[each.value]"
"""The key of another block, unless what its block is repeated over is a set."""
ANY = "[*]"
"""An index that is not known."""


class _Wanted(Struct, frozen=True):
    """Which instance of a block is meant; `sure` if the source says so, rather than a key that is the same."""

    index: Index
    sure: bool


class Chosen(Struct, frozen=True):
    """The instances that are meant, and what the reference asks of them."""

    indexes: list[Index]
    rest: tuple[str, ...]
    guessed: bool = False
    """The index is computed, so it may be any of these."""


class Reference(Struct, frozen=True):
    """One reference of an expression. Of its parts the first `own` are written, the rest is what is asked for."""

    written: Mapping[str, Any]
    parts: tuple[str, ...]
    own: int

    def _wanted(self, at: int, scope: Scope) -> _Wanted | None:
        """Which instance is meant, of a block that ends before part `at`; None if nothing tells."""
        step = self.parts[at] if at < len(self.parts) and self.parts[at].startswith("[") else ""
        if step == ANY or (step == _OWN_VALUE and not _is_over_set(scope)):
            return None
        if step == _OWN_VALUE:
            return _Wanted(scope.index, sure=True)
        if step and at < self.own:
            if step.strip("[]") in _OWN_KEYS:
                return None if scope.index is None else _Wanted(scope.index, sure=True)
            return _Wanted(constant(step), sure=True)
        if step:
            return _Wanted(constant(step), sure=bool(self.written.get("same_keys")))
        if not _OWN_KEYS.isdisjoint(references(self.written)):
            return _Wanted(scope.index, sure=False)
        return None

    def instances(self, at: int, scope: Scope, keys: frozenset[Index]) -> Chosen:
        """Which of the instances with these keys are meant, of a block that ends before part `at`."""
        has_index = at < len(self.parts) and self.parts[at].startswith("[")
        rest = self.parts[at + 1 if has_index else at :]
        if keys == {None}:
            return Chosen([None], rest)
        wanted = self._wanted(at, scope) if keys else None
        if wanted is None or (wanted.index not in keys and not wanted.sure):
            return Chosen(sorted(keys, key=str), rest)
        if not (wanted.sure or _is_plain(wanted.index, keys, scope)):
            return Chosen(sorted(keys, key=str), rest, guessed=True)
        return Chosen([wanted.index] if wanted.index in keys else [], rest)


def heads(references: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Each reference once, in parts: a plan writes `a.b.c` as `a.b.c`, `a.b`, so what is shorter follows it."""
    last = ""
    for reference in references:
        if not (last.startswith(reference) and last[len(reference) : len(reference) + 1] in {".", "["}):
            yield parts(reference)
        last = reference


def _is_over_set(scope: Scope) -> bool:
    over = scope.repeated.get("for_each")
    return isinstance(over, Mapping) and over.get("is_set") is True and scope.index is not None


def _is_plain(index: Index, keys: frozenset[Index], scope: Scope) -> bool:
    """Whether an index that is made from a key is the key itself, as far as a plan can tell.

    A text is, unless another key may have been made from it, such as `raw-logs` from `raw`. A number may have been
    calculated with. Where both blocks have as many instances and all of them are alike, it does not matter.
    """
    if isinstance(index, str):
        return _are_same(scope.keys, keys) or _text(keys).count(index.lower()) == 1
    return len(keys) == 1 or (scope.alike and _are_same(scope.keys, keys))


@lru_cache(maxsize=1024)
def _are_same(one: frozenset[Index], other: frozenset[Index]) -> bool:
    """Asked for each instance of the same two blocks, of which there may be thousands."""
    return one == other


@lru_cache(maxsize=1024)
def _text(keys: frozenset[Index]) -> str:
    """All keys in lower case, to look for one inside of the others."""
    return "\n".join(str(key).lower() for key in keys)


def references(written: Mapping[str, Any]) -> Iterator[str]:
    """What an expression refers to, as the plan or the source lists it."""
    found = written.get("references")
    return (one for one in found if isinstance(one, str)) if isinstance(found, list) else iter(())
