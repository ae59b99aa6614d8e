"""A fast form as statements, so that its loops are loops of the function it stands in.

A generator costs more to make and to ask than a short list costs to go through. The order in which things are read, and
what is left unread, stays as it is. A loop that gives a list stays an expression.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import count
from typing import TypeVar

from scanner.cel.budget import FREE_LIST

T = TypeVar("T", bound=ast.AST)

_LEAVES = frozenset({"ctx", "op", "ops", "id", "attr", "kind", "is_async", "keywords"})
"""Fields of nodes that hold nothing to look into: operators, contexts, names; a form has no keywords."""

_LOOPS = frozenset({"_all", "_any"})
_CHEAP = 10_000
"""Units of the budget that a form may cost without paying."""
_DEEP = 12
"""Loops inside loops; Python's compiler takes 20 blocks."""


class Rewriter(ast.NodeTransformer):
    """A transformer that does not look into operators, contexts and constants, as Python's does in four steps."""

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        """Nothing is inside. Most nodes are constants and names."""
        return node

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """Likewise."""
        return node

    def generic_visit(self, node: T) -> T:
        """The same node, with what is inside rewritten."""
        for name in _inside(node._fields):
            value = getattr(node, name)
            if value.__class__ is list:
                value[:] = map(self.visit, value)
            else:
                setattr(node, name, self.visit(value))
        return node


@cache
def _inside(fields: tuple[str, ...]) -> tuple[str, ...]:
    """Those fields of a node that hold other nodes."""
    return tuple(name for name in fields if name not in _LEAVES)


def parts_of(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes right inside of a node of a form, those that others may be inside of."""
    if node.__class__ is ast.Constant or node.__class__ is ast.Name:
        return
    for name in _inside(node._fields):
        value = getattr(node, name)
        if value.__class__ is list:
            yield from value
        else:
            yield value


def looping(form: ast.expr) -> frozenset[int]:
    """The `id`s of the nodes that go over anything, or contain what does."""
    found: set[int] = set()

    def look(node: ast.AST) -> bool:
        inside = isinstance(node, ast.comprehension)
        for part in parts_of(node):
            inside = look(part) or inside
        if inside:
            found.add(id(node))
        return inside

    look(form)
    return frozenset(found)


def statements(form: ast.expr, target: str, loops: frozenset[int]) -> list[ast.stmt]:
    """What leaves the value of a form in a variable of this name. `loops` is what `looping` says of it."""
    if not loops:
        return [assign(target, form)]
    return _Written(target, loops, free=_cost(form) <= _CHEAP).into(form, target, _DEEP)


def _cost(node: ast.AST) -> int:
    """What the loops of a form can cost at most, in units of the budget, if all they go over is short."""
    if isinstance(node, ast.GeneratorExp | ast.ListComp):
        (loop,) = node.generators
        return FREE_LIST * _each(loop, node.elt) + _cost(loop.iter)
    return sum(map(_cost, parts_of(node)))


def _each(loop: ast.comprehension, result: ast.expr) -> int:
    """What one element costs, with the loops inside."""
    match loop.iter:
        case ast.Call(args=[_, ast.Constant(value=int(work))]):
            return work + _cost(result) + sum(map(_cost, loop.ifs))
    return _CHEAP


class _Written:
    """Statements for one form; they share the names that are made up.

    Where short loops are `free`, what is longer pays for them.
    """

    def __init__(self, name: str, loops: frozenset[int], *, free: bool) -> None:
        self._loops = loops
        self._free = free
        self._fresh = (f"{number} of {name}" for number in count())  # no name of a loop variable has a space

    def into(self, node: ast.expr, target: str, room: int) -> list[ast.stmt]:
        """What leaves the value of a node in the target."""
        match node:
            case ast.IfExp(test=ast.Constant(value=True), body=body):
                return self.into(body, target, room)
            case _ if not room or id(node) not in self._loops:
                return [assign(target, node)]
            case ast.IfExp(test=test, body=body, orelse=otherwise):
                before, tested = self._test(test, room)
                return [*before, ast.If(tested, self.into(body, target, room), self.into(otherwise, target, room))]
            case ast.BoolOp(op=operator, values=values):
                return list(self._logic(isinstance(operator, ast.And), values, target, room))
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return [*self.into(operand, target, room), assign(target, _not(name_of(target)))]
            case ast.Call(func=ast.Name(id=helper), args=[ast.GeneratorExp(elt=test, generators=[loop])]) if (
                helper in _LOOPS and id(loop.iter) not in self._loops and not loop.ifs
            ):
                return self._loop(loop, test, target, room, every=helper == "_all")
        return [assign(target, node)]

    def _test(self, test: ast.expr, room: int) -> tuple[list[ast.stmt], ast.expr]:
        """What to do before a test, and the test."""
        if id(test) not in self._loops:
            return [], test
        name = next(self._fresh)
        return self.into(test, name, room), name_of(name)

    def _logic(self, conjunction: bool, values: Sequence[ast.expr], target: str, room: int) -> Iterator[ast.stmt]:  # noqa: FBT001  # which of the two it is
        """Each value is asked where those before leave it open. Every value is a bool."""
        yield from self.into(values[0], target, room)
        for value in values[1:]:
            left_open = name_of(target) if conjunction else _not(name_of(target))
            yield ast.If(left_open, self.into(value, target, room), [])

    def _loop(self, loop: ast.comprehension, test: ast.expr, target: str, room: int, *, every: bool) -> list[ast.stmt]:
        """It ends with the first element that decides. Its variables get names that no other loop has."""
        names = {node.id: next(self._fresh) for node in ast.walk(loop.target) if isinstance(node, ast.Name)}
        variable, own = (Renamed(names).visit(node) for node in (loop.target, test))
        before, tested = self._test(own, room - 1)
        ends: list[ast.stmt] = [assign(target, ast.Constant(not every)), ast.Break()]
        body = [*before, ast.If(_not(tested) if every else tested, ends, [])]
        return [assign(target, ast.Constant(every)), ast.For(variable, self._over(loop, test), body, [])]

    def _over(self, loop: ast.comprehension, test: ast.expr) -> ast.expr:
        """What a loop goes over; a short list as it is, where that is free."""
        match loop.iter:
            case ast.Call(func=ast.Name(id="_items") as helper, args=[value, _]) if self._free:
                name = next(self._fresh)
                got = ast.NamedExpr(ast.Name(name, ast.Store()), value)
                kind = ast.Compare(ast.Attribute(got, "__class__", ast.Load()), [ast.Is()], [name_of("_list")])
                size = ast.Call(name_of("_len"), [name_of(name)], [])
                short = ast.BoolOp(ast.And(), [kind, ast.Compare(size, [ast.Lt()], [ast.Constant(FREE_LIST)])])
                paid = ast.Call(helper, [name_of(name), ast.Constant(_each(loop, test))], [])
                return ast.IfExp(short, name_of(name), paid)
        return loop.iter


class Renamed(Rewriter, ast.NodeTransformer):
    """Gives variables other names, but not those of loops inside that are called the same."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = names

    def visit_Name(self, node: ast.Name) -> ast.Name:
        """The other name, if it has one."""
        return ast.Name(self._names.get(node.id, node.id), node.ctx)

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> ast.GeneratorExp:
        """A loop inside."""
        return self._inner(node)

    def visit_ListComp(self, node: ast.ListComp) -> ast.ListComp:
        """Likewise."""
        return self._inner(node)

    def _inner(self, node: T) -> T:
        """What it goes over is outside of it."""
        (loop,) = node.generators  # type: ignore[attr-defined]  # both kinds have them
        loop.iter = self.visit(loop.iter)
        hidden = {part.id for part in ast.walk(loop.target) if isinstance(part, ast.Name)}
        inside = Renamed({old: new for old, new in self._names.items() if old not in hidden})
        loop.ifs = [inside.visit(one) for one in loop.ifs]
        node.elt = inside.visit(node.elt)  # type: ignore[attr-defined]  # likewise
        return node


def _not(node: ast.expr) -> ast.expr:
    return ast.UnaryOp(ast.Not(), node)


def name_of(name: str) -> ast.expr:
    """Reads a variable."""
    return ast.Name(name, ast.Load())


def assign(name: str, value: ast.expr) -> ast.stmt:
    """Sets a variable."""
    return ast.Assign([ast.Name(name, ast.Store())], value)
