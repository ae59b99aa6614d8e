"""Why an expression came out as it did: the smallest parts that decided it, and the values read there.

`a && b` that is false is to blame on the operands that are false, `xs.all(x, p)` on the elements for which `p` is
false, and so on down to a comparison; that comparison's reads are the explanation.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import islice
from typing import Any

from msgspec import Struct

from scanner.cel.interpreter import Evaluation, evaluate
from scanner.cel.nodes import Bind, Call, Const, Has, Ident, Loop, Node, Select, children
from scanner.cel.span import span
from scanner.cel.values import Doubt, Failure, Optional, kind_name
from scanner.model import Path, Unknown

_MOST = 10
"""Reads that one explanation shows; a list of a thousand bad elements is explained by its first."""
_SIMPLE = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"


class Read(Struct, frozen=True):
    """One value that an expression read."""

    path: str
    """As an author writes it: `resource.native.spec.containers[0].image`."""
    steps: Path
    """The same, step by step, root included."""
    value: Any
    """What was read; `Unknown` where it is not known, `Failure` where it is not there."""
    text: str
    part: Node

    @property
    def expression(self) -> str:
        """The smallest part of the expression that broke, as its author wrote it."""
        return span(self.text, self.part)


class Explanation(Struct, frozen=True):
    """The answer, and the values that decided it, the most telling first."""

    value: Any
    reads: tuple[Read, ...]


class Whereabouts(Struct, frozen=True):
    """Loop variables: their values, and where these came from (no steps for a computed value)."""

    values: Mapping[str, Any]
    steps: Mapping[str, Path]

    def bind(self, name: str, value: Any, steps: Path | None) -> Whereabouts:
        """The scope inside a loop or a binding; `steps` None for a computed value."""
        known = {key: path for key, path in self.steps.items() if key != name}
        return Whereabouts({**self.values, name: value}, known if steps is None else {**known, name: steps})


def explain(text: str, tree: Node, roots: Mapping[str, Any]) -> Explanation:
    """Explain the value of a whole expression."""
    value = evaluate(tree, roots)
    found = Search(text, roots).blame(tree, Whereabouts({}, {}), _outcome(value))
    return Explanation(value, tuple(islice(_once(found), _MOST)))


def _once(reads: Iterable[Read]) -> Iterator[Read]:
    """Each place at its first mention."""
    seen: set[Path] = set()
    for read in reads:
        if read.steps not in seen:
            seen.add(read.steps)
            yield read


class Search:
    """Looks into one evaluation of one expression."""

    def __init__(self, text: str, roots: Mapping[str, Any]) -> None:
        self._text = text
        self._evaluation = Evaluation(roots)

    def blame(self, node: Node, scope: Whereabouts, outcome: str) -> Iterator[Read]:
        """The reads that made this node what it is; `outcome` says what that is."""
        match node:
            case Call(function="_&&_" | "_||_", args=args):
                yield from self._blame_operands(args, scope, outcome)
            case Call(function="!_", args=(argument,)):
                yield from self.blame(argument, scope, _OPPOSITE.get(outcome, outcome))
            case Call(function="_?_:_", args=(test, then, otherwise)):
                answer = self.value(test, scope)
                if isinstance(answer, bool):
                    yield from self.blame(then if answer else otherwise, scope, outcome)
                yield from self.blame(test, scope, _outcome(answer))
            case Loop(kind="all" | "exists"):
                yield from self._blame_elements(node, scope, outcome)
            case Bind(variable=variable, value=value, body=body):
                inside = scope.bind(variable, self.value(value, scope), self.place(value, scope))
                yield from self.blame(body, inside, outcome)
                yield from self._reads(value, scope, value)
            case _:
                yield from self._reads(node, scope, node)

    def _blame_operands(self, args: tuple[Node, ...], scope: Whereabouts, outcome: str) -> Iterator[Read]:
        """Those operands that came out like the whole."""
        for argument in sorted(args, key=_is_presence_test):
            if _outcome(self.value(argument, scope)) == outcome:
                yield from self.blame(argument, scope, outcome)

    def _blame_elements(self, node: Loop, scope: Whereabouts, outcome: str) -> Iterator[Read]:
        """Those elements whose test came out like the whole; the list itself where there are none."""
        anything = False
        for inside in self.rounds(node, scope):
            if node.test and _outcome(self.value(node.test, inside)) == outcome:
                found = tuple(islice(self.blame(node.test, inside, outcome), _MOST))
                for read in found or self._reads(Ident(node.at, node.second, local=True), inside, node.test):
                    anything = True
                    yield read
        if not anything:
            yield from self._reads(node.over, scope, node)

    def rounds(self, node: Loop, scope: Whereabouts) -> Iterator[Whereabouts]:
        """The scope of every round of a loop. Of a pair, the value has the place: a key has none of its own."""
        whole = self.value(node.over, scope) if node.second else None
        for number, (item, steps) in enumerate(self.elements(node.over, scope)):
            if not node.second:
                yield scope.bind(node.variable, item, steps)
            elif isinstance(whole, Mapping):
                yield scope.bind(node.variable, item, None).bind(node.second, whole[item], steps)
            else:
                yield scope.bind(node.variable, number, None).bind(node.second, item, steps)

    def elements(self, over: Node, scope: Whereabouts) -> Iterator[tuple[Any, Path | None]]:
        """The elements that a loop goes over, each with its place; a filtered list's elements keep theirs."""
        match over:
            case Loop(kind="map", over=inner, variable=variable, test=test, result=Ident(name=name), second="") if (
                name == variable
            ):
                for item, steps in self.elements(inner, scope):
                    if not test or self.value(test, scope.bind(variable, item, steps)) is True:
                        yield item, steps
                return
        values, steps = self.value(over, scope), self.place(over, scope)
        if isinstance(values, Mapping):
            yield from ((key, None if steps is None else (*steps, key)) for key in values)
        elif isinstance(values, list | tuple):
            yield from ((item, None if steps is None else (*steps, at)) for at, item in enumerate(values))

    def _reads(self, node: Node, scope: Whereabouts, part: Node) -> Iterator[Read]:
        """Every path read somewhere in a part that is not taken apart further."""
        steps = self.place(node, scope)
        if steps is not None:
            yield self._read(steps, self.value(_as_select(node), scope), part)
            return
        if isinstance(node, Loop):
            yield from self._loop_reads(node, scope, part)
            return
        if isinstance(node, Bind):
            inside = scope.bind(node.variable, self.value(node.value, scope), self.place(node.value, scope))
            yield from self._reads(node.body, inside, part)
            yield from self._reads(node.value, scope, part)
            return
        for child in children(node):
            yield from self._reads(child, scope, part)

    def _loop_reads(self, node: Loop, scope: Whereabouts, whole: Node) -> Iterator[Read]:
        """The elements that passed the test, or all of them; the list itself where there are none."""
        found = False
        for inside in self.rounds(node, scope):
            if node.test and self.value(node.test, inside) is False:
                continue
            parts = [part for part in (node.test, node.result) if part]
            for part in parts:
                for read in self._reads(part, inside, whole):
                    found = True
                    yield read
        if not found:
            yield from self._reads(node.over, scope, whole)

    def place(self, node: Node, scope: Whereabouts) -> Path | None:
        """The place a node reads; None where it computes something."""
        match node:
            case Ident(name=name, local=True):
                return scope.steps.get(name)
            case Ident(name=name):
                return tuple(name.split("."))
            case Select(operand=operand, field=field) | Has(operand=operand, field=field):
                steps = self.place(operand, scope)
                return None if steps is None else (*steps, field)
            case Call(function="_[_]" | "_?._" | "_[?_]", args=(operand, key)):
                steps, at = self.place(operand, scope), self.value(key, scope)
                return None if steps is None or not isinstance(at, str | int) else (*steps, at)
            case Call(function="orValue" | "value" | "hasValue" | "dyn", args=(operand, *_)):
                return self.place(operand, scope)
        return None

    def value(self, node: Node, scope: Whereabouts) -> Any:
        """What a node came out as."""
        return self._evaluation.value(node, scope.values)

    def _read(self, steps: Path, value: Any, part: Node) -> Read:
        if isinstance(value, Optional):
            value = value.value if value.present else Failure("not there")
        value = Unknown(value.reason, value.path) if isinstance(value, Doubt) else value
        return Read(written(steps), steps, value, self._text, part)


def _as_select(node: Node) -> Node:
    """What a presence test looks at, to show its value."""
    match node:
        case (
            Has(at=at, operand=operand, field=field)
            | Call(at=at, function="_?._" | "_[?_]", args=(operand, Const(value=str(field))))
        ):
            return Select(at, _as_select(operand), field)
        case Call(function="orValue" | "value" | "hasValue" | "dyn", args=(operand, *_)):
            return _as_select(operand)
    return node


def _is_presence_test(node: Node) -> bool:
    """`has(x)` and `!has(x)` only guard the operand beside them, which tells more."""
    match node:
        case Has() | Call(function="!_", args=(Has(),)):
            return True
    return False


_OPPOSITE = {"True": "False", "False": "True"}


def _outcome(value: Any) -> str:
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, Unknown):
        return "unknown"
    return "failure" if isinstance(value, Failure) else kind_name(value)


def written(steps: Path) -> str:
    """A path as an author writes it: dots where they can be, brackets elsewhere."""
    first, *rest = steps
    return str(first) + "".join(_step(step) if isinstance(step, str) else f"[{step}]" for step in rest)


@lru_cache(maxsize=4096)
def _step(name: str) -> str:
    if name and not name[0].isdigit() and not set(name) - set(_SIMPLE):
        return f".{name}"
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'["{quoted}"]'
