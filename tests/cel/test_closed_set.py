"""The fast form of any tree, also of one that no parser would give, is made of few kinds of Python nodes and names."""

import ast

from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.cel import Given, fast, fuse_all, part
from scanner.cel.fast_helpers import HELPERS
from scanner.cel.nodes import Bind, Call, Const, Entry, Has, Ident, ListExpr, Loop, MapExpr, Node, Select
from scanner.cel.operators import OPERATORS
from scanner.cel.values import Uint

NODES = {
    *(ast.Constant, ast.Name, ast.Load, ast.Store, ast.Subscript, ast.Attribute, ast.Call, ast.List),
    *(ast.Compare, ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.In),
    *(ast.BoolOp, ast.And, ast.Or, ast.UnaryOp, ast.Not, ast.IfExp),
    *(ast.GeneratorExp, ast.ListComp, ast.comprehension, ast.Tuple),
}
METHODS = {"keys", "find", "startswith", "endswith"}
"""Of whatever the data holds: dicts and texts have these, and they change nothing."""
ROOTS = ("resource", "facts", "params")

EVIL = ["__import__", "__class__", "__builtins__", "_renew", "_items", "_any", "eval", "lambda", "None", "x;y", "é", ""]
NAMES = st.one_of(st.sampled_from([*EVIL, "a", "b"]), st.text(max_size=5))
PATHS = st.builds(lambda root, steps: ".".join([root, *steps]), st.sampled_from(ROOTS), st.lists(NAMES, max_size=3))
ARITY = {
    **dict.fromkeys(["!_", "-_", "size", "hasValue", "lowerAscii", "upperAscii"], 1),
    **dict.fromkeys([*(OPERATORS.keys() - {"-_"}), "_&&_", "_||_", "_?._", "or", "orValue"], 2),
    **dict.fromkeys(["matches", "contains", "startsWith", "endsWith"], 2),
    "_?_:_": 3,
}
"""The front end has seen to it that a function gets as many arguments as it takes."""
VALUES = st.one_of(
    *(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), st.binary(max_size=3)),
    *(st.sampled_from(EVIL), st.builds(Uint, st.integers(0, 5)), st.builds(object), st.just(eval)),
)
LEAVES = st.one_of(
    st.builds(Const, st.just(0), VALUES),
    st.builds(Ident, st.just(0), PATHS, st.just(value=False)),
    st.builds(Ident, st.just(0), NAMES, st.just(value=True)),
)


def _larger(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    at, some = st.just(0), st.lists(inner, min_size=1, max_size=3).map(tuple)
    entry = st.builds(Entry, inner, inner, optional=st.booleans())
    kinds = st.sampled_from(["all", "exists", "exists_one", "map", "to_map", "__import__"])
    return st.one_of(
        st.builds(Select, at, inner, NAMES),
        st.builds(Has, at, inner, NAMES),
        st.builds(Call, at, NAMES.filter(lambda name: name not in ARITY), some),
        *(st.builds(Call, at, st.just(name), st.tuples(*[inner] * arity)) for name, arity in ARITY.items()),
        st.builds(ListExpr, at, some, st.frozensets(st.integers(0, 2), max_size=1)),
        st.builds(MapExpr, at, st.lists(entry, max_size=2).map(tuple)),
        st.builds(Loop, at, kinds, NAMES, inner, st.none() | inner, st.none() | inner, NAMES),
        st.builds(Bind, at, NAMES, inner, inner),
    )


TREES: st.SearchStrategy[Node] = st.recursive(LEAVES, _larger, max_leaves=12)
PARAMS = st.dictionaries(NAMES, st.one_of(VALUES, st.lists(st.text(max_size=3), max_size=3)), max_size=2)


def foreign(form: ast.expr) -> list[str]:
    """What in a form is outside of the closed set."""
    found = []
    for node in ast.walk(form):
        match node:
            case _ if type(node) not in NODES:
                found.append(type(node).__name__)
            case ast.Name(id=name) if name not in HELPERS and name not in ROOTS and not name.startswith("v_"):
                found.append(name)
            case ast.Attribute(attr=name) if name not in METHODS:
                found.append(name)
            case ast.Call(func=ast.Name(id=name)) if name not in HELPERS:
                found.append(name)
            case ast.Call(func=callee) if not isinstance(callee, ast.Name | ast.Attribute):
                found.append(ast.dump(callee))
            case ast.Constant(value=value) if not isinstance(
                value, bool | int | float | str | tuple | frozenset | None
            ):
                found.append(repr(value))
    return found


@settings(max_examples=400, deadline=None)
@given(TREES, PARAMS)
def test_a_form_is_made_of_a_closed_set(tree: Node, params: dict[str, object]) -> None:
    form = fast.form(tree, params)
    if form is not None:
        assert not foreign(form), ast.dump(form)


@settings(max_examples=200, deadline=None)
@given(TREES)
def test_a_form_can_be_run_and_gives_a_bool_or_nothing(tree: Node) -> None:
    form = fast.form(tree, {})
    if form is None:
        return
    roots = {root: {"a": 1, "b": {"a": ["x"]}, "": "", "__class__": True} for root in ROOTS}
    plain = Given(ROOTS, {}, ())
    (answer,) = fuse_all([part("resource", form, {}, plain, raised="raised")], plain)(**roots)
    assert answer in {True, False, "raised"}


def test_what_is_foreign_is_found() -> None:
    for text in ("__import__('os')", "resource.__class__", "[].append(1)", "lambda: 1", "(resource or facts)()"):
        assert foreign(ast.parse(text, mode="eval").body), text
