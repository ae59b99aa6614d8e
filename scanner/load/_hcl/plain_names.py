"""What the names in expressions stand for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from msgspec import Struct

from scanner.load._hcl.modules import Module
from scanner.load._hcl.plain_texts import BeyondError
from scanner.load._hcl.plain_types import typed
from scanner.load._hcl.shapes import Bound
from scanner.load._hcl.syntax import Body, Expression, Reference, Written
from scanner.load._hcl.trust import HOLE, Known, Shape


class Place(Struct, frozen=True):
    """Where an expression stands: in which module, and what `each`, `count` and other names stand for there."""

    module: Module
    names: Mapping[str, Any] = {}
    bound: Bound = {}
    """How far they may be believed."""

    def naming(self, values: Mapping[str, Any]) -> Place:
        """Where names that a `for` makes stand for something that is known."""
        return Place(self.module, {**self.names, **values}, {**self.bound, **dict.fromkeys(values, Known())})

    def inside(self, name: str, value: Any, shape: Shape) -> Place:
        """Where one name more stands for something."""
        return Place(self.module, {**self.names, name: value}, {**self.bound, name: shape})


class Names:
    """Variables, local values, outputs and arguments of one root module, and of the modules that it calls."""

    def __init__(self, given: Mapping[str, Any], value: Callable[[Expression, Place], Any]) -> None:
        self._given = given
        """What the root's variables are set to from outside."""
        self._value = value
        """Works out what an expression comes to."""

    def of(self, reference: Reference, place: Place) -> Any:
        """What a name stands for, and what its constant steps lead to."""
        first, *rest = reference.parts
        module = place.module
        steps = [step.strip('[]"') for step in rest]
        if first in place.names:
            return descended(place.names[first], steps)
        match first:
            case "var":
                return descended(self._variable(rest[0], module), steps[1:])
            case "local":
                return descended(self._value(module.locals[rest[0]], Place(module)), steps[1:])
            case "module":
                return descended(self._output(module.children[rest[0]], rest[1]), steps[2:])
            case "terraform":
                return module.root().workspace
            case "path" | "each" | "count":
                raise BeyondError
        block = module.blocks.get(("resource", first, rest[0]))
        return descended(self._argument(block, rest[1], module), steps[2:])

    def _output(self, child: Module, name: str) -> Any:
        if not _once(child.call):
            raise BeyondError
        return self._argument(child.blocks.get(("output", name)), "value", child)

    def _argument(self, block: Written | None, name: str, module: Module) -> Any:
        if block is None or not _once(block.body) or name not in block.body.arguments:
            raise BeyondError
        return self._value(block.body.arguments[name], Place(module))

    def _variable(self, name: str, module: Module) -> Any:
        own = module.blocks["variable", name].body.arguments
        found = self._set(name, module, own)
        if found is None and "nullable" in own:
            raise BeyondError  # its default may count then
        return typed(own["type"].text, found) if "type" in own else found

    def _set(self, name: str, module: Module, own: Mapping[str, Expression]) -> Any:
        if module.parent is None:
            return self._from_outside(name, own, Place(module))
        if name not in module.call.arguments:
            return self._value(own["default"], Place(module))
        if not _once(module.call):
            raise BeyondError
        return self._value(module.call.arguments[name], Place(module.parent))

    def _from_outside(self, name: str, own: Mapping[str, Expression], place: Place) -> Any:
        given = self._given.get(name, own.get("default"))
        if not isinstance(given, Expression):
            raise BeyondError
        return self._value(given, place)


def _once(body: Body) -> bool:
    """Whether a block has one instance."""
    return body.arguments.keys().isdisjoint({"count", "for_each"})


def descended(value: Any, steps: Iterable[Any]) -> Any:
    """A part of a value."""
    for step in steps:
        if value is HOLE:
            return HOLE
        if isinstance(value, dict) and step in value:
            value = value[step]
        elif isinstance(value, list) and str(step).isdigit() and int(step) < len(value):
            value = value[int(step)]
        else:
            raise BeyondError
    return value
