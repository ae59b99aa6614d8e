"""The short form in which test cases write a Terraform plan, and the plan it stands for.

resources:
  - address: aws_db_instance.ledger       # type, name, index and provider follow from it
    values: {engine: postgres}
    unknown: [storage_encrypted]          # dotted paths that are known only after apply
    references: {password: [var.db]}      # what an attribute refers to in the configuration
    sensitive: [password]
    actions: [create]                     # the default
    before: null                          # what it was; with `actions: [delete]` there are no values
provider_region: eu-west-1                # optional, as are default_tags and what follows
variables: {db_password: {default: x, sensitive: true}}
outputs: {db_password: {value: x, sensitive: true, references: [aws_db_instance.ledger.password]}}
providers: {vault: {token: x}}           # literal arguments
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from scanner.patterns import regex

_ADDRESS = regex(r'(?P<data>data\.)?(?P<type>\w+)\.(?P<name>[\w-]+)(\[(?P<index>"[^"]*"|\d+)\])?$')
_LATER = ["terraform_data.later.output", "terraform_data.later"]
"""What an argument refers to if its value is known only after apply and the case does not say why."""
_PROVIDERS = {"aws": "aws", "google": "google", "azurerm": "azurerm", "vault": "vault"}


def expand(given: Mapping[str, Any]) -> dict[str, Any]:
    """A plan as `terraform show -json` prints it, format version 1.2."""
    resources = given.get("resources", [])
    providers = {_provider(_parse(entry["address"])["type"]) for entry in resources} | given.get("providers", {}).keys()
    return {
        "format_version": "1.2",
        "terraform_version": "1.11.4",
        "planned_values": {"root_module": {}, "outputs": _outputs(given)},
        "resource_changes": [_change(entry) for entry in resources],
        "configuration": {
            "provider_config": {name: _provider_config(name, given) for name in sorted(providers)},
            "root_module": {
                "resources": [_configuration(entry) for entry in resources],
                "variables": given.get("variables", {}),
                "outputs": {name: _output(entry) for name, entry in given.get("outputs", {}).items()},
            },
        },
    }


def _parse(address: str) -> dict[str, str]:
    found = _ADDRESS.search(address)
    if found is None:
        raise ValueError(f"not a resource address: {address}")
    return found.groupdict()


def _provider(kind: str) -> str:
    return _PROVIDERS.get(kind.partition("_")[0], kind.partition("_")[0])


def _change(entry: Mapping[str, Any]) -> dict[str, Any]:
    parts = _parse(entry["address"])
    actions = entry.get("actions", ["create"])
    values = entry.get("values", {})
    return {
        "address": entry["address"],
        "mode": "data" if parts["data"] else "managed",
        "type": parts["type"],
        "name": parts["name"],
        "provider_name": f"registry.terraform.io/hashicorp/{_provider(parts['type'])}",
        "change": {
            "actions": actions,
            "before": entry.get("before"),
            "after": None if actions == ["delete"] else values,
            "after_unknown": _marks(entry.get("unknown", ())),
            "before_sensitive": False,
            "after_sensitive": _marks(entry.get("sensitive", ())),
        },
    }


def _configuration(entry: Mapping[str, Any]) -> dict[str, Any]:
    parts = _parse(entry["address"])
    references = dict.fromkeys(_whole(entry.get("unknown", ())), _LATER) | entry.get("references", {})
    constants = {
        name: {"constant_value": value} for name, value in entry.get("values", {}).items() if name not in references
    }
    return {
        "address": entry["address"].partition("[")[0],
        "mode": "data" if parts["data"] else "managed",
        "type": parts["type"],
        "name": parts["name"],
        "provider_config_key": _provider(parts["type"]),
        "expressions": constants | {name: {"references": list(found)} for name, found in references.items()},
    }


def _whole(unknown: Iterable[str]) -> list[str]:
    """The arguments that are unknown as a whole: the configuration wrote them, or they would have their default."""
    return [path for path in unknown if "." not in path]


def _provider_config(name: str, given: Mapping[str, Any]) -> dict[str, Any]:
    written = given.get("providers", {}).get(name, {})
    expressions: dict[str, Any] = {key: {"constant_value": value} for key, value in written.items()}
    if "provider_region" in given:
        expressions["region"] = {"constant_value": given["provider_region"]}
    if "default_tags" in given:
        expressions["default_tags"] = [{"tags": {"constant_value": given["default_tags"]}}]
    return {"name": name, "full_name": f"registry.terraform.io/hashicorp/{name}", "expressions": expressions}


def _outputs(given: Mapping[str, Any]) -> dict[str, Any]:
    outputs = given.get("outputs", {}).items()
    return {name: {"sensitive": False} | {k: v for k, v in one.items() if k != "references"} for name, one in outputs}


def _output(entry: Mapping[str, Any]) -> dict[str, Any]:
    told = {"references": entry["references"]} if "references" in entry else {"constant_value": entry.get("value")}
    return {"expression": told} | ({"sensitive": True} if entry.get("sensitive") else {})


def _marks(paths: Iterable[str]) -> dict[str, Any]:
    """`["a.0.b"]` -> `{"a": [{"b": True}]}`, as plans mark unknown and sensitive values."""
    marks: dict[str, Any] = {}
    for path in paths:
        _mark(marks, path.split("."))
    return marks


def _mark(into: Any, steps: list[str]) -> None:
    step: Any = int(steps[0]) if isinstance(into, list) else steps[0]
    if isinstance(into, list):
        into.extend({} for _ in range(step + 1 - len(into)))
    if len(steps) == 1:
        into[step] = True
        return
    empty: Any = [] if steps[1].isdigit() else {}
    if isinstance(into, dict):
        into.setdefault(step, empty)
    elif not into[step]:
        into[step] = empty
    _mark(into[step], steps[1:])
