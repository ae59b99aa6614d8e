import io
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from scanner import load
from scanner.errors import UsageError
from scanner.load import _files
from scanner.model import Citation, Ledger

Write = Callable[[str, str | bytes], Path]
Read = Callable[..., Any]
POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: %s}\n"
PLAN = {
    "format_version": "1.2",
    "planned_values": {"root_module": {}},
    "resource_changes": [
        {
            "address": "aws_eip.a",
            "mode": "managed",
            "type": "aws_eip",
            "name": "a",
            "provider_name": "registry.terraform.io/hashicorp/aws",
            "change": {
                "actions": ["create"],
                "before": None,
                "after": {"domain": "vpc"},
                "after_unknown": {"id": True},
            },
        }
    ],
}
ASSET = {"name": "//storage.googleapis.com/b", "assetType": "storage.googleapis.com/Bucket", "resource": {"data": {}}}


@pytest.fixture
def stdin(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[bytes], None]]:
    _files.standard_input.cache_clear()
    yield lambda data: monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(data)))
    _files.standard_input.cache_clear()


def test_each_file_is_known_by_its_content_and_each_plan_is_a_partition(write: Write, read: Read) -> None:
    write("a/one.json", json.dumps(PLAN))
    write("a/two.json", json.dumps(PLAN))
    write("b/pod.yaml", POD % "x")
    write("c/pod.json", json.dumps({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "y", "namespace": "n"}}))
    write("assets.json", json.dumps([ASSET]))
    write("package.json", "{}")
    write("README.md", "# hello")
    loaded = read()
    assert [(name, [document.origin.address for document in found]) for name, found in loaded.partitions] == [
        ("a/one.json", ["aws_eip.a"]),
        ("a/two.json", ["aws_eip.a"]),
        (".", ["//storage.googleapis.com/b"]),
        (".", ["Pod/x", "n/Pod/y"]),
    ]
    assert loaded.ledger.files == {"terraform_plan": 2, "kubernetes_manifest": 2, "gcp_assets": 1}
    assert loaded.ledger.skipped == {"not infrastructure": 2}
    assert not loaded.problems


def test_manifests_named_one_by_one_are_one_partition_and_each_folder_another(write: Write, read: Read) -> None:
    for name in ("x.yaml", "y.yaml", "f/z.yaml"):
        write(name, POD % name[-6])
    loaded = read("x.yaml", "f", "y.yaml")
    assert [(name, [document.origin.uri for document in found]) for name, found in loaded.partitions] == [
        ("f", ["f/z.yaml"]),
        ("named files", ["x.yaml", "y.yaml"]),
    ]


def test_asset_exports_of_different_targets_are_different_partitions(write: Write, read: Read) -> None:
    write("one.json", json.dumps([ASSET]))
    write("two.jsonl", json.dumps(ASSET))
    assert [name for name, _ in read("one.json", "two.jsonl").partitions] == ["one.json", "two.jsonl"]


def test_a_file_reached_twice_is_read_once(write: Write, read: Read) -> None:
    write("f/x.yaml", POD % "x")
    loaded = read("f/x.yaml", "f", "f/x.yaml")
    assert loaded.addresses == ["Pod/x"]


def test_partitions_may_be_collected_before_their_documents_are_read(write: Write, base: Path) -> None:
    write("x.yaml", POD % "x")
    write("p.json", json.dumps(PLAN))
    found = list(load.partitions(["."], load.Options(base), Ledger()))
    assert [[document.origin.address for document in partition.documents] for partition in found] == [
        ["aws_eip.a"],
        ["Pod/x"],
    ]


def test_a_file_named_by_hand_is_read_whatever_its_name(write: Write, read: Read) -> None:
    write("plan.out", json.dumps(PLAN))
    write("pods.txt", POD % "x")
    assert read("plan.out", "pods.txt").addresses == ["aws_eip.a", "Pod/x"]
    assert not read(".").documents


def test_an_absent_target_is_a_usage_error_with_a_suggestion_and_nothing_is_read(write: Write, base: Path) -> None:
    write("plan.json", json.dumps(PLAN))
    ledger = Ledger()
    with pytest.raises(UsageError) as caught:
        load.partitions(["plan.json", "plam.json"], load.Options(base), ledger)
    assert "plam.json" in caught.value.message
    assert caught.value.hint == "Did you mean 'plan.json'?"
    with pytest.raises(UsageError) as caught:
        load.partitions(["zzz"], load.Options(base), ledger)
    assert caught.value.hint == "Nothing in '.' has a similar name."
    with pytest.raises(UsageError) as caught:
        load.partitions(["no/such/zzz"], load.Options(base), ledger)
    assert caught.value.hint == "There is no folder 'no/such' either."


def test_standard_input_is_any_of_the_sources_and_can_be_located(
    stdin: Callable[[bytes], None], read: Read, base: Path
) -> None:
    stdin((POD % "x").encode())
    loaded = read("-")
    assert loaded.documents[0].origin.uri == "<stdin>"
    (located,) = load.locate([Citation(loaded.documents[0].origin, ("metadata", "name"))], load.Options(base))
    assert (located.origin.line, located.origin.column, located.origin.end_column) == (3, 12, 19)
    assert located.frame.lines == tuple((POD % "x").splitlines())


@pytest.mark.parametrize("text", [json.dumps(PLAN), json.dumps([ASSET]), json.dumps(ASSET)])
def test_standard_input_as_json(stdin: Callable[[bytes], None], read: Read, base: Path, text: str) -> None:
    stdin(text.encode())
    loaded = read("-")
    assert len(loaded.documents) == 1
    (located,) = load.locate([Citation(loaded.documents[0].origin, ())], load.Options(base))
    assert located.origin.line == 1


def test_terraform_configuration_is_read_by_folder_or_by_name(write: Write, read: Read) -> None:
    write("main.tf", 'resource "aws_eip" "a" {}')
    write("terraform.tfvars", "a = 1")
    for targets in ((), ("main.tf",), ("terraform.tfvars",), ("main.tf", ".")):
        assert read(*targets).addresses == ["aws_eip.a"]


def test_ignore_files_hold_at_every_level(write: Write, read: Read) -> None:
    write(".gitignore", "build/\n*.tmp.yaml\n")
    write("x.yaml", POD % "x")
    write("x.tmp.yaml", POD % "tmp")
    write("build/y.yaml", POD % "built")
    write("sub/.gitignore", "!*.tmp.yaml\n/secret.yaml\n")
    write("sub/y.tmp.yaml", POD % "back")
    write("sub/secret.yaml", POD % "secret")
    write("sub/deep/secret.yaml", POD % "deep")
    loaded = read()
    assert sorted(loaded.addresses) == ["Pod/back", "Pod/deep", "Pod/x"]
    assert loaded.ledger.skipped["ignored"] == 3


def test_ignore_files_above_a_folder_hold_but_not_for_a_folder_that_was_named(write: Write, read: Read) -> None:
    write(".gitignore", "build/\nskip.yaml\n")
    write("sub/skip.yaml", POD % "skip")
    write("sub/x.yaml", POD % "x")
    write("build/y.yaml", POD % "why")
    assert read("sub").addresses == ["Pod/x"]
    assert read("build").addresses == ["Pod/why"]
    assert read("sub/skip.yaml").addresses == ["Pod/skip"]


def test_excludes_win_over_ignore_files(write: Write, read: Read) -> None:
    write("sub/.gitignore", "!x.yaml\n")
    write("sub/x.yaml", POD % "x")
    write("sub/y.yaml", POD % "why")
    assert read(excludes=("sub/x.yaml",)).addresses == ["Pod/why"]


def test_folders_of_tools_are_never_entered(write: Write, read: Read) -> None:
    for folder in (".git", ".terraform", "node_modules", ".venv"):
        write(f"{folder}/x.yaml", POD % "x")
    assert not read().documents


def test_order_is_that_of_names_whatever_the_file_system_says(write: Write, read: Read) -> None:
    for name in ("b.yaml", "a/z.yaml", "c.yaml", "a.yaml"):
        write(name, POD % "x")
    assert [document.origin.uri for document in read().documents] == ["a/z.yaml", "a.yaml", "b.yaml", "c.yaml"]


def test_links_to_files_are_followed_inside_the_base_only(
    write: Write, read: Read, base: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside") / "out.yaml"
    outside.write_text(POD % "out")
    write("real/x.yaml", POD % "x")
    (base / "alias.yaml").symlink_to(base / "real/x.yaml")
    (base / "out.yaml").symlink_to(outside)
    loaded = read()
    assert [document.origin.uri for document in loaded.documents] == ["alias.yaml"]
    assert loaded.ledger.skipped == {"symbolic link out of the base folder": 1}


def test_a_target_outside_the_base_has_an_absolute_uri(read: Read, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("outside") / "out.yaml"
    outside.write_text(POD % "out")
    (document,) = read(str(outside)).documents
    assert document.origin.uri == outside.as_posix()
