"""No expression holds up a scan, whichever form computes it, and what it costs others is nothing."""

import time
from typing import Any

import pytest

from scanner.cel import Environment, Failure, Given, fuse_all, part

ENVIRONMENT = Environment({"params.x": "list(int)"})
NUMBERS = list(range(300))

HOSTILE = [
    "params.x.all(a, params.x.all(b, params.x.all(c, params.x.all(d, a + b + c + d >= 0))))",
    "params.x.exists(a, params.x.exists(b, params.x.exists(c, params.x.exists(d, a < 0))))",
    "params.x.all(a, params.x.all(b, params.x.all(c, !((a + b + c + 1000000) in params.x))))",
    "params.x.all(a, params.x.all(b, params.x == params.x.map(c, c)))",
    "params.x.map(a, params.x.map(b, params.x)) == params.x.map(c, params.x.map(d, params.x))",
    "'%s'.format([params.x.map(a, params.x.map(b, params.x))]) != ''",
    f"params.x.all(a, params.x.all(b, !'{'a' * 50_000}'.matches('(a|aa|aaa)*b')))",
    f"params.x.all(a, params.x.all(b, !'{'a' * 50_000}b'.contains('{'a' * 25_000}c')))",
    f"size(params.x.map(a, '{'a' * 3000}'.replace('a', '{'b' * 3000}'))) > 0",
    f"size(params.x.map(a, params.x.map(b, '{'a' * 30_000}'.split('')))) > 0",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_an_endless_expression_ends_in_a_failure_that_says_so(text: str) -> None:
    began = time.monotonic()
    answer = ENVIRONMENT.compile(text).evaluate({"params": {"x": NUMBERS}})
    assert isinstance(answer, Failure)
    assert "too many steps" in answer.message or "more than 10,000,000 elements" in answer.message
    assert time.monotonic() - began < 30


@pytest.mark.parametrize("text", HOSTILE)
def test_the_fast_form_gives_up_sooner_and_spoils_no_other(text: str) -> None:
    forms = [ENVIRONMENT.compile(each).fast() for each in (text, "params.x.all(i, i >= 0)")]
    if None in forms:
        return
    given = Given(("params",), {}, ())
    parts = [part(str(number), form, {}, given, raised="open") for number, form in enumerate(forms) if form]
    ask = fuse_all(parts, given)
    began = time.monotonic()
    for _ in range(3):
        assert ask({"x": NUMBERS}) == ("open", True)
    assert time.monotonic() - began < 10


def test_an_answer_that_is_small_in_memory_only_is_not_written_out() -> None:
    rows = ENVIRONMENT.compile("params.x.map(a, params.x.map(b, params.x))")
    assert isinstance(rows.evaluate({"params": {"x": NUMBERS}}), Failure)


def test_an_expression_that_runs_out_often_is_soon_refused_and_others_are_not() -> None:
    endless = ENVIRONMENT.compile(HOSTILE[0])
    sane = ENVIRONMENT.compile("params.x.all(a, params.x.all(b, a + b >= 0))")
    roots: dict[str, Any] = {"params": {"x": NUMBERS[:200]}}
    for _ in range(4):
        endless.evaluate(roots)
    began = time.monotonic()
    for _ in range(20):
        assert isinstance(endless.evaluate(roots), Failure)
    assert time.monotonic() - began < 10
    assert sane.evaluate(roots) is True
