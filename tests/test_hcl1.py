"""HCL of version 1: what Vault reads is read, what it refuses is refused."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner import hcl1
from scanner.errors import LoadError


def plain(value: Any) -> Any:
    """Bodies as lists of pairs, without places."""
    if isinstance(value, hcl1.Body):
        return [(*item.keys, plain(item.value)) for item in value.items]
    return [plain(one) for one in value] if isinstance(value, list) else value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('a = 1 b = "x"', [("a", 1), ("b", "x")]),
        ('path "s/*" { capabilities = ["read"], min_wrapping_ttl = "1s" }', [("path", "s/*", [("capabilities", ["read"]), ("min_wrapping_ttl", "1s")])]),
        ('"path" "a" {}', [("path", "a", [])]),
        ("# one\n// two\n/* three\n */ a = true\nb = false", [("a", True), ("b", False)]),
        ("a = 0x10\nb = -3\nc = 1.5", [("a", 16), ("b", -3), ("c", 1.5)]),
        ('a = "q\\"\\n\\u0041\\x42"', [("a", 'q"\nAB')]),
        ('a = "${x["k"]}/b"', [("a", '${x["k"]}/b')]),
        ('a = "s/{{identity.entity.name}}/*"', [("a", "s/{{identity.entity.name}}/*")]),
        ("a = <<END\none\n two\n  END\nb = 1", [("a", "one\n two\n"), ("b", 1)]),
        ("a = [, 1,, 2,]", [("a", [1, 2])]),
        ("a = [[1, 2], {b = 3}]", [("a", [[1, 2], [("b", 3)]])]),
        ('{"path": {"a": {"capabilities": ["read"]}, "b": {}}}', [("path", "a", [("capabilities", ["read"])]), ("path", "b", [])]),
        ('{"listener": [{"tcp": {"tls_disable": 1}}, {"unix": {"address": "x"}}]}', [("listener", "tcp", [("tls_disable", 1)]), ("listener", "unix", [("address", "x")])]),
        ("", []),
        ("# nothing", []),
    ],
)  # fmt: skip
def test_what_vault_reads(text: str, expected: Any) -> None:
    assert plain(hcl1.parse(text)) == expected


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a = b", "line 1 has 'b'"),
        ("x = 1\na = [b]", "line 2 has 'b'"),
        ('a = ["b" "c"]', "line 1 has a string"),
        ("a {", "has its end"),
        ("a = [1", "has its end"),
        ('a b = "c"', "line 1 has ="),
        ('\na = "b', "line 2 has a string without an end"),
        ('a = "b\nc"', "line 1 has a string without an end"),
        ("a = <<END\nb", "line 1 has a text without an end"),
        ("a = ?", "line 1 has a character"),
        ('a = "b\\/c"', "line 1 has a backslash"),
        ("a = " + "[" * 50, "nests too deeply"),
        ('{"a": ' + '{"b": ' * 50 + "{}" + "}" * 50 + "}", "nests too deeply"),
        ("{a", "looks like JSON"),
        (" " * 1_000_001, "too large"),
    ],
)
def test_what_vault_refuses(text: str, told: str) -> None:
    with pytest.raises(LoadError) as refused:
        hcl1.parse(text)
    assert told in refused.value.message


def test_what_may_be_a_secret_is_not_told() -> None:
    with pytest.raises(LoadError) as refused:
        hcl1.parse('token = "plum-Harbor" "lantern-73"')
    assert "lantern" not in refused.value.message


def test_a_block_has_its_place() -> None:
    text = '# ö\nui = true\nlistener "tcp" {\n  tls_disable = 1\n}\n'
    (block,) = hcl1.parse(text).named("listener")
    (inside,) = block.value.items
    assert text[block.start : block.end] == 'listener "tcp" {\n  tls_disable = 1\n}'
    assert text[inside.start : inside.end] == "tls_disable = 1"


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet=st.sampled_from('path"{}[]=,/*+\n #ab1-.$\\<E'), max_size=60) | st.text(max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(LoadError):
        plain(hcl1.parse(text))
