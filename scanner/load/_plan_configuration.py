"""What a plan repeats of the configuration: expressions of resources, and settings of providers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from scanner.model import Unknown

_INDEX = re.compile(r'\[(?:\d+|"(?:[^"\\]|\\.)*")\]')
_Key = tuple[tuple[str, ...], str, str, str]
_SETTINGS = {
    # our name: the provider argument it is read from
    "region": "region",
    "location": "location",
    "project": "project",
    "zone": "zone",
}


class Configuration:
    """Looks up the configuration of an instance. Built once for a plan, in one pass over its configuration."""

    def __init__(self, plan: Mapping[str, Any]) -> None:
        configuration = _dict(plan.get("configuration"))
        self._variables = _dict(plan.get("variables"))
        self._resources: dict[_Key, Mapping[str, Any]] = dict(_resources(configuration.get("root_module"), ()))
        self._providers = {
            key: self._settings(_dict(entry)) for key, entry in _dict(configuration.get("provider_config")).items()
        }
        self._modules: dict[str, tuple[str, ...]] = {"": ()}

    def of(self, instance: Mapping[str, Any]) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        """The arguments of the instance's block as the plan shows them, and its provider's settings.

        The settings are `region`, `location`, `project`, `zone` and `default_tags` (Google's `default_labels` too),
        those that the provider sets. A value is plain, or `Unknown` where the plan only says what it is computed
        from. Both are empty where the plan says nothing.
        """
        mode = str(instance.get("mode") or "managed")
        resource = self._resources.get((self._module(instance), mode, instance["type"], instance["name"]), {})
        provider = resource.get("provider_config_key")
        return _dict(resource.get("expressions")), self._providers.get(provider, {}) if provider else {}

    def _module(self, instance: Mapping[str, Any]) -> tuple[str, ...]:
        address = str(instance.get("module_address") or "")
        if address not in self._modules:
            self._modules[address] = module_names(address)
        return self._modules[address]

    def _settings(self, provider: Mapping[str, Any]) -> dict[str, Any]:
        written = _dict(provider.get("expressions"))
        in_root = not provider.get("module_address")
        found = {
            name: self._value(written[argument], argument, in_root=in_root)
            for name, argument in _SETTINGS.items()
            if argument in written
        }
        if tags := list(_tag_expressions(written)):
            found["default_tags"] = self._value(tags[0], "default_tags", in_root=in_root)
        return {name: value for name, value in found.items() if value is not None}

    def _value(self, expression: Any, argument: str, *, in_root: bool) -> Any:
        """A constant, the value of a root variable, or why it is not known. None for an argument set to null."""
        expression = _dict(expression)
        if "constant_value" in expression:
            return expression["constant_value"]
        references = [text for text in expression.get("references") or () if isinstance(text, str)]
        if in_root and len(references) == 1 and references[0].startswith("var."):
            variable = _dict(self._variables.get(references[0].removeprefix("var.")))
            if "value" in variable:
                return variable["value"]
        source = references[0] if references else "an expression"
        return Unknown(f"provider {argument} comes from {source}, which a plan does not carry", argument)


def module_names(address: str) -> tuple[str, ...]:
    """`module.a["x"].module.b` as `("a", "b")`."""
    return tuple(without_indexes(address).split(".")[1::2])


def without_indexes(address: str) -> str:
    """`module.a["x"].aws_eip.b[0]` as `module.a.aws_eip.b`; an index may hold dots."""
    return _INDEX.sub("", address)


def _resources(module: Any, path: tuple[str, ...]) -> Iterator[tuple[_Key, Mapping[str, Any]]]:
    module = _dict(module)
    for entry in module.get("resources") or ():
        resource = _dict(entry)
        mode, kind, name, provider = (str(resource.get(key)) for key in ("mode", "type", "name", "provider_config_key"))
        yield (path, mode, kind, name), {**resource, "provider_config_key": provider}
    for name, call in _dict(module.get("module_calls")).items():
        yield from _resources(_dict(call).get("module"), (*path, name))


def _tag_expressions(written: Mapping[str, Any]) -> Iterator[Any]:
    blocks = written.get("default_tags")
    for block in blocks if isinstance(blocks, list) else [blocks]:
        if "tags" in (known := _dict(block)):
            yield known["tags"]
        elif "references" in known:
            yield known
    if "default_labels" in written:
        yield written["default_labels"]


def _dict(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
