"""Makes a large plan out of a real one: the fixture's resources, again and again under new names."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson

REAL = Path(__file__).resolve().parent.parent / "fixtures" / "terraform" / "fraud-serving-aws" / "plan.json"


SOUND = (
    "aws_db_parameter_group",
    "aws_iam_role",
    "aws_kms_key",
    "aws_lb",
    "aws_lb_target_group",
    "aws_subnet",
    "aws_vpc",
)
"""Types whose resources in the fixture have no findings."""


def write_plan(path: Path, *, resources: int, megabytes: int, types: Sequence[str] = ()) -> None:
    """Write a plan of so many resources, all of these types if any are given.

    It is filled up to the size with text in an attribute, as long descriptions would.
    """
    plan = orjson.loads(REAL.read_bytes())
    changes = [change for change in plan["resource_changes"] if change["mode"] == "managed"]
    changes = [change for change in changes if not types or change["type"] in types]
    template = itertools.islice(itertools.cycle(changes), resources)
    plan["resource_changes"] = [renamed(change, number) for number, change in enumerate(template)]
    missing = megabytes * 1_000_000 - len(orjson.dumps(plan))
    filler = "x" * max(0, missing // resources)
    for change in plan["resource_changes"]:
        change["change"]["after"]["govscan_filler"] = filler
    path.write_bytes(orjson.dumps(plan))


def renamed(change: dict[str, Any], number: int) -> dict[str, Any]:
    """A copy of one resource change under an address of its own."""
    made = copy.deepcopy(change)
    made["name"] = f"{change['name']}_{number}"
    made["address"] = f"{change['type']}.{made['name']}"
    made.pop("index", None)
    made.pop("module_address", None)
    return made
