"""A real plan, with its source beside it, in which a piece is replaced by something else: never more than a Problem."""

import copy
import shutil
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scanner import load, normalize
from scanner.model import Ledger

FIXTURE = Path(__file__).resolve().parent.parent / "fixtures" / "terraform" / "feature-lake-aws"
JUNK = [
    None, True, 1, "x", "module.a[", [], {}, [1], {"constant_value": 1}, {"references": 1},
    {"references": [1, None, "", "each.value", "var.", "module", "aws_x", "[", "a.b[", "module.x.y.z"]},
]  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(FIXTURE, tmp_path / "lake")
    return tmp_path / "lake"


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_piece_of_any_other_shape_ends_nothing(folder: Path, data: st.DataObject) -> None:
    plan = orjson.loads((FIXTURE / "plan.json").read_bytes())
    for part in ("configuration", "resource_changes"):
        places: list[tuple[Any, Any]] = []
        _places(plan[part], places)
        holder, step = places[data.draw(st.integers(0, len(places) - 1))]
        holder[step] = copy.deepcopy(data.draw(st.sampled_from(JUNK)))
    (folder / "plan.json").write_bytes(orjson.dumps(plan))
    ledger = Ledger()
    found = [
        resource
        for partition in load.partitions([str(folder / "plan.json")], load.Options(folder), ledger)
        for resource in normalize.inventory(partition, ledger)
    ]
    assert len(found) > 50


def _places(node: Any, places: list[tuple[Any, Any]]) -> None:
    steps = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for step, entry in steps:
        places.append((node, step))
        _places(entry, places)
