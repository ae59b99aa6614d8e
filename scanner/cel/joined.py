"""Many expressions as one function: what several of them read is read once, and one that raises spoils no other."""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from types import CodeType, FunctionType
from typing import Any

from msgspec import Struct

from scanner.cel.fast_helpers import HELPERS
from scanner.cel.fused import Given, Part, located, renewal
from scanner.cel.in_place import TYPES, Steps, guarded, is_a, local
from scanner.cel.loops import assign, name_of

_HANDED_IN = "answers handed in"
_NOTHING = (object(), ())


class Fused(Struct, frozen=True):
    """Many parts as one function; those that read one common place stand together."""

    ask: Callable[..., tuple[Any, ...]]
    """Takes the arguments, and for each of `places` an object with the answers of its parts where that very object is
    at the place. Gives a tuple of answers for each place, then the answers of the other parts.

    It may raise where an argument is not what `Given` says.
    """
    places: tuple[Steps, ...]
    parts: tuple[Part, ...]
    """In the order of their answers."""

    @property
    def unknown(self) -> tuple[Any, ...]:
        """What to hand in where no answers are known."""
        return _NOTHING * len(self.places)

    def known(self, asked: Sequence[Any], common: Mapping[Steps, Any]) -> tuple[Any, ...]:
        """What to hand in from now on, when these were the answers with these objects in their places."""
        known = (
            (common[place], told) if place in common else _NOTHING
            for place, told in zip(self.places, asked, strict=False)
        )
        return tuple(one for pair in known for one in pair)

    def flat(self, asked: Sequence[Any]) -> list[Any]:
        """What `ask` gave, one for each part."""
        count = len(self.places)
        return [*(answer for of_place in asked[:count] for answer in of_place), *asked[count:]]


def fuse_all(parts: Sequence[Part], given: Given) -> Callable[..., tuple[Any, ...]]:
    """A function that gives the value of every part, in their order.

    It may raise where an argument is not what `given` says.
    """
    body = [*_ahead(parts, given), *_budget(parts), *(one.statement for one in parts)]
    return _function(body, given.arguments, [one.answer for one in parts], parts)


def fuse_by_place(parts: Sequence[Part], given: Given) -> Fused:
    """The same, but for what is already known of objects that many calls have in common."""
    places = list(dict.fromkeys(one.place for one in parts if one.place))
    groups = {place: [one for one in parts if one.place == place] for place in places}
    others = [one for one in parts if not one.place]
    ways = _ways([*(path for one in others for path in one.paths), *places])
    ahead = [*_readings(ways, given), *_guards(others)]
    known = {path for one in others for path in one.looked_into}
    apart = [_group(place, group, ways, known, given) for place, group in groups.items()]
    body = [*_handed_in(places), *ahead, *_budget(parts), *apart, *(one.statement for one in others)]
    answers = [*map(_answers_of, places), *(one.answer for one in others)]
    ordered = [*(one for group in groups.values() for one in group), *others]
    return Fused(_function(body, (*given.arguments, _HANDED_IN), answers, parts), tuple(places), tuple(ordered))


def _group(
    place: Steps, parts: Sequence[Part], read: Collection[Steps], guards: Collection[Steps], given: Given
) -> ast.stmt:
    """The answers of the parts that read one place, known or asked."""
    ways = _ways(path for one in parts for path in one.paths) - {*read}
    asked = ast.Tuple([name_of(one.answer) for one in parts], ast.Load())
    body = [*_readings(ways, given), *_guards(parts, guards), *(one.statement for one in parts)]
    same = ast.Compare(name_of(local(place)), [ast.Is()], [name_of(_object_at(place))])
    known, told = (located(assign(_answers_of(place), value)) for value in (name_of(_known_of(place)), asked))
    return ast.If(located(same), [known], [*body, told], lineno=1, col_offset=0)  # the parts have their lines


def _handed_in(places: Sequence[Steps]) -> Iterator[ast.stmt]:
    if places:
        names = [name for place in places for name in (_object_at(place), _known_of(place))]
        target = ast.Tuple([ast.Name(name, ast.Store()) for name in names], ast.Store())
        yield located(ast.Assign([target], name_of(_HANDED_IN)))


def _ahead(parts: Sequence[Part], given: Given) -> Iterator[ast.stmt]:
    yield from _readings(_ways(path for one in parts for path in one.paths), given)
    yield from _guards(parts)


def _budget(parts: Sequence[Part]) -> Iterator[ast.stmt]:
    if any(one.loops for one in parts):
        yield located(renewal())


def _function(
    body: list[ast.stmt], arguments: tuple[str, ...], answers: Sequence[str], parts: Sequence[Part]
) -> Callable[..., tuple[Any, ...]]:
    returned = ast.Return(ast.Tuple([name_of(answer) for answer in answers], ast.Load()))
    code = _compiled([*body, located(returned)], arguments)
    values = {name: value for one in parts for name, value in one.constants.items()}
    return FunctionType(code, {"__builtins__": {}, **HELPERS, "Exception": Exception, **TYPES, **values}, "policies")


def _compiled(body: list[ast.stmt], arguments: tuple[str, ...]) -> CodeType:
    parameters = [located(ast.arg(name)) for name in arguments]
    taken = ast.arguments(posonlyargs=[], args=parameters, kwonlyargs=[], kw_defaults=[], defaults=[])
    function = ast.FunctionDef(name="policies", args=taken, body=body, decorator_list=[], lineno=1, col_offset=0)
    compiled = compile(ast.Module([function], []), "<policies>", "exec")
    return next(constant for constant in compiled.co_consts if isinstance(constant, CodeType))


def _ways(paths: Iterable[Steps]) -> set[Steps]:
    """The paths, and those that lead to them."""
    return {path[:end] for path in paths for end in range(2, len(path) + 1)}


def _readings(ways: Collection[Steps], given: Given) -> Iterator[ast.stmt]:
    """The assignments to the local variables, each after those it needs."""
    for way in sorted(ways, key=lambda way: (len(way), way)):
        yield located(assign(local(way), _reading(way, given)))


def _reading(path: Steps, given: Given) -> ast.expr:
    attributes = given.attributes.get(path)
    if attributes is None:
        above = name_of(local(path[:-1]) if len(path) > 2 else path[0])  # noqa: PLR2004  # a root is an argument
        return ast.Subscript(above, ast.Constant(path[-1]), ast.Load())
    built: ast.expr = name_of(path[0])
    for attribute in attributes:
        built = ast.Attribute(built, attribute, ast.Load())
    return built


def _guards(parts: Sequence[Part], known: Collection[Steps] = ()) -> Iterator[ast.stmt]:
    """A map is looked into as it is; anything else by what `_in` does."""
    for path in sorted({path for one in parts for path in one.looked_into} - {*known}):
        value = ast.Name(local(path), ast.Load())
        safe = ast.IfExp(is_a(value, "dict"), value, ast.Call(name_of("_looked_into"), [value], []))
        yield located(assign(guarded(path), safe))


def _object_at(place: Steps) -> str:
    return f"object at {local(place)}"


def _known_of(place: Steps) -> str:
    return f"known of {local(place)}"


def _answers_of(place: Steps) -> str:
    return f"answers of {local(place)}"
