"""Three ways to evaluate agree: Google's runtime, our exact interpreter, and the fast form; also with unknowns."""

import itertools
from typing import Any

from cel_expr_python import cel as official
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.cel import Environment, Failure, Program, fuse
from scanner.cel.types import declared
from scanner.model import Unknown

VARIABLES = {
    "r.s": "string",
    "r.n": "int",
    "r.b": "bool",
    "r.names": "list(string)",
    "r.tags": "map(string, string)",
    "r.any": "dyn",
    "r.items": "list(dyn)",
}
ENVIRONMENT = Environment(VARIABLES)
OFFICIAL = official.NewEnv(variables={name: declared(kind) for name, kind in VARIABLES.items()})

TEXTS = st.sampled_from(["", "a", "b", "ab", "Ä"])
NUMBERS = st.sampled_from([0, 1, 2, -1, 3, 9007199254740993])
SCALARS = st.one_of(TEXTS, NUMBERS, st.booleans(), st.none(), st.sampled_from([0.0, 1.0, 1.5]))
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from("abc"), inner, max_size=3)),
    max_leaves=5,
)
ITEMS = st.lists(st.one_of(SCALARS, st.dictionaries(st.sampled_from("abc"), SCALARS, max_size=2)), max_size=3)
DATA = st.fixed_dictionaries(
    {
        "s": TEXTS,
        "n": NUMBERS,
        "b": st.booleans(),
        "names": st.lists(TEXTS, max_size=3),
        "tags": st.dictionaries(st.sampled_from("abc"), TEXTS, max_size=3),
        "any": ANYTHING,
        "items": ITEMS,
    }
)


def texts(depth: int, loops: tuple[str, ...]) -> st.SearchStrategy[str]:
    """Expressions of type string."""
    leaves = st.sampled_from(["r.s", '"a"', '"ab"', '""', "r.tags.a", 'r.tags["b"]', "r.names[0]", *loops])
    if not depth:
        return leaves
    inner = texts(depth - 1, loops)
    return st.one_of(leaves, st.builds("({} + {})".format, inner, inner))


def numbers(depth: int, loops: tuple[str, ...]) -> st.SearchStrategy[str]:
    """Expressions of type int."""
    leaves = st.sampled_from(["r.n", "0", "1", "2", "size(r.names)", "r.tags.size()", "size(r.s)"])
    if not depth:
        return leaves
    inner = numbers(depth - 1, loops)
    return st.one_of(leaves, st.builds("({} {} {})".format, inner, st.sampled_from("+-*/%"), inner))


def anythings(loops: tuple[str, ...]) -> st.SearchStrategy[str]:
    """Expressions of type dyn."""
    steps = ["r.any", "r.any.a", 'r.any["b"].c', "r.any[0]", "r.items[1]", "r.any.a[0]"]
    return st.sampled_from([*steps, *(f"dyn({name})" for name in loops), *(f"dyn({name}).a" for name in loops)])


def truths(depth: int, loops: tuple[str, ...] = ()) -> st.SearchStrategy[str]:
    """Expressions of type bool (or dyn where they stand for one)."""
    order = st.sampled_from(["==", "!=", "<", "<=", ">", ">="])
    leaves = st.one_of(
        st.sampled_from(["r.b", "true", "false", "has(r.any.a)", "has(r.tags.b)", "r.any.a == null", "r.any == true"]),
        st.builds("{} {} {}".format, texts(1, loops), order, texts(1, loops)),
        st.builds("{} {} {}".format, numbers(2, loops), order, numbers(1, loops)),
        st.builds("{} {} {}".format, anythings(loops), order, anythings(loops)),
        st.builds("{} {} {}".format, anythings(loops), order, st.sampled_from(["1", "1.0", "2", '"a"', "0", "1.5"])),
        st.builds(
            "{}.{}({})".format,
            texts(0, loops),
            st.sampled_from(["startsWith", "endsWith", "contains", "matches"]),
            texts(0, loops),
        ),
        st.builds(
            "{} in {}".format, texts(0, loops), st.sampled_from(["r.names", "r.tags", '["a", "ab"]', "r.any", "[r.s]"])
        ),
        st.builds("{} in {}".format, anythings(loops), st.sampled_from(["r.items", '["a", "b"]', "r.any"])),
        anythings(loops),
    )
    if not depth:
        return leaves
    inner = truths(depth - 1, loops)
    name = f"v{depth}"
    looped = truths(depth - 1, (*loops, name))
    looped_any = truths(depth - 1, loops)
    over = st.sampled_from(["r.names", "r.tags", 'r.names.filter(f, f != "a")', 'r.names.map(m, m + "a")'])
    loop = st.sampled_from(["all", "exists", "exists_one"])
    return st.one_of(
        leaves,
        st.builds("({} {} {})".format, inner, st.sampled_from(["&&", "||"]), inner),
        st.builds("!({})".format, inner),
        st.builds("({} ? {} : {})".format, inner, inner, inner),
        st.builds(f"{{}}.{{}}({name}, {{}})".format, over, loop, looped),
        st.builds(f"r.items.{{}}({name}, {{}})".format, loop, looped_any),
        st.builds(f"size({{}}.filter({name}, {{}})) > 0".format, over, looped),
    )


@settings(max_examples=400, deadline=None)
@given(truths(2), DATA)
def test_exact_agrees_with_googles_runtime(text: str, data: dict[str, Any]) -> None:
    program = ENVIRONMENT.compile(text)
    ours = program.evaluate({"r": data})
    theirs = _official(text, data)
    assert _agree(ours, theirs), (text, data, ours, theirs)


@settings(max_examples=400, deadline=None)
@given(truths(2), DATA)
def test_fast_agrees_with_exact_whenever_it_finishes(text: str, data: dict[str, Any]) -> None:
    program = ENVIRONMENT.compile(text)
    for answer in _fast(program, data):
        assert answer is program.evaluate({"r": data}), (text, data)


@settings(max_examples=400, deadline=None)
@given(truths(2), DATA, st.data())
def test_what_is_decided_with_unknowns_holds_for_every_value_they_may_have(
    text: str, data: dict[str, Any], choices: st.DataObject
) -> None:
    program = ENVIRONMENT.compile(text)
    holes = choices.draw(st.lists(st.sampled_from(sorted(_leaves(data), key=str)), min_size=1, max_size=2, unique=True))
    partial = data
    for hole in holes:
        partial = _replaced(partial, hole, Unknown("known after apply"))
    answers = [program.evaluate({"r": partial}), *_fast(program, partial)]
    decided = [answer for answer in answers if isinstance(answer, bool)]
    for values in itertools.product([data, None], repeat=len(holes)):
        filled = data
        for hole, value in zip(holes, values, strict=True):
            if value is None:
                filled = _replaced(filled, hole, choices.draw(_replacement(hole)))
        for answer in decided:
            assert answer is program.evaluate({"r": filled}), (text, partial, filled)


def _official(text: str, data: dict[str, Any]) -> Any:
    value = OFFICIAL.compile(text).eval(data={f"r.{name}": content for name, content in data.items()})
    return Failure("theirs") if value.type().name() == "ERROR" else value.plain_value()


def _agree(ours: Any, theirs: Any) -> bool:
    if isinstance(ours, Failure) or isinstance(theirs, Failure):
        return isinstance(ours, Failure) and isinstance(theirs, Failure)
    return type(ours) is type(theirs) and bool(ours == theirs)


def _fast(program: Program, data: dict[str, Any]) -> list[Any]:
    form = program.fast()
    if form is None:
        return []
    try:
        return [fuse("test", form, ("r",))(data)]
    except Exception:  # noqa: BLE001  # any exception means "ask the interpreter"
        return []


Hole = tuple[str | int, ...]


def _leaves(value: Any, path: Hole = ()) -> list[Hole]:
    """Every place that may turn out to be unknown, containers included."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [*([path] if path else []), *(leaf for key, item in inner for leaf in _leaves(item, (*path, key)))]


def _replaced(value: Any, path: Hole, new: Any) -> Any:
    """A copy with one place replaced; unchanged where a part of the path is itself unknown by now."""
    if not path:
        return new
    if isinstance(value, dict):
        return {key: _replaced(item, path[1:], new) if key == path[0] else item for key, item in value.items()}
    if isinstance(value, list):
        return [_replaced(item, path[1:], new) if at == path[0] else item for at, item in enumerate(value)]
    return value


def _replacement(hole: Hole) -> st.SearchStrategy[Any]:
    """Another value that the declared type of the place allows."""
    match hole:
        case ("s",) | ("names" | "tags", _):
            return TEXTS
        case ("n",):
            return NUMBERS
        case ("b",):
            return st.booleans()
        case ("names",):
            return st.lists(TEXTS, max_size=3)
        case ("tags",):
            return st.dictionaries(st.sampled_from("abc"), TEXTS, max_size=3)
        case ("items",):
            return ITEMS
    return ANYTHING
