"""What an expression of a `.tf` file refers to, in a plan's words, with the instance it means."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner import load
from scanner.load._hcl.nodes import parse, statements
from scanner.load._hcl.places import Folder
from scanner.load._hcl.references import described, made, opened, references
from scanner.load._hcl.syntax import Expression, blocks


def read(text: str) -> Any:
    (attribute,) = statements(parse(f"x = {text}\n"))
    return opened(Expression(attribute.named_children[1]))


@pytest.mark.parametrize(
    ("text", "longest"),
    [
        ("aws_x.y.id", "aws_x.y.id"),
        ("aws_x.y[0].id", "aws_x.y[0].id"),
        ('aws_x.y["k.l"].id', 'aws_x.y["k.l"].id'),
        ("aws_x.y[each.key].id", "aws_x.y[each.key].id"),
        ("aws_x.y[each.value].id", "aws_x.y[each.value].id"),
        ("aws_x.y[each.value.z].id", "aws_x.y[*].id"),
        ("aws_x.y[ count.index ].id", "aws_x.y[count.index].id"),
        ("aws_x.y[1 - count.index].id", "aws_x.y[*].id"),
        ('aws_x.y["${each.key}-logs"].id', "aws_x.y[*].id"),
        ("aws_x.y[local.key].id", "aws_x.y[*].id"),
        ("one(aws_x.y[*].id)", "aws_x.y[*].id"),
        ("element(aws_x.y[*].id, 1)", "aws_x.y[1].id"),
        ("element(aws_x.y[*].id, count.index)", "aws_x.y[count.index].id"),
        ("element(aws_x.y.*.id, 0)", "aws_x.y[0].id"),
        ("element(aws_x.y[*].id, count.index + 1)", "aws_x.y[*].id"),
        ("aws_x.y.*.id[count.index]", "aws_x.y[count.index].id"),
        ("aws_x.y.*.id[2]", "aws_x.y[2].id"),
        ("aws_x.y.*.id[count.index + 1]", "aws_x.y[*].id"),
        ("aws_x.y.*.id", "aws_x.y[*].id"),
        ('module.a["k"].id', 'module.a["k"].id'),
        ("data.aws_x.y[each.key].json", "data.aws_x.y[each.key].json"),
        ('"arn:${aws_x.y.id}"', "aws_x.y.id"),
        ("each.value.bucket", "each.value.bucket"),
    ],
)
def test_the_instance_is_said_where_it_is_written(text: str, longest: str) -> None:
    assert read(text)["references"][0] == longest


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ('{ A = aws_x.y.id, B = "b", "C-1" = 1 }', [("B",), ("C-1",)]),
        ('{ A = { B = var.b, C = "c" }, D = ["d", var.d] }', [("A", "C"), ("D", 0)]),
        ('merge(var.a, { B = "b", C = var.c })', [("B",)]),
        ('merge({ A = "a", B = "b" }, { B = var.b })', [("A",)]),
        ('merge({ A = "a" }, var.b)', []),
        ('tomap({ A = "a", B = var.b })', [("A",)]),
        ('{ (var.a) = "a" }', []),
        ('{ for k in var.a : k => "a" }', []),
    ],
)
def test_entries_that_refer_to_nothing_are_told(text: str, plain: list[tuple[Any, ...]]) -> None:
    (attribute,) = statements(parse(f"x = {text}\n"))
    expression = Expression(attribute.named_children[1])
    entries = described(expression, references(expression)).get("entries", [])
    assert sorted(path for path, names in entries if not names) == sorted(plain)


def test_entries_are_told_with_what_they_refer_to() -> None:
    (attribute,) = statements(parse('x = { A = var.a, B = { C = "${local.c}-1" } }\n'))
    expression = Expression(attribute.named_children[1])
    entries = described(expression, references(expression))["entries"]
    assert entries == [(("A",), ["var.a"]), (("B", "C"), ["local.c"])]


def test_shorter_references_follow_down_to_the_block() -> None:
    references = read("aws_x.y[each.key].id")["references"]
    assert references == ["aws_x.y[each.key].id", "aws_x.y[each.key]", "aws_x.y", "each.key"]


WORDS = ["aws_x.y", ".*", "[*]", ".id", "[", "]", "0", "each.key", "count.index", "{", "}", "(", ")", "element", ",", "for", " k, v in ",
         " : ", "=>", '"', "${", "local.a", "=", "\n"]  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=12))
def test_half_written_expressions_are_read_as_far_as_they_go(words: list[str]) -> None:
    for node in statements(parse(f"x = {''.join(words)}\n")):
        if node.type == "attribute" and len(node.named_children) > 1:
            opened(Expression(node.named_children[1]))


def test_an_object_is_opened_up() -> None:
    found = read('tomap({ a = aws_x.y.id, "b" = { c = var.d }, e = 1 })')
    assert found == {
        "a": {"references": ["aws_x.y.id", "aws_x.y"], "same_keys": True},
        "b": {"c": {"references": ["var.d"], "same_keys": True}},
        "e": {},
    }
    assert "references" in read("{ (var.k) = aws_x.y.id }")


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("aws_x.y", True),
        ("{ for k, one in aws_x.y : k => one.id }", True),
        ("{ for k, one in aws_x.y : k => one.id if one.z }", True),
        ("{ for k, one in aws_x.y : upper(k) => one.id }", False),
        ("{ for one in aws_x.y : one.name => one.id }", False),
        ("[for one in aws_x.y : one.id]", True),
        ("[for one in aws_x.y : one.id if one.z]", False),
        ("merge(aws_x.y, {})", False),
        ("{ for k, one in aws_x.y : k => aws_x.z[k].id }", False),
    ],
)
def test_what_has_the_keys_of_what_it_refers_to(text: str, *, same: bool) -> None:
    assert bool(read(text).get("same_keys")) is same


@pytest.mark.parametrize(
    ("over", "longest"),
    [
        ("var.rules", "var.rules[*].inner.key"),
        ("[var.rule]", "var.rule.inner.key"),
        ('try(flatten([var.all["rule"]]), [])', 'var.all["rule"].inner.key'),
        ("merge(var.a, {})", "var.a"),
    ],
)
def test_the_iterator_of_a_dynamic_block_stands_for_what_it_goes_over(tmp_path: Path, over: str, longest: str) -> None:
    text = """resource "a" "b" {
      dynamic "rule" {
        for_each = OVER
        content {
          name = rule.key
          dynamic "inside" {
            for_each = [rule.value.inner]
            iterator = deep
            content {
              key = try(deep.value.key, null)
            }
          }
        }
      }
    }"""
    (tmp_path / "main.tf").write_text(text.replace("OVER", over))
    (block,) = blocks(Folder(tmp_path, load.Options(tmp_path)))
    content = made(block.body.blocks[0], {})
    assert list(content) == ["inside"]
    assert content["inside"]["key"]["references"][0] == longest
