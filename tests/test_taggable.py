"""The table of taggable types against what real providers wrote into real plans."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from scanner.taggable import is_taggable

ROOT = Path(__file__).resolve().parent.parent
CORPORA = Path("/work/shared/corpora/plans")
PLANS = [*sorted((ROOT / "fixtures" / "terraform").glob("*/plan.json")), *sorted(CORPORA.glob("tam_*.json"))]
MARK = {"aws_": "tags_all", "google_": "effective_labels"}
"""What the providers of AWS and Google compute for the types that take tags."""
DEEPER = {
    "aws_autoscaling_group",
    "google_container_cluster",
    "google_container_node_pool",
    "google_sql_database_instance",
}
"""They keep tags in a block, or under another name."""


def shown(plan: dict[str, Any]) -> Iterator[tuple[str, bool]]:
    """Type of each resource, and whether the provider's schema had a place for tags."""
    for change in plan["resource_changes"]:
        kind = change["type"]
        mark = next((mark for begin, mark in MARK.items() if kind.startswith(begin)), None)
        if change["mode"] == "managed" and mark and change["change"]["after"]:
            attributes = {**change["change"]["after"], **(change["change"].get("after_unknown") or {})}
            yield kind, mark in attributes or kind in DEEPER


@pytest.mark.parametrize("path", PLANS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_type_is_in_the_table_if_and_only_if_its_provider_has_a_place_for_tags(path: Path) -> None:
    plan = json.loads(path.read_text(encoding="utf-8"))
    seen = dict(shown(plan))
    if path.parent.name.endswith("-gcp") and not any(
        "effective_labels" in json.dumps(change) for change in plan["resource_changes"]
    ):
        pytest.skip("made with a provider that is older than effective labels")
    assert {kind: is_taggable(kind) for kind in seen} == seen


def test_the_table_is_in_order_and_names_each_type_once() -> None:
    lines = (ROOT / "scanner" / "taggable.txt").read_text(encoding="utf-8").splitlines()
    types = [line.split()[0] for line in lines[1:]]
    assert types == sorted(set(types))
    assert {kind.partition("_")[0] for kind in types} == {"aws", "google", "azurerm"}
    assert len(types) > 1300


def test_types_of_other_providers_are_not_its_business() -> None:
    assert is_taggable("kubernetes_namespace") is None
    assert is_taggable("core/Namespace") is None
