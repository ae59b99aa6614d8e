"""What holds for every fact there is, and for the ones still to be written: it keeps to what it declares."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import ryaml

from scanner import analyze, registry
from scanner.model import Inventory, Resource, Unknown

Table = dict[str, Any]
NAMES = registry.names("scanner.analyze")
PYTHON_TYPES: dict[str, Any] = {"bool": bool, "int": int, "double": float, "string": str}


class Recording(Inventory):
    """An inventory that remembers which canonical types it was asked for."""

    def __init__(self, resources: list[Resource]) -> None:
        super().__init__(resources)
        self.asked: set[str] = set()

    def __iter__(self) -> Iterator[Resource]:
        self.asked.add("*")
        return super().__iter__()

    def types(self) -> tuple[str, ...]:
        self.asked.add("*")
        return super().types()

    def by_type(self, *types: str) -> tuple[Resource, ...]:
        self.asked.update(types)
        return super().by_type(*types)


@pytest.fixture(scope="module")
def table(root: Path) -> Table:
    loaded: Table = ryaml.loads((root / "scanner/normalize/types.yaml").read_text())
    return loaded


@pytest.fixture(scope="module")
def estate(table: Table, make: Callable[..., Resource]) -> list[Resource]:
    """One resource of every canonical type twice: everything empty, and everything unknown."""
    unknown = Unknown("known after apply")
    empty = {"bool": False, "int": 0, "string": ""}
    found = [make(name="empty"), make(name="dark", region=unknown, tags=unknown)]
    for kind, spec in table.items():
        attributes = spec["attributes"]
        nothing = {
            name: empty.get(field["type"], {} if field["type"].startswith("map") else [])
            for name, field in attributes.items()
        }
        found.append(make(kind, "empty", attributes=nothing))
        found.append(make(kind, "dark", attributes=dict.fromkeys(attributes, unknown), region=unknown, tags=unknown))
    return found


@pytest.mark.parametrize("name", NAMES)
def test_a_fact_reads_exactly_the_canonical_types_it_declares(name: str, estate: list[Resource], table: Table) -> None:
    module = registry.module("scanner.analyze", name)
    recording = Recording(estate)
    module.derive(recording)
    assert recording.asked == set(module.READS) or ({"*"} == module.READS and "*" in recording.asked)
    assert set(table) | {"*"} >= module.READS


@pytest.mark.parametrize("name", NAMES)
def test_every_value_a_fact_gives_is_declared_and_has_its_type_or_is_unknown(name: str, estate: list[Resource]) -> None:
    module = registry.module("scanner.analyze", name)
    for uid, fact in module.derive(Inventory(estate)).items():
        assert set(fact.values) <= set(module.FIELDS), uid
        assert set(fact.citations) <= set(module.FIELDS), uid
        for field, value in fact.values.items():
            assert of_type(value, module.FIELDS[field].type), (uid, field, value)


@pytest.mark.parametrize("name", NAMES)
def test_a_fact_and_its_fields_are_documented_and_their_defaults_have_their_type(name: str) -> None:
    module = registry.module("scanner.analyze", name)
    assert module.DOC
    for field, spec in module.FIELDS.items():
        assert spec.doc.endswith("."), field
        assert of_type(spec.default, spec.type), field
        assert not isinstance(spec.default, Unknown), field


def test_the_vocabulary_holds_every_field_by_its_dotted_path() -> None:
    paths = {f"{n}.{field}" for n in NAMES for field in registry.module("scanner.analyze", n).FIELDS}
    assert set(analyze.vocabulary()) == paths


def of_type(value: Any, declared: str) -> bool:
    if isinstance(value, Unknown) or declared == "dyn":
        return True
    if declared.startswith("list("):
        return isinstance(value, list | tuple) and all(of_type(item, declared[5:-1]) for item in value)
    if declared.startswith("map("):
        inner = declared[4:-1].split(",", 1)[1].strip()
        return isinstance(value, dict) and all(
            isinstance(key, str) and of_type(item, inner) for key, item in value.items()
        )
    return type(value) is PYTHON_TYPES[declared]
