"""An evaluation step by step: every part of an expression with the value it had, for somebody who asks why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from msgspec import Struct

from scanner.cel.budget import BUDGET
from scanner.cel.explain import Search, Whereabouts, written
from scanner.cel.nodes import Bind, Call, Const, Has, Loop, Node, children
from scanner.cel.program import Program
from scanner.cel.span import span
from scanner.cel.values import Doubt
from scanner.model import Path, Unknown

_ELEMENTS = 3
"""Of a list that a loop goes over, how many are shown."""


class Step(Struct, frozen=True):
    """One part of an expression, and what it came out as."""

    depth: int
    """0 for the whole expression, 1 for its parts ..."""
    text: str
    value: Any
    """A plain value, `model.Unknown` or a `Failure`; `...` where the text says what was left out."""
    place: Path | None
    """What it reads, step by step, root included; None where it computes something."""


def steps(program: Program, roots: Mapping[str, Any]) -> tuple[Step, ...]:
    """The whole expression first, then its parts, from left to right and from outside in."""
    BUDGET.renew(program.text)
    return tuple(_Walk(program.text, roots).steps(program.tree, Whereabouts({}, {}), 0))


class _Walk:
    def __init__(self, text: str, roots: Mapping[str, Any]) -> None:
        self._text = text
        self._search = Search(text, roots)

    def steps(self, node: Node, scope: Whereabouts, depth: int) -> Iterator[Step]:
        """A node, then what is inside it. Literals speak for themselves."""
        if isinstance(node, Const) and depth:
            return
        place = self._search.place(node, scope)
        text = written(place) if place and not _asks(node) else span(self._text, node)
        yield Step(depth, text if depth else " ".join(self._text.split()), self._value(node, scope), place)
        if place is None:
            yield from self._inside(node, scope, depth + 1)

    def _inside(self, node: Node, scope: Whereabouts, depth: int) -> Iterator[Step]:
        match node:
            case Call(function="_&&_" | "_||_" as function):
                for part in _flat(node, function):
                    yield from self.steps(part, scope, depth)
            case Call(function="_?_:_", args=(test, then, otherwise)):
                yield from self.steps(test, scope, depth)
                answer = self._value(test, scope)
                if isinstance(answer, bool):
                    yield from self.steps(then if answer else otherwise, scope, depth)
            case Loop():
                yield from self._loop(node, scope, depth)
            case Bind(variable=variable, value=value, body=body):
                yield from self.steps(value, scope, depth)
                bound = scope.bind(variable, self._value(value, scope), self._search.place(value, scope))
                yield from self.steps(body, bound, depth)
            case _:
                for child in children(node):
                    yield from self.steps(child, scope, depth)

    def _loop(self, node: Loop, scope: Whereabouts, depth: int) -> Iterator[Step]:
        """What the loop goes over, then its test or result for the first elements."""
        yield from self.steps(node.over, scope, depth)
        rounds = self._search.rounds(node, scope)
        for inside in islice(rounds, _ELEMENTS):
            for part in (node.test, node.result):
                if part:
                    yield from self.steps(part, inside, depth + 1)
        more = sum(1 for _ in rounds)
        if more:
            yield Step(depth + 1, f"and {more} more", ..., None)

    def _value(self, node: Node, scope: Whereabouts) -> Any:
        value = self._search.value(node, scope)
        return Unknown(value.reason, value.path) if isinstance(value, Doubt) else value


def _asks(node: Node) -> bool:
    """Whether a node says something about what it reads (`has(x)`, `x.orValue(1)`) rather than what was read."""
    return isinstance(node, Has) or (isinstance(node, Call) and node.function not in {"_[_]", "_?._", "_[?_]"})


def _flat(node: Node, function: str) -> Iterator[Node]:
    """The operands of a chain of one operator."""
    if isinstance(node, Call) and node.function == function:
        for argument in node.args:
            yield from _flat(argument, function)
    else:
        yield node
