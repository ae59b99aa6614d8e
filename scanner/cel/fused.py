"""One expression, ready to stand in a function with many others (`scanner.cel.joined`).

It is made of a fast form (`scanner.cel.fast`); around it stand only the node types that appear here.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Mapping
from itertools import count
from typing import Any, TypeVar

from msgspec import Struct

from scanner.cel.loops import Renamed, Rewriter, assign, looping, name_of, statements
from scanner.model import Unknown

Steps = tuple[str, ...]
N = TypeVar("N", bound=ast.AST)
TYPES = {"_int": int, "_dict": dict, "_list": list, "_unknown": Unknown}
"""Names of helpers that are types."""
_ORDERINGS: Mapping[str, ast.cmpop] = {"_lt": ast.Lt(), "_le": ast.LtE(), "_gt": ast.Gt(), "_ge": ast.GtE()}


class Given(Struct, frozen=True):
    """What a fused function is called with."""

    arguments: tuple[str, ...]
    attributes: Mapping[Steps, tuple[str, ...]]
    """Paths that expressions read, to the argument's Python attributes they stand for: `("resource", "name")`."""
    sure: tuple[Steps, ...]
    """Paths (`*` for any key) that can be read ahead of their use, because reading them does not go wrong."""
    common: Steps = ()
    """A path (with `*`) at which many calls have the very same object."""


class Part(Struct, frozen=True):
    """One expression, ready to stand in any number of functions."""

    statement: ast.stmt
    answer: str
    """The local variable that its value is left in."""
    paths: frozenset[Steps]
    """What has to be read ahead of it."""
    looked_into: frozenset[Steps]
    """Those among them that a text is looked for in."""
    place: Steps
    """The one place like `Given.common` below which lies all that it reads; empty where there is none."""
    loops: bool
    """Whether it goes over anything, which has to be paid for."""
    constants: Mapping[str, Any]


def part(name: str, expression: ast.expr, constants: Mapping[str, Any], given: Given, *, raised: Any) -> Part:
    """An expression under a name that no other has; its value is `raised` where it raises.

    `constants` maps names in the expression to values.
    """
    own = {constant: f"{constant} of {name}" for constant in constants}
    shared = _Shared(given)
    form = shared.visit(Renamed(own).visit(expression))
    in_place = _InPlace({local(path): path for path in shared.paths})
    form = in_place.visit(form)
    answer = f"answer of {name}"  # no name of a root, a helper or a loop variable has a space
    values = {own[constant]: constants[constant] for constant in constants}
    place, loops = _place(form, shared.paths, given), looping(form)
    statement = located(_attempt(answer, form, loops, raised))
    return Part(statement, answer, frozenset(shared.paths), frozenset(in_place.looked_into), place, bool(loops), values)


def _place(form: ast.expr, paths: Collection[Steps], given: Given) -> Steps:
    """The common place below which an expression reads all it reads, if there is one."""
    found = {path[: len(given.common)] for path in paths}
    whole = any(isinstance(node, ast.Name) and node.id in given.arguments for node in ast.walk(form))
    place = found.pop() if len(found) == 1 and not whole else ()
    return place if given.common and means(given.common, place) else ()


def located(node: N) -> N:
    """Every node needs a line, whatever it is. Parts get theirs once, not in every function."""
    return ast.fix_missing_locations(node)


def _attempt(name: str, expression: ast.expr, loops: frozenset[int], raised: Any) -> ast.stmt:
    """Since Python 3.11 a `try` costs nothing where nothing is raised.

    All parts share one budget. A part that has used it up leaves a new one to those after it.
    """
    budget = [renewal()] if loops else []
    handler = ast.ExceptHandler(name_of("Exception"), None, [assign(name, ast.Constant(raised)), *budget])
    return ast.Try(body=statements(expression, name, loops), handlers=[handler], orelse=[], finalbody=[])


def renewal() -> ast.stmt:
    """Starts the budget of the loops that come after it."""
    return ast.Expr(ast.Call(name_of("_renew"), [], []))


class _Shared(Rewriter, ast.NodeTransformer):
    """Puts a local variable for every path that is read ahead, remembering which these are."""

    def __init__(self, given: Given) -> None:
        self._given = given
        self.paths: set[Steps] = set()

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        path = _steps(node)
        if path and self._is_read_ahead(path):
            self.paths.add(path)
            return name_of(local(path))
        self.generic_visit(node)
        return node

    def _is_read_ahead(self, path: Steps) -> bool:
        return path in self._given.attributes or any(means(pattern, path) for pattern in self._given.sure)


def local(path: Steps) -> str:
    """The variable of a path that is read ahead. Python's compiler takes any text for a name."""
    return repr(path)


def guarded(path: Steps) -> str:
    """The variable of a path that a text is looked for in."""
    return f"in {local(path)}"


class _InPlace(Rewriter, ast.NodeTransformer):
    """Does in place what a helper does first, where its argument is a variable; a call takes four times as long."""

    def __init__(self, read_ahead: Mapping[str, Steps]) -> None:
        self._read_ahead = read_ahead
        self._fresh = count()
        self._in_iterable = False
        self.looked_into: set[Steps] = set()

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.expr:
        """What the first operand looks into before anything else is got once for all operands."""
        first = _first_looked_into(node.values[0])
        if first is not None and not self._in_iterable:
            name = f"{next(self._fresh)} looked into"
            search = _Searched(ast.dump(first.args[1]), name, first)
            node.values = [search.visit(value) for value in node.values]
        self.generic_visit(node)
        return node

    def visit_comprehension(self, node: ast.comprehension) -> ast.comprehension:
        """Python allows no assignment in what a comprehension goes over."""
        before, self._in_iterable = self._in_iterable, True
        node.iter = self.visit(node.iter)
        self._in_iterable = before
        node.ifs = [self.visit(one) for one in node.ifs]
        return node

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        self.generic_visit(node)
        match node:
            case ast.Compare(
                left=ast.Constant() as key,
                ops=[ast.In()],
                comparators=[ast.Call(func=ast.Attribute(value=ast.Name() as value, attr="keys"))],
            ):
                return ast.IfExp(is_a(value, "dict"), ast.Compare(key, [ast.In()], [value]), node)
            case ast.Compare(
                left=ast.Constant() as key,
                ops=[ast.In()],
                comparators=[ast.Call(func=ast.Attribute(value=ast.Subscript() as value, attr="keys") as method)],
            ) if not self._in_iterable:
                name = f"{next(self._fresh)} with keys"
                got = ast.NamedExpr(ast.Name(name, ast.Store()), value)
                kind = ast.Compare(ast.Attribute(got, "__class__", ast.Load()), [ast.Is()], [name_of("_dict")])
                method.value = name_of(name)
                return ast.IfExp(kind, ast.Compare(key, [ast.In()], [name_of(name)]), node)
        return node

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        match node:
            case ast.Call(func=ast.Name(id="_bool"), args=[ast.Name() as value]):
                otherwise = ast.BoolOp(
                    ast.And(), [ast.Compare(value, [ast.IsNot()], [ast.Constant(value=False)]), node]
                )
                return ast.BoolOp(ast.Or(), [is_just(value, wanted=True), otherwise])
            case ast.Call(
                func=ast.Name(id="_equal"), args=[ast.Name() as value, ast.Constant(value=int() as wanted)]
            ) if type(wanted) is int:
                same = ast.Compare(value, [ast.Eq()], [ast.Constant(wanted)])
                return ast.IfExp(is_a(value, "int"), same, node)
            case ast.Call(func=ast.Name(id=helper), args=[ast.Name() as value, ast.Constant(value=int() as limit)]) if (
                helper in _ORDERINGS and type(limit) is int
            ):
                return ast.IfExp(is_a(value, "int"), ast.Compare(value, [_ORDERINGS[helper]], [node.args[1]]), node)
            case ast.Call(func=ast.Name(id="_in"), args=[ast.Constant(value=str()) as text, ast.Name(id=name)]) if (
                name in self._read_ahead
            ):
                self.looked_into.add(self._read_ahead[name])
                return ast.Compare(text, [ast.In()], [name_of(guarded(self._read_ahead[name]))])
            case ast.Call(func=ast.Name(id="_in"), args=[ast.Constant(value=str()) as text, ast.Name() as value]):
                return ast.IfExp(is_a(value, "dict"), ast.Compare(text, [ast.In()], [value]), node)
        return node


def _first_looked_into(node: ast.expr) -> ast.Call | None:
    """The search for a text that an operand begins with, if it does, in something that it takes a step to get."""
    match node:
        case ast.Call(func=ast.Name(id="_in"), args=[ast.Constant(value=str()), ast.Subscript()]):
            return node
        case ast.BoolOp(values=[first, *_]) | ast.UnaryOp(operand=first):
            return _first_looked_into(first)
    return None


class _Searched(Rewriter, ast.NodeTransformer):
    """Gives a name to what is looked into, where that happens first, and uses it afterwards."""

    def __init__(self, looked_into: str, name: str, first: ast.Call) -> None:
        self._looked_into = looked_into
        self._name = name
        self._first = first

    def visit_Call(self, node: ast.Call) -> ast.expr:
        match node:
            case ast.Call(
                func=ast.Name(id="_in"), args=[ast.Constant(value=str()) as text, ast.Subscript() as where]
            ) if ast.dump(where) == self._looked_into:
                searched = name_of(self._name)
                if node is self._first:
                    got = ast.Call(name_of("_searched"), [where], [])
                    searched = ast.NamedExpr(ast.Name(self._name, ast.Store()), got)
                return ast.Compare(text, [ast.In()], [searched])
        self.generic_visit(node)
        return node

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> ast.GeneratorExp:
        """The variables of a loop inside may be called the same and mean another thing."""
        return node

    def visit_ListComp(self, node: ast.ListComp) -> ast.ListComp:
        """Likewise."""
        return node


def is_just(value: ast.expr, *, wanted: bool) -> ast.expr:
    """Whether a value is this very one, and not merely equal to it, as 1 is to true in Python."""
    return ast.Compare(value, [ast.Is()], [ast.Constant(wanted)])


def is_unknown(value: ast.expr) -> ast.expr:
    """Whether a value is not known."""
    return is_a(value, "unknown")


def is_a(value: ast.expr, kind: str) -> ast.expr:
    """Whether a value is of the type `int` or `dict`, or unknown, and of no subtype."""
    return ast.Compare(ast.Attribute(value, "__class__", ast.Load()), [ast.Is()], [name_of(f"_{kind}")])


def means(pattern: Steps, path: Steps) -> bool:
    """Whether a path is one of those that a pattern with `*` means."""
    return len(pattern) == len(path) and all(one in {"*", step} for one, step in zip(pattern, path, strict=True))


def _steps(node: ast.AST) -> Steps:
    """The path that a chain of subscripts reads; empty for anything else."""
    match node:
        case ast.Subscript(value=ast.Name(id=root), slice=ast.Constant(value=str(key))):
            return (root, key)
        case ast.Subscript(value=inner, slice=ast.Constant(value=str(key))):
            above = _steps(inner)
            return (*above, key) if above else ()
    return ()
