"""Lines of a template: what looks like YAML between control lines and expressions."""

from typing import Any

import pytest
import ryaml
from hypothesis import given
from hypothesis import strategies as st

from scanner.load._charts import pairs

TEMPLATE = [
    "apiVersion: v1",
    "kind: Pod",
    "metadata:",
    "  {{- if .Values.loud }}",
    "  name: loud",
    "  {{- else }}",
    "  name: quiet",
    "  {{- end }}",
    "spec:",
    "  containers:",
    "  {{- range .Values.sides }}",
    "  - name: {{ .name }}",
    "    image: side",
    "  {{- end }}",
    "  - name: main",
    '    image: "main:{{ .Values.tag }}"',
    "    env:",
    "    - name: A",
    "      value: one",
    "    - name: B",
    "      value: two # a note",
    "  volumes:",
    "    - emptyDir: {}",
    "      name: tmp",
    "",
]

MAIN = {"name": "main", "image": "main:1", "env": [{"name": "A", "value": "one"}, {"name": "B", "value": "two"}]}
BODY = {
    "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "quiet"},
    "spec": {"containers": [{"name": "log", "image": "side"}, MAIN], "volumes": [{"emptyDir": {}, "name": "tmp"}]},
}  # fmt: skip


@pytest.mark.parametrize(
    ("path", "line", "depth"),
    [
        (("kind",), "kind: Pod", 1),
        (("metadata", "name"), "  name: quiet", 2),
        (("metadata", "labels"), "metadata:", 1),
        (("spec", "containers", 1, "image"), '    image: "main:{{ .Values.tag }}"', 4),
        (("spec", "containers", 1, "env", 1, "value"), "      value: two # a note", 6),
        (("spec", "containers", 1, "env", 0, "name"), "    - name: A", 6),
        (("spec", "containers", 1, "resources"), "  - name: main", 3),
        # Which entry a loop makes is not told by its lines.
        (("spec", "containers", 0, "image"), "  containers:", 2),
        (("spec", "volumes", 0, "name"), "      name: tmp", 4),
        (("status",), None, 0),
    ],
)
def test_the_deepest_part_that_is_sure(path: tuple[str | int, ...], line: str | None, depth: int) -> None:
    found = pairs.find(TEMPLATE, 0, len(TEMPLATE), path, BODY)
    assert (found and TEMPLATE[found.line], found.depth if found else 0) == (line, depth)


LOOP = ["items:", "{{- range .Values.all }}", "- kind: Job", "  replicas: {{ .n }}", "{{- end }}"]
TWO = [{"kind": "Job", "replicas": 1}, {"kind": "Job", "replicas": 2}]


@pytest.mark.parametrize(
    ("lines", "line"),
    [
        (LOOP, "  replicas: {{ .n }}"),
        ([*LOOP[:1], '{{ include "first" . }}', *LOOP[2:4]], "items:"),
        ([*LOOP[:1], "{{ toYaml .Values.first }}", *LOOP[1:]], "items:"),
        ([*LOOP[:4], "- kind: Job", "  replicas: 2", "{{- end }}"], "items:"),
    ],
)
def test_the_only_entry_that_a_loop_writes_is_where_all_come_from(lines: list[str], line: str) -> None:
    found = pairs.find(lines, 0, len(lines), ("items", 1, "replicas"), {"items": TWO})
    assert found
    assert lines[found.line] == line


SCALAR = st.sampled_from(["one", "two", 3, True])
KEYS = st.sampled_from(["a", "b", "name", "spec"])
TREES = st.recursive(
    SCALAR,
    lambda inner: st.lists(inner, min_size=1, max_size=3) | st.dictionaries(KEYS, inner, min_size=1, max_size=3),
    max_leaves=12,
)


def paths(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[tuple[str | int, ...], Any]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [(path, value), *(found for key, one in inner for found in paths(one, (*path, key)))]


@given(st.dictionaries(KEYS, TREES, min_size=1, max_size=3))
def test_plain_yaml_is_found_at_its_own_value_or_above(body: dict[str, Any]) -> None:
    """A scalar that is found whole stands on a line that ends in it; no other line is ever named."""
    text = ryaml.dumps(body)
    lines = text.split("\n")
    for path, value in paths(body):
        found = pairs.find(lines, 0, len(lines), path, body)
        if found and found.depth == len(path) and isinstance(path[-1], str) and not isinstance(value, dict | list):
            assert lines[found.line].rstrip().endswith(str(value).lower() if isinstance(value, bool) else str(value))


@given(st.lists(st.text(max_size=20), max_size=8), st.lists(KEYS | st.integers(0, 2), max_size=4))
def test_no_text_breaks_it(lines: list[str], path: list[str | int]) -> None:
    found = pairs.find(lines, 0, len(lines), tuple(path), {"a": {"b": [1]}})
    assert found is None or 0 <= found.line < len(lines)
