"""Three ways to evaluate agree: Google's runtime, our exact interpreter, and the fast form; also with unknowns."""

import itertools
import re
from typing import Any

from cel_expr_python import cel as official
from cel_expr_python.ext import ext_bindings, ext_optional, ext_strings
from hypothesis import given, reject, settings
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
CONFIGURATION = """
name: official
stdlib: {exclude_functions: [{name: _<_}, {name: _<=_}, {name: _>_}, {name: _>=_}]}
extensions: [{name: two-var-comprehensions}]
functions:
""" + "".join(
    f"- name: {name}\n  overloads:\n"
    + "".join(
        f"  - {{id: '{name}{one}{other}', args: [{{type_name: {one}}}, {{type_name: {other}}}], return: {{type_name: bool}}}}\n"
        for one, other in [
            *itertools.product(["int", "uint", "double"], repeat=2),
            ("string", "string"),
            ("bool", "bool"),
        ]
    )
    for name in ("_<_", "_<=_", "_>_", "_>=_")
)
"""Google's comparisons, which its checker must be told to take for numbers of different types."""
OFFICIAL = official.NewEnv(
    config=official.NewEnvConfigFromYaml(CONFIGURATION),
    variables={name: declared(kind) for name, kind in VARIABLES.items()},
    extensions=[ext_optional.ExtOptional(), ext_strings.ExtStrings(), ext_bindings.ExtBindings()],
)

TEXTS = st.sampled_from(["", "a", "b", "ab", "Ä"])
_LOOP = re.compile(r"\.(all|exists|existsOne|exists_one|filter|map|transform\w+)\(")
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


MIXED = st.sampled_from(["<", "<=", ">", ">="])
"""What may stand between numbers of different types; `==` takes them only where the types are not known."""
ORDER = st.sampled_from(["==", "!=", "<", "<=", ">", ">="])
Names = tuple[str, ...]
"""Loop variables in reach. Those that begin with t are texts, the others anything."""


def texts(depth: int, names: Names) -> st.SearchStrategy[str]:
    """Expressions of type string."""
    loops = [name for name in names if name.startswith("t")]
    leaves = st.sampled_from(["r.s", '"a"', '"ab"', '""', "r.tags.a", 'r.tags["b"]', "r.names[0]", *loops])
    if not depth:
        return leaves
    inner = texts(depth - 1, names)
    return st.one_of(
        leaves,
        st.builds("({} + {})".format, inner, inner),
        st.builds("{}.{}()".format, inner, st.sampled_from(["lowerAscii", "upperAscii", "trim", "reverse"])),
        st.builds("{}.replace({}, {})".format, inner, inner, inner),
        st.builds("r.names.join({})".format, inner),
        st.builds("r.tags[?{}].orValue({})".format, inner, inner),
        st.builds("{}.substring({})".format, inner, st.sampled_from(["0", "1", "r.n"])),
    )


def numbers(depth: int) -> st.SearchStrategy[str]:
    """Expressions of type int."""
    leaves = st.sampled_from(
        [
            "r.n",
            "0",
            "1",
            "2",
            "size(r.names)",
            "r.tags.size()",
            "size(r.s)",
            'r.s.indexOf("a")',
            "int(r.s)",
            "size(r.any)",
        ]
    )
    if not depth:
        return leaves
    inner = numbers(depth - 1)
    return st.one_of(leaves, st.builds("({} {} {})".format, inner, st.sampled_from("+-*/%"), inner))


def anythings(names: Names) -> st.SearchStrategy[str]:
    """Expressions of type dyn."""
    steps = ["r.any", "r.any.a", 'r.any["b"].c', "r.any[0]", "r.items[1]", "r.any.a[0]", "r.any[r.s]", "r.any[r.n]"]
    optional = [
        "r.any.?a.orValue(1)",
        "r.any.?a.?b.orValue(dyn(r.s))",
        "r.any.?a.b.orValue(false)",
        "r.items[?0].?a.orValue(null)",
        "r.any.?a.or(r.any.?b).orValue(1.5)",
        "optional.ofNonZeroValue(r.any).orValue(dyn(0))",
        "r.tags.?a.optMap(o, dyn(o + r.s)).orValue(r.any)",
        "dyn(r.tags[?r.s].optFlatMap(o, r.tags[?o]).orValue(r.s))",
        "[?r.any.?a, ?r.tags.?b][?0].orValue(dyn(r.n))",
    ]
    loops = [form.format(name) for name in names for form in ("dyn({})", "dyn({}).a", "dyn({}).?a.orValue(true)")]
    return st.sampled_from([*steps, *optional, *loops])


def leaves(names: Names) -> st.SearchStrategy[str]:
    """The simplest expressions of type bool (or dyn, which may stand for one)."""
    functions = st.sampled_from(["startsWith", "endsWith", "contains", "matches"])
    plain = ["r.b", "true", "has(r.any.a)", "has(r.tags.b)", "r.any.a == null", "r.any == true", "r.any.?a.hasValue()"]
    return st.one_of(
        st.sampled_from([*plain, *(f"has({name}.a)" for name in names if not name.startswith("t"))]),
        st.builds("{} {} {}".format, texts(1, names), ORDER, texts(1, names)),
        st.builds("{} {} {}".format, numbers(2), ORDER, numbers(1)),
        st.builds("{} {} {}".format, numbers(1), MIXED, st.sampled_from(["1.5", "2u", "0.0", "double(r.n)", "-1.0"])),
        st.builds("{} {} {}".format, st.sampled_from(["1.5", "2u", "double(r.n)"]), MIXED, numbers(1)),
        st.builds("{} {} {}".format, anythings(names), ORDER, anythings(names)),
        st.builds(
            "{} {} {}".format, anythings(names), ORDER, st.sampled_from(["1", "1.0", "2", '"a"', "0", "1.5", "true"])
        ),
        st.builds(
            "{} {} {}".format,
            anythings(names),
            st.sampled_from(["==", "!="]),
            st.sampled_from(['["a", 1]', '{"a": 1}', "[]"]),
        ),
        st.builds("{}.{}({})".format, texts(0, names), functions, texts(0, names)),
        st.builds(
            "{} in {}".format, texts(0, names), st.sampled_from(["r.names", "r.tags", '["a", "ab"]', "r.any", "[r.s]"])
        ),
        st.builds("{} in {}".format, anythings(names), st.sampled_from(["r.items", '["a", "b"]', "r.any", "[1, 2]"])),
        anythings(names),
    )


def truths(depth: int, names: Names = ()) -> st.SearchStrategy[str]:
    """Expressions of type bool (or dyn, which may stand for one)."""
    if not depth:
        return leaves(names)
    inner = truths(depth - 1, names)
    text, thing = f"t{depth}", f"v{depth}"
    with_text, with_thing = truths(depth - 1, (*names, text)), truths(depth - 1, (*names, thing))
    over = st.sampled_from(["r.names", "r.tags", 'r.names.filter(f, f != "a")', 'r.names.map(m, m + "a")'])
    loop = st.sampled_from(["all", "exists", "exists_one"])
    pairs, key = st.sampled_from(["all", "exists", "existsOne"]), f"k{depth}"
    with_pair = truths(depth - 1, (*names, key, thing))
    both = st.sampled_from(["dyn(r.items)", "r.any", "dyn(r.names)", "dyn(r.tags)"])
    return st.one_of(
        leaves(names),
        st.builds("({} {} {})".format, inner, st.sampled_from(["&&", "||"]), inner),
        st.builds("!({})".format, inner),
        st.builds("({} ? {} : {})".format, inner, inner, inner),
        st.builds(f"{{}}.{{}}({text}, {{}})".format, over, loop, with_text),
        st.builds(f"{{}}.{{}}({thing}, {{}})".format, st.sampled_from(["r.items", "r.any"]), loop, with_thing),
        st.builds(f"size({{}}.filter({text}, {{}})) > 0".format, over, with_text),
        st.builds(f"{{}}.{{}}({key}, {thing}, {{}})".format, both, pairs, with_pair),
        st.builds(f"size({{}}.transformList({key}, {thing}, {{}}, {key})) > 0".format, both, with_pair),
        st.builds(f"dyn(r.items).transformMap({key}, {thing}, {{}}, {thing})[?1].hasValue()".format, with_pair),
        st.builds(
            f"dyn(r.tags).transformMapEntry({key}, {thing}, {{{{{thing}: {{}}}}}}).?a.orValue(r.b)".format, with_pair
        ),
        st.builds(f"r.items.map({thing}, {{}}, {{}}) == [1]".format, with_thing, anythings((*names, thing))),
        st.builds(f"cel.bind({thing}, {{}}, {{}})".format, anythings(names), with_thing),
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


def test_an_optional_that_is_mapped_after_a_loop_which_ended_early_is_mapped() -> None:
    """Where Google's runtime (cel-expr-python 0.1.3) answers false, so that it is not asked about such expressions."""
    text = "r.tags.all(k, r.b) ? r.b : r.tags.?a.optMap(o, o).orValue('x') == ''"
    assert ENVIRONMENT.compile(text).evaluate({"r": {"tags": {"a": ""}, "b": False}}) is True


def _official(text: str, data: dict[str, Any]) -> Any:
    if _LOOP.search(text) and ".opt" in text:
        reject()
    try:
        value = OFFICIAL.compile(text).eval(data={f"r.{name}": content for name, content in data.items()})
    except RuntimeError:  # gives up on the whole expression where an optional's value has the wrong type
        reject()
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
