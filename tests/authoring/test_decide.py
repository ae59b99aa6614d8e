"""What is said to come out one way only does so for every value; checked against the interpreter, for any condition."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from scanner import cel
from scanner.authoring import decide

ENVIRONMENT = cel.Environment({"x": "dyn", "y": "dyn", "resource.type": "dyn", "params.most": "int"})
TYPES = ["storage.bucket", "workload"]
CONSTANTS = ['"a"', '"b"', "0", "1", "2.5", "true", "null"]
TERMS = ["x", "y", "x.a", "resource.type"]
TESTS = st.one_of(
    st.builds("{0} {1} {2}".format, st.sampled_from(TERMS), st.sampled_from(["==", "!="]), st.sampled_from(CONSTANTS)),
    st.builds("{0} {1} {2}".format, st.sampled_from(["0", "1", "2.5"]), st.sampled_from("<>"), st.sampled_from(TERMS)),
    st.builds("{0} in [{1}, {2}]".format, st.sampled_from(TERMS), st.sampled_from(CONSTANTS), st.just('"workload"')),
    st.builds("size(x) {0} {1}".format, st.sampled_from(["==", "<", ">="]), st.sampled_from(["0", "1", "3", "7"])),
    st.sampled_from(
        ["x in []", "has(x.a)", "x", "y", "x == y", "x == x", 'resource.type.startsWith("storage")', "true"]
    ),
)
CONDITIONS = st.recursive(
    TESTS,
    lambda inner: st.one_of(
        st.builds("({0} && {1})".format, inner, inner),
        st.builds("({0} || {1})".format, inner, inner),
        st.builds("!({0})".format, inner),
        st.builds("({0} ? {1} : {2})".format, inner, inner, inner),
    ),
    max_leaves=6,
)
VALUES = st.sampled_from(
    ["", "a", "b", "workload", 0, 1, 2, 2.5, 3, -1, True, False, None, [], ["a"], {"a": 1}, {"a": "b"}]
)


def _tree(text: str) -> Any:
    return ENVIRONMENT.compile(text).tree


@settings(max_examples=400, deadline=None)
@given(condition=CONDITIONS, before=CONDITIONS, x=VALUES, y=VALUES, kind=st.sampled_from(TYPES))
def test_no_value_contradicts_what_is_decided(condition: str, before: str, x: Any, y: Any, kind: str) -> None:
    roots = {"x": x, "y": y, "resource": {"type": kind}}
    came_out = [ENVIRONMENT.compile(text).evaluate(roots) for text in (condition, before)]
    if isinstance(came_out[0], bool):
        assert came_out[0] in decide.outcomes(_tree(condition), (), TYPES)
        if came_out[1] is True:
            assert came_out[0] in decide.outcomes(_tree(condition), [_tree(before)], TYPES)


def test_more_combinations_than_anybody_waits_for_are_left_open() -> None:
    text = " && ".join(f"x.a{number} in ['a', 'b', 'c']" for number in range(40))
    assert decide.outcomes(_tree(f"({text}) && x.z && !x.z"), (), TYPES) == {True, False}


def test_what_only_parameters_decide_is_written_out() -> None:
    tree = decide.with_params(_tree("params.most > 3 && x == 1"), {"most": 2})
    assert decide.outcomes(tree, (), TYPES) == {False}
