"""Which path of a policy decides: Vault's own examples, and what holds for any paths."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.analyze._vault_paths import Paths, example, matches, meeting


def deciding(request: str, *patterns: str) -> str:
    paths = Paths({"path": one, "capabilities": ["read"], "limited": False} for one in patterns)
    return next((one for one in patterns if paths.decided(one, request).capabilities), "")


@pytest.mark.parametrize(
    ("request_", "patterns", "expected"),
    [
        ("secret/foobar", ["secret/foo*", "secret/*"], "secret/foo*"),
        ("secret/foo", ["secret/foo*", "secret/foo"], "secret/foo"),
        ("secret/a/b/foo/c", ["secret/*", "secret/+/+/foo/*"], "secret/*"),
        ("foo/bar/x/baz", ["foo/+/x/baz", "foo/bar/+/baz"], "foo/bar/+/baz"),
        ("foo/abc", ["foo/a*", "foo/+"], "foo/a*"),
        ("foo/abc", ["foo/*", "foo/+"], "foo/+"),
        ("foo/x/bar/bab", ["foo/+/bar/b*", "foo/+/bar/ba*"], "foo/+/bar/ba*"),
        ("foo/a/b/baz", ["foo/+/+/baz", "foo/+/b/baz"], "foo/+/b/baz"),
        ("secret/food", ["secret/foo"], ""),
        ("secret/a/b", ["secret/+"], ""),
        ("secret", ["secret/*"], ""),
        ("a+/b", ["a+/b"], "a+/b"),
    ],
)
def test_the_most_specific_path_decides(request_: str, patterns: list[str], expected: str) -> None:
    assert deciding(request_, *patterns) == expected
    assert deciding(request_, *reversed(patterns)) == expected


SEGMENT = st.sampled_from(["a", "b", "ab", "+"])
PATTERN = st.builds(
    lambda parts, end: "/".join(parts) + (end if parts[-1] != "+" else ""),
    st.lists(SEGMENT, min_size=1, max_size=4),
    st.sampled_from(["", "*", "/*"]),
)
AREA = st.builds("/".join, st.lists(st.sampled_from(["a", "b", "+", "?"]), min_size=1, max_size=4))


@settings(max_examples=400, deadline=None)
@given(PATTERN, AREA)
def test_where_a_path_and_an_area_meet_both_hold(pattern: str, area: str) -> None:
    met = meeting(pattern, area)
    if met is not None:
        assert matches(pattern, met)
        assert matches(area.replace("?", "+"), met)
        assert all(
            "a" not in one and "b" not in one
            for one, want in zip(met.split("/"), area.split("/"), strict=True)
            if want == "?"
        )


@settings(max_examples=400, deadline=None)
@given(PATTERN, st.lists(st.sampled_from(["a", "b", "ab", "c"]), min_size=1, max_size=4))
def test_nothing_that_both_allow_is_overlooked(pattern: str, request: list[str]) -> None:
    if matches(pattern, "/".join(request)):
        assert meeting(pattern, "/".join(request)) == "/".join(request)
        assert meeting(pattern, "/".join("+" for _ in request)) is not None


@settings(max_examples=200, deadline=None)
@given(PATTERN)
def test_a_path_matches_its_own_example(pattern: str) -> None:
    assert matches(pattern, example(pattern))
