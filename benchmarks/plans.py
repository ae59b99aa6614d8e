"""Makes a large plan out of a real one: the fixture as a module of an estate that has hundreds of the same."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import orjson

REAL = Path(__file__).resolve().parent.parent / "fixtures" / "terraform" / "fraud-serving-aws" / "plan.json"


SOUND = (
    "aws_db_parameter_group",
    "aws_iam_role",
    "aws_kms_key",
    "aws_lb",
    "aws_subnet",
    "aws_vpc",
)
"""Types whose resources in the fixture have no findings."""


def write_plan(path: Path, *, resources: int, megabytes: int, types: Sequence[str] = (), whole: int = 0) -> None:
    """Write a plan of so many resources, all of these types if any are given, but for `whole` modules with every type.

    Like every plan, it says what each resource will be twice, as a change and as a planned value. It is filled up to
    the size with text in an attribute, as long descriptions would.
    """
    plan = orjson.loads(REAL.read_bytes())
    changes = [change for change in plan["resource_changes"] if change["mode"] == "managed"]
    made = [instance(change, number) for number in range(whole) for change in changes]
    changes = [change for change in changes if not types or change["type"] in types]
    more = range(resources - len(made))
    made += [instance(changes[number % len(changes)], whole + number // len(changes)) for number in more]
    plan["resource_changes"] = made
    plan["planned_values"] = {"root_module": {"child_modules": list(planned_modules(made))}}
    declared = plan["configuration"]["root_module"]["variables"]
    given = {name: passed(name, plan["variables"][name]["value"], declared[name]) for name in plan["variables"]}
    stack = {"source": "./stack", "module": plan["configuration"]["root_module"], "expressions": given}
    plan["configuration"]["root_module"] = {"module_calls": {"stack": stack}}
    missing = megabytes * 1_000_000 - len(orjson.dumps(plan))
    for change in made:
        change["change"]["after"]["govscan_filler"] = "x" * max(0, missing // resources)
    path.write_bytes(orjson.dumps(plan))


def passed(name: str, value: Any, declared: dict[str, Any]) -> dict[str, Any]:
    """How a call gives a variable to the module: nobody writes a secret into it."""
    return {"references": [f"var.{name}"]} if declared.get("sensitive") else {"constant_value": value}


def instance(change: dict[str, Any], number: int) -> dict[str, Any]:
    """A copy of one resource change, in an instance of the module."""
    made = copy.deepcopy(change)
    stack = f'module.stack["{number}"]'
    made["address"] = f"{stack}.{change['address']}"
    made["module_address"] = f"{stack}.{change['module_address']}" if "module_address" in change else stack
    return made


def planned_modules(changes: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The planned values of these changes, by module instance."""
    by_module = sorted(changes, key=lambda change: str(change["module_address"]))
    for address, inside in itertools.groupby(by_module, key=lambda change: str(change["module_address"])):
        yield {"address": address, "resources": list(map(planned, inside))}


def planned(change: dict[str, Any]) -> dict[str, Any]:
    """What a change leads to."""
    same = {key: change[key] for key in ("address", "mode", "type", "name", "index", "provider_name") if key in change}
    after = change["change"]
    return {**same, "values": copy.deepcopy(after["after"]), "sensitive_values": after.get("after_sensitive", {})}
