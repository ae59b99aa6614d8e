"""What a policy says that is turned into JSON, where some of it is not known."""

from typing import Any

import pytest

from scanner.load._hcl.encoded import encoded
from scanner.load._hcl.nodes import parse, statements
from scanner.load._hcl.syntax import Expression
from scanner.model import Unknown


def read(text: str) -> Any:
    (attribute,) = statements(parse(f"x = {text}\n"))
    return shown(encoded(Expression(attribute.named_children[1])))


def shown(value: Any) -> Any:
    """`?` and the reason for what is not known."""
    if isinstance(value, Unknown):
        return f"? {value.reason}"
    if isinstance(value, dict):
        return {key: shown(entry) for key, entry in value.items()}
    return [shown(entry) for entry in value] if isinstance(value, list) else value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('jsonencode({ a = "b", "c:d" = [1, true, null, 1.5] })', {"a": "b", "c:d": [1, True, None, 1.5]}),
        ('jsonencode({ a = [aws_x.y.arn, "${aws_x.y.arn}/*", "*"] })',
         {"a": ["? it is made from aws_x.y.arn", "? it is made from aws_x.y.arn", "*"]}),
        ("jsonencode({ (var.k) = 1 })", "? it is made from var.k"),
        ("jsonencode({ a = concat([1], [2]) })", {"a": "? it is computed"}),
        ("jsonencode(local.policy)", "? it is made from local.policy"),
        ('jsonencode({ "a\\"b" = "c\\n$${aws:username}", "$${d}" = var.x })',
         {'a"b': "c\n${aws:username}", "${d}": "? it is made from var.x"}),
        ("jsonencode({ a = -1 })", {"a": "? it is computed"}),
        ("jsonencode()", None),
        ("jsondecode(1)", None),
        ("local.policy", None),
        ('"{}"', None),
    ],
)  # fmt: skip
def test_what_is_written_down_is_known(text: str, value: Any) -> None:
    assert read(text) == value
