"""What a plan tells of the configurations of providers: the settings that decide about resources.

A plan says for each resource which configuration it uses, also where a module inherits it. It loses the thread where a
module in between has no use for the provider: those below then name a configuration that is written nowhere.
Terraform takes the one of the caller. https://github.com/hashicorp/terraform/blob/main/internal/command/jsonconfig/config.go
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from scanner.bodies import mapping
from scanner.load._plan.addresses import module_names
from scanner.model import Unknown
from scanner.patterns import regex

SETTINGS = {
    # our name: the provider argument it is read from
    "region": "region",
    "location": "location",
    "project": "project",
    "zone": "zone",
    "default_location": "default_location",  # of azapi
}
_IGNORED = {"ignored_tags": "keys", "ignored_prefixes": "key_prefixes"}
"""Our name: the argument it is read from in the block `ignore_tags` of the provider of AWS."""
_PLACES = {"region": regex(r"[a-z]+(-[a-z]+)+-?[0-9]+"), "zone": regex(r"[a-z]+(-[a-z]+)+-?[0-9]+-?[a-z]")}
"""How the regions and zones of AWS and Google are named."""

_NONE: Mapping[str, Any] = {}
_Calls = tuple[str, ...]


class Providers:
    """The settings of every provider configuration by its key, one object for all resources that share it."""

    def __init__(self, configured: Any, variables: Mapping[str, Any], used: Iterable[tuple[_Calls, str]]) -> None:
        """`used` are the modules, by their path of calls, with the keys that their resources name."""
        self._entries: dict[str, Mapping[str, Any]] = {
            key: mapping(entry) for key, entry in mapping(configured).items()
        }
        self._variables = variables
        self._used = {(path, self._entry(key).get("full_name")) for path, key in used}
        self._settings: dict[str, Mapping[str, Any]] = {
            key: self._told(entry) for key, entry in self._entries.items() if "expressions" in entry
        }

    def of(self, key: str) -> Mapping[str, Any]:
        """What `SETTINGS` names, `default_tags`, and which tags it ignores: those that the configuration sets."""
        if key not in self._settings:
            self._settings[key] = self._above(self._entry(key))
        return self._settings[key]

    def _entry(self, key: str) -> Mapping[str, Any]:
        return self._entries.get(key, _NONE)

    def _above(self, entry: Mapping[str, Any]) -> Mapping[str, Any]:
        """What a module inherits whose caller has no use for the provider; nothing for an empty block."""
        path, name = module_names(str(entry.get("module_address") or "")), entry.get("full_name")
        if len(path) < 2 or (path[:-1], name) in self._used:  # noqa: PLR2004  # the plan has the caller's own
            return {}
        # The caller was passed none, so it inherits as well, be it from one that was.
        for depth in range(len(path) - 2, 0, -1):
            if found := self._default(path[:depth], name):
                return self.of(found)
            if len(told := [self.of(key) for key in self._settings_of(name)]) > 1:
                return _doubted(told, str(entry.get("name")), str(entry.get("module_address")))
        return self.of(self._default((), name))

    def _settings_of(self, name: Any) -> list[str]:
        """The keys of the configurations of a provider that set something."""
        return [key for key, one in self._entries.items() if one.get("full_name") == name and "expressions" in one]

    def _default(self, path: _Calls, name: Any) -> str:
        """The key of a module's own configuration without an alias; empty if it has none."""
        for key, entry in self._entries.items():
            is_it = entry.get("full_name") == name and not entry.get("alias")
            if is_it and module_names(str(entry.get("module_address") or "")) == path:
                return key
        return ""

    def _told(self, provider: Mapping[str, Any]) -> dict[str, Any]:
        written = mapping(provider.get("expressions"))
        in_root = not provider.get("module_address")
        found = {
            name: self._value(written[argument], argument, in_root=in_root)
            for name, argument in SETTINGS.items()
            if argument in written
        }
        if tags := list(_tag_expressions(written)):
            found["default_tags"] = self._value(tags[0], "default_tags", in_root=in_root)
        for name, argument in ignored(written.get("ignore_tags")):
            found[name] = self._value(argument, "ignore_tags", in_root=in_root)
        return {name: value for name, value in found.items() if value is not None}

    def _value(self, expression: Any, argument: str, *, in_root: bool) -> Any:
        """A constant, the value of a root variable, or why it is not known. None for an argument set to null."""
        expression = mapping(expression)
        if "constant_value" in expression:
            return expression["constant_value"]
        references = [text for text in expression.get("references") or () if isinstance(text, str)]
        if in_root and len(references) == 1 and references[0].startswith("var."):
            variable = mapping(self._variables.get(references[0].removeprefix("var.")))
            if "value" in variable and _may_be(argument, variable["value"]):
                return variable["value"]
        source = references[0] if references else "an expression"
        return Unknown(f"provider {argument} comes from {source}, which a plan does not carry", argument)


def ignored(blocks: Any) -> Iterator[tuple[str, Any]]:
    """Our name, and what is written, of each argument in the block `ignore_tags` of a provider."""
    for block in map(mapping, blocks if isinstance(blocks, list) else ()):
        yield from ((name, block[key]) for name, key in _IGNORED.items() if block.get(key) is not None)


def _may_be(argument: str, value: Any) -> bool:
    """Whether an argument may be set to the value of a variable. A plan says only that it is made from it somehow.

    `"us-${var.side}-1"` and `var.stage == "prod" ? "us-east-1" : "eu-west-1"` are told as `var.side` and `var.stage`.
    """
    shape = _PLACES.get(argument)
    return shape is None or not isinstance(value, str) or shape.fullmatch(value.lower()) is not None


def _doubted(told: Sequence[Mapping[str, Any]], provider: str, module: str) -> dict[str, Any]:
    """What all configurations say is known, whichever it is."""
    reason = f"which configuration of {provider} reaches {module}, a plan does not carry"
    found = {}
    for name in dict.fromkeys(key for one in told for key in one):
        values = [one.get(name) for one in told]
        alike = not any(isinstance(value, Unknown) for value in values) and all(value == values[0] for value in values)
        found[name] = values[0] if alike else Unknown(reason, name)
    return found


def _tag_expressions(written: Mapping[str, Any]) -> Iterator[Any]:
    blocks = written.get("default_tags")
    for block in blocks if isinstance(blocks, list) else [blocks]:
        if "tags" in (known := mapping(block)):
            yield known["tags"]
        elif "references" in known:
            yield known
    if "default_labels" in written:
        yield written["default_labels"]
