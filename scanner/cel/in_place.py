"""Does in place, in a fused function, what a helper of the fast form does first: a call takes four times as long."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from itertools import count

from scanner.cel.loops import Rewriter, name_of
from scanner.model import Unknown

Steps = tuple[str, ...]
TYPES = {"_int": int, "_dict": dict, "_list": list, "_unknown": Unknown}
"""Names of helpers that are types."""
_ORDERINGS: Mapping[str, ast.cmpop] = {"_lt": ast.Lt(), "_le": ast.LtE(), "_gt": ast.Gt(), "_ge": ast.GtE()}


class InPlace(Rewriter, ast.NodeTransformer):
    """Rewrites a form. `read_ahead`: the paths of local variables; `looked_into`: those a text is looked for in."""

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
        """`key in x.keys()` is `key in x` for a plain dict."""
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
        """What a helper says of plain values is said without it; all others are handed to it."""
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


def local(path: Steps) -> str:
    """The variable of a path that is read ahead. Python's compiler takes any text for a name."""
    return repr(path)


def guarded(path: Steps) -> str:
    """The variable of a path that a text is looked for in."""
    return f"in {local(path)}"


def is_just(value: ast.expr, *, wanted: bool) -> ast.expr:
    """Whether a value is this very one, and not merely equal to it, as 1 is to true in Python."""
    return ast.Compare(value, [ast.Is()], [ast.Constant(wanted)])


def is_unknown(value: ast.expr) -> ast.expr:
    """Whether a value is not known."""
    return is_a(value, "unknown")


def is_a(value: ast.expr, kind: str) -> ast.expr:
    """Whether a value is of the type `int` or `dict`, or unknown, and of no subtype."""
    return ast.Compare(ast.Attribute(value, "__class__", ast.Load()), [ast.Is()], [name_of(f"_{kind}")])
