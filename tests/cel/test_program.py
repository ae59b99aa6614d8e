"""What policies and verdicts rely on: mistakes with their place, unknowns, failures, fast forms, explanations."""

import itertools
import pickle
import time
from typing import Any

import pytest
from cel_expr_python import cel as official
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.cel import CelError, Environment, Failure, Program, Read, fuse
from scanner.cel import compile as cel_compile
from scanner.model import Unknown

ENVIRONMENT = Environment(
    {
        "resource.native": "map(string, dyn)",
        "resource.tags": "map(string, string)",
        "resource.region": "string",
        "facts.mesh_mtls.mode": "string",
        "facts.mesh_mtls.in_mesh": "bool",
        "facts.accelerators.count": "int",
        "params.required": "list(string)",
    }
)
LATER = Unknown("known after apply", "aws_eks.main.image")
ROOTS = {
    "resource": {
        "native": {
            "spec": {
                "replicas": 2,
                "containers": [
                    {"name": "main", "image": "registry/main:1.2"},
                    {"name": "side", "image": "side:latest", "limits": {"nvidia.com/gpu": 1}},
                    {"name": "third", "image": LATER},
                ],
            },
            "policy": LATER,
        },
        "tags": {"team": "ml", "cost": LATER},
        "region": "eu-west-1",
    },
    "facts": {"mesh_mtls": {"mode": "PERMISSIVE", "in_mesh": True}},
    "params": {"required": ["team", "owner"]},
}


def program(text: str) -> Program:
    return ENVIRONMENT.compile(text)


def evaluate(text: str) -> Any:
    return program(text).evaluate(ROOTS)


def explain(text: str) -> tuple[Read, ...]:
    return program(text).explain(ROOTS).reads


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        ("facts.mesh.mode == ''", 1, 11, "undeclared"),
        ("facts.mesh_mtls.mode == 1", 1, 22, "no matching overload"),
        ("facts.mesh_mtls.in_mesh\n  && (", 2, 7, "Syntax error"),
        ("resource.region == google.protobuf.Struct{}.x", 1, 1, ""),
        ("'\ud800'", 1, 1, "surrogates"),
        ("'" + "x" * 100_001 + "'", 1, 1, "longer than"),
    ],
)
def test_a_mistake_has_its_place_and_says_what_is_wrong(text: str, line: int, column: int, words: str) -> None:
    with pytest.raises(CelError) as caught:
        program(text)
    first = caught.value.mistakes[0]
    assert words in first.message
    if words:
        assert (first.line, first.column) == (line, column)


def test_every_mistake_is_reported_at_once() -> None:
    with pytest.raises(CelError) as caught:
        program("facts.nope == 1 &&\n params.nope == 2")
    assert [found.line for found in caught.value.mistakes] == [1, 2]


def test_a_type_that_cel_does_not_have_is_refused() -> None:
    for kind in ("text", "list(string", "map(string)", "list(list(nope))", "", "list()", "int)"):
        with pytest.raises(ValueError, match="no CEL type"):
            cel_compile("true", {"x": kind})


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("true", "bool"),
        ("resource.tags", "map(string, string)"),
        ("params.required", "list(string)"),
        ("resource.native.spec", "dyn"),
        ("resource.native.?spec", "optional_type(dyn)"),
        ("facts.accelerators.count", "int"),
    ],
)
def test_the_type_of_the_result_is_known(text: str, kind: str) -> None:
    assert program(text).result_type == kind


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("resource.region == 'x' && resource.native.policy == 'y'", False),
        ("resource.native.policy == 'y' && resource.region == 'x'", False),
        ("resource.native.policy.deep.er == 1 || facts.mesh_mtls.in_mesh", True),
        ("'cost' in resource.tags", True),
        ("size(resource.tags) == 2", True),
        ("has(resource.tags.cost)", True),
        ("resource.native.spec.containers.all(c, !c.image.endsWith(':latest'))", False),
        ("resource.native.spec.containers.exists(c, c.image == 'side:latest')", True),
        ("size(resource.native.spec.containers.map(c, c.image)) == 3", True),
        ("'side:latest' in resource.native.spec.containers.map(c, c.image)", True),
        ("resource.native.spec.?missing.?deeper.orValue('none') == 'none'", True),
    ],
)
def test_an_unknown_matters_only_where_the_answer_hangs_on_it(text: str, answer: object) -> None:
    assert evaluate(text) is answer


@pytest.mark.parametrize(
    "text",
    [
        "resource.native.policy == 'y'",
        "resource.native.policy.statement[0]",
        "resource.tags.cost == 'x' || resource.native.nope == 1",
        "resource.native.spec.containers.all(c, c.image != 'x')",
        "size([resource.native.policy.deep]) == 1",
        "resource.tags == {'team': 'ml', 'cost': '12'}",
    ],
)
def test_what_hangs_on_an_unknown_is_unknown_and_keeps_the_reason(text: str) -> None:
    answer = evaluate(text)
    assert type(answer) is Unknown
    assert (answer.reason, answer.path) == ("known after apply", "aws_eks.main.image")


def test_a_fact_that_is_not_there_is_unknown() -> None:
    answer = evaluate("facts.accelerators.count > 0")
    assert isinstance(answer, Unknown)
    assert answer.path == "facts.accelerators.count"
    assert "not provided" in answer.reason


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("resource.native.nope == 1", "no such key: nope"),
        ("resource.native.spec.replicas.deep == 1", "no such key: deep"),
        ("resource.native.spec.replicas + 'x' == ''", "no such overload"),
        ("resource.native.spec.containers[7].name == ''", "index 7 is out of range"),
        ("1 / (resource.native.spec.replicas - 2) == 1", "division by zero"),
        ("resource.region.matches('(')", "invalid regular expression"),
        ("9223372036854775807 + resource.native.spec.replicas > 0", "overflow"),
        ("-9223372036854775808 % (resource.native.spec.replicas - 3) == 0", "overflow"),
        ("resource.native.spec.replicas % 0 == 0", "modulo by zero"),
    ],
)
def test_a_failure_says_what_went_wrong(text: str, words: str) -> None:
    answer = evaluate(text)
    assert isinstance(answer, Failure)
    assert words in answer.message


@pytest.mark.parametrize(
    "text",
    [
        "18446744073709551615u % 1u == 0u",
        "9223372036854775809u % 9223372036854775808u == 1u",
        "duration('-1.5s').getMilliseconds() == -500",
        "duration('-1.5s').getSeconds() == -1",
        "duration('123.321456789s').getMilliseconds() == 321",
    ],
)
def test_large_and_negative_numbers_are_counted_as_googles_runtime_does(text: str) -> None:
    assert evaluate(text) is True
    assert official.NewEnv().compile(text).eval(data={}).value() is True


def test_loops_that_take_too_long_end_in_a_failure() -> None:
    items = Environment({"x": "list(int)"})
    endless = items.compile("x.all(a, x.all(b, x.all(c, x.all(d, a + b + c + d >= 0))))")
    began = time.monotonic()
    answer = endless.evaluate({"x": list(range(200))})
    assert isinstance(answer, Failure)
    assert "steps" in answer.message
    assert time.monotonic() - began < 60


def test_a_text_cannot_be_grown_without_bound() -> None:
    text = "'" + "x" * 1000 + "'"
    for name in "abcdefghij":
        text = f"cel.bind({name}, {text}, {name} + {name} + {name} + {name} + {name})"
    assert isinstance(evaluate(f"size({text}) > 0"), Failure)


@pytest.mark.parametrize(
    ("text", "reads"),
    [
        ("facts.mesh_mtls.mode == 'STRICT'", {"facts.mesh_mtls.mode"}),
        ("resource.native.spec['replicas'] > 1", {"resource.native.spec.replicas"}),
        ("resource.native.spec.containers.all(c, c.image != '')", {"resource.native.spec.containers"}),
        (
            "resource.native.?spec.?x.orValue(1) == 1 || has(resource.tags.team)",
            {"resource.native.spec.x", "resource.tags.team"},
        ),
        ("params.required.all(t, t in resource.tags)", {"params.required", "resource.tags"}),
        ("1 == 1", set()),
    ],
)
def test_it_is_known_what_an_expression_reads(text: str, reads: set[str]) -> None:
    assert program(text).reads == reads


def test_a_program_can_be_kept_and_read_back() -> None:
    kept = program("resource.native.spec.containers.all(c, c.name != 'x')")
    assert kept.reads
    again = pickle.loads(pickle.dumps(kept))  # noqa: S301  # our own bytes
    assert again == kept
    assert again.evaluate(ROOTS) is True


def test_a_false_comparison_is_explained_by_the_value_it_read() -> None:
    (read,) = explain("facts.mesh_mtls.in_mesh && facts.mesh_mtls.mode == 'STRICT'")
    assert read.path == "facts.mesh_mtls.mode"
    assert read.steps == ("facts", "mesh_mtls", "mode")
    assert read.value == "PERMISSIVE"
    assert read.expression == "facts.mesh_mtls.mode == 'STRICT'"


def test_a_false_all_is_explained_by_the_elements_that_broke_it() -> None:
    (read,) = explain("resource.native.spec.containers.all(c, !has(c.image) || !c.image.endsWith(':latest'))")
    assert read.path == "resource.native.spec.containers[1].image"
    assert read.steps == ("resource", "native", "spec", "containers", 1, "image")
    assert read.value == "side:latest"
    assert read.expression == "c.image.endsWith(':latest')"


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("resource.tags.all(k, v, v != 'ml')", ["resource.tags.team"]),
        ("resource.tags.all(k, v, !k.startsWith('te'))", ["resource.tags.team"]),
        (
            "resource.native.spec.containers.all(i, c, i != 1 || c.name != 'side')",
            ["resource.native.spec.containers[1].name"],
        ),
        (
            "resource.native.spec.containers[1].limits.transformList(k, v, v) == []",
            ['resource.native.spec.containers[1].limits["nvidia.com/gpu"]'],
        ),
    ],
)
def test_a_macro_with_two_variables_is_explained_by_the_values_that_broke_it(text: str, paths: list[str]) -> None:
    assert [read.path for read in explain(text)] == paths


def test_an_unknown_answer_is_explained_by_what_is_not_known() -> None:
    (read,) = explain("resource.native.spec.containers.all(c, c.image != 'x') && resource.region != ''")
    assert read.path == "resource.native.spec.containers[2].image"
    assert isinstance(read.value, Unknown)


def test_a_missing_key_is_explained_by_where_it_should_be() -> None:
    reads = explain("has(resource.tags.owner)")
    assert [(read.path, type(read.value)) for read in reads] == [("resource.tags.owner", Failure)]


def test_a_missing_element_is_explained_by_its_name_and_the_place_it_was_looked_for() -> None:
    reads = {read.path: read.value for read in explain("params.required.all(t, t in resource.tags)")}
    assert reads["params.required[1]"] == "owner"
    assert "resource.tags" in reads


def test_the_elements_a_filter_left_over_are_shown() -> None:
    paths = [read.path for read in explain("size(resource.native.spec.containers.filter(c, has(c.limits))) == 0")]
    assert "resource.native.spec.containers[1].limits" in paths


def test_names_that_are_no_identifiers_are_written_in_brackets() -> None:
    (read,) = explain("resource.native.spec.containers[1].limits['nvidia.com/gpu'] == 0")
    assert read.path == 'resource.native.spec.containers[1].limits["nvidia.com/gpu"]'
    assert read.value == 1


def test_a_long_list_of_culprits_is_cut() -> None:
    items = Environment({"x": "list(int)"})
    explanation = items.compile("x.all(i, i > 5000)").explain({"x": list(range(5000))})
    assert explanation.value is False
    assert len(explanation.reads) == 10


@pytest.mark.parametrize(
    "text",
    [
        "facts.mesh_mtls.mode == 'STRICT'",
        "!(resource.region in ['a', 'b'])",
        "params.required.all(t, t in resource.tags)",
        "resource.native.spec.replicas >= 2 && size(resource.tags) > 1",
        "resource.native.?spec.?replicas.orValue(1) > 1",
        "has(resource.native.spec) && resource.region.startsWith('eu-')",
        "resource.native.spec.containers.exists(c, c.name == 'side')",
        "resource.region.matches('^eu-.*[0-9]$')",
        "resource.native.spec.containers.exists(i, c, i == 1 && c.name == 'side')",
        "resource.native.spec.containers[1].limits.all(k, v, k.contains('/') && v < 1.5)",
    ],
)
def test_everyday_expressions_have_a_fast_form_that_agrees(text: str) -> None:
    compiled = program(text)
    form = compiled.fast()
    assert form is not None
    fast = fuse("test", form, ("resource", "facts", "params"))
    assert fast(**ROOTS) is compiled.evaluate(ROOTS)


@pytest.mark.parametrize("text", ["resource.region", "size(resource.tags)", "resource.native.?spec"])
def test_only_truth_values_have_a_fast_form(text: str) -> None:
    assert program(text).fast() is None


def test_a_fast_form_never_takes_another_value_for_true() -> None:
    for value in (1, "yes", None, [1], LATER):
        form = program("resource.native.flag").fast()
        assert form is not None
        fast = fuse("test", form, ("resource",))
        with pytest.raises(Exception):  # noqa: B017, PT011  # any exception means "ask the interpreter"
            fast({"native": {"flag": value}})


TRAPS = [True, False, 0, 1, 0.0, 1.0, -1, "1", "a", "", None, [], [1], [True], {}, {"a": 1}, 2**53 + 1, float(2**53)]
"""Values that Python and CEL see differently: bools as numbers, texts as sequences, large integers as doubles."""


@pytest.mark.parametrize(
    "text",
    [
        *(
            f"x {operator} {value}"
            for operator in ("==", "!=")
            for value in ("1", "0", "1.0", "true", "false", "null", "'a'")
        ),
        *(
            f"x {operator} {value}"
            for operator in ("<", ">=")
            for value in ("1", "0.0", "y", "'a'", "9007199254740992.0")
        ),
        *(
            "x == y",
            "x != y",
            "x in y",
            "x in ['a', '1']",
            "x in [1, 2]",
            "'a' in x",
            "1 in x",
            "x[0] == y",
            "x[y] == 1",
        ),
        *("x && y", "x || y", "!x", "x ? y : true", "size(x) == 1", "x + y == y", "-x == y", "x.all(i, i == y)"),
        *("x.exists(i, i)", "has(x.a)", "x.a == y", "x.?a.orValue(y) == 1", "x.?a.hasValue()", "x.startsWith('a')"),
        *(
            "x.contains('')",
            "x.lowerAscii() == y",
            "x.matches('a')",
            "x % y == 0",
            "[x] == [y]",
            "x == 9007199254740992.0",
        ),
    ],
)
def test_a_fast_form_never_falls_for_pythons_ideas_of_equality_and_order(text: str) -> None:
    compiled = Environment({"x": "dyn", "y": "dyn"}).compile(text)
    form = compiled.fast()
    if form is None:
        return
    fast = fuse("test", form, ("x", "y"))
    for x, y in itertools.product(TRAPS, TRAPS):
        try:
            answer = fast(x, y)
        except Exception:  # noqa: BLE001, S112  # any exception means "ask the interpreter"
            continue
        assert answer is compiled.evaluate({"x": x, "y": y}), (text, x, y)


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(), st.text(alphabet="abc.?:()[]{}<>=!&|+-*/%'\"\\ \n0123456789exists,", max_size=40)))
def test_any_text_compiles_or_raises_a_cel_error(text: str) -> None:
    try:
        compiled = ENVIRONMENT.compile(text)
    except CelError as error:
        mistakes = error.mistakes
    else:
        compiled.evaluate({})
        compiled.explain({})
        return
    assert mistakes
    assert all(found.line >= 1 and found.column >= 1 and found.message for found in mistakes)


@pytest.mark.parametrize(
    "text",
    [
        "'%s and %s'.format(['a', resource.native.policy]) == 'x'",
        "['a', resource.native.policy].join('-') == 'x'",
        "math.greatest([1, resource.native.policy]) == 1",
    ],
)
def test_a_list_with_an_unknown_given_to_a_function_is_unknown_and_no_failure(text: str) -> None:
    answer = evaluate(text)
    assert isinstance(answer, Unknown), answer
    assert answer.reason == "known after apply"
