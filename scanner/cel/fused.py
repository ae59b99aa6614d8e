"""Many expressions as one function: what several of them read is read once, and one that raises spoils no other.

The expressions are made of fast forms (`scanner.cel.fast`); around them stand only the node types that appear here.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from types import CodeType, FunctionType
from typing import Any

from msgspec import Struct

from scanner.cel.fast_helpers import HELPERS

Steps = tuple[str, ...]
_TYPES = {"_int": int, "_dict": dict}
"""Names of helpers that are types."""


class Given(Struct, frozen=True):
    """What a fused function is called with."""

    arguments: tuple[str, ...]
    attributes: Mapping[Steps, tuple[str, ...]]
    """Paths that expressions read, to the argument's Python attributes they stand for: `("resource", "name")`."""
    sure: tuple[Steps, ...]
    """Paths (`*` for any key) that can be read ahead of their use, because reading them does not go wrong."""


def fuse_all(
    expressions: Sequence[ast.expr], constants: Sequence[Mapping[str, Any]], given: Given, *, raised: Any
) -> Callable[..., tuple[Any, ...]]:
    """A function that gives the value of every expression, `raised` for those that raise.

    Each of `constants` maps names in its expression to values; they become the function's own. The function itself
    may raise where an argument is not what `given` says.
    """
    own = [{name: f"{name}_{number}" for name in names} for number, names in enumerate(constants)]
    named = [_Renamed(names).visit(expression) for names, expression in zip(own, expressions, strict=True)]
    shared, nearer = _Shared(given), _InPlace()
    forms = [nearer.visit(shared.visit(expression)) for expression in named]
    body = [_attempt(f"c_{number}", form, raised) for number, form in enumerate(forms)]
    answers = ast.Tuple([_name(f"c_{number}") for number in range(len(named))], ast.Load())
    code = _compiled([*shared.readings(), *body, ast.Return(answers)], given.arguments)
    values = {new: constants[number][old] for number, names in enumerate(own) for old, new in names.items()}
    return FunctionType(code, {"__builtins__": {}, **HELPERS, "Exception": Exception, **_TYPES, **values}, "policies")


def _compiled(body: list[ast.stmt], arguments: tuple[str, ...]) -> CodeType:
    parameters = [ast.arg(name) for name in arguments]
    taken = ast.arguments(posonlyargs=[], args=parameters, kwonlyargs=[], kw_defaults=[], defaults=[])
    function = ast.FunctionDef(name="policies", args=taken, body=body, decorator_list=[])
    module = ast.fix_missing_locations(ast.Module([function], []))
    compiled = compile(module, "<policies>", "exec")
    return next(constant for constant in compiled.co_consts if isinstance(constant, CodeType))


def _attempt(name: str, expression: ast.expr, raised: Any) -> ast.stmt:
    """Since Python 3.11 a `try` costs nothing where nothing is raised."""
    handler = ast.ExceptHandler(_name("Exception"), None, [_assign(name, ast.Constant(raised))])
    loops = any(isinstance(node, ast.Name) and node.id in {"_items", "_pairs"} for node in ast.walk(expression))
    budget: list[ast.stmt] = [ast.Expr(ast.Call(_name("_renew"), [], []))] if loops else []
    return ast.Try(body=[*budget, _assign(name, expression)], handlers=[handler], orelse=[], finalbody=[])


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
        self._locals: dict[Steps, str] = {}

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        path = _steps(node)
        if path and self._is_read_ahead(path):
            return _name(self._locals.setdefault(path, f"l_{len(self._locals)}"))
        self.generic_visit(node)
        return node

    def readings(self) -> list[ast.stmt]:
        """The assignments to the local variables, each after those it needs."""
        done: dict[Steps, str] = {}
        statements: list[ast.stmt] = []
        for path in sorted(
            {way[:end] for way in self._locals for end in range(2, len(way) + 1)}, key=lambda way: (len(way), way)
        ):
            done[path] = self._locals.get(path, f"m_{len(done)}")
            statements.append(_assign(done[path], self._reading(path, done)))
        return statements

    def _is_read_ahead(self, path: Steps) -> bool:
        return path in self._given.attributes or any(_means(pattern, path) for pattern in self._given.sure)

    def _reading(self, path: Steps, done: Mapping[Steps, str]) -> ast.expr:
        attributes = self._given.attributes.get(path)
        if attributes is None:
            above = _name(done.get(path[:-1], path[0]))
            return ast.Subscript(above, ast.Constant(path[-1]), ast.Load())
        built: ast.expr = _name(path[0])
        for attribute in attributes:
            built = ast.Attribute(built, attribute, ast.Load())
        return built


class _InPlace(ast.NodeTransformer):
    """Does in place what a helper does first, where its argument is a variable; a call takes four times as long."""

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
