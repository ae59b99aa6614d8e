"""A compiled expression."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from msgspec import Struct

from scanner.cel import explain, fast, interpreter
from scanner.cel.budget import BUDGET
from scanner.cel.explain import Explanation
from scanner.cel.inlined import inlined
from scanner.cel.nodes import Call, Const, Has, Ident, Node, Select, children


class Program(Struct, frozen=True, dict=True):
    """Immutable, and can be pickled."""

    text: str
    """The expression as its author wrote it."""
    result_type: str
    """A CEL type: `bool`, `dyn`, `list(string)`."""
    tree: Node

    @cached_property
    def reads(self) -> frozenset[str]:
        """The dotted paths it may read, as deep as the text says: `resource.native.spec.replicas`."""
        return frozenset(map(".".join, self.inputs))

    @cached_property
    def inputs(self) -> frozenset[tuple[str, ...]]:
        """The same, step by step. What it says hangs on nothing but the values there."""
        return frozenset(_paths(self.tree))

    def fast(self, params: Mapping[str, Any] | None = None) -> ast.expr | None:
        """Plain Python over the root names, to be put in a function by `fuse_all`; None where there is no such form.

        Only truth values have one. Whenever it finishes, its answer is a bool and that of `evaluate`; when it raises
        anything, ask `evaluate`. With `params`, those that are plain are constants in it and need not be given.
        """
        return fast.form(self.tree, params or {}) if self.result_type in {"bool", "dyn"} else None

    def written_out(self, root: str, programs: Mapping[str, Program]) -> Program:
        """The same with each `root.name` replaced by the expression of that name; where that is too long it stays."""
        trees = {name: program.tree for name, program in programs.items()}
        return Program(self.text, self.result_type, inlined(self.tree, root, trees))

    def evaluate(self, roots: Mapping[str, Any]) -> Any:
        """The exact answer: a plain value, a `model.Unknown`, or a `Failure`. Never raises.

        `roots` maps each root name to plain data: `{"resource": {...}, "facts": {...}, "params": {...}}`. A declared
        variable that is missing there is unknown.
        """
        BUDGET.renew(self.text)
        return interpreter.evaluate(self.tree, roots)

    def explain(self, roots: Mapping[str, Any]) -> Explanation:
        """The answer of `evaluate`, with the values that decided it, the most telling first."""
        BUDGET.renew(self.text)
        return explain.explain(self.text, self.tree, roots)


def _paths(node: Node) -> Iterator[tuple[str, ...]]:
    path = static_path(node)
    if path:
        yield path
        return
    for child in children(node):
        yield from _paths(child)


def static_path(node: Node) -> tuple[str, ...]:
    """The path a node reads if its text says all of it, else empty."""
    match node:
        case Ident(name=name, local=False):
            return tuple(name.split("."))
        case (
            Select(operand=operand, field=field)
            | Has(operand=operand, field=field)
            | Call(function="_[_]" | "_?._" | "_[?_]", args=(operand, Const(value=str(field))))
        ):
            path = static_path(operand)
            return (*path, field) if path else ()
    return ()
