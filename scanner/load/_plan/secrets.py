"""What a plan itself calls secret: the values of the sensitive and ephemeral variables of its configuration.

It shows them in clear text beside all that it marks. https://developer.hashicorp.com/terraform/internals/json-format
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from scanner.bodies import mapping
from scanner.known_secrets import texts_in


def texts(plan: Mapping[str, Any]) -> Iterator[str]:
    """Every text that a sensitive variable of the root module, or of one below it, is set to."""
    root = mapping(mapping(plan.get("configuration")).get("root_module"))
    given = mapping(plan.get("variables"))
    yield from _of_module(root, {name: mapping(one).get("value") for name, one in given.items()})


def _of_module(module: Mapping[str, Any], given: Mapping[str, Any]) -> Iterator[str]:
    for name, declared in mapping(module.get("variables")).items():
        if mapping(declared).get("sensitive") or mapping(declared).get("ephemeral"):
            yield from texts_in([mapping(declared).get("default"), given.get(name)])
    for called in mapping(module.get("module_calls")).values():
        arguments = mapping(mapping(called).get("expressions"))
        constants = {name: mapping(one).get("constant_value") for name, one in arguments.items()}
        yield from _of_module(mapping(mapping(called).get("module")), constants)
