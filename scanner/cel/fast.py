"""A tree as one plain Python expression, where plain Python means exactly what CEL means.

Types that a policy declares are not trusted, because data may not keep to them. An operator is used only where it
gives CEL's answer for every value, or raises; everything else goes through a helper of `fast_helpers`, which raises
`Ask` where it is not sure. `Unknown` raises on any use. Only node types that appear here are ever built, so an
expression cannot reach anything but its roots and these helpers.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from types import CodeType, FunctionType
from typing import Any

from scanner.cel.bound import bound
from scanner.cel.fast_helpers import HELPERS, STRICT, helper_of
from scanner.cel.fast_shapes import compare_plainly, is_bool, is_number, is_text, optional_walk, weight
from scanner.cel.nodes import Call, Const, Has, Ident, ListExpr, Loop, Node, Select

Args = tuple[Node, ...]
Special = Callable[[Args], ast.expr | None]
"""Builds the form of a call; None where only a helper will do."""

_FEW = 4
"""Up to so many candidates a tuple is searched faster than a set."""
_HELPED = {
    **{name: helper_of(name) for name in STRICT},
    "_+_": "_add",
    "_-_": "_subtract",
    "_*_": "_multiply",
    "_/_": "_divide",
    "_%_": "_modulo",
    "_[_]": "_index",
    "@in": "_in",
    "matches": "_matches",
    "lowerAscii": "_lower",
    "upperAscii": "_upper",
    "contains": "_contains",
    "startsWith": "_starts",
    "endsWith": "_ends",
}
_PLAIN = frozenset({type(None), bool, int, float, str})


class _NoFastFormError(Exception):
    """This tree has none."""


def form(tree: Node, params: Mapping[str, Any]) -> ast.expr | None:
    """The Python expression, or None. Its value is a bool, or it raises. Plain params are written into it."""
    try:
        return _truth(bound(tree, params) if params else tree)
    except _NoFastFormError:
        return None


def fuse(name: str, expression: ast.expr, roots: tuple[str, ...]) -> Callable[..., Any]:
    """A function of the roots, in this order, that computes an expression made of fast forms.

    `name` is for tracebacks. The function may raise anything, which means: ask `Program.evaluate`.
    """
    parameters = [ast.arg(root) for root in roots]
    arguments = ast.arguments(posonlyargs=[], args=parameters, kwonlyargs=[], kw_defaults=[], defaults=[])
    tree = ast.fix_missing_locations(ast.Expression(ast.Lambda(args=arguments, body=expression)))
    code = compile(tree, f"<policy {name}>", "eval")
    body = next(constant for constant in code.co_consts if isinstance(constant, CodeType))
    return FunctionType(body, {"__builtins__": {}, **HELPERS}, "policy")


def _truth(node: Node) -> ast.expr:
    """A form that is certainly a bool, or raises."""
    built = _build(node)
    return built if is_bool(node) else _call("_bool", built)


def _build(node: Node) -> ast.expr:
    match node:
        case Const(value=None | bool() | int() | float() | str() as value) if type(value) in _PLAIN:
            return ast.Constant(value)
        case Ident(name=name, local=local):
            return _name(_local(name)) if local else _path(name)
        case Select(operand=operand, field=field):
            return _subscript(_build(operand), field)
        case Has(operand=operand, field=field):
            keys = _method(_build(operand), "keys")
            return ast.Compare(ast.Constant(field), [ast.In()], [keys])
        case ListExpr(elements=elements, optional=optional) if not optional:
            return ast.List([_build(element) for element in elements], ast.Load())
        case Loop():
            return _loop(node)
        case Call():
            return _called(node)
    raise _NoFastFormError


def _loop(node: Loop) -> ast.expr:
    over = _call("_pairs" if node.second else "_items", _build(node.over), ast.Constant(_work(node)))
    test = _truth(node.test) if node.test else None
    if node.kind in {"all", "exists"} and test:
        return _call("_all" if node.kind == "all" else "_any", ast.GeneratorExp(test, [_for(node, over, None)]))
    if node.kind == "exists_one":
        ones = ast.ListComp(ast.Constant(1), [_for(node, over, test)])
        return ast.Compare(_call("_len", ones), [ast.Eq()], [ast.Constant(1)])
    if node.kind == "map" and node.result:
        return ast.ListComp(_build(node.result), [_for(node, over, test)])
    raise _NoFastFormError


def _work(node: Loop) -> int:
    """What one element costs, in units of the budget. Loops inside pay for themselves, again and again."""
    return sum(map(weight, (part for part in (node.test, node.result) if part)))


def _for(node: Loop, over: ast.expr, test: ast.expr | None) -> ast.comprehension:
    target, second = (ast.Name(_local(name), ast.Store()) for name in (node.variable, node.second))
    pair = ast.Tuple([target, second], ast.Store())
    return ast.comprehension(target=pair if node.second else target, iter=over, ifs=[test] if test else [], is_async=0)


def _called(node: Call) -> ast.expr:
    special = _SPECIAL.get(node.function)
    built = special(node.args) if special else None
    if built is not None:
        return built
    helper = _HELPED.get(node.function)
    if helper is None:
        raise _NoFastFormError
    return _call(helper, *map(_build, node.args))


def _logic(operator: ast.boolop) -> Special:
    return lambda args: ast.BoolOp(operator, [_truth(argument) for argument in args])


def _not(args: Args) -> ast.expr:
    return ast.UnaryOp(ast.Not(), _truth(args[0]))


def _conditional(args: Args) -> ast.expr:
    return ast.IfExp(_truth(args[0]), _build(args[1]), _build(args[2]))


def _equal(args: Args) -> ast.expr:
    left, right = map(_build, args)
    return ast.Compare(left, [ast.Eq()], [right]) if compare_plainly(*args) else _call("_equal", left, right)


def _different(args: Args) -> ast.expr:
    if compare_plainly(*args):
        return ast.Compare(_build(args[0]), [ast.NotEq()], [_build(args[1])])
    return ast.UnaryOp(ast.Not(), _equal(args))


def _ordering(operator: ast.cmpop, helper: str) -> Special:
    def build(args: Args) -> ast.expr:
        left, right = map(_build, args)
        return ast.Compare(left, [operator], [right]) if all(map(is_number, args)) else _call(helper, left, right)

    return build


def _in(args: Args) -> ast.expr | None:
    """Only for candidates that are all texts."""
    match args:
        case (item, ListExpr(elements=elements)) if all(map(is_text, elements)):
            values = [element.value for element in elements if isinstance(element, Const)]
            candidates = tuple(values) if len(values) <= _FEW else frozenset(values)
            return ast.Compare(_build(item), [ast.In()], [_constant(candidates)])
    return None


def _index(args: Args) -> ast.expr | None:
    """Only for a key that is a text; no container but a map takes one."""
    match args:
        case (operand, Const(value=str(key))):
            return _subscript(_build(operand), key)
    return None


def _affix(method: str) -> Special:
    """Only for a literal: Python takes tuples as well."""

    def build(args: Args) -> ast.expr | None:
        return _method(_build(args[0]), method, _build(args[1])) if is_text(args[1]) else None

    return build


def _contains(args: Args) -> ast.expr | None:
    if not is_text(args[1]):
        return None
    return ast.Compare(_method(_build(args[0]), "find", _build(args[1])), [ast.GtE()], [ast.Constant(0)])


def _size(args: Args) -> ast.expr:
    return _call("_len", _build(args[0]))


def _or_value(args: Args) -> ast.expr:
    return _walk(args[0], _build(args[1]))


def _has_value(args: Args) -> ast.expr:
    return _call("_has_value", _walk(args[0], _name("_missing")))


def _walk(optional: Node, default: ast.expr) -> ast.expr:
    """A helper walks the optional steps of `a.?b.?c` and gives the default where one is missing."""
    walk = optional_walk(optional)
    if walk is None:
        raise _NoFastFormError
    start, steps = walk
    return _call("_optional", _build(start), _constant(steps), default)


_SPECIAL: Mapping[str, Special] = {
    "_&&_": _logic(ast.And()),
    "_||_": _logic(ast.Or()),
    "!_": _not,
    "_?_:_": _conditional,
    "_==_": _equal,
    "_!=_": _different,
    "_<_": _ordering(ast.Lt(), "_lt"),
    "_<=_": _ordering(ast.LtE(), "_le"),
    "_>_": _ordering(ast.Gt(), "_gt"),
    "_>=_": _ordering(ast.GtE(), "_ge"),
    "@in": _in,
    "_[_]": _index,
    "startsWith": _affix("startswith"),
    "endsWith": _affix("endswith"),
    "contains": _contains,
    "size": _size,
    "orValue": _or_value,
    "hasValue": _has_value,
}


def _path(name: str) -> ast.expr:
    root, *steps = name.split(".")
    built: ast.expr = _name(root)
    for step in steps:
        built = _subscript(built, step)
    return built


def _local(name: str) -> str:
    """A loop variable's Python name, which no root and no helper has."""
    return f"v_{name}"


def _name(name: str) -> ast.expr:
    return ast.Name(name, ast.Load())


def _subscript(operand: ast.expr, key: str) -> ast.expr:
    if isinstance(operand, ast.Constant | ast.List | ast.ListComp):
        raise _NoFastFormError  # is no map, which Python says aloud when it compiles
    return ast.Subscript(operand, ast.Constant(key), ast.Load())


def _method(operand: ast.expr, name: str, *arguments: ast.expr) -> ast.expr:
    return ast.Call(ast.Attribute(operand, name, ast.Load()), list(arguments), [])


def _call(helper: str, *arguments: ast.expr) -> ast.expr:
    return ast.Call(_name(helper), list(arguments), [])


def _constant(value: Any) -> ast.expr:
    """Tuples and frozensets are constants to Python's compiler, though typeshed knows scalars only."""
    return ast.Constant(value)
