"""A CustomResourceDefinition means the same whether its schemas are read or left out, whoever wrote it."""

import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import ryaml
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from scanner.errors import LoadError
from scanner.load import _yaml, _yaml_definitions
from scanner.load._yaml import Piece
from scanner.model import Unknown

KEY = "openAPIV3Schema"
HEAD = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: a.b.c}\n"
VERSIONS = "spec:\n  versions:\n  - name: v1\n    schema:\n      openAPIV3Schema:\n"
SOUND = """\
        type: object
        description: |-
          It's "a" text: {
            "of": [
        properties:
          a: {type: string}
          kind: {enum: [x, y], default: ''}
"""
NEXT = "  - name: v2\n    schema:\n      openAPIV3Schema:\n"
HEADS = (
    HEAD,
    "apiVersion: apiextensions.k8s.io/v1\nmetadata: {a: b}\nkind: CustomResourceDefinition\n",
    "x: {\nkind: CustomResourceDefinition\n",
    'x: "\nkind: CustomResourceDefinition\n',
    "x: &a one\napiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n",
)
SPECS = (
    VERSIONS,
    "spec:\n  validation:\n    openAPIV3Schema:\n",
    "spec: {versions: [{schema: {\n      openAPIV3Schema:\n",
)
LINES = (
    *("kind: Secret", "data: x", 'kind: X "', 'kind: "y"', "served: true", "name: v1", "status: {}"),
    *("<<: {kind: Secret}", "a: \"b','c\"", "d: 'e", "f'", 'g: "\\"', 'g: "a\\""', "h: ''", 'h: ""', "h: '''"),
    *("it's", 's: it\'s "x" y', 'c"', '"', "'", '""', "''", "'''", "x, 'y", 'x, "y', 'z: "', "- '", '- "'),
    *('"a": {', "'b': [", 'b: a, "', "a: , ]", "x: {", "}", "y: [", "]", "i: {}", "j: []", "k: [l, m]"),
    *('n: ["o"]', "p: {q: r}", "{", "[", "- {", "- [", "b: x}", "t: |-", "u: >", "# c", "- z", "? k", ": v"),
    *("%x", "", "  ", "\t", "---x", "... ", "type: object", "bar baz", "b: &a 1", "b: *a", "b: !t &a {"),
    *("b: &a", "b: !u", "*a :", "w\rkind: Secret", "v\x85kind: Secret", "\u2028x: y", "spec:", "schema:"),
    *("validation:", "openAPIV3Schema:", "openAPIV3Schema: # c"),
)
lines = st.lists(
    st.tuples(st.sampled_from((8, 8, 8, 10, 12, 7, 6, 4, 2, 0)), st.sampled_from(LINES)).map(
        lambda drawn: " " * drawn[0] + drawn[1] + "\n"
    ),
    max_size=6,
).map("".join)
parts = (st.sampled_from(HEADS), st.sampled_from(SPECS), lines, st.sampled_from(("", NEXT)), lines)
definitions = st.tuples(*parts).map("".join)


def piece(text: str) -> Piece:
    return Piece(0, 0, 0, text)


def at(value: Any, key: str) -> Any:
    return value.get(key) if isinstance(value, dict) else None


def holders(body: Any) -> list[Any]:
    """The mappings in which a definition has its schemas, and what else stands in their place."""
    versions = at(at(body, "spec"), "versions")
    described = [at(one, "schema") for one in versions] if isinstance(versions, list) else []
    return [at(at(body, "spec"), "validation"), *described]


def is_short(body: Any) -> bool:
    return any(isinstance(at(one, KEY), Unknown) for one in holders(body))


def filled(short: Any, whole: Any) -> Any:
    """What was read in short, with the schemas of what was read whole."""
    for mine, theirs in zip(holders(short), holders(whole), strict=True):
        if isinstance(theirs, dict) and KEY in theirs:
            mine[KEY] = theirs[KEY]
    return short


@settings(max_examples=1500, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(definitions)
@example(HEAD + VERSIONS + SOUND)
@example(HEAD + VERSIONS + '        a: "b\n  kind: c "\n')
@example(HEAD + VERSIONS + "        '''\na: b\n      '\n")
@example(HEAD + VERSIONS + "        a: {\n    b: c}\n")
@example(HEAD + VERSIONS + "        a: b\rkind: Secret\n")
@example(HEAD + VERSIONS + "        a: b\u2028kind: Secret\n")
@example(HEADS[4] + VERSIONS + "        b: &a two\nstatus: *a\n")
def test_what_is_left_out_changes_nothing_else(text: str) -> None:
    try:
        if not is_short(_yaml_definitions.value(piece(text))):
            return
    except LoadError:
        return
    kept, _ = _yaml_definitions.without_schemas(text.encode())
    for read in (last_wins, ryaml.loads):
        try:
            whole = read(text)
        except (yaml.YAMLError, ryaml.InvalidYamlError):
            continue
        assert filled(read(kept.decode()), whole) == whole


def last_wins(text: str) -> Any:
    """As for a cluster, where of two values for one key the last one counts."""
    return yaml.load(text, yaml.CBaseLoader)  # noqa: S506  # it makes nothing but texts


SHORT = {
    "one version": HEAD + VERSIONS + SOUND,
    "two versions": HEAD + VERSIONS + "        {}\n" + NEXT + "        type: object\n    served: true\n",
    "before 1.16": HEAD + "spec:\n  validation:\n    openAPIV3Schema:\n      a: b\n  scope: Cluster\n",
    "quotes that end": HEAD + VERSIONS + "        a: \"b\"\n        c: 'd'\n  names: {kind: 'X'}\n",
    "nothing after it that could end anything": HEAD + VERSIONS + '        - "\n',
}
WHOLE = {
    "another kind": HEAD.replace("CustomR", "CompositeR") + VERSIONS + SOUND,
    "another group": HEAD.replace("apiextensions", "x") + VERSIONS + SOUND,
    "two kinds": HEAD + VERSIONS + SOUND + "kind: Secret\n",
    "a flow collection": HEAD + "spec: {versions: [{schema: {\n      openAPIV3Schema:\n        {a: b}}}]}\n",
    "a flow collection that goes on": HEAD + VERSIONS + "        a: {\n  b: c}\n",
    "a text that goes on": HEAD + VERSIONS + "        a: 'b\n  c: '\n",
    "a line inside a text": HEAD + "x: |\n  " + VERSIONS.replace("\n", "\n  ") + "        a: b\n",
    "the key elsewhere": HEAD + VERSIONS.replace("schema:", "other:") + SOUND,
    "an anchor for what follows": HEAD.replace("{n", "&a {n") + VERSIONS + "        b: &a two\nstatus: *a\n",
    "another end of line": HEAD + VERSIONS + "        a: b\rkind: Secret\n",
    "Windows": (HEAD + VERSIONS + SOUND).replace("\n", "\r\n"),
    "our own words": HEAD + VERSIONS + SOUND + f"x: {_yaml_definitions.STAND_IN} 0\n",
    "a comment before its end": HEAD + VERSIONS + "        a: b\n# c\n        d: e\n",
    "a list beside its key": HEAD + VERSIONS + "      - a\n",
    "a very deep key": HEAD + "spec:\n" + " " * 2000 + "openAPIV3Schema:\n" + " " * 2001 + "a: b\n",
}


@pytest.mark.parametrize("text", SHORT.values(), ids=SHORT)
def test_a_schema_that_stands_by_itself_is_left_unread(text: str) -> None:
    short = _yaml_definitions.value(piece(text))
    assert all(isinstance(one[KEY], Unknown) for one in holders(short) if one)
    if not text.endswith('"\n'):
        whole = _yaml.value(piece(text))
        assert filled(short, whole) == whole


@pytest.mark.parametrize("text", WHOLE.values(), ids=WHOLE)
def test_anything_else_is_read_whole(text: str) -> None:
    def read(how: Callable[[Piece], Any]) -> Any:
        try:
            return how(piece(text))
        except LoadError as error:
            return error.message

    assert read(_yaml_definitions.value) == read(_yaml.value)


def test_an_unread_schema_says_where_it_stands_and_why() -> None:
    _, first, second = holders(_yaml_definitions.value(piece(SHORT["two versions"])))
    assert first[KEY].path == "spec.versions[0].schema.openAPIV3Schema"
    assert second[KEY].path == "spec.versions[1].schema.openAPIV3Schema"
    assert second[KEY].reason == "left unread, because no policy names openAPIV3Schema"


def test_real_definitions_lose_their_schemas_and_nothing_else(corpora: Path, tmp_path: Path) -> None:
    with tarfile.open(corpora / "manifests" / "kubeflow-manifests.tar.gz") as tar:
        tar.extractall(tmp_path, filter="data")
    seen = short = 0
    for path in sorted(tmp_path.rglob("*.yaml")):
        for one in _yaml.pieces(path.read_text()):
            if "\nkind: CustomResourceDefinition" not in one.text or "{{" in one.text:
                continue
            body, whole = _yaml_definitions.value(one), _yaml.value(one)
            seen += len(one.text)
            short += len(one.text) if is_short(body) else 0
            assert filled(body, whole) == whole
    assert short > 0.99 * seen > 20_000_000
