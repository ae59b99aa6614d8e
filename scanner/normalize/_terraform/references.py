"""Which resources a value is made from, told by how the configuration writes it.

A reference is followed through variables, outputs, locals, `each.value` and arguments of other resources, down to the
resources it ends at, seen from the instance that holds it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from scanner.normalize._terraform.configuration import is_expression
from scanner.normalize._terraform.index import ANY, Reference, heads, references
from scanner.normalize._terraform.scope import Index, Scope, constant, inside, instance_of, module_path

if TYPE_CHECKING:
    from scanner.normalize._terraform.estate import Estate
    from scanner.normalize._terraform.item import Item

_DEEPEST = 40
"""Expressions behind one another; what is deeper goes in a circle."""

_MOST = 3000
"""Expressions that are looked at for one value. Nobody writes so many, but a file may be made to have them."""

_NAMED = 3
"""Resources that a reason names."""


class Meant(Struct, frozen=True):
    """The resources that a value is made from."""

    items: tuple[Item, ...]
    doubt: str = ""
    """Why it may be others, or only some of them; empty where it is surely these."""


def meant(estate: Estate, written: Any, scope: Scope, kinds: Iterable[str] | None = None) -> Meant:
    """What an expression refers to; of these kinds alone, where given, also behind resources of other kinds."""
    search = _Search(estate, frozenset(kinds) if kinds is not None else None)
    search.expression(written, scope)
    found = tuple(search.found.values())
    several = f"it refers to one of {', '.join(list(search.found)[:_NAMED])}" if len(found) > 1 else ""
    return Meant(found, search.doubt or (f"{several} and others" if len(found) > _NAMED else several))


class _Search:
    def __init__(self, estate: Estate, kinds: frozenset[str] | None) -> None:
        self._estate = estate
        self._kinds = kinds
        self._depth = 0
        self._seen: set[tuple[Any, ...]] = set()
        self.found: dict[str, Item] = {}
        self.doubt = ""

    def expression(self, written: Any, scope: Scope, steps: tuple[str, ...] = ()) -> None:
        """Follow everything that an expression refers to; `steps` is the part of its value that is asked for."""
        here = (id(written), scope.module, scope.index, steps)
        if here in self._seen:
            return
        if self._depth > _DEEPEST or len(self._seen) > _MOST:
            self.doubt = "the configuration refers to too much to follow it"
            return
        self._seen.add(here)
        self._depth += 1
        if is_expression(written):
            for head in heads(tuple(references(written))):
                self._reference(Reference(written, (*head, *steps), len(head)), scope)
        elif isinstance(written, Mapping):
            self._opened(written, scope, steps)
        self._depth -= 1

    def _opened(self, written: Mapping[str, Any], scope: Scope, steps: tuple[str, ...]) -> None:
        """An object whose entries are expressions of their own."""
        if not steps or steps[0] == ANY:
            for entry in written.values():
                self.expression(entry, scope, steps[1:])
            return
        entry = written.get(str(constant(steps[0])))
        if entry is not None:
            self.expression(entry, scope, steps[1:])

    def _reference(self, reference: Reference, scope: Scope) -> None:
        match reference.parts:
            case ("var", name, *steps):
                self._variable(name, tuple(steps), scope)
            case ("local", name, *steps):
                self._local(name, tuple(steps), scope)
            case ("each", "value", *steps):
                self._each(tuple(steps), scope)
            case ("module", name, *_):
                self._module(name, reference, scope)
            case ("each" | "count" | "path" | "terraform" | "self", *_):
                pass
            case ("data", kind, name, *_):
                self._block(kind, name, reference, scope)
            case (kind, name, *_):
                self._block(kind, name, reference, scope)

    def _variable(self, name: str, steps: tuple[str, ...], scope: Scope) -> None:
        """What the call gives it; nothing for variables of the root, and for those that are left to their default."""
        if scope.module:
            given = scope.modules.get(module_path(scope.module), {}).get("arguments", {})
            if name in given:
                self.expression(given[name], self._estate.call(scope), steps)

    def _local(self, name: str, steps: tuple[str, ...], scope: Scope) -> None:
        known = scope.modules.get(module_path(scope.module), {}).get("locals", {})
        if name in known:
            self.expression(known[name], inside(scope.module, scope.modules), steps)

    def _each(self, steps: tuple[str, ...], scope: Scope) -> None:
        written = scope.repeated.get("for_each")
        if written is None:
            self.doubt = "it comes from each.value, which the plan does not carry"
            return
        key = ANY if scope.index is None else f'["{scope.index}"]'
        self.expression(written, scope, (key, *steps))

    def _module(self, name: str, reference: Reference, scope: Scope) -> None:
        """The expression behind an output, seen from inside of the module."""
        block = f"{scope.module}.module.{name}".lstrip(".")
        module = scope.modules.get((*module_path(scope.module), name))
        if module is None:
            self.doubt = self.doubt or f"it comes from {block}, which is not at hand"
            return
        keys = self._estate.module_keys(block)
        indexes, rest = self._chosen(reference, 2, scope, keys, block)
        for index in indexes:
            within = inside(instance_of(block, index), scope.modules)
            outputs = module["outputs"] if not rest else {rest[0]: module["outputs"].get(rest[0], {})}
            for written in outputs.values():
                self.expression(written, within, rest[1:])

    def _block(self, kind: str, name: str, reference: Reference, scope: Scope) -> None:
        """The instances of a resource or data source."""
        is_data = reference.parts[0] == "data"
        at = 3 if is_data else 2
        instances = self._estate.instances(scope.module, is_data, kind, name)
        indexes, rest = self._chosen(reference, at, scope, instances.keys, f"{kind}.{name}")
        for index in indexes:
            self._met(instances.by_index[index], rest)

    def _met(self, item: Item, rest: tuple[str, ...]) -> None:
        if self._kinds is None or item.type in self._kinds:
            self.found[item.origin.address] = item
        elif rest and rest[0] in item.expressions:
            self.expression(item.expressions[rest[0]], self._estate.scope(item), rest[1:])

    def _chosen(
        self, reference: Reference, at: int, scope: Scope, keys: frozenset[Index], block: str
    ) -> tuple[list[Index], tuple[str, ...]]:
        """The instances of a block that are meant, and what follows in the reference."""
        chosen = reference.instances(at, scope, keys)
        if chosen.guessed:
            self.doubt = self.doubt or f"the index into {block} is computed"
        return chosen.indexes, chosen.rest
