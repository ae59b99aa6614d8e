"""JSON, override files and files for OpenTofu: the same as if it all stood in plain `.tf` files."""

import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner import load
from scanner.errors import LoadError
from scanner.load._hcl import json_blocks, json_native
from scanner.load._hcl.nodes import parse
from scanner.model import Citation, Document, Unknown
from tests.load.conftest import Loaded

Write = Callable[[str, str | bytes], Path]
Read = Callable[..., Loaded]


def by_address(loaded: Loaded) -> dict[str, Document]:
    assert loaded.problems == []
    return {document.origin.address: document for document in loaded.documents}


def values(loaded: Loaded, address: str = "a_b.c") -> dict[str, Any]:
    return dict(by_address(loaded)[address].body["values"])


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"x": "text", "n": 3, "t": True, "nothing": None}, {"x": "text", "n": 3, "t": True}),
        ({"x": "${var.v}"}, {"x": "d"}),
        ({"x": 'a-${var.v}-${upper("q")}'}, {"x": "a-d-Q"}),
        ({"x": '$${literal} "quoted"\n\\ %%{too}'}, {"x": '${literal} "quoted"\n\\ %{too}'}),
        ({"x": '${[for s in ["p", "q"] : "<${s}>"]}'}, {"x": ["<p>", "<q>"]}),
        ({"x": '${var.v ==\n"d"\n? "yes" : "no"}'}, {"x": "yes"}),
        ({"x": '${[\n"p",\nvar.v]}'}, {"x": ["p", "d"]}),
        ({"x": '%{ if var.v == "d" }yes%{ else }no%{ endif }'}, {"x": "yes"}),
        ({"tags": {"a": 1, "${var.v}": "k"}}, {"tags": {"a": 1, "d": "k"}}),
        ({"one": {"p": 1, "deep": {"q": 2}}}, {"one": [{"p": 1, "deep": [{"q": 2}]}]}),
        ({"many": [{"p": 1}, {"p": 2}]}, {"many": [{"p": 1}, {"p": 2}]}),
        ({"list": [1, "${var.v}"], "empty": []}, {"list": [1, "d"], "empty": []}),
        ({"odd": {"kubernetes.io/x": "y"}}, {"odd": {"kubernetes.io/x": "y"}}),
        (
            {"dynamic": {"many": {"for_each": ["p", "q"], "iterator": "it", "content": {"v": "${it.value}"}}}},
            {"many": [{"v": "p"}, {"v": "q"}]},
        ),
        ({"//": "a note", "x": 1, "lifecycle": {"prevent_destroy": True}, "depends_on": ["a_b.d"]}, {"x": 1}),
    ],
)
def test_json_says_what_terraform_reads_in_it(
    write: Write, read: Read, body: dict[str, Any], expected: dict[str, Any]
) -> None:
    write(
        "main.tf.json",
        json.dumps({"variable": {"v": {"type": "string", "default": "d"}}, "resource": {"a_b": {"c": body}}}),
    )
    assert values(read()) == expected


def test_a_map_and_a_block_are_told_apart_by_the_type_of_the_resource(write: Write, read: Read) -> None:
    environment = {"environment": {"variables": {"A": "b"}}}
    metadata = {"metadata": {"A": "b"}}
    resources = {
        "aws_lambda_function": {"f": environment},
        "google_compute_instance": {"g": metadata},
        "kubernetes_secret": {"k": {"metadata": {"name": "n", "labels": {"app": "x"}}, "data": {"p": "q"}}},
    }
    write("main.tf.json", json.dumps({"resource": resources}))
    loaded = read()
    assert values(loaded, "aws_lambda_function.f") == {"environment": [{"variables": {"A": "b"}}]}
    assert values(loaded, "google_compute_instance.g") == metadata
    assert values(loaded, "kubernetes_secret.k") == {
        "metadata": [{"name": "n", "labels": {"app": "x"}}],
        "data": {"p": "q"},
    }


def test_a_default_of_null_is_a_default(write: Write, read: Read) -> None:
    body = {
        "variable": {"v": {"default": None}},
        "resource": {"a_b": {"c": {"count": "${var.v == null ? 1 : 0}", "x": "${var.v}", "y": 1}}},
    }
    write("main.tf.json", json.dumps(body))
    assert values(read(), "a_b.c[0]") == {"y": 1}


def test_parts_of_an_expression_with_lines_are_known(write: Write, read: Read) -> None:
    body = {
        "variable": {"v": {}},
        "locals": {"l": '${{\n  a = "p"\n  b = var.v\n}}'},
        "resource": {"a_b": {"c": {"x": "${merge(\n  local.l,\n  { c = 1 }\n)}"}}},
    }
    write("main.tf.json", json.dumps(body))
    found = values(read())["x"]
    assert isinstance(found.pop("b"), Unknown)
    assert found == {"a": "p", "c": 1}


def test_a_type_may_have_lines(write: Write, read: Read) -> None:
    kind = "list(object({\n  a = string\n  b = optional(number)\n}))"
    body = {
        "variable": {"v": {"type": kind, "default": [{"a": "p"}]}},
        "resource": {"a_b": {"c": {"x": "${var.v[0].a}"}}},
    }
    write("main.tf.json", json.dumps(body))
    assert values(read()) == {"x": "p"}


def test_labels_may_be_lists_and_names_may_come_twice(write: Write, read: Read) -> None:
    write(
        "main.tf.json",
        '[{"resource": [{"a_b": {"one": {"x": 1}}}, {"a_b": [{"two": [{"x": 2}]}]}]},'
        ' {"resource": {"a_b": {"three": {"x": 3}}}, "resource": {"a_b": {"four": {"x": 4}}}}]',
    )
    assert {address: document.body["values"]["x"] for address, document in by_address(read()).items()} == {
        "a_b.one": 1,
        "a_b.two": 2,
        "a_b.three": 3,
        "a_b.four": 4,
    }


def test_json_and_native_files_are_one_module(write: Write, read: Read) -> None:
    write("main.tf", 'variable "v" {}\nlocals { l = "known" }\nmodule "m" {\n  source = "./m"\n  x = local.l\n}\n')
    write(
        "more.tf.json",
        json.dumps(
            {
                "provider": {"a": [{"region": "r"}, {"alias": "u", "region": "s"}]},
                "resource": {
                    "a_b": {"c": {"provider": "a.u", "x": "${local.l}", "y": "${var.v}", "z": "${a_b.d.arn}"}}
                },
            }
        ),
    )
    write(
        "m/main.tf.json",
        '{"variable": {"x": {}}, "resource": {"a_b": {"c": {"count": 2, "x": "${var.x}-${count.index}"}}}}',
    )
    found = by_address(read())
    body = found["a_b.c"].body
    assert (body["values"]["x"], body["provider_config"]) == ("known", {"region": "s"})
    assert body["values"]["y"].reason == "comes from var.v, which has no default"
    assert isinstance(body["values"]["z"], Unknown)
    assert body["expressions"]["z"] == {"references": ["a_b.d.arn", "a_b.d"]}
    assert [found[f"module.m.a_b.c[{n}]"].body["values"]["x"] for n in (0, 1)] == ["known-0", "known-1"]


def test_places_in_json_are_the_lines_of_values(write: Write, read: Read, base: Path) -> None:
    body = {
        "tags_all": {"team": "ml"},
        "tags": {"team": "ml"},
        "one": {"p": 1},
        "many": [{"p": 1}, {"p": 2}],
        "dynamic": {"made": {"for_each": [], "content": {"v": 1}}},
    }
    written = json.dumps({"//": {}, "resource": {"a_b": {"c": body}}}, indent=1)
    write("main.tf.json", written)
    (document,) = read().documents
    lines = written.splitlines()
    for path, words in (
        ((), '"c": {'),
        (("one", 0, "p"), '"p": 1'),
        (("many", 1, "p"), '"p": 2'),
        (("made", 3, "v"), '"v": 1'),
        (("tags", "team"), '"team": "ml"'),
        (("one", 0, "absent"), '"one": {'),
        (("absent",), '"c": {'),
    ):
        (found,) = load.locate([Citation(document.origin, path)], load.Options(base))
        assert (found.origin.uri, lines[found.origin.line - 1].strip().rstrip(",")) == ("main.tf.json", words), path


def test_overrides_replace_arguments_and_blocks(write: Write, read: Read, base: Path) -> None:
    write(
        "main.tf",
        'locals {\n  l = "base"\n  k = "kept"\n}\nresource "a_b" "c" {\n  x = 1\n  y = local.l\n  z = local.k\n'
        "  n { p = 1 }\n  n { p = 2 }\n  m { q = 1 }\n}\n"
        'variable "v" { default = "d" }\nresource "a_b" "after" { v = var.v }\n',
    )
    write("a_override.tf", 'resource "a_b" "c" {\n  x = 2\n  n {\n    p = 3\n  }\n}\nprovider "a" { region = "r" }\n')
    write("b_override.tf.json", '{"resource": {"a_b": {"c": {"x": 3}}}, "variable": {"v": {"default": "e"}}}')
    write("override.tf", 'locals { l = "changed" }\n')
    loaded = read()
    document = by_address(loaded)["a_b.c"]
    assert document.body["values"] == {"y": "changed", "z": "kept", "m": [{"q": 1}], "n": [{"p": 3}], "x": 3}
    assert document.body["provider_config"] == {"region": "r"}
    assert values(loaded, "a_b.after") == {"v": "e"}
    places = [("x",), ("n", 0, "p"), ("y",), ()]
    found = load.locate([Citation(document.origin, path) for path in places], load.Options(base))
    assert [(one.origin.uri, one.origin.line) for one in found] == [
        ("b_override.tf.json", 1),
        ("a_override.tf", 4),
        ("main.tf", 7),
        ("main.tf", 5),
    ]


def test_an_override_of_nothing_is_not_valid(write: Write, read: Read) -> None:
    write("main.tf", 'resource "a_b" "c" {}\n')
    write("override.tf", 'resource "a_b" "d" {}\n')
    assert read().problems == [(".", "is not valid: it overrides resource.a_b.d, which is not declared")]


def test_a_file_for_opentofu_hides_the_one_for_terraform(write: Write, read: Read) -> None:
    write("main.tf", 'resource "a_b" "c" { x = "terraform" }\n')
    write("main.tofu", 'resource "a_b" "c" { x = "opentofu" }\n')
    write("other.tofu", 'resource "a_b" "other" {}\n')
    write("more.tf.json", '{"resource": {"a_b": {"json": {"x": "terraform"}}}}')
    write("more.tofu.json", '{"resource": {"a_b": {"json": {"x": "opentofu"}}}}')
    loaded = read()
    assert sorted(by_address(loaded)) == ["a_b.c", "a_b.json", "a_b.other"]
    assert values(loaded)["x"] == values(loaded, "a_b.json")["x"] == "opentofu"


def test_files_of_editors_are_no_part_of_a_module(write: Write, read: Read) -> None:
    write("main.tf", 'resource "a_b" "c" { x = 1 }\n')
    write(".#main.tf", 'resource "a_b" "c" { x = 2 }\n')
    assert [document.body["values"] for document in read().documents] == [{"x": 1}]


def test_modules_and_files_of_a_copy_are_where_they_were(write: Write, read: Read) -> None:
    write("live/prod/main.tf.json", '{"module": {"m": {"source": "../../modules/m"}, "r": {"source": "x/y/z"}}}')
    write("live/prod/.terraform/modules/r/main.tf", 'resource "a_b" "r" { x = 1 }')
    write("live/prod/.terraform/modules/modules.json", '{"Modules": [{"Key": "r", "Dir": ".terraform/modules/r"}]}')
    write("modules/m/main.tf", 'resource "a_b" "c" {\n  x = file("${path.module}/../../shared/x.txt")\n}\n')
    write("shared/x.txt", "read")
    loaded = read()
    assert values(loaded, "module.m.a_b.c") == {"x": "read"}
    assert values(loaded, "module.r.a_b.r") == {"x": 1}


def test_a_downloaded_module_is_found_from_a_copy_without_links(write: Write, read: Read) -> None:
    write(
        "main.tf.json",
        '{"module": {"r": {"source": "x/y/z", "v": 1}}, "resource": {"a_b": {"c": {"x": "${templatefile(\\"t\\", {})}"}}}}',
    )
    write(".terraform/modules/r/main.tf", 'variable "v" {}\nresource "a_b" "r" { x = var.v }')
    write(".terraform/modules/modules.json", '{"Modules": [{"Key": "r", "Dir": ".terraform/modules/r"}]}')
    write("terraform.tfvars", "unused = 1\n")
    loaded = read()
    assert values(loaded, "module.r.a_b.r") == {"x": 1}
    assert isinstance(values(loaded)["x"], Unknown)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "is not valid: main.tf.json is not valid JSON: "),
        ('{"resource": []} x', "is not valid: main.tf.json is not valid JSON: "),
        (
            '{"resource": {"a_b": {"c": 1}}}',
            "is not valid: main.tf.json resource a_b c holds something that is no object",
        ),
        ('{"resource": {"a_b": {"c": {"x": "${"}}}}', "is not valid: main.tf.json a template's ${ is not closed"),
        ("[" * 100_000, "has a shape that cannot be read (RecursionError)"),
        ('{"resource": {"a_b": {"c": {"x": "' + "${[" * 5000 + '"}}}}', "is not valid: main.tf.json a template"),
    ],
)
def test_broken_json_is_one_problem_and_the_scan_goes_on(write: Write, read: Read, text: str, message: str) -> None:
    write("a/main.tf.json", text)
    write("b/main.tf", 'resource "a_b" "c" {}\n')
    loaded = read()
    assert loaded.addresses == ["a_b.c"]
    ((where, said),) = loaded.problems
    assert where == "a"
    assert said.startswith(message)


def test_an_expression_that_is_not_valid_is_told_without_a_line_of_the_copy(write: Write, read: Read) -> None:
    write("main.tf.json", '{"resource": {"a_b": {"c": {"x": "${1 +}"}}}}')
    ((where, said),) = read().problems
    assert where == "."
    assert said.startswith("is not valid: main.tf.json")
    assert "govscan-" not in said
    assert ":1" not in said


@given(st.text(alphabet=st.sampled_from('ab"\\\n\t\r${}%~\x01é'), max_size=30))
@settings(max_examples=300, deadline=None)
def test_any_text_becomes_valid_syntax_or_a_sentence(text: str) -> None:
    try:
        written = json_native.template(text)
    except LoadError:
        return
    if "${" not in text and "%{" not in text:
        assert not parse(f"x = {written}\n").has_error


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "tags", "//", "dynamic"]), inner)
        ),
        max_leaves=12,
    )
)
@settings(max_examples=300, deadline=None)
def test_any_shape_is_read_or_refused_with_a_sentence(value: Any) -> None:
    text = json.dumps({"resource": {"a_b": {"c": value}}, "provider": value, "locals": value})
    with suppress(LoadError):
        list(map(list, map(json_native.native, json_blocks.blocks(text))))


SWITCHED = """variable "on" {
  default = true
}
resource "a_b" "maybe" {
  x = 1
  lifecycle {
    enabled = var.on
  }
}
resource "a_b" "surely" {
  x = 1
  lifecycle {
    enabled = true
  }
}
resource "a_b" "reader" {
  x = a_b.maybe.x
}
module "m" {
  source = "./m"
  lifecycle {
    enabled = false
  }
}
"""
SWITCHED_JSON = {
    "variable": {"on": {"default": True}},
    "resource": {
        "a_b": {
            "maybe": {"x": 1, "lifecycle": [{"enabled": "${var.on}", "ignore_changes": ["x"]}]},
            "surely": {"x": 1, "lifecycle": {"enabled": True}},
            "reader": {"x": "${a_b.maybe.x}"},
        }
    },
    "module": {"m": {"source": "./m", "lifecycle": {"enabled": False}}},
}


@pytest.mark.parametrize(
    ("name", "text"), [("main.tofu", SWITCHED), ("main.tofu.json", json.dumps(SWITCHED_JSON))], ids=["native", "json"]
)
def test_what_opentofu_may_switch_off_may_not_be_there(write: Write, read: Read, name: str, text: str) -> None:
    write(name, text)
    write("m/main.tf", 'resource "a_b" "inside" {\n  x = 1\n}\n')
    found = {document.body["address"]: document.body["values"]["x"] for document in read().documents}
    assert found.pop("a_b.surely") == 1
    assert {address: value.reason for address, value in found.items()} == {
        "a_b.maybe": "whether it exists depends on its lifecycle, which only OpenTofu reads",
        "a_b.reader": "depends on its lifecycle, which only OpenTofu reads",
        "module.m.a_b.inside": "whether it exists depends on its lifecycle, which only OpenTofu reads",
    }
