"""What the evaluator loses without a word when it is shown a configuration as it is: nothing of it may be lost here."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scanner import load, policy
from scanner.model import Unknown
from scanner.scan import Request, scan
from tests.load.conftest import Loaded

Write = Callable[[str, str | bytes], Path]
Read = Callable[..., Loaded]

NESTED = """resource "a_b" "c" {
  settings {
    tier = "x"
    ip {
      dynamic "net" {
        for_each = { a = "0.0.0.0/0", b = "10.0.0.0/8" }
        content { value = net.value }
      }
    }
    dynamic "flag" {
      for_each = ["p", "q"]
      content {
        name = flag.value
        plain { key = flag.key }
      }
    }
    backup { on = true }
  }
  timeouts { create = "1m" }
  lifecycle { prevent_destroy = true }
}
"""
REDIRECT = """variable "ports" {
  default = { http = 80, https = 443 }
}

resource "aws_lb_listener" "door" {
  for_each          = var.ports
  load_balancer_arn = "arn:aws:elasticloadbalancing:eu-west-1:1:loadbalancer/app/l/1"
  port              = each.value
  protocol          = each.key == "http" ? "HTTP" : "HTTPS"

  default_action {
    type = each.key == "http" ? "redirect" : "forward"

    dynamic "redirect" {
      for_each = each.key == "http" ? [1] : []

      content {
        port        = "443"
        protocol    = "HTTPS"
        status_code = "HTTP_301"
      }
    }
  }

  ssl_policy = "ELBSecurityPolicy-2016-08"
}
"""


@pytest.fixture(autouse=True)
def more_than_plain(write: Write) -> None:
    """A call that only the evaluator works out: without it, nearly all of this would need no evaluator."""
    write("more.tf", 'output "more" { value = md5("x") }\n')


def values(loaded: Loaded) -> dict[str, Any]:
    assert loaded.problems == []
    return {document.origin.address: document.body["values"] for document in loaded.documents}


def test_a_dynamic_block_is_seen_wherever_it_stands(write: Write, read: Read) -> None:
    write("main.tf", NESTED)
    (settings,) = values(read())["a_b.c"]["settings"]
    assert settings == {
        "tier": "x",
        "ip": [{"net": [{"value": "0.0.0.0/0"}, {"value": "10.0.0.0/8"}]}],
        "flag": [{"name": "p", "plain": [{"key": 0}]}, {"name": "q", "plain": [{"key": 1}]}],
        "backup": [{"on": True}],
    }


def test_nested_blocks_keep_their_order_and_none_is_lost(write: Write, read: Read) -> None:
    dynamic = '  dynamic "d" {\n    for_each = var.list\n    content { x = d.value }\n  }\n'
    write(
        "main.tf",
        f'variable "list" {{ default = ["p", "q"] }}\nresource "a_b" "c" {{\n  d {{ x = "first" }}\n{dynamic}  d {{\n    x = "last"\n  }}\n  plain {{}}\n}}\n',
    )
    assert values(read()) == {"a_b.c": {"d": [{"x": "first"}, {"x": "p"}, {"x": "q"}, {"x": "last"}], "plain": [{}]}}


def test_lines_are_those_of_the_file(write: Write, base: Path) -> None:
    write("main.tf", REDIRECT)
    result = scan(Request((".",), tuple(policy.packs(policy.shipped())), load.Options(base)))
    found = {(one.policy_id, one.origin.address): one.origin.line for one in result.findings}
    assert found["weak-tls-listener", 'aws_lb_listener.door["https"]'] == 25
    assert not [key for key in found if key[0] == "plaintext-listener"]


@pytest.mark.parametrize("null", ["null", "var.none", "local.other", 'var.list == ["p"] ? null : "x"'])
@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ('local.n == null ? "y" : "n"', "y"),
        ("local.n != null", False),
        ('"${local.n == null ? "" : "x"}y"', "y"),
        ('coalesce(local.n, "z")', "z"),
        ('concat(local.n == null ? [] : ["a"], ["b"])', ["b"]),
        ("local.n", None),
        ("local.further", None),
        ("nonsensitive(local.n)", None),
        ('local.known == "k" ? 1 : 2', 1),
    ],
)
def test_a_local_value_that_is_null_is_no_reason_to_lose_anything(
    write: Write, read: Read, null: str, expression: str, expected: Any
) -> None:
    write(
        "main.tf",
        'variable "none" { default = null }\nvariable "list" { default = ["p"] }\n'
        f'locals {{\n  n = {null}\n  other = null\n  further = local.n\n  known = local.n == null ? "k" : "l"\n}}\n'
        f'resource "a_b" "c" {{\n  a = {expression}\n}}\n',
    )
    assert values(read())["a_b.c"].get("a") == expected


@pytest.mark.parametrize(
    ("meta", "expected"),
    [
        ("count = local.n == null ? 2 : 0", ["a_b.c[0]", "a_b.c[1]"]),
        ("count = local.n == null ? 0 : 1", []),
        ('for_each = toset(local.n == null ? ["p", "q"] : [])', ['a_b.c["p"]', 'a_b.c["q"]']),
        ("for_each = local.n == null ? { p = 1 } : {}", ['a_b.c["p"]']),
    ],
)
def test_how_many_there_are_may_depend_on_null(write: Write, read: Read, meta: str, expected: list[str]) -> None:
    write("main.tf", f'locals {{ n = null }}\nresource "a_b" "c" {{\n  {meta}\n}}\n')
    assert read().addresses == expected


def test_an_output_that_is_null_makes_what_is_made_from_it_unknown(write: Write, read: Read) -> None:
    """The evaluator loses it, and does not say whether there was something to lose."""
    write("m/main.tf", 'variable "v" {}\noutput "o" { value = var.v }\noutput "text" { value = "a-${var.v}" }\n')
    write(
        "main.tf",
        'module "m" {\n  source = "./m"\n  v = null\n}\nmodule "n" {\n  source = "./m"\n  v = "x"\n}\n'
        'resource "a_b" "c" {\n  a = module.m.o == null ? "y" : "n"\n  b = "${module.n.text}-y"\n  c = module.n.o\n}\n',
    )
    found = values(read())["a_b.c"]
    assert isinstance(found.pop("a"), Unknown)
    assert found == {"b": "a-x-y", "c": "x"}


@pytest.mark.parametrize(
    "over", ['toset(["p", "q"])', "{\n    p = 1\n    q = local.none == null ? 2 : 3\n  }", "var.m"]
)
def test_what_is_repeated_over_something_repeated_has_its_instances(write: Write, read: Read, over: str) -> None:
    write(
        "m/main.tf", 'variable "v" {}\nresource "a_b" "inside" { v = var.v }\noutput "id" { value = a_b.inside.id }\n'
    )
    write(
        "main.tf",
        'variable "m" { default = { p = 1, q = 2 } }\nlocals { none = null }\n'
        'resource "a_b" "z" {\n  for_each = a_b.c\n  key = each.key\n  id = each.value.id\n}\n'
        f'resource "a_b" "c" {{\n  for_each = {over}\n}}\n'
        f'resource "x_y" "c" {{\n  for_each = {over}\n}}\nresource "x_y" "d" {{\n  for_each = x_y.c\n}}\n'
        'resource "a_b" "b" { for_each = a_b.z }\n'
        'module "m" {\n  source = "./m"\n  for_each = a_b.b\n  v = each.key\n}\nresource "a_b" "n" { for_each = module.m }\n',
    )
    found = values(read())
    assert sorted(found) == sorted(
        f'{address}["{key}"]{rest}'
        for address, rest in (
            *((f"a_b.{name}", "") for name in "bczn"),
            ("x_y.c", ""),
            ("x_y.d", ""),
            ("module.m", ".a_b.inside"),
        )
        for key in "pq"
    )
    assert found['a_b.z["q"]']["key"] == found['module.m["q"].a_b.inside']["v"] == "q"
    assert isinstance(found['a_b.z["q"]']["id"], Unknown)


@pytest.mark.parametrize("over", ['{ p = null, q = "x" }', "var.m", "local.m", 'merge({ p = var.none }, { q = "x" })'])
def test_an_instance_may_be_repeated_over_null(write: Write, read: Read, over: str) -> None:
    write("m/main.tf", 'variable "v" {}\nresource "a_b" "inside" {\n  v = var.v == null ? "none" : var.v\n}\n')
    write(
        "main.tf",
        'variable "none" { default = null }\nvariable "m" { default = { p = null, q = "x" } }\n'
        'locals {\n  m = { p = var.none, q = upper(null == null ? "x" : "") == "X" ? "x" : "" }\n}\n'
        f'resource "a_b" "c" {{\n  for_each = {over}\n  k = each.key\n  v = each.value\n}}\n'
        'resource "a_b" "d" { for_each = a_b.c }\n'
        f'module "m" {{\n  source = "./m"\n  for_each = {over}\n  v = each.value\n}}\n',
    )
    assert values(read()) == {
        'a_b.c["p"]': {"k": "p"},
        'a_b.c["q"]': {"k": "q", "v": "x"},
        'a_b.d["p"]': {},
        'a_b.d["q"]': {},
        'module.m["p"].a_b.inside': {"v": "none"},
        'module.m["q"].a_b.inside': {"v": "x"},
    }


@pytest.mark.parametrize("over", ['["x", data.x_y.z.id]', "[var.unset]", "[null]"])
def test_a_dynamic_block_over_what_is_not_known_is_not_absent(write: Write, read: Read, over: str) -> None:
    write(
        "main.tf",
        'variable "unset" {}\nresource "a_b" "other" {}\n'
        f'resource "a_b" "c" {{\n  dynamic "d" {{\n    for_each = {over}\n    content {{ v = d.value }}\n  }}\n}}\n',
    )
    assert isinstance(values(read())["a_b.c"]["d"], Unknown)


MAPS = """locals {
  g = {
    "p.1" = { n = null, list = [null, "x"] } # one
    # two
    q = {
      n = "s"
    }
  }
  f = { for k, v in local.g : k => v if k != "q" }
}
resource "a_b" "c" {
  for_each = local.g
  k = each.key
  n = each.value.n
  m = each.value.n == null ? "none" : "some"
}
resource "a_b" "d" { for_each = a_b.c }
"""


def test_what_is_repeated_over_a_local_map_with_null_in_it_has_all_instances(write: Write, read: Read) -> None:
    write("main.tf", MAPS)
    assert values(read()) == {
        'a_b.c["p.1"]': {"k": "p.1", "m": "none"},
        'a_b.c["q"]': {"k": "q", "n": "s", "m": "some"},
        'a_b.d["p.1"]': {},
        'a_b.d["q"]': {},
    }


def test_instances_that_the_evaluator_does_not_tell_apart_are_not_one(write: Write, read: Read) -> None:
    write("main.tf", MAPS + 'resource "a_b" "e" {\n  for_each = local.f\n  n = 1\n}\n')
    assert isinstance(values(read())["a_b.e"]["n"], Unknown)


@pytest.mark.parametrize("meta", ["for_each = local.f", 'count = "2"'])
def test_modules_that_the_evaluator_does_not_tell_apart_are_not_one(write: Write, read: Read, meta: str) -> None:
    write("m/main.tf", 'resource "a_b" "inside" { v = 1 }\n')
    write("main.tf", MAPS + f'module "m" {{\n  source = "./m"\n  {meta}\n}}\n')
    assert isinstance(values(read())["module.m.a_b.inside"]["v"], Unknown)


def test_a_number_of_instances_that_is_written_as_text_is_not_one(write: Write, read: Read) -> None:
    write("main.tf", 'resource "a_b" "c" {\n  count = "2"\n  v = 1\n}\n')
    assert [type(found["v"]) for found in values(read()).values()] == [Unknown]


def test_null_is_the_default_where_a_variable_says_so(write: Write, read: Read) -> None:
    variable = 'variable "v" {\n  default = "d"\n  nullable = false\n}\n'
    write("m/main.tf", variable + 'resource "a_b" "c" { v = var.v == "d" ? "y" : "n" }\n')
    write("main.tf", 'module "m" {\n  source = "./m"\n  v = null\n}\nmodule "n" {\n  source = "./m"\n  v = "x"\n}\n')
    found = values(read())
    assert isinstance(found["module.m.a_b.c"]["v"], Unknown)
    assert found["module.n.a_b.c"]["v"] == "n"


def test_a_mistake_is_told_with_its_line(write: Write, read: Read) -> None:
    write("main.tf", NESTED + 'resource "a_b" "d" {\n  v = \n}\n')
    assert any("main.tf:23" in message for _, message in read().problems)


KEYS = """variable "own" { default = false }
variable "kms" { default = "aws:kms" }
locals { key = var.own ? aws_kms_key.k.arn : null }
resource "aws_kms_key" "k" {}
resource "aws_ebs_volume" "plain" {
  encrypted  = true
  kms_key_id = aws_kms_key.k.arn
}
resource "aws_ebs_volume" "condition" {
  encrypted  = true
  kms_key_id = var.own ? aws_kms_key.k.arn : null
}
resource "aws_ebs_volume" "local" {
  encrypted  = true
  kms_key_id = local.key
}
module "m" {
  source = "./m"
  key    = local.key
  sure   = aws_kms_key.k.arn
}
"""


def test_a_key_on_condition_is_not_known_to_be_there(write: Write, base: Path) -> None:
    volume = 'resource "aws_ebs_volume" "{0}" {{\n  encrypted = true\n  kms_key_id = var.{0}\n}}\nvariable "{0}" {{}}\n'
    write("m/main.tf", volume.format("key") + volume.format("sure"))
    write("main.tf", KEYS)
    packs = tuple(policy.packs(policy.shipped()))
    tally = scan(Request((".",), packs, load.Options(base))).tallies["provider-managed-encryption-key"]
    found = {
        uid.rpartition(".")[2]: verdict.value for verdict, uids in tally.items() for uid in uids if "volume" in uid
    }
    assert found == {"plain": "pass", "sure": "pass", "condition": "unknown", "local": "unknown", "key": "unknown"}
