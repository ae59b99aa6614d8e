"""Whatever bytes a file holds, loading and locating give documents and problems, never a traceback."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner import load
from scanner.load import _yaml
from scanner.model import Citation, Ledger

WORDS = [
    *("apiVersion: v1\nkind: Pod\n", "metadata:\n", "  name: x\n", "---\n", "...\n", "- ", "&a ", "*a ", "<<: *a\n"),
    *("yes", "0777", "!x ", "{", "}", "[", "]", ": ", "? ", "|\n", ">-\n", "'", '"', "# c\n", "%YAML 1.1\n", "\t"),
    *("\r\n", "\x85", "\u2028", "é", "\x00", '"format_version": "1.2"', '"resource_changes": [', '"lineage": 1'),
    *('"assetType": "x"', '"name": "//x"', ",", "null", "{{"),
]
soup = st.lists(st.sampled_from(WORDS), max_size=40).map("".join)
KEYS = [
    "format_version",
    "planned_values",
    "resource_changes",
    "configuration",
    "root_module",
    "module_calls",
    "module",
    "resources",
    "address",
    "type",
    "name",
    "mode",
    "change",
    "before",
    "after",
    "after_unknown",
    "after_sensitive",
    "actions",
    "expressions",
    "provider_config",
    "values",
    "provider_config_key",
    "variables",
    "prior_state",
    "child_modules",
    "apiVersion",
    "kind",
    "metadata",
    "items",
    "assetType",
    "references",
    "default_tags",
    "tags",
    "region",
    "lineage",
    "version",
    "module_address",
]
values = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.sampled_from(["x", "v1", "//x", "1.2", "List", "a.b"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=6),
    max_leaves=20,
)
shapes = st.dictionaries(st.sampled_from(KEYS), values, max_size=8).map(
    lambda value: orjson.dumps({"format_version": "1.2", "apiVersion": "v1", "kind": "List", **value})
)
names = st.sampled_from(["x.json", "x.yaml", "x.jsonl", "plan.tfplan", "x.txt", "Chart.yaml"])


def paths(value: Any) -> Iterator[tuple[str | int, ...]]:
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    yield ()
    for key, entry in entries:
        yield from ((key, *rest) for rest in paths(entry))


@settings(max_examples=400, deadline=None)
@given(names, st.binary(max_size=200) | soup.map(str.encode) | soup.map(lambda text: text.encode("utf-16")) | shapes)
def test_any_bytes(name: str, data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder)
        (base / name).write_bytes(data)
        (base / "main.tf").write_bytes(data)
        ledger = Ledger()
        documents = [
            document
            for target in (str(base), str(base / name))
            for partition in load.partitions([target], load.Options(base), ledger)
            for document in partition.documents
        ]
        citations = [
            Citation(document.origin, path)
            for document in documents
            for path in list(paths(document.body.get("values", document.body)))[:20]
        ]
        for located in load.locate(citations, load.Options(base)):
            text = (base / located.origin.uri).read_bytes()
            assert located.origin.line <= max(1, text.count(b"\n") + 1) or b"\x00" in text
            assert located.origin.column >= 1 or located.origin.line == 0
    assert all("\n" not in problem.message and problem.hint for problem in ledger.problems)


@settings(max_examples=300, deadline=None)
@given(soup)
def test_pieces_of_a_stream_are_the_stream(text: str) -> None:
    pieces = list(_yaml.pieces(text))
    assert [piece.number for piece in pieces] == list(range(len(pieces)))
    for piece in pieces:
        assert text[piece.start :].startswith(piece.text)
        assert text.count("\n", 0, piece.start) == piece.line
