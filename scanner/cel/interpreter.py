"""Exact evaluation: the tree is walked, failures and unknowns are values.

CEL's own rules (cel-spec, "Runtime Errors" and "Evaluation with unknowns"): a strict function of an unknown is
unknown, else of a failure a failure; `false && x` is false and `true || x` is true whatever x is, on either side.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from scanner.cel import strict
from scanner.cel.budget import BUDGET, TOO_MUCH
from scanner.cel.nodes import Bind, Call, Const, Has, Ident, ListExpr, Loop, MapExpr, Node, Select
from scanner.cel.values import MISSING, Doubt, Failure, Optional
from scanner.model import Unknown

Scope = Mapping[str, Any]
"""The variables of the enclosing loops."""


def evaluate(node: Node, roots: Mapping[str, Any]) -> Any:
    """The value of an expression, a `model.Unknown`, or a `Failure`. Never raises."""
    value = Evaluation(roots).value(node, {})
    if isinstance(value, Doubt):
        return Unknown(value.reason, value.path)
    return value if _is_small(value) else Failure(TOO_MUCH)


def _is_small(value: Any) -> bool:
    """Whether an answer can be written out. A list of lists of one list is small in memory only."""
    parts = value.values() if isinstance(value, Mapping) else value if isinstance(value, list | tuple) else ()
    BUDGET.left -= len(parts)
    return BUDGET.left >= 0 and all(map(_is_small, parts))


class Evaluation:
    """One evaluation over one set of roots."""

    __slots__ = ("roots",)

    def __init__(self, roots: Mapping[str, Any]) -> None:
        self.roots = roots

    def value(self, node: Node, scope: Scope) -> Any:
        """The value of a node; unknowns and failures are values too."""
        BUDGET.left -= 1
        if BUDGET.left < 0:
            return Failure(TOO_MUCH)
        return _EVALUATE[type(node)](self, node, scope)


def _const(_: Evaluation, node: Const, __: Scope) -> Any:
    return node.value


def _ident(run: Evaluation, node: Ident, scope: Scope) -> Any:
    return scope[node.name] if node.local else strict.resolve(run.roots, node.name)


def _select(run: Evaluation, node: Select, scope: Scope) -> Any:
    found = strict.select(run.value(node.operand, scope), node.field)
    return Failure(f"no such key: {node.field}") if found is MISSING else found


def _has(run: Evaluation, node: Has, scope: Scope) -> Any:
    return strict.has(run.value(node.operand, scope), node.field)


def _list(run: Evaluation, node: ListExpr, scope: Scope) -> Any:
    return strict.elements([run.value(element, scope) for element in node.elements], node.optional)


def _map(run: Evaluation, node: MapExpr, scope: Scope) -> Any:
    keys = [run.value(entry.key, scope) for entry in node.entries]
    values = [run.value(entry.value, scope) for entry in node.entries]
    return strict.mapping(keys, values, [entry.optional for entry in node.entries])


def _bind(run: Evaluation, node: Bind, scope: Scope) -> Any:
    return run.value(node.body, {**scope, node.variable: run.value(node.value, scope)})


def _call(run: Evaluation, node: Call, scope: Scope) -> Any:
    special = _SPECIAL.get(node.function)
    if special:
        return special(run, node, scope)
    return strict.apply(node.function, [run.value(argument, scope) for argument in node.args])


def _logic(run: Evaluation, node: Call, scope: Scope) -> Any:
    decisive = node.function == "_||_"
    return _decided((run.value(argument, scope) for argument in node.args), node.function, decisive=decisive)


def _conditional(run: Evaluation, node: Call, scope: Scope) -> Any:
    test, then, otherwise = node.args
    answer = run.value(test, scope)
    if isinstance(answer, bool):
        return run.value(then if answer else otherwise, scope)
    return strict.undecided([answer], node.function)


def _optional_select(run: Evaluation, node: Call, scope: Scope) -> Any:
    return strict.apply("_[?_]", [run.value(argument, scope) for argument in node.args])


def _or(run: Evaluation, node: Call, scope: Scope) -> Any:
    """`or` and `orValue` look at their argument only where they need it."""
    optional = run.value(node.args[0], scope)
    if not isinstance(optional, Optional):
        return strict.undecided([optional], node.function)
    if not optional.present:
        return run.value(node.args[1], scope)
    return optional if node.function == "or" else optional.value


def _loop(run: Evaluation, node: Loop, scope: Scope) -> Any:
    items = strict.items(run.value(node.over, scope), in_pairs=bool(node.second))
    if not isinstance(items, list):
        return items
    return _LOOPS[node.kind](run, node, scope, items)


def _each(run: Evaluation, node: Loop, scope: Scope, items: list[Any]) -> Iterator[tuple[Any, Scope]]:
    """The value of the test on every item (true where there is no test), and the scope it was computed in."""
    for item in items:
        inside = {**scope, **node.bind(item)}
        if BUDGET.left < 0:
            yield Failure(TOO_MUCH), inside
            return
        yield run.value(node.test, inside) if node.test else True, inside


def _quantify(run: Evaluation, node: Loop, scope: Scope, items: list[Any]) -> Any:
    answers = (answer for answer, _ in _each(run, node, scope, items))
    return _decided(answers, node.kind, decisive=node.kind == "exists")


def _decided(answers: Iterator[Any], name: str, *, decisive: bool) -> Any:
    """One decisive answer decides; else anything that is no bool leaves it open."""
    left_open = []
    for answer in answers:
        if answer is decisive:
            return decisive
        if not isinstance(answer, bool):
            left_open.append(answer)
    return strict.undecided(left_open, name) if left_open else not decisive


def _exists_one(run: Evaluation, node: Loop, scope: Scope, items: list[Any]) -> Any:
    answers = [answer for answer, _ in _each(run, node, scope, items)]
    left_open = [answer for answer in answers if not isinstance(answer, bool)]
    return strict.undecided(left_open, node.kind) if left_open else answers.count(True) == 1


def _transform(run: Evaluation, node: Loop, scope: Scope, items: list[Any]) -> Any:
    results, left_open = [], []
    for answer, inside in _each(run, node, scope, items):
        if not isinstance(answer, bool):
            left_open.append(answer)
        elif answer and node.result:
            results.append(run.value(node.result, inside))
    if left_open:
        return strict.undecided(left_open, node.kind)
    return strict.merged(results) if node.kind == "to_map" else strict.elements(results, frozenset())


_EVALUATE: Mapping[type[Any], Callable[..., Any]] = {
    Const: _const,
    Ident: _ident,
    Select: _select,
    Has: _has,
    Call: _call,
    ListExpr: _list,
    MapExpr: _map,
    Loop: _loop,
    Bind: _bind,
}
_SPECIAL: Mapping[str, Callable[..., Any]] = {
    "_&&_": _logic,
    "_||_": _logic,
    "_?_:_": _conditional,
    "_?._": _optional_select,
    "or": _or,
    "orValue": _or,
}
_LOOPS: Mapping[str, Callable[..., Any]] = {
    "all": _quantify,
    "exists": _quantify,
    "exists_one": _exists_one,
    "map": _transform,
    "to_map": _transform,
}
