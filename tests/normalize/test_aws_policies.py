"""Statements of policies in which not everything is known yet."""

from typing import Any

import pytest

from scanner.model import Unknown, UnknownRead
from scanner.normalize._aws.policy import open_to_anyone, parsed, refuse_plaintext

ROLE = Unknown("it is made from aws_iam_role.r.arn", "aws_iam_role.r.arn")
VARIABLE = Unknown("it is made from var.who")
ALLOW = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
DENY = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": "s3:*",
    "Resource": Unknown("it is made from aws_s3_bucket.b.arn", "aws_s3_bucket.b.arn"),
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}


@pytest.mark.parametrize(
    ("principal", "is_open"),
    [
        ({"AWS": ROLE}, False),
        ({"AWS": [ROLE, "arn:aws:iam::1:root"]}, False),
        ({"AWS": [ROLE, "*"]}, True),
        ({"AWS": [VARIABLE, "*"]}, True),
        ({"AWS": VARIABLE}, None),
        (VARIABLE, None),
        ({"Service": "s3.amazonaws.com"}, False),
    ],
)
def test_who_is_allowed_in(principal: Any, is_open: bool | None) -> None:  # a table
    """An ARN is not everybody, whichever it is. Whom a statement allows says nothing about what another one denies."""
    policy = {"Statement": [{**ALLOW, "Principal": principal}, DENY]}
    assert refuse_plaintext(parsed(policy)) is True
    if is_open is None:
        with pytest.raises(UnknownRead):
            open_to_anyone(parsed(policy))
    else:
        assert open_to_anyone(parsed(policy)) is is_open


def test_whom_a_statement_denies_may_not_be_known() -> None:
    with pytest.raises(UnknownRead):
        refuse_plaintext(parsed({"Statement": {**DENY, "Principal": VARIABLE}}))
    assert refuse_plaintext(parsed({"Statement": {**DENY, "Principal": {"AWS": ROLE}}})) is False
    assert refuse_plaintext(parsed({"Statement": [{**DENY, "Principal": VARIABLE}, DENY]})) is True
