"""How modules are put together: what each is called with, how often, and what it hands out.

A module is `arguments` (of its call), `repeated` (what its call is repeated over), `outputs` and `locals`, each by
name, in a plan's own words for expressions: `references` or `constant_value`. A plan leaves the locals out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from scanner.bodies import mapping

Modules = Mapping[tuple[str, ...], Mapping[str, Any]]
"""By the path of calls that leads there; the root has none."""

_REPEATED = {"for_each_expression": "for_each", "count_expression": "count"}


class Later(Mapping[str, Any]):
    """Expressions by name, each made when somebody asks for it, and once."""

    def __init__(self, names: Callable[[], Mapping[str, Any]], make: Callable[[str], Any]) -> None:
        self._names = names
        self._make = make
        self._made: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._made:
            if name not in self._names():
                raise KeyError(name)
            self._made[name] = self._make(name)
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names())

    def __len__(self) -> int:
        return len(self._names())


def modules(root: Any) -> Modules:
    """The modules of a plan's configuration."""
    return dict(_modules(root, {}, ())) if isinstance(root, dict) else {}


def repeated(entry: Mapping[str, Any]) -> dict[str, Any]:
    """What a resource or a call is repeated over: its `for_each` or its `count`; empty for one that is there once."""
    return {name: entry[key] for key, name in _REPEATED.items() if key in entry}


def _modules(
    module: Any, call: Mapping[str, Any], path: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], Mapping[str, Any]]]:
    known = mapping(module)
    outputs = {name: mapping(mapping(entry).get("expression")) for name, entry in mapping(known.get("outputs")).items()}
    arguments = mapping(call.get("expressions"))
    yield path, {"arguments": arguments, "repeated": repeated(call), "outputs": outputs, "locals": {}}
    for name, entry in mapping(known.get("module_calls")).items():
        inner = mapping(entry)
        yield from _modules(inner.get("module"), inner, (*path, name))
