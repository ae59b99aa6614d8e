"""How far the value of an expression may be believed, by how it is written.

What its names stand for, and which files it may read, is for the module to say that it is written in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from msgspec import Struct
from tree_sitter import Node  # noqa: TC002  # functions are given it, and whoever imports this parses

from scanner.load._hcl.nodes import arguments_of, collection, literal
from scanner.load._hcl.syntax import CONSTANTS, Expression, Reference
from scanner.load._hcl.trust import FUNCTIONS, Fields, Items, Known, Opaque, Shape, keys_known, merged, overlaid

Bound = Mapping[str, Shape]
"""What an iteration is over, by the iterator's name."""

_CONDITIONAL = "conditional"
_NEVER_NULL = frozenset({"operation", "template_expr"})
_WORDS = (
    "base64decode base64encode can cidrhost cidrnetmask cidrsubnet contains endswith format formatdate indent join "
    "jsonencode length lower md5 replace sha1 sha256 sha512 startswith strcontains substr title trim trimprefix "
    "trimspace trimsuffix upper urlencode yamlencode"
)
_SIMPLE = frozenset(_WORDS.split())
"""Functions that give a simple value, never a null; where the evaluator has none, it has lost the value."""
_CONSTANT, _NULL = Known(), Known(nullable=True)


class Reading(Struct, frozen=True):
    """Reads the expressions of one module."""

    refer: Callable[[Reference, Bound], Shape]
    """What a name stands for."""
    reads: Callable[[str], bool]
    """Whether a path, as it is written, leads to a file whose content may be believed."""

    def shape(self, expression: Expression, bound: Bound) -> Shape:
        """How far the value of an expression may be believed."""
        node = expression.inner
        if node.type in CONSTANTS:
            return _NULL if node.type == "null_lit" else _CONSTANT
        if node.type in {"collection_value", "object", "tuple"}:
            return self._collection(node, bound)
        if _is_reference(expression):
            return self.refer(expression.references[0], bound)
        if node.type == "function_call":
            return self._call(expression, node, bound)
        return self._combined(expression, bound)

    def _of(self, node: Node, bound: Bound) -> Shape:
        return self.shape(Expression(node), bound)

    def _combined(self, expression: Expression, bound: Bound) -> Shape:
        """Something made from all that is named in it."""
        shapes = [self._part(reference, bound) for reference in expression.references]
        shapes += [self._function(name, node) for name, node in expression.calls]
        found = merged(shapes)
        nullable = found.nullable or expression.inner.type == _CONDITIONAL or "null" in expression.text
        if _is_never_null(expression):
            nullable = False
        if isinstance(found, Opaque):
            return Opaque(found.reason, nullable)
        return _NULL if nullable and (found.nullable or "null" in expression.text) else _CONSTANT

    def _part(self, reference: Reference, bound: Bound) -> Shape:
        """What a name stands for inside of an expression. tfparse 0.6.22 forgets all of it where an output is null."""
        found = self.refer(reference, bound)
        if reference.parts[0] == "module" and isinstance(found, Known) and found.nullable:
            return Opaque(f"comes from {reference}, which may be null")
        return found

    def _call(self, expression: Expression, node: Node, bound: Bound) -> Shape:
        name = expression.calls[0][0]
        given = arguments_of(node)
        if any(child.type == "ellipsis" for child in given):
            return self._combined(expression, bound)
        if name == "merge":
            return overlaid(self._of(child, bound) for child in given)
        if name in {"length", "keys"} and len(given) == 1:
            return keys_known(self._of(given[0], bound))
        return self._combined(expression, bound)

    def _collection(self, node: Node, bound: Bound) -> Shape:
        inner = collection(node)
        if inner.type == "tuple":
            entries = (child for child in inner.named_children if child.type == "expression")
            return Items(tuple(self._of(entry, bound) for entry in entries))
        parts: dict[str, Shape] = {}
        for element in inner.named_children:
            if element.type == "object_elem" and len(element.named_children) > 1:
                key = _key(element.named_children[0])
                if key is None:
                    return self._combined(Expression(inner), bound)
                parts[key] = self._of(element.named_children[1], bound)
        return Fields(parts)

    def _function(self, name: str, node: Node) -> Shape:
        if name in FUNCTIONS or (name in {"file", "filebase64"} and self._reads(node)):
            return Known()
        return Opaque(f"comes from {name}(), which is not evaluated without a plan")

    def _reads(self, node: Node) -> bool:
        given = arguments_of(node)
        return len(given) == 1 and self.reads(Expression(given[0]).text.strip('"'))


def _is_never_null(expression: Expression) -> bool:
    kind = expression.inner.type
    return kind in _NEVER_NULL or (kind == "function_call" and expression.calls[0][0] in _SIMPLE)


def _is_reference(expression: Expression) -> bool:
    """Whether an expression is one name, such as `var.a.b`, and nothing else."""
    node, references = expression.inner, expression.references
    if node.type != "expression" or len(references) != 1 or not references[0].whole:
        return False
    return bool(node.named_children) and node.named_children[0].type == "variable_expr"


def _plain(text: str) -> str | None:
    """A text that means what is written; None if something in it is escaped."""
    return None if "\\" in text or "$${" in text or "%%{" in text else text


def _key(node: Node) -> str | None:
    """A key that is written as a name or a plain text."""
    inner = Expression(node).inner
    if inner.type == "string_lit":
        return _plain(literal(inner) or "")
    return Expression(inner).text if inner.type in {"variable_expr", "identifier"} else None
