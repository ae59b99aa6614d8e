"""Exact evaluation: the tree is walked, failures and unknowns are values.

CEL's own rules (cel-spec, "Runtime Errors" and "Evaluation with unknowns"): a strict function of an unknown is
unknown, else of a failure a failure; `false && x` is false and `true || x` is true whatever x is, on either side.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from scanner.cel import operators
from scanner.cel.library import LIBRARY
from scanner.cel.nodes import Bind, Call, Const, Has, Ident, ListExpr, Loop, MapExpr, Node, Select
from scanner.cel.values import MISSING, BoolMap, Doubt, Failure, Fault, Optional, kind, lookup
from scanner.model import UnknownRead
from scanner.model import Unknown as UnknownValue

_BUDGET = 1_000_000
"""Steps of loops that one evaluation may take; some ten times what the largest sane policy needs."""

Scope = Mapping[str, Any]
"""The variables of the enclosing loops."""


def evaluate(node: Node, roots: Mapping[str, Any]) -> Any:
    """The value of an expression, a `model.Unknown`, or a `Failure`. Never raises."""
    value = Interpreter(roots).value(node, {})
    return UnknownValue(value.reason, value.path) if isinstance(value, Doubt) else value


class Interpreter:
    """One evaluation over one set of roots."""

    def __init__(self, roots: Mapping[str, Any]) -> None:
        self._roots = roots
        self._steps = 0

    def value(self, node: Node, scope: Scope) -> Any:
        """The value of a node; unknowns and failures are values too."""
        return _EVALUATE[type(node)](self, node, scope)

    def const(self, node: Const, _: Scope) -> Any:
        return node.value

    def ident(self, node: Ident, scope: Scope) -> Any:
        return scope[node.name] if node.local else resolve(self._roots, node.name)

    def select(self, node: Select, scope: Scope) -> Any:
        return select(self.value(node.operand, scope), node.field)

    def has(self, node: Has, scope: Scope) -> Any:
        operand = self.value(node.operand, scope)
        if isinstance(operand, Optional):
            operand = operand.value if operand.present else {}
        found = select(operand, node.field, missing=MISSING)
        if found is MISSING:
            return False
        return found if isinstance(operand, UnknownValue) or isinstance(found, Failure) else True

    def list(self, node: ListExpr, scope: Scope) -> Any:
        elements: list[Any] = []
        values = [self.value(element, scope) for element in node.elements]
        stopped = _stopped(values, Doubt)
        if stopped is not None:
            return stopped
        for number, value in enumerate(values):
            if number not in node.optional:
                elements.append(value)
            elif not isinstance(value, Optional):
                return Failure("an element with a question mark must be optional")
            elif value.present:
                elements.append(value.value)
        return elements

    def map(self, node: MapExpr, scope: Scope) -> Any:
        keys = [self.value(entry.key, scope) for entry in node.entries]
        values = [self.value(entry.value, scope) for entry in node.entries]
        stopped = _stopped([*keys, *(value for value in values if isinstance(value, Doubt | Failure))], UnknownValue)
        if stopped is not None:
            return Doubt.of(stopped) if isinstance(stopped, UnknownValue) else stopped
        try:
            return _mapping(zip(keys, values, (entry.optional for entry in node.entries), strict=True))
        except Fault as fault:
            return Failure(str(fault))

    def bind(self, node: Bind, scope: Scope) -> Any:
        return self.value(node.body, {**scope, node.variable: self.value(node.value, scope)})

    def call(self, node: Call, scope: Scope) -> Any:
        special = _SPECIAL.get(node.function)
        if special:
            return special(self, node, scope)
        return apply(node.function, [self.value(argument, scope) for argument in node.args])

    def loop(self, node: Loop, scope: Scope) -> Any:
        over = self.value(node.over, scope)
        if isinstance(over, UnknownValue):
            return Doubt.of(over)
        if isinstance(over, Failure):
            return over
        try:
            items = list(over) if kind(over) in {"list", "map"} else None
        except Fault as fault:
            return Failure(str(fault))
        if items is None:
            return Failure(f"cannot loop over a {kind(over)}")
        return _LOOPS[node.kind](self, node, scope, items)

    def _each(self, node: Loop, scope: Scope, items: list[Any]) -> Iterator[tuple[Any, Any, Scope]]:
        """Every item with the value of the test on it (true where there is no test)."""
        for item in items:
            self._steps += 1
            inside = {**scope, node.variable: item}
            if self._steps > _BUDGET:
                yield item, Failure(f"the evaluation takes more than {_BUDGET:,} steps"), inside
                return
            yield item, self.value(node.test, inside) if node.test else True, inside

    def _quantify(self, node: Loop, scope: Scope, items: list[Any]) -> Any:
        """`all` is decided by one false, `exists` by one true."""
        decisive = node.kind == "exists"
        open_answers = []
        for _, answer, _ in self._each(node, scope, items):
            if answer is decisive:
                return decisive
            if not isinstance(answer, bool):
                open_answers.append(answer)
        return _undecided(open_answers, "all" if node.kind == "all" else "exists") if open_answers else not decisive

    def _exists_one(self, node: Loop, scope: Scope, items: list[Any]) -> Any:
        answers = [answer for _, answer, _ in self._each(node, scope, items)]
        open_answers = [answer for answer in answers if not isinstance(answer, bool)]
        return _undecided(open_answers, "exists_one") if open_answers else answers.count(True) == 1

    def _map(self, node: Loop, scope: Scope, items: list[Any]) -> Any:
        results, open_answers = [], []
        for _, answer, inside in self._each(node, scope, items):
            if not isinstance(answer, bool):
                open_answers.append(answer)
            elif answer and node.result:
                results.append(self.value(node.result, inside))
        if open_answers:
            return _undecided(open_answers, "filter")
        stopped = _stopped(results, Doubt)
        return results if stopped is None else stopped

    def _logic(self, node: Call, scope: Scope) -> Any:
        decisive = node.function == "_||_"
        open_answers = []
        for argument in node.args:
            answer = self.value(argument, scope)
            if answer is decisive:
                return decisive
            if not isinstance(answer, bool):
                open_answers.append(answer)
        return _undecided(open_answers, node.function) if open_answers else not decisive

    def _conditional(self, node: Call, scope: Scope) -> Any:
        test, then, otherwise = node.args
        answer = self.value(test, scope)
        if isinstance(answer, bool):
            return self.value(then if answer else otherwise, scope)
        return _undecided([answer], node.function)

    def _optional_select(self, node: Call, scope: Scope) -> Any:
        return apply("_[?_]", [self.value(argument, scope) for argument in node.args])

    def _or_value(self, node: Call, scope: Scope) -> Any:
        """`or` and `orValue` look at their argument only where they need it."""
        optional = self.value(node.args[0], scope)
        if isinstance(optional, Optional):
            if not optional.present:
                return self.value(node.args[1], scope)
            return optional if node.function == "or" else optional.value
        return _undecided([optional], node.function)


def resolve(roots: Mapping[str, Any], name: str) -> Any:
    """The value of a declared variable; unknown where the roots do not hold it."""
    value: Any = roots
    for step in name.split("."):
        if isinstance(value, UnknownValue):
            return value
        value = lookup(value, step) if isinstance(value, Mapping) else MISSING
        if value is MISSING:
            return UnknownValue(f"{name} is not provided by this source", name)
    return value


def select(operand: Any, field: str, missing: Any = None) -> Any:
    """`operand.field`; `missing`, where given, instead of a failure for a key that is not there."""
    if isinstance(operand, UnknownValue):
        return Doubt.of(operand)
    if isinstance(operand, Failure):
        return operand
    if isinstance(operand, Optional):
        return apply("_[?_]", [operand, field])
    if isinstance(operand, Mapping):
        found = operand.get(field, MISSING)
        if found is MISSING:
            return missing or Failure(f"no such key: {field}")
        return found
    try:
        return Failure(f"no such key: {field} (of a {kind(operand)})")
    except Fault as fault:
        return Failure(str(fault))


def apply(function: str, values: list[Any]) -> Any:
    """Call a strict function."""
    stopped = _stopped(values, UnknownValue)
    if stopped is not None:
        return Doubt.of(stopped) if isinstance(stopped, UnknownValue) else stopped
    compute = LIBRARY.get(function)
    if compute is None:
        return Failure(f"there is no function '{function}'")
    try:
        return compute(*values)
    except Fault as fault:
        return Failure(str(fault))
    except UnknownRead as read:
        return Doubt.of(read.unknown)


def _stopped(values: list[Any], unknown: type[UnknownValue]) -> Any:
    """The first unknown (of this class), else the first failure, else None."""
    failure = None
    for value in values:
        if isinstance(value, unknown):
            return value
        if failure is None and isinstance(value, Failure):
            failure = value
    return failure


def _undecided(answers: list[Any], name: str) -> Any:
    """What neither true nor false answers leave open: unknown before failure; other types fail."""
    stopped = _stopped(answers, UnknownValue)
    if isinstance(stopped, UnknownValue):
        return Doubt.of(stopped)
    return stopped or Failure(str(operators.mismatch(name, *answers)))


def _mapping(entries: Any) -> Mapping[Any, Any]:
    result = BoolMap()
    for key, value, optional in entries:
        if kind(key) not in {"bool", "int", "uint", "string"}:
            raise Fault(f"a {kind(key)} cannot be a key of a map")
        if optional and not isinstance(value, Optional):
            raise Fault("an entry with a question mark must be optional")
        if key in result:
            raise Fault(f"duplicate key: {key}")
        if not optional:
            result.add(key, value)
        elif value.present:
            result.add(key, value.value)
    return result if any(isinstance(key, bool) for key in result) else dict(result)


_EVALUATE: Mapping[type[Any], Callable[..., Any]] = {
    Const: Interpreter.const,
    Ident: Interpreter.ident,
    Select: Interpreter.select,
    Has: Interpreter.has,
    Call: Interpreter.call,
    ListExpr: Interpreter.list,
    MapExpr: Interpreter.map,
    Loop: Interpreter.loop,
    Bind: Interpreter.bind,
}
_SPECIAL: Mapping[str, Callable[..., Any]] = {
    "_&&_": Interpreter._logic,
    "_||_": Interpreter._logic,
    "_?_:_": Interpreter._conditional,
    "_?._": Interpreter._optional_select,
    "or": Interpreter._or_value,
    "orValue": Interpreter._or_value,
}
_LOOPS: Mapping[str, Callable[..., Any]] = {
    "all": Interpreter._quantify,
    "exists": Interpreter._quantify,
    "exists_one": Interpreter._exists_one,
    "map": Interpreter._map,
}
