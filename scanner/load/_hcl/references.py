"""What expressions of `.tf` files refer to, in a plan's words, and exactly where a plan is not.

Of `aws_x.y[each.key].id` a plan names `aws_x.y`; the source says which instance it is. An object is opened up: each of
its entries is an expression of its own. `same_keys` is said of what has the keys of the one thing it refers to, such
as `aws_x.y` itself, or `{ for key, one in aws_x.y : key => one.id }`. `is_set` is said of `toset(...)`: the value of
what is repeated over it is its key.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from msgspec import Struct
from tree_sitter import Node  # noqa: TC002  # whoever imports this parses

from scanner.load._hcl.encoded import encoded
from scanner.load._hcl.nodes import arguments_of, collection, literal, text_of
from scanner.load._hcl.syntax import Body, Expression, Nested, Reference, Written
from scanner.load._plan.modules import Later
from scanner.model import Path

_SAME = frozenset({"tomap", "nonsensitive", "sensitive", "tolist"})
"""Functions that give what they are given, as far as keys and references go."""

_LOOSE = _SAME | {"try", "flatten", "toset"}
"""Those that do so as far as a `dynamic` block is concerned, which sees one entry at a time."""


class Went(Struct, frozen=True):
    """What the iterator of a `dynamic` block goes over; `entry` leads to one entry, None if it is not plain to see."""

    references: tuple[Reference, ...]
    entry: tuple[str, ...] | None

    def part(self, steps: tuple[str, ...]) -> Iterator[Reference]:
        """What a part of an entry refers to."""
        for one in self.references:
            behind = () if self.entry is None else (*self.entry, *steps)
            yield Reference(one.parts, one.whole, (*one.rest, *behind))


Over = Mapping[str, Went]
"""By the iterators of the `dynamic` blocks around."""


def all_opened(written: Mapping[str, Expression]) -> Later:
    """Expressions by name."""
    return Later(lambda: written, lambda name: opened(written[name]))


def repeated(body: Body) -> Later:
    """What a block is repeated over."""
    return all_opened({name: body.arguments[name] for name in ("for_each", "count") if name in body.arguments})


def module(blocks: Mapping[tuple[str, ...], Written], local: Mapping[str, Expression], call: Body) -> dict[str, Any]:
    """A module in the shape that `_plan/modules` describes."""
    outputs = {
        key[1]: block.body.arguments["value"]
        for key, block in blocks.items()
        if key[0] == "output" and len(key) == 2 and "value" in block.body.arguments  # noqa: PLR2004  # kind, name
    }
    return {
        "arguments": all_opened(call.arguments),
        "repeated": repeated(call),
        "outputs": all_opened(outputs),
        "locals": all_opened(local),
    }


def references(expression: Expression, over: Over = MappingProxyType({})) -> list[str]:
    """What an expression refers to, each reference followed by the shorter ones that it is a part of."""
    return [name for one in _behind(expression, over) for name in one.names()]


def described(expression: Expression, names: list[str], over: Over = MappingProxyType({})) -> dict[str, Any]:
    """An expression in a plan's words, and what a plan does not tell.

    `encoded` is the value that it turns into JSON, as far as that is known; `entries` are the paths of the entries of
    an object, each with what it refers to.
    """
    told: dict[str, Any] = {"references": names}
    if (value := encoded(expression)) is not None:
        told["encoded"] = value
    if entries := [(path, references(entry, over)) for path, entry in _leaves(expression)]:
        told["entries"] = entries
    return told


def _leaves(expression: Expression) -> Iterator[tuple[Path, Expression]]:
    """Of an object or a list, entries of objects too. What `merge` puts last is not replaced by anything."""
    inner = collection(expression.inner)
    if inner.type == "function_call":
        name = expression.calls[0][0]
        given = _arguments(inner) if name == "merge" else [one for one in (_only_argument(inner),) if one]
        if name in _SAME or name == "merge":
            yield from _last_leaves(given)
        return
    for key, entry in _parts(inner):
        below = [((key, *path), leaf) for path, leaf in _leaves(entry)] if entry.references else []
        yield from below or [((key,), entry)]


def _last_leaves(objects: list[Expression]) -> Iterator[tuple[Path, Expression]]:
    replaced: set[str | int] = set()
    for one in reversed(objects):
        parts = dict(_parts(collection(one.inner)))
        if not parts:
            return
        yield from ((path, leaf) for path, leaf in _leaves(one) if path[0] not in replaced)
        replaced |= parts.keys()


def _parts(node: Node) -> Iterator[tuple[str | int, Expression]]:
    if node.type == "object":
        yield from (_entries(node) or {}).items()
    elif node.type == "tuple":
        yield from enumerate(Expression(child) for child in node.named_children if child.type == "expression")


def _behind(expression: Expression, over: Over) -> Iterator[Reference]:
    """The references of an expression; one to an iterator is to what it goes over."""
    chosen = _element(expression)
    for one in (chosen,) if chosen else expression.references:
        if one.parts[0] not in over:
            yield one
        elif one.parts[1:2] != ("key",):
            yield from over[one.parts[0]].part(one.parts[2:] + one.rest)


def went_over(block: Nested, over: Over) -> Over:
    """The same inside of a block, where the iterator of a `dynamic` one stands for what it goes over."""
    if not block.each:
        return over
    inner, entries = _unwrapped(block.each)
    names = [one.parts[0] for one in inner.references]
    is_plain = inner.inner.type == "expression" and len(names) == 1
    is_lost = any(over[name].entry is None for name in names if name in over)
    return {**over, block.iterator: Went(tuple(_behind(inner, over)), entries if is_plain and not is_lost else None)}


def _unwrapped(expression: Expression) -> tuple[Expression, tuple[str, ...]]:
    """What a `dynamic` block goes over, and the step from there to one entry: none from `[x]` to `x`."""
    inner = collection(expression.inner)
    if inner.type == "function_call" and expression.calls[0][0] in _LOOSE and (given := _arguments(inner)):
        return _unwrapped(given[0])
    if inner.type == "tuple":
        entries = [child for child in inner.named_children if child.type == "expression"]
        return (Expression(entries[0]), ()) if len(entries) == 1 else (expression, ())
    return expression, ("[*]",)


def made(block: Nested, over: Over) -> dict[str, Any]:
    """The arguments of the blocks that a `dynamic` block makes, and of what is nested in them."""
    inside = went_over(block, over)
    arguments = ((name, references(one, inside)) for name, one in block.body.arguments.items())
    found: dict[str, Any] = {name: {"references": names} for name, names in arguments if names}
    return found | {nested.kind: made(nested, inside) for nested in block.body.blocks}


def opened(expression: Expression) -> dict[str, Any]:
    """An expression; an object becomes one of expressions."""
    inner = collection(expression.inner)
    if inner.type == "function_call" and (given := _only_argument(inner)) and expression.calls[0][0] in _SAME:
        return opened(given)
    if inner.type == "object" and (entries := _entries(inner)) is not None:
        return {key: opened(entry) for key, entry in entries.items()}
    found = references(expression)
    if inner.type == "function_call" and expression.calls[0][0] == "toset":
        return {"references": found, "is_set": True}
    if not found:
        return {}
    return {"references": found, "same_keys": True} if _has_same_keys(expression) else {"references": found}


def _entries(node: Node) -> dict[str, Expression] | None:
    """The entries of an object; None if a key is computed."""
    entries: dict[str, Expression] = {}
    for element in node.named_children:
        if element.type != "object_elem" or len(element.named_children) < 2:  # noqa: PLR2004  # key and value
            continue
        key = Expression(element.named_children[0])
        if key.inner.type not in {"string_lit", "variable_expr", "identifier"} or "${" in key.text:
            return None
        entries[literal(key.node) or key.text] = Expression(element.named_children[1])
    return entries


def _only_argument(call: Node) -> Expression | None:
    given = _arguments(call)
    return given[0] if len(given) == 1 else None


def _arguments(call: Node) -> list[Expression]:
    return [Expression(child) for child in arguments_of(call) if child.type == "expression"]


def _element(expression: Expression) -> Reference | None:
    """`element(aws_x.y[*].id, 1)` as a reference to `aws_x.y[1].id`."""
    if expression.inner.type != "function_call" or expression.calls[0][0] != "element":
        return None
    given = _arguments(expression.inner)
    if len(given) != 2 or len(given[0].references) != 1:  # noqa: PLR2004  # a list and an index
        return None
    reference, index = given[0].references[0], given[1].text.strip()
    if reference.rest[:1] != ("[*]",) or not (index.isdigit() or index == "count.index"):
        return None
    return Reference(reference.parts, whole=False, rest=(f"[{index}]", *reference.rest[1:]))


def _has_same_keys(expression: Expression) -> bool:
    if len(expression.references) != 1:
        return False
    inner = expression.inner
    if inner.type == "for_expr":
        return _keeps_keys(inner.named_children[0])
    return inner.type == "expression" and bool(inner.named_children) and inner.named_children[0].type == "variable_expr"


def _keeps_keys(node: Node) -> bool:
    """Whether a `for` gives an entry of the same key for every one that it goes over and keeps."""
    intro, *rest = node.named_children[1:]
    names = [text_of(child) for child in intro.named_children if child.type == "identifier"]
    if node.type == "for_object_expr":
        return len(names) == 2 and bool(rest) and text_of(rest[0]).strip() == names[0]  # noqa: PLR2004  # key, value
    return not any(child.type == "for_cond" for child in rest)
