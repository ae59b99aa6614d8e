"""What the names in expressions stand for, in one instance of a module."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, TypeVar

from msgspec import Struct

from scanner.load._hcl.modules import Module
from scanner.load._hcl.plain_kinds import typed
from scanner.load._hcl.plain_texts import BeyondError, FailedError
from scanner.load._hcl.plain_types import Set
from scanner.load._hcl.shapes import Bound
from scanner.load._hcl.syntax import Body, Expression, Reference, Written
from scanner.load._hcl.trust import HOLE, Known, Shape

T = TypeVar("T")


class Instance(Struct, frozen=True):
    """One instance of a module. `call` is where it is called, with what `each` or `count` stands for there."""

    module: Module
    call: Place | None = None


class Place(Struct, frozen=True):
    """Where an expression stands: in which module, and what `each`, `count` and other names stand for there."""

    instance: Instance
    names: Mapping[str, Any] = {}
    bound: Bound = {}
    """How far they may be believed."""

    @property
    def module(self) -> Module:
        """The module it is written in."""
        return self.instance.module

    def naming(self, values: Mapping[str, Any]) -> Place:
        """Where names that a `for` makes stand for something that is known."""
        return Place(self.instance, {**self.names, **values}, {**self.bound, **dict.fromkeys(values, Known())})

    def inside(self, name: str, value: Any, shape: Shape) -> Place:
        """Where one name more stands for something."""
        return Place(self.instance, {**self.names, name: value}, {**self.bound, name: shape})


Instances = Mapping[Any, Place]
"""The keys of a block's instances (None where there is one without a key), and what is around their arguments."""


class Names:
    """Variables, local values, outputs and arguments of one root module, and of the modules that it calls."""

    def __init__(
        self,
        given: Mapping[str, Any],
        value: Callable[..., Any],
        instances: Callable[[Body, Place], Instances],
    ) -> None:
        self._given = given
        """What the root's variables are set to from outside."""
        self._value = value
        """Works out what an expression comes to at a place."""
        self._instances = instances
        """Works out how often a block is there."""
        self._modules: dict[tuple[int, str], Mapping[Any, Instance]] = {}

    def modules(self, name: str, instance: Instance) -> Mapping[Any, Instance]:
        """The instances of a module that another one calls, by their keys."""
        key = (id(instance), name)
        if key not in self._modules:
            child = instance.module.children[name]
            around = self._instances(child.call, Place(instance))
            self._modules[key] = {key: Instance(child, place) for key, place in around.items()}
        return self._modules[key]

    def of(self, reference: Reference, place: Place) -> Any:
        """What a name stands for, and what its constant steps lead to."""
        first, *rest = reference.parts
        instance = place.instance
        steps = [step.strip('[]"') for step in rest]
        if first in place.names:
            return descended(place.names[first], steps)
        match first:
            case "var":
                return descended(self._variable(rest[0], instance), steps[1:])
            case "local":
                return descended(self._value(instance.module.locals[rest[0]], Place(instance)), steps[1:])
            case "terraform":
                return instance.module.root().workspace
            case "path" | "each" | "count":
                raise BeyondError
        key, name, further = _indexed(rest)
        if first == "module":
            child = _chosen(self.modules(rest[0], instance), key)
            return descended(self._argument(child.module.blocks.get(("output", name)), "value", Place(child)), further)
        block = instance.module.blocks.get(("resource", first, rest[0]))
        around = self._instances(block.body, Place(instance)) if block else {}
        found = self._argument(block, name, _chosen(around, key))
        return HOLE if found is None else descended(found, further)  # the provider may fill in what is null

    def _argument(self, block: Written | None, name: str, place: Place) -> Any:
        if block is None or name not in block.body.arguments:
            raise BeyondError
        return self._value(block.body.arguments[name], place)

    def _variable(self, name: str, instance: Instance) -> Any:
        own = instance.module.blocks["variable", name].body.arguments
        found = self._value(*self._set(name, instance, own))
        if found is None and "nullable" in own:
            raise BeyondError  # its default may count then
        constant = partial(self._value, place=Place(instance))
        return typed(own["type"], found, constant) if "type" in own else found

    def _set(self, name: str, instance: Instance, own: Mapping[str, Expression]) -> tuple[Expression, Place]:
        """What a variable is set to, and where that is written."""
        arguments = instance.module.call.arguments
        if instance.call is not None and name in arguments:
            return arguments[name], instance.call
        given = (self._given if instance.call is None else {}).get(name, own.get("default"))
        if not isinstance(given, Expression):
            raise BeyondError
        return given, Place(instance)


def _indexed(steps: list[str]) -> tuple[Any, str, list[str]]:
    """The key of an instance, the name of its argument, and what is further inside."""
    key = None
    _, *steps = steps
    if steps and steps[0].startswith("["):
        index, *steps = steps
        key = index[2:-2] if index.startswith('["') else int(index[1:-1])
    if not steps:
        raise BeyondError
    return key, steps[0], [step.strip('[]"') for step in steps[1:]]


def _chosen(instances: Mapping[Any, T], key: Any) -> T:
    if key not in instances:
        raise FailedError if None not in instances and key is not None else BeyondError
    return instances[key]


def descended(value: Any, steps: Iterable[Any]) -> Any:
    """A part of a value."""
    for step in steps:
        if value is HOLE:
            return HOLE
        if isinstance(step, list):
            over = value if isinstance(value, list) else [] if value is None else [value]
            value = [descended(one, step) for one in over]
            continue
        value = _part(value, step)
    return value


def _part(value: Any, step: Any) -> Any:
    """What a name or an index leads to; the keys of objects are texts, and a set has no places."""
    key = str(step)
    if isinstance(value, dict) and key in value and not isinstance(step, bool):
        return value[key]
    if isinstance(value, list) and not isinstance(value, Set) and key.isdigit() and int(key) < len(value):
        return value[int(key)]
    raise FailedError
