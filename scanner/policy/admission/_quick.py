"""The fast form of an admission policy: what most objects get by, without the exact interpreter.

The contract is that of docs/decisions/0002-a-fast-form-and-an-exact-form.md: where it finishes its answer is right. It
only ever says that all is well or that nothing is asked; what is wrong, unknown or raises is for the exact form.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from typing import Any

from scanner import cel
from scanner.policy.admission._rules import Rules

PASSES, NOT_ASKED, OPEN = range(3)
"""All conditions and validations are true; a condition is false; ask the exact form."""

_GIVEN = cel.Given(("object", "oldObject", "request", "params", "namespaceObject", "authorizer"), {}, ())
_PATIENCE = 12
"""Objects asked exactly before the function is made: making it costs as much as asking about so many that way."""


class Quick:
    """Answers for the roots of one case."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._asked = 0
        self._form: Any = None

    def __call__(self, roots: Mapping[str, Any]) -> int:
        """`PASSES`, `NOT_ASKED` or `OPEN`."""
        self._asked += 1
        if self._asked <= _PATIENCE or isinstance(roots["params"], cel.Failure):
            return OPEN
        if self._form is None:
            self._form = _form(self._rules)
        answer: int = self._form(*(roots[name] for name in _GIVEN.arguments))[0]
        return answer


def _form(rules: Rules) -> Any:
    """A function of `_GIVEN`; it is always open where an expression has no fast form."""
    try:
        return _function(rules.name, _code(rules))
    except RecursionError:  # Python's compiler goes less deep than CEL's, and what is written out is deeper
        return _function(rules.name, ast.Constant(OPEN))


def _function(name: str, code: ast.expr) -> Any:
    return cel.fuse_all([cel.part(name, code, {}, _GIVEN, raised=OPEN)], _GIVEN)


def _code(rules: Rules) -> ast.expr:
    variables: dict[str, cel.Program] = {}
    for name, program in rules.variables.items():
        variables[name] = program.written_out("variables", variables)
    conditions = _all(rules.conditions)
    checks = _all([check.program.written_out("variables", variables) for check in rules.checks])
    if conditions is None or checks is None:
        return ast.Constant(OPEN)
    asked = ast.IfExp(checks, ast.Constant(PASSES), ast.Constant(OPEN))
    return ast.IfExp(conditions, asked, ast.Constant(NOT_ASKED))


def _all(programs: Sequence[cel.Program]) -> ast.expr | None:
    """Whether all are true, as one form; None where one has no form, or still names a variable."""
    true = ast.Constant(value=True)
    forms = [None if "variables" in _roots(program) else program.fast() for program in programs]
    known = [form for form in forms if form is not None]
    return ast.BoolOp(ast.And(), [true, true, *known]) if len(known) == len(forms) else None  # takes two at least


def _roots(program: cel.Program) -> set[str]:
    return {path.partition(".")[0] for path in program.reads}
