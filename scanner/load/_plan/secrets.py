"""What a plan itself calls secret: the values of the sensitive and ephemeral variables of its configuration.

It shows them in clear text beside all that it marks. https://developer.hashicorp.com/terraform/internals/json-format
It does not say which variables are ephemeral; those that a write-only argument is made from nearly always are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from scanner.bodies import mapping, peek
from scanner.known_secrets import texts_in
from scanner.load._plan.instances import listed
from scanner.patterns import regex

_WRITE_ONLY = "_wo"
_STEP = regex(r'[^.\["\]]+')
_Path = tuple[str, ...]
"""The name of a variable, and the way into its value."""


def texts(plan: Mapping[str, Any]) -> Iterator[str]:
    """Every text that a secret variable of the root module, or of one below it, is set to."""
    root = mapping(mapping(plan.get("configuration")).get("root_module"))
    given = mapping(plan.get("variables"))
    yield from _of_module(root, {name: mapping(one).get("value") for name, one in given.items()})


def _of_module(module: Mapping[str, Any], given: Mapping[str, Any]) -> Iterator[str]:
    declared = mapping(module.get("variables"))
    for name, *inside in _secret(module):
        for value in (mapping(declared.get(name)).get("default"), given.get(name)):
            yield from texts_in(peek(value, *inside))
    for called in mapping(module.get("module_calls")).values():
        arguments = mapping(mapping(called).get("expressions"))
        constants = {name: mapping(one).get("constant_value") for name, one in arguments.items()}
        yield from _of_module(mapping(mapping(called).get("module")), constants)


def _secret(module: Mapping[str, Any]) -> set[_Path]:
    """The variables of a module that are said to be secret, and what ends where something secret does."""
    declared = mapping(module.get("variables")).items()
    found: set[_Path] = {
        (name,) for name, one in declared if mapping(one).get("sensitive") or mapping(one).get("ephemeral")
    }
    for resource in listed(module, "resources"):
        written = mapping(mapping(resource).get("expressions"))
        found.update(path for key, one in written.items() if key.endswith(_WRITE_ONLY) for path in _variables(one))
    for called in mapping(module.get("module_calls")).values():
        arguments = mapping(mapping(called).get("expressions"))
        for name, *inside in _secret(mapping(mapping(called).get("module"))):
            found.update((*path, *inside) for path in _variables(arguments.get(name)))
    return found


def _variables(written: Any) -> Iterator[_Path]:
    """The variables that an expression reads, and what of them; a plan has `var.a` follow on `var.a.b`."""
    last = ""
    for reference in listed(mapping(written), "references"):
        if isinstance(reference, str) and reference.startswith("var."):
            if not last.startswith((f"{reference}.", f"{reference}[")):
                yield tuple(_STEP.findall(reference)[1:])
            last = reference
