"""Files that kubectl takes though hardly anybody writes them so: no object in them gets lost."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from scanner.cli import cli

OBJECT = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "d", "namespace": "a"},
    "spec": {"replicas": 3, "selector": {}, "template": {"spec": {"containers": [{"name": "c"}]}}},
}
JSON = json.dumps(OBJECT)
YAML = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: %s, namespace: a}\n"


def addresses(folder: Path) -> list[str]:
    shown = CliRunner().invoke(cli, ["inspect", "--format", "json", str(folder)])
    return sorted(one["resource"]["uid"].partition("#")[2] for one in json.loads(shown.stdout))


@pytest.mark.parametrize(
    ("name", "data", "expected"),
    [
        ("marks.yaml", (YAML % "one" + "---\n\ufeff" + YAML % "two").encode(), ["a/ConfigMap/one", "a/ConfigMap/two"]),
        ("escaped.yaml", (YAML % "one").replace("apiVersion", '"api\\u0056ersion"').encode(), ["a/ConfigMap/one"]),
        ("escaped-kind.yaml", (YAML % "one").replace("kind", '"\\x6bind"').encode(), ["a/ConfigMap/one"]),
        ("escaped.json", JSON.replace('"apiVersion"', '"api\\u0056ersion"').encode(), ["a/Deployment/d"]),
        ("specified.yaml", f"apiVersion: v1\nkind: List\nspec: {{}}\nitems:\n- {JSON}\n".encode(), ["a/Deployment/d"]),
        ("named.yaml", f"apiVersion: v1\nkind: Bundle\nitems:\n- {JSON}\n".encode(), ["a/Deployment/d"]),
        ("list.yaml", f"apiVersion: v1\nkind: PodList\nspec: {{}}\nitems:\n- {JSON}\n".encode(), ["a/Deployment/d"]),
    ],
)  # fmt: skip
def test_no_object_gets_lost(tmp_path: Path, name: str, data: bytes, expected: list[str]) -> None:
    (tmp_path / name).write_bytes(data)
    assert addresses(tmp_path) == expected


def test_what_has_items_of_its_own_stays_whole(tmp_path: Path) -> None:
    body = "apiVersion: example.com/v1\nkind: AccessList\nmetadata: {name: x, namespace: a}\nspec: {}\nitems: [{apiVersion: v1}, plain]\n"
    (tmp_path / "own.yaml").write_text(body)
    assert addresses(tmp_path) == ["a/AccessList/x"]
