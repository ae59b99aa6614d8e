"""One expression, ready to stand in a function with many others (`scanner.cel.joined`).

It is made of a fast form (`scanner.cel.fast`); around it stand only the node types that appear here.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Mapping
from typing import Any, TypeVar

from msgspec import Struct

from scanner.cel.in_place import InPlace, Steps, local
from scanner.cel.loops import Renamed, Rewriter, assign, looping, name_of, statements

N = TypeVar("N", bound=ast.AST)

_WITH_LINES = (ast.expr, ast.stmt, ast.excepthandler)


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
    in_place = InPlace({local(path): path for path in shared.paths})
    form = in_place.visit(form)
    answer = f"answer of {name}"  # no name of a root, a helper or a loop variable has a space
    values = {own[constant]: constants[constant] for constant in constants}
    place, loops = () if shared.whole else _place(shared.paths, given), looping(form)
    statement = located(_attempt(answer, form, loops, raised))
    return Part(statement, answer, frozenset(shared.paths), frozenset(in_place.looked_into), place, bool(loops), values)


def _place(paths: Collection[Steps], given: Given) -> Steps:
    """The common place below which all these paths lie, if there is one."""
    found = {path[: len(given.common)] for path in paths}
    place = found.pop() if len(found) == 1 else ()
    return place if given.common and means(given.common, place) else ()


def located(node: N) -> N:
    """Every node needs a line, whatever it is. Parts get theirs once, not in every function."""
    todo: list[ast.AST] = [node]
    while todo:
        here = todo.pop()
        here.lineno = 1  # type: ignore[attr-defined]  # those that can have none ignore it
        here.col_offset = 0  # type: ignore[attr-defined]  # likewise
        for name in here._fields:
            value = getattr(here, name)
            if isinstance(value, list):
                todo += [one for one in value if isinstance(one, ast.AST)]
            elif isinstance(value, _WITH_LINES):
                todo.append(value)
    return node


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
        self.whole = False
        """Whether an argument itself is read, and not merely what is at a path in it."""

    def visit_Name(self, node: ast.Name) -> ast.expr:
        self.whole = self.whole or node.id in self._given.arguments
        return node

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        path = _steps(node)
        if path and self._is_read_ahead(path):
            self.paths.add(path)
            return name_of(local(path))
        self.generic_visit(node)
        return node

    def _is_read_ahead(self, path: Steps) -> bool:
        return path in self._given.attributes or any(means(pattern, path) for pattern in self._given.sure)


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
