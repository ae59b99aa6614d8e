"""Issue 2, point 10: each damage is one clear sentence with a hint, and what stands beside it is still read."""

import json
import os
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Write = Callable[[str, str | bytes], Path]
Read = Callable[..., Any]
GOOD = "apiVersion: v1\nkind: Pod\nmetadata: {name: good}\n"
POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: bad}\n"
PLAN = '{"format_version": "1.2", "terraform_version": "1.9.0", "planned_values": {}, "resource_changes": []}'
BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{chr(98 + level)}: &{chr(98 + level)} [{','.join([f'*{chr(97 + level)}'] * 9)}]\n" for level in range(8)
)
WIDE_BOMB = f"a: &a [{','.join(['xxx'] * 1000)}]\nb: [{','.join(['*a'] * 10000)}]\n"

DAMAGED = {
    "truncated plan": ("p.json", PLAN[:-20], "is not valid JSON: unexpected end of data"),
    "truncated early": ("p.json", PLAN[:30], "is not valid JSON: unexpected end of data"),
    "unknown version": ("p.json", PLAN.replace("1.2", "2.0"), "is a plan of format version 2.0, which is not known"),
    "old version": ("p.json", PLAN.replace("1.2", "0.3"), "is a plan of format version 0.3, which is not known"),
    "state of an unknown format": (
        "p.json",
        '{"format_version": "2.0", "values": {}}',
        "is a state of format version 2.0",
    ),
    "empty state": ("p.json", '{"format_version": "1.0", "terraform_version": "1.9.0"}', "holds no resources"),
    "old state file": (
        "p.tfstate",
        '{"version": 3, "lineage": "x", "modules": []}',
        "is a state file of version 3, from",
    ),
    "oldest state file": (
        "p.tfstate",
        '{"version": 1, "serial": 1, "modules": []}',
        "is a state file of version 1, from",
    ),
    "newer state file": (
        "p.tfstate",
        '{"version": 5, "lineage": "x"}',
        "is a state file of version 5, which is not known",
    ),
    "encrypted state": (
        "p.tfstate",
        '{"serial": 1, "lineage": "x", "meta": {}, "encrypted_data": "AAAA", "encryption_version": "v0"}',
        "is an encrypted OpenTofu state",
    ),
    "encrypted plan": (
        "tofu.tfplan",
        '{"meta": {}, "encrypted_data": "AAAA", "encryption_version": "v0"}',
        "is an encrypted OpenTofu plan",
    ),
    "the record of a backend": (
        "p.tfstate",
        '{"version": 3, "serial": 1, "lineage": "x", "backend": {"type": "s3", "config": {}, "hash": 1}}',
        "says where a state is kept, and holds none",
    ),
    "state with strangers": (
        "p.tfstate",
        '{"version": 4, "lineage": "x", "resources": [7, {"type": "a", "name": "b", "instances": [7, {}]}]}',
        "holds 3 entries that are no resources",
    ),
    "binary plan": ("tfplan", b"PK\x03\x04\x14\x00\x08\x00\x08\x00tfplan\x00\x01", "is a plan in Terraform's binary"),
    "plan log": ("p.json", '{"@level":"info","@message":"Terraform 1.9"}\n{}', "is the log of `terraform plan -json`"),
    "deep JSON": (
        "p.json",
        PLAN[:-1] + ', "x": ' + "[" * 5000 + "]" * 5000 + "}",
        "is not valid JSON: depth limit exceeded",
    ),
    "JSON as deep as its first parser allows": (
        "p.json",
        '{"apiVersion": "v1", "kind": "Pod", "spec": ' + "[ " * 1015 + "]" * 1015 + "}",
        "has a shape that cannot be read (RecursionError)",
    ),
    "plan with a deep tree of marks": (
        "p.json",
        PLAN.replace(
            "[]",
            '[{"address": "a.b", "type": "a", "name": "b", "change": {"actions": [], "after": {}, "after_unknown": {"x": '
            + ("[" * 1010 + "true" + "]" * 1010)
            + "}}}]",
        ),
        "has a shape that cannot be read (RecursionError)",
    ),
    "plan with a number for its resources": (
        "p.json",
        PLAN[:-1] + ', "configuration": {"root_module": {"resources": 5}}}',
        "has a shape that cannot be read (TypeError)",
    ),
    "plan with changes of nothing": (
        "p.json",
        PLAN.replace("[]", '[{"address": "a.b"}, 7]'),
        "holds 2 changes that are of no resource",
    ),
    "plan of a part": ("p.json", PLAN[:-1] + ', "complete": false}', "is a plan of a part (made with"),
    "list with strangers": (
        "p.yaml",
        "apiVersion: v1\nkind: List\nitems: [{apiVersion: v1, kind: Pod}, {spec: {}}, 7]\n",
        "holds 2 list entries that are no objects",
    ),
    "latin-1 JSON": ("p.json", PLAN.replace("1.9.0", "é").encode("latin-1"), "is not valid JSON"),
    "duplicate key in JSON": (
        "p.json",
        '{"apiVersion": "v1", "kind": "Pod", "kind": "Job"}',
        "has the key 'kind' twice",
    ),
    "duplicate key": ("p.yaml", POD + "kind: Job\n", 'duplicate entry with key "kind"'),
    "duplicate key, exact": ("p.yaml", POD + "x: yes\nkind: Job\n", 'duplicate entry with key "kind" at line 5'),
    "alias bomb": ("p.yaml", POD + BOMB, "is not valid YAML: it grows too large when its aliases are expanded"),
    "wide alias bomb": ("p.yaml", POD + WIDE_BOMB, "it grows too large when its aliases are expanded at line 5"),
    "deep YAML": ("p.yaml", POD + "x: " + "[" * 5000, "recursion limit exceeded"),
    "deep YAML, exact": ("p.yaml", POD + "x: yes\ny: " + "- " * 200_000, "at line 5"),
    "latin-1": (
        "p.yaml",
        POD.replace("bad", "b\xe9").encode("latin-1"),
        "is not UTF-8 text: line 3 holds the byte 0xe9",
    ),
    "broken UTF-16": ("p.yaml", b"\xff\xfea\x00\x00\xd8", "is not valid UTF-16 text"),
    "control character": ("p.yaml", POD + "x: \x01\n", "control characters are not allowed"),
    "tab": ("p.yaml", POD + "\tx: 1\n", "at line 4"),
    "unfinished": ("p.yaml", POD + "---\n" + POD + "x: [\n", "is not valid YAML: did not find expected"),
    "undefined alias": ("p.yaml", POD + "x: *y\n", "unknown anchor at line 4"),
    "big number": ("p.yaml", POD + "? [a]\n: 1\n", "is not valid YAML"),
    "asset line": ("a.jsonl", '{"name": "//x/y", "assetType": "t"}\n{"name\n{"a\n', "line 2 is not valid JSON"),
    "stranger before the assets": (
        "a.json",
        '[1, {"name": "//x/y", "assetType": "t"}]',
        "holds 1 entries that are no assets",
    ),
    "stranger among assets": (
        "a.json",
        '[{"name": "//x/y", "assetType": "t"}, 1]',
        "holds 1 entries that are no assets",
    ),
}


@pytest.mark.parametrize("case", DAMAGED)
def test_damage_is_one_sentence_with_a_hint_and_the_rest_is_read(case: str, write: Write, read: Read) -> None:
    name, content, expected = DAMAGED[case]
    write(name, content)
    write("zz.yaml", GOOD)
    loaded = read(".")
    ((where, message),) = loaded.problems
    assert where == name
    assert expected in message
    assert "\n" not in message
    assert len(message) < 200
    assert loaded.ledger.problems[0].hint
    assert loaded.ledger.problems[0].stage == "load"
    assert "Pod/good" in loaded.addresses


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("e.json", "", "is empty"),
        ("e.yaml", " \n\n", "is empty"),
        ("e.json", '{"a": ', "is not valid JSON"),
        ("e.txt", b"\xe9t\xe9", "is not UTF-8 text"),
    ],
)
def test_a_named_file_that_nobody_can_read_is_a_problem_and_in_a_folder_it_is_passed_over(
    write: Write, read: Read, name: str, content: str | bytes, expected: str
) -> None:
    write(name, content)
    ((where, message),) = read(name).problems
    assert where == name
    assert expected in message
    in_folder = read(".")
    assert not in_folder.problems
    assert sum(in_folder.ledger.skipped.values()) == 1


@pytest.mark.parametrize("target", ["e.yaml", "."])
def test_binary_data_under_the_name_of_text_is_a_problem_wherever_it_is_met(
    write: Write, read: Read, target: str
) -> None:
    write("e.yaml", "\x00\x01\x02")
    ((where, message),) = read(target).problems
    assert (where, message) == ("e.yaml", "is a binary file")


def test_the_other_documents_of_a_stream_survive_a_broken_one_with_lines_of_the_file(write: Write, read: Read) -> None:
    write("s.yaml", GOOD + "---\n" + POD + "x: [\n---\n" + GOOD.replace("good", "last"))
    loaded = read()
    assert loaded.addresses == ["Pod/good", "Pod/last"]
    ((_, message),) = loaded.problems
    # The bracket is never closed, so the parser complains at the end of that document.
    assert "line 9" in message or "line 8" in message


def test_unreadable_vanished_and_special_files(write: Write, read: Read, base: Path) -> None:
    write("zz.yaml", GOOD)
    write("gone/x.yaml", GOOD)
    (base / "loop.yaml").symlink_to("loop.yaml")
    (base / "dangling.yaml").symlink_to("nowhere.yaml")
    (base / "dangling.txt").symlink_to("nowhere.txt")
    (base / "gone" / "up").symlink_to(base)
    os.mkfifo(base / "pipe.yaml")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("s.yaml")
        loaded = read()
    assert loaded.problems == [
        ("dangling.yaml", "is a symbolic link that leads nowhere"),
        ("loop.yaml", "is a symbolic link that leads nowhere"),
    ]
    assert loaded.ledger.skipped == {"not an ordinary file": 2, "symbolic link to a folder": 1}
    assert loaded.addresses == ["Pod/good", "Pod/good"]
    assert read("pipe.yaml").problems == [("pipe.yaml", "is not an ordinary file")]
    ((_, message),) = read("loop.yaml").problems
    assert message.startswith("cannot be read: ")


def test_what_may_not_be_read_is_a_problem(
    write: Write, read: Read, base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("f/x.yaml", GOOD)
    write("a.yaml", GOOD)
    real_open, real_scan = os.open, os.scandir

    def denied(path: Any, *rest: Any) -> int:
        if str(path).endswith("a.yaml"):
            raise PermissionError(13, "Permission denied")
        return real_open(path, *rest)

    def unlisted(path: Any) -> Any:
        if str(path).endswith("f"):
            raise PermissionError(13, "Permission denied")
        return real_scan(path)

    # Tests may run as root, whom no file mode stops.
    monkeypatch.setattr(os, "open", denied)
    monkeypatch.setattr(os, "scandir", unlisted)
    assert read().problems == [
        ("a.yaml", "cannot be read: Permission denied"),
        ("f", "cannot be listed: Permission denied"),
    ]


def test_a_file_beyond_the_limit_is_not_read(write: Write, read: Read) -> None:
    write("big.yaml", GOOD + "#" * 2_000_000)
    assert read(max_bytes=1 << 20).problems == [("big.yaml", "is larger than 1 MiB")]


def test_folders_beyond_measure_are_not_followed(base: Path, read: Read) -> None:
    deep = base
    for _ in range(210):
        deep = deep / "d"
        deep.mkdir()
    ((_, message),) = read().problems
    assert message == "lies more than 200 folders deep"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-16-le", "utf-8-sig", "utf-32"])
def test_encodings_with_a_mark_are_read(write: Write, read: Read, encoding: str) -> None:
    mark = {"utf-16-be": b"\xfe\xff", "utf-16-le": b"\xff\xfe"}.get(encoding, b"")
    write("x.yaml", mark + GOOD.encode(encoding))
    write("p.json", mark + PLAN.encode(encoding))
    loaded = read()
    assert not loaded.problems
    assert loaded.addresses == ["Pod/good"]
    assert loaded.ledger.files["terraform_plan"] == 1


@pytest.mark.parametrize(
    "line",
    [
        '{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}, "data": {"x": "%s"}}'
        % ("y" * 20_000_000),
        '{"x": [%s0]}' % ("0," * 10_000_000),
        PLAN[:-1] + ', "x": "%s"}' % ("y" * 20_000_000),
        '{"apiVersion": "%s' % ("kind" * 5_000_000),
    ],
    ids=["manifest", "numbers", "plan", "unfinished"],
)
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux to tell its peak memory")
def test_a_huge_line_of_json_takes_memory_and_time_in_proportion(tmp_path: Path, line: str) -> None:
    (tmp_path / "x.json").write_text(line)
    program = """
        import pathlib, sys
        from scanner import load
        from scanner.model import Ledger
        options = load.Options(pathlib.Path(sys.argv[1]))
        for partition in load.partitions([sys.argv[1]], options, Ledger()):
            list(partition.documents)
        status = pathlib.Path("/proc/self/status").read_text()  # getrusage would tell of the parent's memory too
        print(int(status.partition("VmHWM:")[2].split()[0]) // 1024)
    """
    command = [sys.executable, "-c", textwrap.dedent(program), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    assert int(done.stdout) < 60 + 8 * 20, "MiB, for 20 MB of text"


def test_a_file_of_nothing_but_small_values_is_refused_before_it_fills_the_memory(
    write: Write, read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scanner.load._files._SMALL", 1000)
    monkeypatch.setattr("scanner.load._files.MAX_VALUES", 5000)
    write("p.json", PLAN[:-1] + ', "x": [' + "[]," * 5000 + "[]]}")
    assert read().problems == [("p.json", "holds more than 5000 JSON values")]


def test_json_of_other_people_is_not_ours_to_judge(write: Write, read: Read) -> None:
    write("tsconfig.json", '{\n  // comments\n  "a": 1,\n}')
    write("values.schema.json", json.dumps({"properties": {"apiVersion": {}, "kind": {}}}))
    write("openapi.json", json.dumps({"format_version": "x"}))
    loaded = read()
    assert not loaded.problems
    assert loaded.ledger.skipped == {"not infrastructure": 3}


@pytest.mark.parametrize("text", ["\n" * 200_000 + POD + "---\n", POD + "---\n" + "\n" * 200_000 + "apiVersion: [\n{"])
def test_blank_lines_without_end_are_read_in_a_moment(write: Write, read: Read, text: str) -> None:
    write("p.yaml", text)
    began = time.process_time()
    assert read(".").addresses == ["Pod/bad"]
    assert time.process_time() - began < 5


def test_actions_and_modules_of_a_plan_are_text_whatever_it_says(write: Write, read: Read) -> None:
    change = {"address": "a.b", "type": "a", "name": "b", "module_address": ["m"]}
    change["change"] = {"actions": [["delete"], "create"], "after": {}}
    write("p.json", json.dumps({**json.loads(PLAN), "resource_changes": [change]}))
    (document,) = read(".").documents
    assert (document.body["actions"], document.body["module"]) == (("create",), "['m']")


def test_values_of_a_resource_that_is_unknown_as_a_whole_have_the_order_of_the_plan(write: Write, read: Read) -> None:
    names = [f"argument_{number}" for number in range(20)]
    change = {"address": "a.b", "type": "a", "name": "b"}
    change["change"] = {"actions": ["create"], "after": dict.fromkeys(names), "after_unknown": True}
    write("p.json", json.dumps({**json.loads(PLAN), "resource_changes": [change]}))
    assert list(read(".").documents[0].body["values"]) == names
