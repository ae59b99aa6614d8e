"""Many expressions as one function: what several of them read is read once, and one that raises spoils no other.

The expressions are made of fast forms (`scanner.cel.fast`); around them stand only the node types that appear here.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import CodeType, FunctionType
from typing import Any, TypeVar

from msgspec import Struct

from scanner.cel.fast_helpers import HELPERS
from scanner.cel.loops import has_loop, statements

Steps = tuple[str, ...]
N = TypeVar("N", bound=ast.AST)
_TYPES = {"_int": int, "_dict": dict}
"""Names of helpers that are types."""
_ORDERINGS: Mapping[str, ast.cmpop] = {"_lt": ast.Lt(), "_le": ast.LtE(), "_gt": ast.Gt(), "_ge": ast.GtE()}


class Given(Struct, frozen=True):
    """What a fused function is called with."""

    arguments: tuple[str, ...]
    attributes: Mapping[Steps, tuple[str, ...]]
    """Paths that expressions read, to the argument's Python attributes they stand for: `("resource", "name")`."""
    sure: tuple[Steps, ...]
    """Paths (`*` for any key) that can be read ahead of their use, because reading them does not go wrong."""


class Part(Struct, frozen=True):
    """One expression, ready to stand in any number of functions."""

    statement: ast.stmt
    answer: str
    """The local variable that its value is left in."""
    paths: frozenset[Steps]
    """What has to be read ahead of it."""
    looked_into: frozenset[Steps]
    """Those among them that a text is looked for in."""
    loops: bool
    """Whether it goes over anything, which has to be paid for."""
    constants: Mapping[str, Any]


def part(name: str, expression: ast.expr, constants: Mapping[str, Any], given: Given, *, raised: Any) -> Part:
    """An expression under a name that no other has; its value is `raised` where it raises.

    `constants` maps names in the expression to values.
    """
    own = {constant: f"{constant} of {name}" for constant in constants}
    shared = _Shared(given)
    form = shared.visit(_Renamed(own).visit(expression))
    in_place = _InPlace({_local(path): path for path in shared.paths})
    form = in_place.visit(form)
    answer = f"answer of {name}"  # no name of a root, a helper or a loop variable has a space
    values = {own[constant]: constants[constant] for constant in constants}
    statement, loops = _located(_attempt(answer, form, raised)), has_loop(form)
    return Part(statement, answer, frozenset(shared.paths), frozenset(in_place.looked_into), loops, values)


def fuse_all(parts: Sequence[Part], given: Given) -> Callable[..., tuple[Any, ...]]:
    """A function that gives the value of every part, in their order.

    It may raise where an argument is not what `given` says.
    """
    answers = ast.Tuple([_name(one.answer) for one in parts], ast.Load())
    looked_into = {path for one in parts for path in one.looked_into}
    before = [*_readings({path for one in parts for path in one.paths}, given), *map(_guard, sorted(looked_into))]
    if any(one.loops for one in parts):
        before.append(_located(_renewal()))
    code = _compiled([*before, *(one.statement for one in parts), _located(ast.Return(answers))], given.arguments)
    values = {name: value for one in parts for name, value in one.constants.items()}
    return FunctionType(code, {"__builtins__": {}, **HELPERS, "Exception": Exception, **_TYPES, **values}, "policies")


def _compiled(body: list[ast.stmt], arguments: tuple[str, ...]) -> CodeType:
    parameters = [_located(ast.arg(name)) for name in arguments]
    taken = ast.arguments(posonlyargs=[], args=parameters, kwonlyargs=[], kw_defaults=[], defaults=[])
    function = ast.FunctionDef(name="policies", args=taken, body=body, decorator_list=[], lineno=1, col_offset=0)
    compiled = compile(ast.Module([function], []), "<policies>", "exec")
    return next(constant for constant in compiled.co_consts if isinstance(constant, CodeType))


def _located(node: N) -> N:
    """Every node needs a line, whatever it is. Parts get theirs once, not in every function."""
    return ast.fix_missing_locations(node)


def _attempt(name: str, expression: ast.expr, raised: Any) -> ast.stmt:
    """Since Python 3.11 a `try` costs nothing where nothing is raised.

    All parts share one budget. A part that has used it up leaves a new one to those after it.
    """
    budget = [_renewal()] if has_loop(expression) else []
    handler = ast.ExceptHandler(_name("Exception"), None, [_assign(name, ast.Constant(raised)), *budget])
    return ast.Try(body=statements(expression, name), handlers=[handler], orelse=[], finalbody=[])


def _renewal() -> ast.stmt:
    return ast.Expr(ast.Call(_name("_renew"), [], []))


def _guard(path: Steps) -> ast.stmt:
    """A map is looked into as it is; anything else by what `_in` does."""
    value = ast.Name(_local(path), ast.Load())
    safe = ast.IfExp(_is_a(value, "dict"), value, ast.Call(_name("_looked_into"), [value], []))
    return _located(_assign(_guarded(path), safe))


class _Renamed(ast.NodeTransformer):
    """Gives the names of one expression's constants to the function as a whole."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = names

    def visit_Name(self, node: ast.Name) -> ast.Name:
        return ast.Name(self._names.get(node.id, node.id), node.ctx)


class _Shared(ast.NodeTransformer):
    """Puts a local variable for every path that is read ahead, remembering which these are."""

    def __init__(self, given: Given) -> None:
        self._given = given
        self.paths: set[Steps] = set()

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        path = _steps(node)
        if path and self._is_read_ahead(path):
            self.paths.add(path)
            return _name(_local(path))
        self.generic_visit(node)
        return node

    def _is_read_ahead(self, path: Steps) -> bool:
        return path in self._given.attributes or any(_means(pattern, path) for pattern in self._given.sure)


def _readings(paths: Iterable[Steps], given: Given) -> Iterator[ast.stmt]:
    """The assignments to the local variables, each after those it needs."""
    ways = {path[:end] for path in paths for end in range(2, len(path) + 1)}
    for way in sorted(ways, key=lambda way: (len(way), way)):
        yield _located(_assign(_local(way), _reading(way, given)))


def _reading(path: Steps, given: Given) -> ast.expr:
    attributes = given.attributes.get(path)
    if attributes is None:
        above = _name(_local(path[:-1]) if len(path) > 2 else path[0])  # noqa: PLR2004  # a root is an argument
        return ast.Subscript(above, ast.Constant(path[-1]), ast.Load())
    built: ast.expr = _name(path[0])
    for attribute in attributes:
        built = ast.Attribute(built, attribute, ast.Load())
    return built


def _local(path: Steps) -> str:
    """The variable of a path that is read ahead. Python's compiler takes any text for a name."""
    return repr(path)


def _guarded(path: Steps) -> str:
    """The variable of a path that a text is looked for in."""
    return f"in {_local(path)}"


class _InPlace(ast.NodeTransformer):
    """Does in place what a helper does first, where its argument is a variable; a call takes four times as long."""

    def __init__(self, read_ahead: Mapping[str, Steps]) -> None:
        self._read_ahead = read_ahead
        self.looked_into: set[Steps] = set()

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        match node:
            case ast.Call(func=ast.Name(id="_bool"), args=[ast.Name() as value]):
                otherwise = ast.BoolOp(
                    ast.And(), [ast.Compare(value, [ast.IsNot()], [ast.Constant(value=False)]), node]
                )
                return ast.BoolOp(ast.Or(), [ast.Compare(value, [ast.Is()], [ast.Constant(value=True)]), otherwise])
            case ast.Call(
                func=ast.Name(id="_equal"), args=[ast.Name() as value, ast.Constant(value=int() as wanted)]
            ) if type(wanted) is int:
                same = ast.Compare(value, [ast.Eq()], [ast.Constant(wanted)])
                return ast.IfExp(_is_a(value, "int"), same, node)
            case ast.Call(func=ast.Name(id=helper), args=[ast.Name() as value, ast.Constant(value=int() as limit)]) if (
                helper in _ORDERINGS and type(limit) is int
            ):
                return ast.IfExp(_is_a(value, "int"), ast.Compare(value, [_ORDERINGS[helper]], [node.args[1]]), node)
            case ast.Call(func=ast.Name(id="_in"), args=[ast.Constant(value=str()) as text, ast.Name(id=name)]) if (
                name in self._read_ahead
            ):
                self.looked_into.add(self._read_ahead[name])
                return ast.Compare(text, [ast.In()], [_name(_guarded(self._read_ahead[name]))])
            case ast.Call(func=ast.Name(id="_in"), args=[ast.Constant(value=str()) as text, ast.Name() as value]):
                return ast.IfExp(_is_a(value, "dict"), ast.Compare(text, [ast.In()], [value]), node)
        return node


def _is_a(value: ast.Name, kind: str) -> ast.expr:
    return ast.Compare(ast.Attribute(value, "__class__", ast.Load()), [ast.Is()], [_name(f"_{kind}")])


def _means(pattern: Steps, path: Steps) -> bool:
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


def _name(name: str) -> ast.expr:
    return ast.Name(name, ast.Load())


def _assign(name: str, value: ast.expr) -> ast.stmt:
    return ast.Assign([ast.Name(name, ast.Store())], value)
