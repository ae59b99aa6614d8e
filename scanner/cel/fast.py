"""A tree as one plain Python expression, where plain Python means exactly what CEL means.

Types that a policy declares are not trusted, because data may not keep to them. An operator is used only where it
gives CEL's answer for every value, or raises; everything else goes through a helper of `fast_helpers`, which raises
`Ask` where it is not sure. `Unknown` raises on any use. Only node types that appear here are ever built, so an
expression cannot reach anything but its roots and these helpers.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from types import CodeType, FunctionType
from typing import Any

from scanner.cel.fast_helpers import HELPERS
from scanner.cel.nodes import Call, Const, Has, Ident, ListExpr, Loop, Node, Select

_FEW = 4
"""Up to so many candidates a tuple is searched faster than a set."""
_EXACT = 2**53
"""Below it every integer is a double, so that comparing an integer with a double needs no rounding."""
_ORDER: dict[str, tuple[type[ast.cmpop], str]] = {
    "_<_": (ast.Lt, "_lt"),
    "_<=_": (ast.LtE, "_le"),
    "_>_": (ast.Gt, "_gt"),
    "_>=_": (ast.GtE, "_ge"),
}
_TEXT_METHODS = {"startsWith": "startswith", "endsWith": "endswith"}
_HELPED = {
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


class _NoFastFormError(Exception):
    """This tree has none."""


def form(tree: Node) -> ast.expr | None:
    """The Python expression, or None. Its value is a bool or it raises: only truth is worth a fast form."""
    try:
        return _truth(tree)
    except _NoFastFormError:
        return None


def fuse(name: str, expression: ast.expr, roots: tuple[str, ...]) -> Callable[..., Any]:
    """A function of the roots, in this order, that computes the expression (made of fast forms). `name` is for tracebacks."""
    arguments = ast.arguments(
        posonlyargs=[], args=[ast.arg(root) for root in roots], kwonlyargs=[], kw_defaults=[], defaults=[]
    )
    tree = ast.fix_missing_locations(ast.Expression(ast.Lambda(args=arguments, body=expression)))
    code = compile(tree, f"<policy {name}>", "eval")
    body = next(constant for constant in code.co_consts if isinstance(constant, CodeType))
    return FunctionType(body, {"__builtins__": {}, **HELPERS}, "policy")


def _truth(node: Node) -> ast.expr:
    """A form that is certainly a bool, or raises."""
    built = _build(node)
    return built if _is_bool(node) else _call("_bool", built)


def _is_bool(node: Node) -> bool:
    """Whether a form of this node is a Python bool whenever it finishes."""
    match node:
        case Const(value=bool()) | Has() | Loop(kind="all" | "exists" | "exists_one"):
            return True
        case Call(function="_?_:_", args=(_, then, otherwise)):
            return _is_bool(then) and _is_bool(otherwise)
        case Call(function=name):
            return name in _BOOLEAN
    return False


_BOOLEAN = frozenset(
    {"_&&_", "_||_", "!_", "_==_", "_!=_", *_ORDER, "@in", "matches", "startsWith", "endsWith", "contains", "hasValue"}
)


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


_PLAIN = frozenset({type(None), bool, int, float, str})


def _loop(node: Loop) -> ast.expr:
    over = _call("_items", _build(node.over))
    test = _truth(node.test) if node.test else None
    if node.kind in {"all", "exists"} and test:
        return _call("_all" if node.kind == "all" else "_any", ast.GeneratorExp(test, [_for(node, over, None)]))
    if node.kind == "exists_one":
        ones = ast.ListComp(ast.Constant(1), [_for(node, over, test)])
        return ast.Compare(_call("_len", ones), [ast.Eq()], [ast.Constant(1)])
    if node.result:
        return ast.ListComp(_build(node.result), [_for(node, over, test)])
    raise _NoFastFormError


def _for(node: Loop, over: ast.expr, test: ast.expr | None) -> ast.comprehension:
    target = ast.Name(_local(node.variable), ast.Store())
    return ast.comprehension(target=target, iter=over, ifs=[test] if test else [], is_async=0)


def _called(node: Call) -> ast.expr:
    match node:
        case Call(function="_&&_", args=args):
            return ast.BoolOp(ast.And(), [_truth(argument) for argument in args])
        case Call(function="_||_", args=args):
            return ast.BoolOp(ast.Or(), [_truth(argument) for argument in args])
        case Call(function="!_", args=(argument,)):
            return ast.UnaryOp(ast.Not(), _truth(argument))
        case Call(function="_?_:_", args=(test, then, otherwise)):
            return ast.IfExp(_truth(test), _build(then), _build(otherwise))
        case Call(function="_==_", args=(left, right)):
            return _equality(left, right, ast.Eq())
        case Call(function="_!=_", args=(left, right)):
            return _equality(left, right, ast.NotEq())
        case Call(function=name, args=(left, right)) if name in _ORDER:
            return _ordering(node, left, right)
        case Call(function="size", args=(argument,)):
            return _call("_len", _build(argument))
        case Call(function="_[_]", args=(operand, Const(value=str(key)))):
            return _subscript(_build(operand), key)
        case Call(function="@in", args=(item, ListExpr(elements=elements))) if _texts(elements):
            return ast.Compare(_build(item), [ast.In()], [_candidates(elements)])
        case Call(function="startsWith" | "endsWith" as name, args=(operand, Const(value=str(part)))):
            return _method(_build(operand), _TEXT_METHODS[name], ast.Constant(part))
        case Call(function="contains", args=(operand, Const(value=str(part)))):
            found = _method(_build(operand), "find", ast.Constant(part))
            return ast.Compare(found, [ast.GtE()], [ast.Constant(0)])
        case Call(function="orValue", args=(optional, default)):
            return _or_value(optional, _build(default))
        case Call(function="hasValue", args=(optional,)):
            return _call("_has_value", _or_value(optional, _name("_missing")))
        case Call(function=name, args=args) if name in _HELPED:
            return _call(_HELPED[name], *(_build(argument) for argument in args))
    raise _NoFastFormError


def _equality(left: Node, right: Node, operator: ast.Eq | ast.NotEq) -> ast.expr:
    one, other = _build(left), _build(right)
    if _compares_plainly(left) or _compares_plainly(right) or (_is_number(left) and _is_number(right)):
        return ast.Compare(one, [operator], [other])
    same = _call("_equal", one, other)
    return same if isinstance(operator, ast.Eq) else ast.UnaryOp(ast.Not(), same)


def _compares_plainly(node: Node) -> bool:
    """Constants for which Python's `==` with any data is CEL's. Not so for 0 and 1, which Python takes for bools."""
    match node:
        case Const(value=None | str()):
            return True
        case Const(value=int() | float() as value):
            return not isinstance(value, bool) and value not in (0, 1) and abs(value) < _EXACT
    return False


def _ordering(node: Call, left: Node, right: Node) -> ast.expr:
    operator, helper = _ORDER[node.function]
    one, other = _build(left), _build(right)
    if _is_number(left) and _is_number(right):
        return ast.Compare(one, [operator()], [other])
    return _call(helper, one, other)


def _is_number(node: Node) -> bool:
    """Whether a form of this node is a number, and no bool, whenever it finishes."""
    match node:
        case Const(value=int() | float() as value):
            return not isinstance(value, bool) and abs(value) < _EXACT
        case Call(function="size"):
            return True
    return False


def _or_value(optional: Node, default: ast.expr) -> ast.expr:
    """`a.?b.?c.orValue(d)`: the steps from the first question mark on, walked by a helper."""
    steps: list[str] = []
    node = optional
    while not steps or not _begins(node):
        match node:
            case Call(function="_?._" | "_[?_]" | "_[_]", args=(operand, Const(value=str(field)))):
                node = operand
            case Select(operand=operand, field=field):
                node = operand
            case _:
                raise _NoFastFormError
        steps.append(field)
    path = ast.Constant(tuple(reversed(steps)))
    return _call("_optional", _build(node), path, default)


def _begins(node: Node) -> bool:
    """Whether there is no question mark further left."""
    match node:
        case Call(function="_?._" | "_[?_]"):
            return False
        case Select(operand=operand) | Call(function="_[_]", args=(operand, _)):
            return _begins(operand)
        case Call(function="optional.of" | "optional.none" | "optional.ofNonZeroValue" | "or" | "_?_:_"):
            raise _NoFastFormError
    return True


def _texts(elements: tuple[Node, ...]) -> bool:
    return all(isinstance(element, Const) and isinstance(element.value, str) for element in elements)


def _candidates(elements: tuple[Node, ...]) -> ast.expr:
    values = tuple(element.value for element in elements if isinstance(element, Const))
    return ast.Constant(values if len(values) <= _FEW else frozenset(values))


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
    return ast.Subscript(operand, ast.Constant(key), ast.Load())


def _method(operand: ast.expr, name: str, *arguments: ast.expr) -> ast.expr:
    return ast.Call(ast.Attribute(operand, name, ast.Load()), list(arguments), [])


def _call(helper: str, *arguments: ast.expr) -> ast.expr:
    return ast.Call(_name(helper), list(arguments), [])
