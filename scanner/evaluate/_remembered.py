"""Expressions that are asked once where what they read is the same: most findings of a scan are of few kinds."""

from __future__ import annotations

import marshal
from collections.abc import Callable, Mapping
from functools import cached_property, partial
from hashlib import sha256
from typing import Any, TypeVar

from msgspec.structs import replace

from scanner.model import Aggregate, Explanation, Path, Policy, Program, Validation
from scanner.programs import Relay

T = TypeVar("T")
_TRIED = 64
"""After so many different answers to so few equal questions, remembering costs more than it saves."""
_LONGEST = 200
"""Bytes of a key that are kept as they are."""
_PLAIN = 2
"""The format of `marshal` in which equal values are equal bytes, whoever else holds on to them."""


class Remembered(Relay):
    """A `Program` of one policy that remembers its answers by the values it read."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._known: dict[tuple[str, bytes], Any] = {}
        self._spared = 0

    def evaluate(self, roots: Mapping[str, Any]) -> Any:
        """See `Program`."""
        return self._once("evaluate", roots, partial(self._program.evaluate, roots))

    def explain(self, roots: Mapping[str, Any]) -> Explanation:
        """See `Program`."""
        return self._once("explain", roots, partial(self._program.explain, roots))

    def _once(self, question: str, roots: Mapping[str, Any], ask: Callable[[], T]) -> T:
        values = self._values(roots)
        if values is None:
            return ask()
        key = (question, values)
        if key in self._known:
            self._spared += 1
        else:
            self._known[key] = ask()
        found: T = self._known[key]
        return found

    def _values(self, roots: Mapping[str, Any]) -> bytes | None:
        """All that the answer hangs on, as bytes; None where it cannot be told, or is too seldom the same."""
        if self._paths is None or len(self._known) > _TRIED + self._spared:
            return None
        try:
            key = marshal.dumps([_at(roots, path) for path in self._paths], _PLAIN)
        except ValueError:  # an unknown value among them, or a mapping of our own
            return None
        return key if len(key) <= _LONGEST else sha256(key).digest()

    @cached_property
    def _paths(self) -> tuple[Path, ...] | None:
        """Without the parameters, which are the same for all that a policy is asked."""
        inputs = self._program.inputs
        return None if inputs is None else tuple(path for path in inputs if path[0] != "params")


def remembered(policy: Policy) -> Policy:
    """The same policy, with expressions that remember."""
    match, when = policy.match, policy.when
    return replace(
        policy,
        match=replace(match, where=_asked(match.where)) if match.where else match,
        when=_asked(when) if when else None,
        validations=tuple(map(_validation, policy.validations)),
        aggregate=_aggregate(policy.aggregate) if policy.aggregate else None,
    )


def _aggregate(one: Aggregate) -> Aggregate:
    group_by = {name: _asked(program) for name, program in one.group_by.items()}
    return replace(one, group_by=group_by, measure=_asked(one.measure) if one.measure else None)


def _validation(one: Validation) -> Validation:
    parts = (part if isinstance(part, str) else _asked(part) for part in one.message_parts)
    return replace(one, program=_asked(one.program), message_parts=tuple(parts))


def _asked(program: Program) -> Remembered:
    return program if isinstance(program, Remembered) else Remembered(program)


def _at(roots: Any, path: Path) -> tuple[Any, ...]:
    """What is found at the end of a path, or where it ends before."""
    value = roots
    for depth, step in enumerate(path):
        if type(value) is not dict:
            return depth, value
        if step not in value:
            return (depth,)
        value = value[step]
    return len(path), value
