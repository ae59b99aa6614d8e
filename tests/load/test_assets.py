import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

Write = Callable[[str, str | bytes], Path]
Read = Callable[..., Any]


def asset(number: int, key: str = "assetType") -> dict[str, Any]:
    return {"name": f"//compute.googleapis.com/{number}", key: "compute.googleapis.com/Disk", "resource": {"data": {}}}


def test_arrays_lines_and_single_assets_in_both_spellings(write: Write, read: Read) -> None:
    write("array.json", json.dumps([asset(0), asset(1, "asset_type")]))
    write("lines.jsonl", "\n" + json.dumps(asset(2)) + "\n\n" + json.dumps(asset(3)) + "\n")
    write("one.json", "\n" + json.dumps(asset(4), indent=2))
    documents = read().documents
    assert [(document.origin.uri, document.origin.pointer) for document in documents] == [
        ("array.json", (0,)),
        ("array.json", (1,)),
        ("lines.jsonl", (1,)),
        ("lines.jsonl", (3,)),
        ("one.json", ()),
    ]
    assert [document.origin.address[-1] for document in documents] == list("01234")
    assert {document.dialect for document in documents} == {"gcp"}
    assert documents[1].body == asset(1, "asset_type")


def test_an_export_of_kubernetes_assets_is_an_export(write: Write, read: Read) -> None:
    held = asset(0) | {"resource": {"data": {"apiVersion": "v1", "kind": "Pod", "format_version": "1.0"}}}
    write("a.json", json.dumps([held]))
    assert read().documents[0].origin.source == "gcp_assets"


def test_many_broken_lines_are_one_problem(write: Write, read: Read) -> None:
    write("a.jsonl", json.dumps(asset(0)) + "\n{" * 50)
    loaded = read()
    assert len(loaded.documents) == 1
    ((_, message),) = loaded.problems
    assert message.startswith("line 2 is not valid JSON")
    assert message.endswith("and 49 more lines")
