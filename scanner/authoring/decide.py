"""Whether a condition can come out both ways, told by its text alone.

What it compares with constants is given a value of each kind that these comparisons can tell apart: the constants,
what lies between and beyond them, and something else. Every other test in it may come out either way,
whatever the others do. So more is tried than can ever be, and what comes out one way only certainly does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise, product
from math import prod
from typing import Any, TypeGuard

from msgspec.structs import replace

from scanner.cel.bound import bound
from scanner.cel.budget import BUDGET
from scanner.cel.inlined import rebuilt
from scanner.cel.interpreter import Evaluation
from scanner.cel.nodes import Call, Const, Ident, ListExpr, Node, children
from scanner.cel.program import static_path

_MOST = 4000
"""Combinations that are tried; a condition with more counts as open."""
_OPEN = frozenset({True, False})
_CONNECTIVES = frozenset({"_&&_", "_||_", "!_", "_?_:_"})
_EQUALITIES = frozenset({"_==_", "_!=_"})
_ORDERINGS = frozenset({"_<_", "_<=_", "_>_", "_>=_"})
_PLAIN = (type(None), bool, int, float, str)
_TYPE = ("resource", "type")


def outcomes(condition: Node, given: Sequence[Node], types: Sequence[str]) -> frozenset[bool]:
    """What a condition can come out as, for resources of these types, where all that is given is true.

    No types mean any. Empty where that is never so. Where it fails or is unknown it does not come out as anything.
    """
    terms = _Terms(types)
    asked, before = terms.abstract(condition), [terms.abstract(one) for one in given]
    found: set[bool] = set()
    for scope in terms.combinations():
        if scope is None:
            return _OPEN
        if all(_value(one, scope) is True for one in before):
            found |= {answer} if isinstance(answer := _value(asked, scope), bool) else set()
        if found == _OPEN:
            break
    return frozenset(found)


def with_params(condition: Node, params: Mapping[str, Any]) -> Node:
    """The condition with what only parameters decide written into it."""

    def fold(node: Node) -> Node:
        reads = list(_roots(node))
        if reads and set(reads) == {"params"}:
            value = _value(node, {}, {"params": params})
            if type(value) in _PLAIN:
                return Const(node.at, value)
        return rebuilt(node, fold)

    return fold(bound(condition, params))


def settled(condition: Node, types: Sequence[str]) -> Iterator[tuple[Node, bool]]:
    """The operands of `&&`, `||`, `!` and `?:` that come out one way only; of nested ones the outermost."""
    if isinstance(condition, Call) and condition.function in _CONNECTIVES:
        for operand in condition.args:
            found = _OPEN if isinstance(operand, Const) else outcomes(operand, (), types)
            if len(found) == 1:
                yield operand, True in found
            else:
                yield from settled(operand, types)


class _Terms:
    """What is left open in some conditions, by the names that stand for it there."""

    def __init__(self, types: Sequence[str]) -> None:
        self._types = types
        self._names: dict[Node, str] = {}
        self._constants: dict[str, list[Any]] = {}

    def abstract(self, node: Node) -> Node:
        """A condition with names in place of what is open."""
        match node:
            case Const():
                return node
            case Call(function=name, args=args) if name in _CONNECTIVES:
                return replace(node, args=tuple(map(self.abstract, args)))
            case Call(function=name, args=(left, right)) if name in _EQUALITIES | _ORDERINGS:
                return self._comparison(node, left, right)
            case Call(function="@in", args=(item, ListExpr(elements=elements, optional=optional))) if not optional:
                values = [element.value for element in elements if _is_plain(element)]
                if len(values) == len(elements):
                    return replace(node, args=(self._term(item, values or [""]), node.args[1]))
        return self._term(node, [True, False])

    def _comparison(self, node: Call, left: Node, right: Node) -> Node:
        if isinstance(left, Const) and isinstance(right, Const):
            return node
        if _same(left) == _same(right):
            term = self._term(left, [0, ""])
            return replace(node, args=(term, term))
        for constant, other in ((left, right), (right, left)):
            if _is_plain(constant) and (node.function in _EQUALITIES or _is_number(constant.value)):
                term = self._term(other, [constant.value])
                return replace(node, args=(constant, term) if constant is left else (term, constant))
        return self._term(node, [True, False])

    def _term(self, node: Node, constants: Sequence[Any]) -> Node:
        name = self._names.setdefault(_same(node), f"@{len(self._names)}")
        self._constants.setdefault(name, []).extend(constants)
        return Ident(node.at, name, local=True)

    def combinations(self) -> Iterator[dict[str, Any] | None]:
        """Every name with every value; None where these are too many."""
        domains = {name: self._domain(node, self._constants[name]) for node, name in self._names.items()}
        if prod(map(len, domains.values())) > _MOST:
            yield None
            return
        yield from (dict(zip(domains, values, strict=True)) for values in product(*domains.values()))

    def _domain(self, node: Node, constants: Sequence[Any]) -> list[Any]:
        if self._types and static_path(node) == _TYPE:
            return list(self._types)
        numbers = sorted({one for one in constants if _is_number(one)})
        if isinstance(node, Call) and node.function == "size":
            return sorted({0, *(int(one) + step for one in numbers for step in (-1, 0, 1) if one + step >= 0)})
        if all(isinstance(one, bool) for one in constants):
            return [True, False]
        return list(_telling_apart(constants, numbers))


def _telling_apart(constants: Sequence[Any], numbers: Sequence[Any]) -> Iterator[Any]:
    """A value of each kind that comparing with these constants tells apart."""
    yield from {repr(one): one for one in constants}.values()
    yield "".join(one for one in constants if isinstance(one, str)) + "?"  # no text among them
    if numbers:
        yield numbers[0] - 1
        yield numbers[-1] + 1
        yield from ((low + high) / 2 for low, high in pairwise(numbers))


def _value(node: Node, scope: Mapping[str, Any], roots: Mapping[str, Any] | None = None) -> Any:
    BUDGET.renew("")
    return Evaluation(roots or {}).value(node, scope)


def _same(node: Node) -> Node:
    """The node without its place in the text, so that two that are written alike are equal."""
    if isinstance(node, Const):
        return Const(0, (type(node.value).__name__, node.value))  # 1 and true are equal to Python
    return replace(rebuilt(node, _same), at=0)


def _roots(node: Node) -> Iterator[str]:
    """What a node reads, by the first word; a loop's variable is one as well."""
    if isinstance(node, Ident):
        yield "" if node.local else node.name.partition(".")[0]
    for child in children(node):
        yield from _roots(child)


def _is_plain(node: Node) -> TypeGuard[Const]:
    return isinstance(node, Const) and type(node.value) in _PLAIN


def _is_number(value: Any) -> bool:
    return type(value) in {int, float}
