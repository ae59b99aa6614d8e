"""Parts of an expression that are an error whatever is scanned: a pattern that is none, a date that does not exist."""

from __future__ import annotations

from collections.abc import Iterator

from scanner import cel
from scanner.cel.nodes import Call, Const, Node, children
from scanner.model import Path, Policy, Program

_PATTERN = {"matches": 1, "find": 1, "findAll": 1, "regex.extract": 1, "regex.extractAll": 1, "regex.replace": 1}
"""Functions that take a regular expression, and which argument it is."""


def complaints(policy: Policy) -> Iterator[tuple[Path, int, str]]:
    """Where such a part stands, its character in the expression, and what is said of it."""
    for place, program in _programs(policy):
        if isinstance(program, cel.Program):
            for part, message in _wrong(program.tree):
                yield place, part.at, f"is always an error: {message}"


def _programs(policy: Policy) -> Iterator[tuple[Path, Program]]:
    gates: list[tuple[Path, Program | None]] = [(("match", "where"), policy.match.where), (("when",), policy.when)]
    yield from ((place, gate) for place, gate in gates if gate)
    for number, validation in enumerate(policy.validations):
        yield ("validations", number, "expression"), validation.program


def _wrong(node: Node) -> Iterator[tuple[Node, str]]:
    if isinstance(node, Call) and (asked := _decided(node)):
        value = cel.Program("", "dyn", asked).evaluate({})
        if isinstance(value, cel.Failure):
            yield node, value.message
    for child in children(node):
        yield from _wrong(child)


def _decided(node: Call) -> Node | None:
    """The call, if constants decide it; of one with a pattern, the same of an empty text."""
    if all(isinstance(arg, Const) for arg in node.args):
        return node
    number = _PATTERN.get(node.function)
    if number is None or not isinstance(node.args[number], Const):
        return None
    return Call(node.at, "matches", (Const(node.at, ""), node.args[number]))
