"""What is worked out without the evaluator is what the evaluator says, and what is more than plain is left to it."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scanner import load
from scanner.errors import LoadError
from scanner.load._hcl import evaluation, roots
from scanner.load._hcl.documents import Bodies
from scanner.load._hcl.evaluation import Evaluation
from scanner.load._hcl.evaluator import Blocks, Evaluator
from scanner.load._hcl.modules import Module
from scanner.load._hcl.plain_blocks import plain
from scanner.load._hcl.tree import tree
from scanner.load._hcl.trust import CANNOT
from scanner.model import Unknown
from tests.load.conftest import Loaded

Write = Callable[[str, str], Path]
Read = Callable[..., Loaded]
ROOT = Path(__file__).parents[2]
CORPORA = Path(os.environ.get("GOVSCAN_CORPORA", ROOT.parent / "shared" / "corpora")) / "hcl"

NAMES = """
variable "text" { default = "q" }
variable "map" {
  type    = map(string)
  default = { b = "2", a = "1" }
}
variable "set" {
  type    = set(string)
  default = ["b", "a", "b"]
}
variable "none" { default = null }
locals {
  list = ["b", "a"]
  tags = { team = var.text, n = 1 }
  deep = { p = { q = [{ r = true }] } }
  i    = 1
  port = 443
  ports = { "443" = "https" }
  nested = [{ a = ["x", "y"] }, { a = ["z"] }]
}
resource "a_b" "other" {
  k = var.text
  nested { k = 1 }
}
resource "a_b" "many" {
  count = 2
  k     = "m${count.index}"
}
resource "a_b" "each" {
  for_each = { p = "one", q = "two" }
  k        = each.value
}
variable "given" {
  type    = list(string)
  default = [1, true, "x"]
}
variable "object" {
  type = object({ a = string, b = optional(number, 5), c = optional(string), d = optional(object({ e = bool }), { e = true }) })
  default = { a = 1, z = "dropped" }
}
variable "any" {
  type    = map(map(any))
  default = { p = { n = 1, s = "x" } }
}
"""

PLAIN = [
    *('"x"', "1", "1.5", "-1.5", "100.50", "007", "true", "null", "[]", "{}", '["a", [1, null]]', "[1, 2,]", '("a")'),
    *('{ a = 1, "b" : 2 }', '{ (var.text) = 1, "${var.text}2" = 2 }', "{ a = { b = null } }"),
    *("{ # one\n a = 1 # two\n\n /* three */ b = 2\n}", "[1, # one\n 2]", '"$5 $$ 100%"', '"a$${b} %%{c}"'),
    *('"\\u00e9 \\t \\" \\\\"', '"e\u0301"', '"x-${var.text}-${local.i}-${true}"', '"${local.list}"', '"${var.none}"'),
    *("var.text", "var.map", "var.set", "var.none", "local.tags", "local.deep.p.q[0].r", "local.list[local.i]"),
    *('local.tags["team"]', 'local.deep["p"].q', "a_b.other.k", "terraform.workspace"),
    *("merge(local.tags, { n = 2 }, null)", "merge(var.map, { team = a_b.other.arn })", "concat(local.list, [1])"),
    *('toset(["b", "a", "b"])', "tolist(local.list)", "keys(local.tags)", "values(var.map)", 'join("-", local.list)'),
    *('flatten([["a"], ["b", ["c"]]])', "length(local.list)", 'length("abc")', "length(var.map)", "lower(upper(var.text))"),
    *('format("%s-%s-%s", var.text, 1, true)', 'jsonencode({ b = [1, 1.5, null, true, "<&>\\n\\""], a = {} })'),
    *("jsonencode([])", 'var.text != "" ? "q" : null', 'var.none == null ? "x" : var.none', "true ? false ? 1 : 2 : 3"),
    *('true ? ["a", "b"] : []', "false ? [{ a = 1 }] : []", '!(var.text == "q")', "1 + 2 * 3", "10 - 4", "-local.i", "!true"),
    *("local.i > 1 || true && false", 'true /* a */ ? /* b */ "x" : "y"', "1 + /* a */ 2", "local.list[0] == var.text"),
    *("[for x in local.list : upper(x)]", '[for i, x in local.list : "${i}${x}"]', "[for k, v in var.map : [k, v]]"),
    *("{ for k, v in var.map : v => k }", '{ for k, v in var.map : k => v if k != "a" }', "[for x in var.set : x]"),
    *('flatten([for x in local.list : [for k in keys(var.map) : "${x}${k}"]])', "[for local in [1] : local]"),
    *("<<EOF\na\n  b\nEOF", "<<EOF\nEOF", "<<-EOF\n    a\n\n      ${var.text}\n  EOF", "<<-EOF\n\ta\n    b\n  EOF"),
    *("<<EOF\n\\n $${x} ${var.text}\nEOF", "<<-EOF\n    a\n${local.i}\n  EOF", "a_b.other.id", "data.a_b.c.d", "var.unset"),
    *('try(var.text, "y")', 'try(local.deep.p.z, "y")', "try(jsondecode(local.list), local.list)", "can(local.deep.p.z)"),
    *("local.deep.p.q[*].r", 'title("a bc")', 'lookup(var.map, "z", "y")', "element(local.list, 3)", 'coalesce("", "b")'),
    *('compact(["a", "", null])', "coalescelist([], local.list)", 'distinct(["b", "a", "b"])', 'contains(local.list, "a")'),
    *("slice(local.list, 1, 2)", "max(1, 3, 2)", "min(3, 1)", 'split(",", "a,b")', 'replace("a.b", ".", "-")', "tostring(1)"),
    *('tobool("true")', 'tonumber("12")', 'cidrsubnet("10.0.0.0/16", 8, 3)', 'cidrsubnet("fd00::/56", 8, 1)'),
    *('jsondecode("{\\"b\\": [1], \\"a\\": null}")', "{ for i, x in local.list : i => x }", "a_b.many[1].k", "var.given"),
    *('a_b.each["p"].k', "length(local.list) > 5 ? local.list[9] : var.text", "false ? upper(null) : 1", "var.object", "var.any"),
    *("true ? false : true ? true : false", "false ? 1 : true ? 2 : 3", "(true ? false : true) ? 1 : 2", "!true == false"),
    *("1 == 2 ? true : 2 == 2 && true ? false : true ? true : false", "1 - 2 - 3 * 2 > 0 || !false && true"),
    *("1e3", "[1E+3, 2.5e-1, 1e2]", '"${1e3}-1e3-${2e1 + 1}"', "true ? 1e1 : 2e1", "max(1e3, 2) # 1e3"),
    *("local.nested[*].a[0]", "local.nested.*.a[0]", "local.nested[*].a[*]"),
    *('try(local.ports[local.port], "none")', "can(local.ports[443])", 'try(var.set[0], "none")', "[for local in local.list : local]"),
    *('try(tonumber("1.5"), 0)', 'try(tonumber("-5"), 0)', 'try(tonumber("x"), 0)', 'can(tobool("1"))', 'try(tobool("0"), 1)'),
    *('try(tolist(null), ["x"])', 'try(toset(null), ["x"])', "can(toset(null))", '{ "c\\"d" = 1, "a$${b}" = local.i }'),
    *("local.unset", "[data.a_b.c.d, 1]", '"${data.a_b.c.d}"', "merge(local.tags, data.a_b.c)", "module.m.x", "foo(1)"),
]  # fmt: skip
"""Expressions that are worked out, or of which the source says that nobody can."""

BEYOND = [
    *('md5("x")', '"x${1.5}"', "{ 1 = 2 }", "var.map[var.none]", '1 + "2"', 'true && "true"', '1 == "1"', 'true ? 1 : "a"'),
    *('true ? { a = 1 } : { a = "b" }', '"%{ if true }a%{ endif }"', '"a ${~ 1 ~} c"', "local.list.1"),
    *("local.nested.*.a.0", '"$$${var.text}"'),
    *("[for x in local.list : x...]", '{ for k, v in var.map : "q" => k... }', '{ for k, v in var.map : "q" => k }'),
    *("lower(1)", 'lower("a", "b")', "toset()", "toset([1])", 'jsonencode("\u00e9")', 'format("%d", 1)', 'format("%s")'),
    *('"a${null}"', "100000000000 * 100000000000", "1 / 2", 'merge("a")', "path.module", "10000000000000000"),
    *('try(tonumber("+1"), 0)', 'try(tonumber(".5"), 0)', 'try(tonumber("1e3"), 0)', 'try(jsondecode("1e400"), 0)', "can(jsondecode(-3))"),
    *('try(jsondecode("\\"\\\\ud83d\\""), 0)', 'jsondecode("123456789012345678901")', 'cidrsubnet("10.0.0.0", 0, 0)'),
    *('try(cidrsubnet("10.0.0.0/16", 8, -1), 0)', 'cidrsubnet("10.0.0.0/255.255.0.0", 8, 0)', 'cidrsubnet("010.0.0.0/16", 8, 1)'),
    *('cidrsubnet("::ffff:10.0.0.0/112", 8, 1)', 'cidrsubnet("::ffff:a00:0/112", 8, 1)', 'try(cidrsubnet("fe80::1%x/64", 8, 0), 0)'),
]  # fmt: skip


EVALUATION = Evaluation(Evaluator())
"""One child for all tests; it is started anew where one of them crashes it."""
Documents = dict[str, Any]


def documents(module: Module, blocks: Blocks) -> Documents:
    """What is made of blocks, by address."""
    bodies = list(Bodies(blocks).of(module))
    return {body["address"]: {key: body[key] for key in ("values", "expressions", "index")} for body in bodies}


def both(folder: Path, base: Path) -> tuple[Documents | None, Documents]:
    """What a root module comes to without the evaluator, None where that is not tried; and with it."""
    options = load.Options(base)
    module = tree(folder, options, {})
    blocks = plain(module)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(evaluation, "plain", lambda _: None)
        _, asked = EVALUATION.of(folder, options)
    return None if blocks is None else documents(module, blocks), documents(module, asked)


@pytest.fixture(scope="module", autouse=True)
def evaluator() -> Iterator[None]:
    yield
    EVALUATION.close()


@pytest.fixture
def agree(write: Write, base: Path) -> Callable[[str], None]:
    def agree(text: str) -> None:
        write("main.tf", text)
        ours, theirs = both(base, base)
        assert ours is not None
        assert repr(ours) == repr(theirs)  # `Unknown` cannot be compared

    return agree


def argument(expression: str) -> str:
    """The names, and a resource that has an expression as its argument."""
    return f'{NAMES}\nresource "a_b" "c" {{\n  x = {expression}\n}}\n'


@pytest.mark.parametrize("expression", PLAIN)
def test_an_expression_comes_to_what_the_evaluator_says(agree: Callable[[str], None], expression: str) -> None:
    agree(argument(expression))


@pytest.mark.parametrize("expression", BEYOND)
def test_what_is_more_than_plain_is_left_to_the_evaluator(write: Write, base: Path, expression: str) -> None:
    write("main.tf", argument(expression))
    options = load.Options(base)
    assert plain(tree(base, options, {})) is None


REPEATED = [
    "count = 2\n x = count.index",
    "count = 0",
    "count = -1",
    "count = local.i\n x = var.text",
    "count = data.a_b.c.d",
    "for_each = var.map\n x = each.value\n y = each.key",
    "for_each = var.set\n x = each.value",
    'for_each = toset(["z", "y"])\n x = each.key',
    "for_each = { z = { n = 1 }, y = { n = null } }\n x = each.value.n",
    "for_each = { for x in local.list : x => upper(x) }\n x = each.value",
    'd {\n v = 0\n}\ndynamic "d" {\n for_each = { z = 1, a = 2 }\n iterator = q\n content {\n  k = q.key\n v = q.value\n }\n}',
    'dynamic "d" {\n for_each = var.set\n content {\n  k = d.key\n  v = d.value\n }\n}\nd {\n v = "last"\n}',
    """dynamic "d" {
      for_each = { a = ["x"] }
      content {
        dynamic "e" {
          for_each = d.value
          content {
            v = e.value
            w = d.key
          }
        }
      }
    }""",
    'p {\n dynamic "d" {\n  for_each = local.list\n  content {\n   v = d.value\n  }\n }\n}',
    'dynamic "d" {\n for_each = data.a_b.c.d\n content {\n  v = d.value\n }\n}',
    'lifecycle {\n ignore_changes = [x]\n}\nprovisioner "local-exec" {\n command = md5("x")\n}\nx = 1',
]


@pytest.mark.parametrize("body", REPEATED)
def test_blocks_that_are_repeated_are_those_of_the_evaluator(agree: Callable[[str], None], body: str) -> None:
    agree(f'{NAMES}\nresource "a_b" "c" {{\n{body}\n}}\n')


def test_modules_providers_and_settings_are_those_of_the_evaluator(write: Write, agree: Callable[[str], None]) -> None:
    write(
        "child/main.tf",
        'variable "who" { type = string }\nvariable "own" { default = "d" }\nresource "a_b" "in" {\n'
        '  x = "${var.who}-${var.own}"\n  y = var.who\n}\noutput "out" { value = "o-${var.who}" }\n',
    )
    agree(
        f'{NAMES}\nprovider "a" {{\n  region = "eu-west-1"\n  default_tags {{\n    tags = local.tags\n  }}\n}}\n'
        'module "one" {\n  source = "./child"\n  who = module.two.out\n}\n'
        'module "two" {\n  source = "./child"\n  who = var.text\n  own = data.a_b.c.d\n}\n'
        'variable "password" {\n  type = string\n  description = "x"\n  default = "hunter22"\n  sensitive = true\n}\n'
        'output "token" {\n  value = "s.${var.text}"\n}\nresource "a_b" "c" {\n  x = module.one.out\n}\n'
    )


def test_what_a_data_source_is_asked_needs_nobody_to_work_it_out(write: Write, base: Path) -> None:
    write("main.tf", 'data "http" "x" {\n  url = md5("x")\n}\nresource "a_b" "c" {\n  x = data.http.x.body\n}\n')
    options = load.Options(base)
    assert plain(tree(base, options, {})) is not None


def test_variable_files_count_as_for_the_evaluator(write: Write, agree: Callable[[str], None]) -> None:
    write("terraform.tfvars", 'text = "given"\nmap = { c = "3" }\nset = ["x"] # one\n')
    agree(argument('[var.text, var.map, keys(var.map), "${var.text}"]'))


def test_numbers_with_an_exponent_are_read_in_all_files(write: Write, read: Read) -> None:
    write("main.tf", 'variable "days" {}\nresource "a_b" "c" {\n  size = 1e2 # e\n  days = var.days\n}\n')
    write("more.tf.json", '{"resource": {"a_b": {"d": {"size": 1e2, "deep": "${2e1}"}}}}')
    write("terraform.tfvars", "days = 3e1\n")
    loaded = read()
    found = {document.body["address"]: document.body["values"] for document in loaded.documents}
    assert found == {"a_b.c": {"size": 100, "days": 30}, "a_b.d": {"size": 100, "deep": 20}}
    assert loaded.problems == []


def test_modules_that_are_called_repeatedly_are_those_of_the_evaluator(
    write: Write, agree: Callable[[str], None]
) -> None:
    write(
        "child/main.tf",
        'variable "who" {}\nresource "a_b" "in" { x = "x-${var.who}" }\noutput "out" { value = var.who }\n',
    )
    agree(
        f'{NAMES}\nmodule "each" {{\n  source = "./child"\n  for_each = var.map\n  who = each.value\n}}\n'
        'module "count" {\n  source = "./child"\n  count = 2\n  who = count.index\n}\n'
        'module "over" {\n  source = "./child"\n  for_each = a_b.each\n  who = each.key\n}\n'
        'resource "a_b" "c" {\n  x = module.each["a"].out\n  y = module.count[1].out\n}\n'
        'resource "a_b" "d" {\n  for_each = a_b.each\n  x = each.key\n  y = each.value.k\n}\n'
    )


LOST = """locals {
  g = {
    "p.1" = { n = null, list = [null, "x"] }
    q     = { n = "s" }
  }
  f = { for k, v in local.g : k => v if k != "q" }
}
resource "a_b" "c" {
  for_each = local.f
  n        = each.value.n == null ? "none" : "some"
  dynamic "d" {
    for_each = each.value.list
    content { v = d.value }
  }
}
module "m" {
  source   = "./m"
  for_each = local.f
}
"""


def test_what_the_evaluator_loses_is_there(write: Write, read: Read) -> None:
    """A null inside of what is repeated over takes the instances with it, or the blocks."""
    write("main.tf", LOST)
    write("m/main.tf", 'resource "a_b" "inside" { v = 1 }\n')
    assert {document.body["address"]: document.body["values"] for document in read().documents} == {
        'a_b.c["p.1"]': {"n": "none", "d": [{}, {"v": "x"}]},
        'module.m["p.1"].a_b.inside': {"v": 1},
    }


def test_what_a_resource_leaves_to_its_provider_is_not_known_to_others(write: Write, read: Read) -> None:
    write(
        "main.tf",
        'resource "a_b" "c" {\n  cidr = true ? null : "x"\n}\nresource "a_b" "d" {\n  k = a_b.c.cidr\n'
        '  l = "x-${a_b.c.cidr}"\n  m = a_b.c.cidr == null ? 1 : 2\n  n = upper(a_b.c.cidr)\n}\n',
    )
    found = {document.body["address"]: document.body["values"] for document in read().documents}
    assert {name: type(value) for name, value in found["a_b.d"].items()} == dict.fromkeys("klmn", Unknown)


def test_a_text_becomes_what_its_provider_asks_for(write: Write, read: Read) -> None:
    write(
        "main.tf",
        'locals {\n  on = "true"\n}\nresource "a_b" "c" {\n  on = local.on\n  days = "7"\n  version = "7"\n  value = "true"\n'
        '  tags = {\n    a = "true"\n  }\n  each = ["true"]\n  deep {\n    off = "false"\n    port = 7\n  }\n}\n'
        'resource "a_b" "d" {\n  is = a_b.c.version == 7\n  port = a_b.c.deep\n}\n',
    )
    found = {document.body["address"]: document.body["values"] for document in read().documents}
    assert found["a_b.c"] == {
        "on": True,
        "days": 7,
        "version": "7",
        "value": "true",
        "tags": {"a": "true"},
        "each": ["true"],
        "deep": [{"off": False, "port": 7}],
    }
    assert isinstance(found["a_b.d"]["is"], Unknown)


NOT_VALID = {
    "set twice": 'resource "a_b" "c" {\n x = 1\n x = 2\n}\n',
    "set twice inside": 'resource "a_b" "c" {\n d {\n  x = 1\n  x = 2\n }\n}\n',
    "two on a line": 'resource "a_b" "c" {\n x = 1 y = 2\n}\n',
    "two in one line": 'resource "a_b" "c" { x = 1 y = 2 }\n',
    "a block in one line": 'resource "a_b" "c" { d { x = 1 } }\n',
    "begun on the first line": 'resource "a_b" "c" { x = 1\n}\n',
    "ended on the last line": 'resource "a_b" "c" {\n x = 1 }\n',
    "an escape": 'resource "a_b" "c" {\n x = "\\d"\n}\n',
    "an escape nobody reads": 'output "x" {\n value = "\\d"\n}\n',
    "too few labels": 'resource "a_b" {\n}\n',
    "too many labels": 'provider "a" "b" {\n}\n',
    "labelled locals": 'locals "a" {\n}\n',
    "a computed label": 'resource "a_b" "${x}" {\n}\n',
    "another block": "foo {\n}\n",
    "an argument outside": "x = 1\n",
    "no comma in an object": 'resource "a_b" "c" {\n x = { a = 1 b = 2 }\n}\n',
    "no comma in a list": 'resource "a_b" "c" {\n x = [1 2]\n}\n',
}


@pytest.mark.parametrize("text", NOT_VALID.values(), ids=NOT_VALID.keys())
def test_what_is_not_valid_is_told_as_by_the_evaluator(write: Write, read: Read, text: str) -> None:
    write("main.tf", text)
    loaded = read()
    assert [message.partition(":")[0] for _, message in loaded.problems] == ["is not valid"]
    assert loaded.documents == []


def test_a_variable_file_that_is_not_valid_is_told_too(write: Write, read: Read) -> None:
    write("main.tf", argument("var.text"))
    write("terraform.tfvars", 'text = "a" map = {}\n')
    assert [message.partition(":")[0] for _, message in read().problems] == ["is not valid"]


@pytest.mark.parametrize(
    "locals_",
    [
        'a0 = "{}"\n'.format("x" * 100) + "".join(f'a{n} = "${{local.a{n - 1}}}${{local.a{n - 1}}}"\n' for n in range(1, 40)),
        "a0 = [1]\n" + "".join(f"a{n} = [local.a{n - 1}, local.a{n - 1}]\n" for n in range(1, 40)),
        "a0 = 1\n" + "".join(f"a{n} = local.a{n - 1}\n" for n in range(1, 40)) + "".join(f"b{n} = [local.b{n + 1}]\n" for n in range(3000)),
    ],
    ids=["texts", "lists", "a long chain"],
)  # fmt: skip
def test_values_that_grow_without_end_are_left_to_the_evaluator(write: Write, base: Path, locals_: str) -> None:
    write("main.tf", f'locals {{\n{locals_}}}\nresource "a_b" "c" {{\n  x = local.a39\n  y = local.b0\n}}\n')
    options = load.Options(base)
    found = plain(tree(base, options, {}))
    assert found is None or "b0" in locals_


NOT_BELIEVED = {
    "a name that is used once more in its own for": "[for data in data.a_b.c.d : upper(data)]",
    "the same for an object": "{ for data in data.a_b.c.d : data => 1 }",
    "the same in a template": '"%{ for data in data.a_b.c.d }${data}%{ endfor }"',
    "a number that the evaluator cannot hold": "12345678901234567890",
    "such a number that is computed": "-12345678901234567890 - 1",
    "a list that the evaluator loses": "[for k, v in [for k, v in var.any : toset([2, 1]) if v != null] : v if md5(k) != 0]",
    "a text that it loses": 'format("%s-%s", md5("x"), null)',
    "what is made while it runs and kept nowhere": "var.passing",
}


@pytest.mark.parametrize("expression", NOT_BELIEVED.values(), ids=NOT_BELIEVED.keys())
def test_what_the_evaluator_would_make_up_is_not_believed(write: Write, read: Read, expression: str) -> None:
    passing = 'variable "passing" {\n  default   = "x"\n  ephemeral = true\n}\n'
    write("main.tf", argument(expression) + passing)
    (found,) = [document.body for document in read().documents if document.body["address"] == "a_b.c"]
    assert isinstance(found["values"]["x"], Unknown)


def test_of_what_may_not_exist_no_constant_is_told(write: Write, read: Read) -> None:
    write("main.tf", 'resource "a_b" "c" {\n  count = data.a_b.c.d\n  x = "constant"\n}\n')
    (found,) = [document.body for document in read().documents]
    assert isinstance(found["values"]["x"], Unknown)
    assert found["expressions"]["x"] == {}


def test_blocks_that_are_repeated_over_themselves_are_not_known(write: Write, read: Read) -> None:
    write(
        "main.tf",
        'resource "a_b" "c" {\n  for_each = a_b.d\n  x = 1\n}\nresource "a_b" "d" {\n  for_each = a_b.c\n  x = 1\n}\n',
    )
    loaded = read()
    assert {type(document.body["values"]["x"]) for document in loaded.documents} == {Unknown}
    assert [message for _, message in loaded.problems if "shape" in message] == []


def test_a_default_that_is_computed_is_not_believed(write: Write, read: Read) -> None:
    """Terraform refuses it; the evaluator makes something up."""
    write("main.tf", 'variable "v" { default = data.aws_region.x.name }\nresource "a_b" "c" { x = md5(var.v) }\n')
    (found,) = [document.body["values"]["x"] for document in read().documents if document.body["type"] == "a_b"]
    assert "var.v" in repr(found)


SHORT = (
    "keys values length flatten upper title jsonencode toset tolist compact distinct tostring tonumber tobool try can"
)
LONG = "merge concat element coalesce coalescelist contains join split max min try"
LEAVES = st.one_of(
    st.integers(-1000, 1000).map(str),
    st.booleans().map(lambda value: str(value).lower()),
    st.text("ab $%{}\u00e9\u0301-", max_size=6).map(lambda text: '"{}"'.format(text.replace("{", "("))),
    st.sampled_from(
        [
            "null",
            "var.text",
            "var.map",
            "local.list",
            "local.tags",
            "local.i",
            "data.a_b.c.d",
            "a_b.other.k",
            "var.object",
            "var.any",
            "var.given",
            "a_b.many[0].k",
            "var.none",
        ]
    ),
)


def _grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    pair = st.tuples(inner, inner)
    return st.one_of(
        st.lists(inner, max_size=3).map(lambda parts: f"[{', '.join(parts)}]"),
        st.dictionaries(st.sampled_from(["a", "b", '"c-d"']), inner, max_size=3).map(
            lambda parts: "{{ {} }}".format(", ".join(f"{key} = {part}" for key, part in parts.items()))
        ),
        inner.map(lambda part: f'"x${{{part}}}"'),
        inner.map(lambda part: f"({part})"),
        st.tuples(st.sampled_from("!-"), inner).map("".join),
        st.tuples(inner, st.sampled_from(["==", "!=", "+", "&&", ">"]), inner).map(" ".join),
        st.tuples(inner, inner, inner).map(lambda parts: f"{parts[0]} ? {parts[1]} : {parts[2]}"),
        st.tuples(st.sampled_from(LONG.split()), inner, inner).map(lambda parts: f"{parts[0]}({parts[1]}, {parts[2]})"),
        st.tuples(inner, inner, inner).map(lambda parts: f"lookup({parts[0]}, {parts[1]}, {parts[2]})"),
        st.tuples(inner, st.sampled_from([".a", '["b"]', "[0]", "[*]", "[*].a"])).map(
            lambda parts: f"[for v in [{parts[0]}] : v{parts[1]}]"
        ),
        st.tuples(st.sampled_from(SHORT.split()), inner).map(lambda parts: f"{parts[0]}({parts[1]})"),
        pair.map(lambda parts: f"[for k, v in {parts[0]} : {parts[1]}]"),
        inner.map(lambda part: f"{{ for k, v in {part} : k => v }}"),
    )


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.recursive(LEAVES, _grown, max_leaves=8), min_size=12, max_size=12))
def test_any_expressions_come_to_what_the_evaluator_says(write: Write, base: Path, expressions: list[str]) -> None:
    """Each in a module of its own, so that one that is more than plain does not take the others with it."""
    for number, expression in enumerate(expressions):
        write(f"{number}/main.tf", argument(expression))
        try:
            ours, theirs = both(base / str(number), base)
        except LoadError:
            continue  # the evaluator crashes over some that Terraform refuses
        assert ours is None or _is_as_sure(ours, theirs, valid=False), expression


def _is_as_sure(ours: Any, theirs: Any, *, valid: bool = True) -> bool:
    """Equal, but for what the evaluator loses, nulls mostly; and for the null of a resource that another one reads.

    Its provider may fill that in, so what is made of it is unknown. So is what Terraform would refuse.
    """
    if isinstance(theirs, Unknown):
        return isinstance(ours, Unknown) or theirs.reason == CANNOT
    if isinstance(ours, Unknown):
        return ours.reason == CANNOT and (theirs is None or not valid)
    if isinstance(ours, dict) and isinstance(theirs, dict):
        names = (set(ours) | set(theirs)) - {"constant_value"}
        return all(_is_as_sure(ours.get(name), theirs.get(name), valid=valid) for name in names)
    if isinstance(ours, list) and isinstance(theirs, list):
        pairs = zip(ours, theirs, strict=False)
        return len(ours) == len(theirs) and all(_is_as_sure(*pair, valid=valid) for pair in pairs)
    return repr(ours) == repr(theirs)


CONFIGURATIONS = [
    ROOT / "fixtures" / "terraform",
    *(CORPORA / name for name in ("terragoat", "infracost-aws", "checkov-resources", "terraform-aws-s3-bucket")),
]


@pytest.mark.parametrize("top", CONFIGURATIONS, ids=lambda top: top.name)
def test_real_configurations_come_to_what_the_evaluator_says(top: Path) -> None:
    if not top.is_dir():
        pytest.skip(f"{top} is not here")
    tried = 0
    for folder in sorted(roots.roots({path.parent.resolve() for path in top.rglob("*.tf")})):
        try:
            ours, theirs = both(folder, top.resolve())
        except LoadError:
            continue
        if ours is not None:
            tried += 1
            assert _is_as_sure(ours, theirs), folder
    assert tried
