"""Variables, outputs, providers and calls of a root module, as far as they have to do with a secret.

They are no resources, but people write secrets into them as they do into resources. A body has the shape that
`terraform_plan` documents, with mode `setting`. Its type is `terraform_variable` (values: `default`),
`terraform_output` (`value`), `terraform_provider` or `terraform_module` (their arguments); a variable and an output are
`sensitive` if they say so. What does not speak of a secret is left out: a module has many variables, and nothing is
said of the others.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from scanner.bodies import mapping
from scanner.load._plan.modules import Modules
from scanner.model import Path, Unknown
from scanner.secret_shapes import names_secret, speaks_of_secret

if TYPE_CHECKING:
    from scanner.load._hcl.modules import Module
    from scanner.load._hcl.syntax import Body
    from scanner.load._hcl.values import Reader

VARIABLE, OUTPUT, PROVIDER, CALL = "variable", "output", "provider", "module"
_WITH_ARGUMENTS = frozenset({PROVIDER, CALL})
_VAULTS_LOGIN = "auth_login"
"""Its parameters have the names of Vault's API, such as `secret_id`, which is no secret elsewhere."""
_IS_EXPRESSION = frozenset({"constant_value", "references"})
_TOLD = frozenset({"default", "value", "sensitive"})
"""Arguments of variables and outputs that are looked at."""


def body(kind: str, name: str, values: Mapping[str, Any], expressions: Any, modules: Modules) -> dict[str, Any]:
    """The body of a setting. The address of a variable begins as references to it do."""
    return {
        "address": f"{'var' if kind == VARIABLE else kind}.{name}",
        "module": "",
        "mode": "setting",
        "type": f"terraform_{kind}",
        "name": name,
        "index": None,
        "provider": "terraform",
        "values": dict(values),
        "before": None,
        "actions": (),
        "sensitive": frozenset({("value",)} if kind == OUTPUT and values.get("sensitive") else ()),
        "expressions": expressions,
        "repeated": {},
        "modules": modules,
        "provider_config": {},
    }


def is_about_secret(kind: str, name: str, values: Mapping[str, Any]) -> bool:
    """Whether a setting is worth a document. A provider is, where an argument of it, or of a block in it, is secret."""
    if kind in _WITH_ARGUMENTS:
        return speaks_of_secret("", values) or _VAULTS_LOGIN in values
    value = values.get("default" if kind == VARIABLE else "value")
    if isinstance(value, bool | int | float):
        return False
    return names_secret(name) if isinstance(value, Unknown) else speaks_of_secret(name, value)


def of_plan(plan: Mapping[str, Any], modules: Modules) -> Iterator[tuple[Path, dict[str, Any]]]:
    """The settings of a plan's root module, each with where it stands in the plan."""
    for pointer, kind, name, values, expressions in _settings(plan):
        if is_about_secret(kind, name, values):
            yield pointer, body(kind, name, values, expressions, modules)


def of_state(outputs: Any, pointer: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    """The outputs that a state shows to whoever may read it; `pointer` leads to them."""
    for name, entry in mapping(outputs).items():
        values = _written(entry, "value")
        if is_about_secret(OUTPUT, name, values):
            yield (*pointer, name), body(OUTPUT, name, values, {}, {})


def of_module(
    module: Module, reader: Reader, evaluated: Mapping[str, Sequence[Mapping[str, Any]]], modules: Modules
) -> Iterator[dict[str, Any]]:
    """The settings of a root module that was evaluated."""
    written = [block for (kind, *_), block in module.blocks.items() if kind in {VARIABLE, OUTPUT, CALL}]
    for block in (*written, *module.providers):
        if len(block.labels) != 1:
            continue
        alias = block.body.arguments.get("alias") if block.kind == PROVIDER else None
        name = ".".join((*block.labels, *([alias.literal or ""] if alias else ())))
        entries = evaluated.get(f"{block.kind}.{block.labels[0]}", ())
        entry = next((one for one in entries if one["__tfmeta"].get("line_start") == block.line), {})
        about = block.body if block.kind in _WITH_ARGUMENTS else told(block.body)
        values = reader.values(about, entry, {})
        if block.kind == CALL:  # the evaluator tells nothing of what a module is given
            values |= {key: one.literal for key, one in about.arguments.items() if one.literal is not None}
        if is_about_secret(block.kind, name, values):
            yield body(block.kind, name, values, reader.expressions(about, values), modules)


def told(whole: Body) -> Body:
    """What a variable or an output is about, as a plan tells it; the rest is for people and for Terraform."""
    return replace(whole, arguments={name: one for name, one in whole.arguments.items() if name in _TOLD}, blocks=[])


_Setting = tuple[Path, str, str, dict[str, Any], Mapping[str, Any]]


def _settings(plan: Mapping[str, Any]) -> Iterator[_Setting]:
    configuration = mapping(plan.get("configuration"))
    root = mapping(configuration.get("root_module"))
    for name, entry in mapping(root.get("variables")).items():
        values = _written(entry, "default")
        constant: Mapping[str, Any] = {"constant_value": values.get("default")}
        expressions = {"default": constant} if "default" in values else {}
        yield ("configuration", "root_module", "variables", name), VARIABLE, name, values, expressions
    known = mapping(mapping(plan.get("planned_values")).get("outputs"))
    for name, entry in mapping(root.get("outputs")).items():
        told = mapping(known.get(name))
        values = {**_written(entry), "value": told.get("value", Unknown("known after apply", "value"))}
        expressions = {"value": mapping(mapping(entry).get("expression"))}
        yield ("planned_values", "outputs", name), OUTPUT, name, values, expressions
    for name, entry in mapping(root.get("module_calls")).items():
        written = mapping(mapping(entry).get("expressions"))
        yield (
            ("configuration", "root_module", "module_calls", name, "expressions"),
            CALL,
            name,
            _constants(written),
            written,
        )
    for name, entry in mapping(configuration.get("provider_config")).items():
        if not mapping(entry).get("module_address"):
            written = mapping(mapping(entry).get("expressions"))
            pointer = ("configuration", "provider_config", name, "expressions")
            yield pointer, PROVIDER, name, _constants(written), written


def _written(entry: Any, *keys: str) -> dict[str, Any]:
    """What a block says of itself; null is as good as nothing."""
    return {key: value for key in (*keys, "sensitive") if (value := mapping(entry).get(key)) is not None}


def _constants(written: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments that are written as they are. A block is a list of such mappings, or one."""
    return {
        name: [_constants(mapping(block)) for block in expression]
        if isinstance(expression, list)
        else _constant(expression, name)
        for name, expression in written.items()
        if isinstance(expression, dict | list)
    }


def _constant(expression: Mapping[str, Any], name: str) -> Any:
    if not _IS_EXPRESSION.isdisjoint(expression) or not any(isinstance(one, dict) for one in expression.values()):
        return expression.get("constant_value", Unknown("it is computed from other values", name))
    return _constants(expression)
