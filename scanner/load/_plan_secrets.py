"""What a plan itself calls secret: the values of the sensitive and ephemeral variables of its configuration.

It shows them in clear text beside all that it marks. https://developer.hashicorp.com/terraform/internals/json-format
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from scanner.known_secrets import texts_in


def texts(plan: Mapping[str, Any]) -> Iterator[str]:
    """Every text that a sensitive variable of the root module, or of one below it, is set to."""
    root = _dict(_dict(plan.get("configuration")).get("root_module"))
    given = _dict(plan.get("variables"))
    yield from _of_module(root, {name: _dict(one).get("value") for name, one in given.items()})


def _of_module(module: Mapping[str, Any], given: Mapping[str, Any]) -> Iterator[str]:
    for name, declared in _dict(module.get("variables")).items():
        if _dict(declared).get("sensitive") or _dict(declared).get("ephemeral"):
            yield from texts_in([_dict(declared).get("default"), given.get(name)])
    for called in _dict(module.get("module_calls")).values():
        arguments = _dict(_dict(called).get("expressions"))
        constants = {name: _dict(one).get("constant_value") for name, one in arguments.items()}
        yield from _of_module(_dict(_dict(called).get("module")), constants)


def _dict(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
