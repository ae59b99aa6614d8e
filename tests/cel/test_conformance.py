"""Google's own conformance cases for CEL, through the exact interpreter and, where there is one, the fast form."""

import math
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cel_expr_python import cel as official

from scanner.cel import CelError, Environment, Failure, Program, fuse, wire
from scanner.cel.decode import UnsupportedError, decode
from scanner.cel.values import MISSING, kind, lookup
from tests.cel.conformance import Case, NotApplicableError, cases

NOT_OFFERED = {
    "block_ext": "cel.block is what an optimizer writes, not an author; the front end has no macro for it",
    "enums": "protobuf enums",
    "dynamic": "protobuf messages: every case builds one",
    "proto2": "protobuf messages",
    "proto2_ext": "protobuf messages",
    "proto3": "protobuf messages",
    "wrappers": "protobuf messages: every case builds one",
}
"""Whole files that do not apply."""

SINGLE = {
    "basic/variables/self_eval_unbound_lookup": "undeclared is refused, not provided is unknown",
    "fields/qualified_identifier_resolution/qualified_identifier_resolution_unchecked": "a variable in a variable",
    "fields/qualified_identifier_resolution/ident_with_longest_prefix_check": "a variable in a variable",
    "namespace/namespace/self_eval_container_lookup": "containers: a policy lies in no package, and names in full",
    "namespace/namespace/self_eval_container_lookup_unchecked": "containers: a policy lies in no package",
    "namespace/namespace_shadowing/basic": "containers: a policy lies in no package",
}
"""Cases that do not apply: roots are trees, so `a.b` and `a.b.c` cannot be two variables of different values."""

_BUILDS = re.compile(r"TestAllTypes|google\.protobuf\.\w+\s*\{")
"""A protobuf message in an expression."""
APPLICABLE = 1707
"""At least so many cases must run; guards against skipping too much."""


def test_every_applicable_case_gives_the_specified_answer(corpora: Path) -> None:
    ran, left_out, wrong = Counter[str](), Counter[str](), []
    for case in _applicable(corpora / "cel-spec", left_out):
        ran[case.name.split("/")[0]] += 1
        problem = _judge(case)
        if problem:
            wrong.append(f"{case.name}: {case.text}: {problem}")
    assert not wrong, "\n".join(wrong)
    assert sum(ran.values()) >= APPLICABLE, (sum(ran.values()), ran, left_out)


def _applicable(folder: Path, left_out: Counter[str]) -> Iterator[Case]:
    for file in sorted(folder.glob("*.textproto")):
        for case in cases(file):
            reason = NOT_OFFERED.get(file.stem) or SINGLE.get(case.name) or _messages(case)
            if reason:
                left_out[reason] += 1
            else:
                yield case


def _messages(case: Case) -> str:
    """Why this one case does not apply, or nothing."""
    if _BUILDS.search(case.text):
        return "protobuf messages"
    try:
        case.variables()
        case.roots()
        if not _wants_error(case):
            case.expected()
    except NotApplicableError as error:
        return str(error)
    return ""


def _wants_error(case: Case) -> bool:
    return "eval_error" in case.fields or "any_eval_errors" in case.fields


def _judge(case: Case) -> str:
    """What is wrong with our answer; nothing where it is right."""
    try:
        program = _program(case)
    except (CelError, UnsupportedError) as error:
        return "" if _wants_error(case) else f"refused: {error}"
    if case.has("check_only"):
        return ""
    answers = [program.evaluate(case.roots()), *_fast(program, case.roots())]
    if _wants_error(case):
        return "" if all(isinstance(answer, Failure) for answer in answers) else f"no error but {answers}"
    return "" if all(_same(answer, case.expected()) for answer in answers) else f"{answers}, not {case.expected()}"


def _program(case: Case) -> Program:
    """Checked where the case is well typed; cases that are not meant to be go to the interpreter unchecked."""
    try:
        return Environment(case.variables()).compile(case.text)
    except CelError:
        if not case.has("disable_check"):
            raise
    parsed = wire.message(wire.data(wire.message(_front_end().compile(case.text, disable_check=True).serialize()), 2))
    expression, source = wire.data(parsed, 2), wire.data(parsed, 3)
    checked = _field(4, expression) + _field(5, source)
    tree, kind_of_result = decode(_field(2, checked), {*case.variables(), "x", "a"})
    return Program(case.text, kind_of_result, tree)


def _front_end() -> Any:
    return official.NewEnv()


def _field(number: int, content: bytes) -> bytes:
    size = len(content)
    return bytes([number << 3 | 2, size & 0x7F | 0x80, size >> 7 & 0x7F | 0x80, size >> 14]) + content


def _fast(program: Program, roots: dict[str, Any]) -> list[Any]:
    """The fast form's answer, if it has one and finishes."""
    form = program.fast()
    if form is None:
        return []
    names = {path.split(".")[0] for path in program.reads}
    try:
        return [fuse("case", form, tuple(names))(**{name: roots[name] for name in names})]
    except Exception:  # noqa: BLE001  # any exception means "ask the interpreter"
        return []


def _same(answer: Any, expected: Any) -> bool:
    """Equal, and of the same CEL type throughout."""
    if isinstance(answer, Failure) or kind(answer) != kind(expected):
        return False
    match kind(answer):
        case "list":
            return len(answer) == len(expected) and all(map(_same, answer, expected))
        case "map":
            found = [(value, lookup(expected, key)) for key, value in answer.items()]
            return len(answer) == len(expected) and all(two is not MISSING and _same(one, two) for one, two in found)
        case "double" if math.isnan(answer):
            return math.isnan(expected)
    return bool(answer == expected)


@pytest.mark.parametrize("name", sorted(NOT_OFFERED))
def test_a_file_left_out_exists(corpora: Path, name: str) -> None:
    assert (corpora / "cel-spec" / f"{name}.textproto").is_file()
