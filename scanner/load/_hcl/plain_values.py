"""What expressions come to that are made of constants, variables, local values, templates and a few functions.

Anything beyond that raises `BeyondError`. A value has the form that the evaluator gives it, with `HOLE` for whatever
may not be believed (`trust`): here as there, that is for the source to tell.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import takewhile
from typing import Any

from tree_sitter import Node  # noqa: TC002  # whoever imports this parses

from scanner.load._hcl.layout import is_separated
from scanner.load._hcl.nodes import arguments_of, collection, text_of
from scanner.load._hcl.plain_functions import FUNCTIONS, called
from scanner.load._hcl.plain_names import Instance, Instances, Names, Place, descended
from scanner.load._hcl.plain_texts import BeyondError, FailedError, pieces, quoted
from scanner.load._hcl.plain_types import Set, a_kind, binary, chosen, entries, is_true, number, shown, unary, unique
from scanner.load._hcl.syntax import Body, Expression, traversal
from scanner.load._hcl.trust import HOLE, Opaque, keys_known

_INSTANCES = 1000
"""Of one block."""
MOST = 200_000
"""Expressions that are looked at for one root module, where 128 bytes of text count as one more.

Local values that are made of local values can come to any size.
"""


class Values:
    """Works out the values of one root module, and of the modules that it calls."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        self._names = Names(given, self.of, self.instances)
        self._left = MOST

    def modules(self, name: str, instance: Instance) -> Mapping[Any, Instance]:
        """The instances of a module that another one calls, by their keys."""
        return self._names.modules(name, instance)

    def instances(self, body: Body, place: Place) -> Instances:
        """What is around the arguments of each instance of a block, by its key; none where their number is unknown."""
        shape = place.module.instances(body)
        if isinstance(keys_known(shape), Opaque):
            return {}
        if "for_each" in body.arguments:
            over = self._repeated(body.arguments["for_each"], place)
            return {key: place.inside("each", {"key": key, "value": value}, shape) for key, value in over}
        if "count" in body.arguments:
            count = _counted(self.of(body.arguments["count"], place))
            self._left -= count
            return {index: Place(place.instance, {"count": {"index": index}}) for index in range(count)}
        return {None: place}

    def of(self, expression: Expression, place: Place) -> Any:
        """The value of an expression; raises `BeyondError`."""
        node = expression.inner
        self._spend(node.end_byte - node.start_byte)
        if node.type in _CONSTANTS:
            return _CONSTANTS[node.type](node)
        if node.type in {"collection_value", "object", "tuple"}:
            return self._collection(node, place)
        if isinstance(place.module.shape(expression, place.bound), Opaque):
            return HOLE
        return self._made(node, place)

    def _repeated(self, expression: Expression, place: Place) -> Iterable[tuple[str, Any]]:
        """The keys and values that a block is repeated over, which may be the instances of another one."""
        if block := place.module.repeats(expression):
            return [(a_kind(str, key), HOLE) for key in self.instances(block.body, Place(place.instance))]
        over = self.of(expression, place)
        if isinstance(over, list) and not isinstance(over, Set):
            raise BeyondError  # it is not valid
        return entries(over)

    def _spend(self, size: int) -> None:
        self._left -= 1 + (size >> 7)
        if self._left < 0:
            raise BeyondError

    def _of(self, node: Node, place: Place) -> Any:
        return self.of(Expression(node), place)

    def _made(self, node: Node, place: Place) -> Any:
        inside = _without_comments(node)
        match node.type:
            case "template_expr":
                return self._template(inside[0], place)
            case "variable_expr":
                return self._traversed([node], place)
            case "expression" if inside[0].type == "variable_expr":
                return self._traversed(inside, place)
            case "function_call" if text_of(inside[0]) in {"try", "can"}:
                return self._tried(text_of(inside[0]), arguments_of(node), place)
            case "function_call" if text_of(inside[0]) in FUNCTIONS:
                given = list(self._arguments(arguments_of(node), place))
                return HOLE if HOLE in given else called(text_of(inside[0]), given)
            case "conditional":
                return self._conditional(*_choices(inside), place)
            case "operation":
                return self._operation(inside[0], place)
            case "for_expr":
                return self._for(inside[0], place)
        raise BeyondError

    def _collection(self, node: Node, place: Place) -> Any:
        inner = collection(node)
        inside = inner.named_children
        if inner.type == "tuple":
            return [self._of(child, place) for child in inside if child.type == "expression"]
        if not is_separated(inner.children):
            raise BeyondError  # it is not valid
        elements = (child for child in inside if child.type == "object_elem")
        found = dict(self._element(_without_comments(child), place) for child in elements)
        return dict(sorted(found.items()))  # the order in which Terraform has it

    def _element(self, pair: list[Node], place: Place) -> tuple[str, Any]:
        key, value = map(Expression, pair)
        if key.inner.type in {"variable_expr", "identifier"}:
            return key.text, self.of(value, place)
        name = self.of(key, place)
        if not isinstance(name, str):
            raise BeyondError
        return name, self.of(value, place)

    def _template(self, template: Node, place: Place) -> Any:
        found = list(pieces(template))
        if len(found) == 1 and not isinstance(found[0], str):
            return self._of(found[0], place)  # `"${x}"` is x, of whatever type
        values = [piece if isinstance(piece, str) else self._of(piece, place) for piece in found]
        if HOLE in values:
            return HOLE
        texts = list(map(shown, values))
        self._spend(sum(map(len, texts)))
        return "".join(texts)

    def _conditional(self, choices: Sequence[tuple[Node, Node]], otherwise: Node, place: Place) -> Any:
        """The side that is not chosen may fail; what it is tells at most the type of the other one."""
        (condition, value), *rest = choices
        holds = self._of(condition, place)
        if holds is HOLE:
            return HOLE
        sides = [
            lambda: self._of(value, place),
            lambda: self._conditional(rest, otherwise, place) if rest else self._of(otherwise, place),
        ]
        first, second = sides if is_true(holds) else reversed(sides)
        found = first()
        try:
            other = second()
        except FailedError:
            return found
        return chosen(found, other)

    def _arguments(self, given: list[Node], place: Place) -> Iterator[Any]:
        for child in given:
            if child.type != "expression":
                raise BeyondError
            yield self._of(child, place)

    def _tried(self, name: str, given: list[Node], place: Place) -> Any:
        """Of `try` the first argument that does not fail, of `can` whether the only one does not."""
        for child in given:
            try:
                found = self._of(child, place)
            except FailedError:
                continue
            return found if name == "try" else True
        if name == "try":
            raise FailedError
        return False

    def _operation(self, node: Node, place: Place) -> Any:
        """The grammar puts no node around a side of an operation, only the operator between them."""
        sign = next(child for child in node.children if not child.is_named and child.type not in "()")
        inside = _without_comments(node)
        sides = [[child for child in inside if child.end_byte <= sign.start_byte]]
        sides.append([child for child in inside if child.start_byte >= sign.end_byte])
        values = [self._side(side, place) for side in sides if side]
        if HOLE in values:
            return HOLE
        return unary(text_of(sign), *values) if len(values) == 1 else binary(text_of(sign), *values)

    def _side(self, nodes: list[Node], place: Place) -> Any:
        if nodes[0].type == "variable_expr":
            return self._traversed(nodes, place)
        if len(nodes) > 1:
            raise BeyondError
        return self._of(nodes[0], place)

    def _for(self, node: Node, place: Place) -> Any:
        _, intro, *rest, _ = _without_comments(node)
        over = entries(self._of(intro.named_children[-1], place))
        names = [text_of(child) for child in reversed(intro.named_children[:-1])]  # the last one is for the value
        places = [place.naming(dict(zip(names, reversed(pair), strict=False))) for pair in over]
        if rest[-1].type == "for_cond":
            condition = rest.pop().named_children[0]
            places = [one for one in places if is_true(self._of(condition, one))]
        if any(child.type != "expression" for child in rest):
            raise BeyondError  # values of one key are put together
        made = [[self._of(child, one) for child in rest] for one in places]
        return unique(made) if node.type == "for_object_expr" else [value for (value,) in made]

    def _traversed(self, inside: list[Node], place: Place) -> Any:
        """What a name and the steps behind it lead to."""
        reference = traversal(text_of(inside[0]), inside[1:])
        found = self._names.of(reference, place)
        return descended(found, self._steps(inside[len(reference.parts) :], place))

    def _steps(self, nodes: list[Node], place: Place) -> Iterator[Any]:
        """What follows a computed index, and that index."""
        for node in nodes:
            inner = node.named_children[0]
            if node.type == "get_attr":
                yield text_of(inner)
            elif node.type == "splat":
                each = inner.named_children
                if inner.type == "attr_splat":  # an index behind `.*` is that of the list
                    each = list(takewhile(lambda one: one.type == "get_attr", each))
                yield list(self._steps(each, place))
                yield from self._steps(inner.named_children[len(each) :], place)
            elif node.type == "index" and inner.type == "new_index":
                yield self._of(inner.named_children[0], place)
            else:
                raise BeyondError


def _without_comments(node: Node) -> list[Node]:
    return [child for child in node.named_children if child.type != "comment"]


def _choices(inside: list[Node]) -> tuple[list[tuple[Node, Node]], Node]:
    """The conditions of a chain with their values, and what it is otherwise.

    The grammar reads `a ? x : b ? y : z` as `(a ? x : b) ? y : z`.
    """
    condition, value, otherwise = inside
    child = condition.children[0] if len(condition.children) == 1 else condition
    if child.type != "conditional":
        return [(condition, value)], otherwise
    choices, last = _choices(_without_comments(child))
    return [*choices, (last, value)], otherwise


def _counted(count: Any) -> int:
    if isinstance(count, bool) or not isinstance(count, int) or count > _INSTANCES:
        raise BeyondError
    return count


def _number(node: Node) -> int | float:
    return number(text_of(node))


def _truth(node: Node) -> bool:
    return text_of(node) == "true"


def _null(_: Node) -> None:
    return None


_CONSTANTS: Mapping[str, Callable[[Node], Any]] = {
    "string_lit": quoted,
    "numeric_lit": _number,
    "bool_lit": _truth,
    "null_lit": _null,
}
