"""Buckets as Terraform plans them: what is folded in, what is known, what is not."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from scanner.model import Document, Resource, Unknown

One = Callable[..., Resource]
Block = Callable[..., Document]
Read = Callable[..., dict[str, Resource]]

LATER = Unknown("known after apply")
BUCKET = "aws_s3_bucket.logs"
DENY = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": "s3:*",
    "Resource": ["arn:aws:s3:::logs", "arn:aws:s3:::logs/*"],
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}
ALLOW = {"Effect": "Allow", "Principal": {"AWS": ["*"]}, "Action": ["s3:GetObject"], "Resource": "arn:aws:s3:::logs/*"}


def policy(block: Block, *statements: dict[str, Any]) -> Document:
    text = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
    return block("aws_s3_bucket_policy.logs", {"bucket": "logs", "policy": text})


def test_a_bare_bucket_has_what_amazon_gives_every_bucket(one: One) -> None:
    bucket = one(BUCKET, {"bucket": "logs"})
    assert (bucket.type, bucket.name, bucket.provider) == ("storage.bucket", "logs", "aws")
    assert bucket.attributes == {
        "tls_required": False,
        "minimum_tls": "1.2",
        "public": False,
        "encryption": "provider",
        "key_region": "",
        "versioned": False,
        "replica_regions": [],
    }


@pytest.mark.parametrize(
    ("statement", "required"),
    [
        (DENY, True),
        ({**DENY, "Principal": {"AWS": "*"}, "Action": ["s3:*"]}, True),
        ({**DENY, "Condition": {"Bool": {"aws:SecureTransport": ["false"]}}}, True),
        ({**DENY, "Action": "s3:PutObject"}, False),
        ({**DENY, "Principal": {"AWS": "arn:aws:iam::1:root"}}, False),
        ({**DENY, "Condition": {**DENY["Condition"], "StringEquals": {"aws:PrincipalOrgID": "o-1"}}}, False),
        ({**DENY, "Effect": "Allow"}, False),
        ({**DENY, "Condition": {"BoolIfExists": {"aws:SecureTransport": "false"}}}, True),
        ({**DENY, "Resource": "*"}, True),
        ({**DENY, "Resource": "arn:aws:s3:::logs*"}, True),
        ({**DENY, "Resource": ["arn:aws:s3:::logs/*"]}, True),
        ({**DENY, "Resource": ["arn:aws:s3:::logs", "arn:aws:s3:::logs/public/*"]}, False),
        ({**DENY, "Resource": "arn:aws:s3:::logs"}, False),
        ({**{key: DENY[key] for key in DENY if key != "Resource"}, "NotResource": "arn:aws:s3:::logs/public/*"}, False),
    ],
)
def test_only_a_policy_refuses_plain_http(one: One, block: Block, *, statement: dict[str, Any], required: bool) -> None:
    assert one(BUCKET, {"bucket": "logs"}, policy(block, statement)).attributes["tls_required"] is required


def test_a_policy_of_a_bucket_that_is_yet_to_be_named_is_joined_by_reference(
    one: One, block: Block, later: Unknown
) -> None:
    versioning = block(
        "aws_s3_bucket_versioning.logs",
        {"bucket": later, "versioning_configuration": [{"status": "Enabled"}]},
        references={"bucket": ["aws_s3_bucket.logs.id", "aws_s3_bucket.logs"]},
    )
    other = block("aws_s3_bucket.other", {"bucket": later})
    assert one(BUCKET, {"bucket": later}, versioning, other).attributes["versioned"] is True


def test_instances_are_joined_by_their_key(read: Any, block: Block, later: Unknown) -> None:
    buckets = [block(f'module.a.aws_s3_bucket.this["{key}"]', {"bucket": later}) for key in ("x", "y")]
    satellite = block(
        'module.a.aws_s3_bucket_versioning.this["x"]',
        {"bucket": later, "versioning_configuration": [{"status": "Enabled"}]},
        references={"bucket": ["aws_s3_bucket.this", "each.key"]},
    )
    found = read(*buckets, satellite)
    assert found['module.a.aws_s3_bucket.this["x"]'].attributes["versioned"] is True
    assert found['module.a.aws_s3_bucket.this["y"]'].attributes["versioned"] is False


def test_what_might_belong_to_it_makes_it_unknown_not_false(read: Any, block: Block, later: Unknown) -> None:
    satellite = block(
        "module.a.aws_s3_bucket_versioning.this",
        {"bucket": later, "versioning_configuration": [{"status": "Enabled"}]},
        references={"bucket": ["var.bucket"]},
    )
    found = read(block(BUCKET, {"bucket": later}), satellite)
    versioned = found[BUCKET].attributes["versioned"]
    assert isinstance(versioned, Unknown)
    assert "module.a.aws_s3_bucket_versioning.this" in versioned.reason
    assert found["module.a.aws_s3_bucket_versioning.this"].type == "other"


def test_a_satellite_of_another_bucket_says_nothing(one: One, block: Block) -> None:
    satellite = block(
        "aws_s3_bucket_versioning.other", {"bucket": "other", "versioning_configuration": [{"status": "Enabled"}]}
    )
    assert one(BUCKET, {"bucket": "logs"}, satellite).attributes["versioned"] is False


def test_a_policy_document_is_followed_where_its_text_is_not_known(one: One, block: Block, later: Unknown) -> None:
    statement = {
        "actions": ["s3:*"],
        "effect": "Deny",
        "principals": [{"type": "*", "identifiers": ["*"]}],
        "resources": [later],
        "condition": [{"test": "Bool", "variable": "aws:SecureTransport", "values": ["false"]}],
    }
    written = block("data.aws_iam_policy_document.tls", {"statement": [statement], "json": later})
    attached = block(
        "aws_s3_bucket_policy.logs",
        {"bucket": "logs", "policy": later},
        references={"policy": ["data.aws_iam_policy_document.tls.json", "data.aws_iam_policy_document.tls"]},
    )
    assert one(BUCKET, {"bucket": "logs"}, attached, written).attributes["tls_required"] is True
    assert isinstance(one(BUCKET, {"bucket": "logs"}, attached).attributes["tls_required"], Unknown)


def test_public_takes_a_grant_and_no_block_in_front(one: One, block: Block) -> None:
    closed = {"bucket": "logs", "block_public_acls": True, "block_public_policy": True}
    shut = block(
        "aws_s3_bucket_public_access_block.logs",
        {**closed, "ignore_public_acls": True, "restrict_public_buckets": True},
    )
    opened = policy(block, ALLOW)
    acl = block("aws_s3_bucket_acl.logs", {"bucket": "logs", "acl": "public-read"})
    assert one(BUCKET, {"bucket": "logs"}, opened).attributes["public"] is True
    assert one(BUCKET, {"bucket": "logs"}, acl).attributes["public"] is True
    assert one(BUCKET, {"bucket": "logs"}, opened, acl, shut).attributes["public"] is False
    assert (
        one(
            BUCKET, {"bucket": "logs"}, policy(block, {**ALLOW, "Condition": {"StringEquals": {"aws:SourceVpc": "v"}}})
        ).attributes["public"]
        is False
    )


@pytest.mark.parametrize(
    ("change", "public"),
    [
        ({"Condition": {"Bool": {"aws:SecureTransport": "true"}}}, True),
        ({"Condition": {"StringLike": {"aws:Referer": ["https://example.org/*"]}}}, True),
        ({"Condition": {"Bool": {"aws:SecureTransport": "true"}, "StringEquals": {"aws:SourceVpc": "v"}}}, False),
        ({"NotPrincipal": {"AWS": "arn:aws:iam::123456789012:user/x"}, "Principal": None}, True),
        ({"Principal": {"AWS": "arn:aws:iam::123456789012:root"}}, False),
    ],
)
def test_what_narrows_nobody_does_not_close_a_bucket(
    one: One, block: Block, *, change: dict[str, Any], public: bool
) -> None:
    assert one(BUCKET, {"bucket": "logs"}, policy(block, {**ALLOW, **change})).attributes["public"] is public


def test_a_policy_document_says_the_same_as_its_json(one: One, block: Block, later: Unknown) -> None:
    def bucket(**statement: Any) -> Resource:
        everybody = [{"type": "*", "identifiers": ["*"]}]
        common = {"actions": ["s3:*"], "principals": everybody, "resources": ["arn:aws:s3:::logs/*"]}
        document = block("data.aws_iam_policy_document.p", {"statement": [common | statement], "json": later})
        attached = block(
            "aws_s3_bucket_policy.logs",
            {"bucket": "logs", "policy": later},
            references={"policy": ["data.aws_iam_policy_document.p.json", "data.aws_iam_policy_document.p"]},
        )
        return one(BUCKET, {"bucket": "logs"}, attached, document)

    plain = {"test": "BoolIfExists", "variable": "aws:SecureTransport", "values": ["false"]}
    denied = {"effect": "Deny", "condition": [plain]}
    assert bucket(**denied).attributes["tls_required"] is True
    assert bucket(**denied, resources=["arn:aws:s3:::logs/a/*"]).attributes["tls_required"] is False
    assert bucket(**denied, not_resources=["arn:aws:s3:::logs/a/*"]).attributes["tls_required"] is False
    assert bucket(condition=[{**plain, "values": ["true"]}]).attributes["public"] is True
    but = [{"type": "AWS", "identifiers": ["arn:aws:iam::123456789012:root"]}]
    assert bucket(principals=[], not_principals=but).attributes["public"] is True
    assert bucket(**denied, principals=[], not_principals=but).attributes["tls_required"] is False


def test_where_nothing_grants_access_it_does_not_matter_whose_block_it_is(
    one: One, block: Block, later: Unknown
) -> None:
    somewhere = block(
        "module.m.aws_s3_bucket_public_access_block.b",
        {"bucket": later, "block_public_acls": True},
        references={"bucket": ["local.bucket"]},
    )
    assert one(BUCKET, {"bucket": "logs"}, somewhere).attributes["public"] is False
    assert isinstance(one(BUCKET, {"bucket": "logs"}, policy(block, ALLOW), somewhere).attributes["public"], Unknown)


def test_a_key_of_the_configuration_is_the_customers_before_it_exists(one: One, block: Block, later: Unknown) -> None:
    default = {"sse_algorithm": "aws:kms", "kms_master_key_id": later}
    path = {"kms_master_key_id": {"references": ["aws_kms_key.logs.arn", "aws_kms_key.logs"]}, "sse_algorithm": {}}
    satellite = block(
        "aws_s3_bucket_server_side_encryption_configuration.logs",
        {"bucket": "logs", "rule": [{"apply_server_side_encryption_by_default": [default]}]},
        expressions={"bucket": {}, "rule": [{"apply_server_side_encryption_by_default": [path]}]},
    )
    assert one(BUCKET, {"bucket": "logs"}, satellite).attributes["encryption"] == "customer"
    cited = one(BUCKET, {"bucket": "logs"}, satellite).citations["attributes.encryption"]
    assert cited.origin.address == "aws_s3_bucket_server_side_encryption_configuration.logs"
    assert cited.path == ("rule", 0, "apply_server_side_encryption_by_default", 0, "kms_master_key_id")


def test_replicas_are_where_the_other_bucket_is(one: One, block: Block) -> None:
    copy = block(
        "aws_s3_bucket.copy", {"bucket": "copy", "arn": "arn:aws:s3:::copy"}, provider_config={"region": "us-east-1"}
    )
    rule = {"status": "Enabled", "destination": [{"bucket": "arn:aws:s3:::copy"}]}
    replication = block("aws_s3_bucket_replication_configuration.logs", {"bucket": "logs", "rule": [rule]})
    assert one(BUCKET, {"bucket": "logs"}, copy, replication).attributes["replica_regions"] == ["us-east-1"]
    assert isinstance(one(BUCKET, {"bucket": "logs"}, replication).attributes["replica_regions"], Unknown)


def test_a_google_bucket(one: One, block: Block) -> None:
    values = {
        "name": "models",
        "location": "EU",
        "effective_labels": {"team": "ml"},
        "encryption": [{"default_kms_key_name": "projects/p/locations/eu/keyRings/r/cryptoKeys/k"}],
        "versioning": [{"enabled": True}],
        "custom_placement_config": [{"data_locations": ["EUROPE-WEST1", "EUROPE-WEST4"]}],
        "public_access_prevention": "inherited",
    }
    anyone = block("google_storage_bucket_iam_member.all", {"bucket": "models", "role": "r", "member": "allUsers"})
    bucket = one("google_storage_bucket.models", values, anyone)
    assert (bucket.region, bucket.tags, bucket.provider) == ("eu", {"team": "ml"}, "gcp")
    assert isinstance(bucket.attributes["minimum_tls"], Unknown)
    assert {**bucket.attributes, "minimum_tls": None} == {
        "tls_required": True,
        "minimum_tls": None,
        "public": True,
        "encryption": "customer",
        "key_region": "eu",
        "versioned": True,
        "replica_regions": ["europe-west1", "europe-west4"],
    }
    enforced = one("google_storage_bucket.models", {**values, "public_access_prevention": "enforced"}, anyone)
    assert enforced.attributes["public"] is False


MADE = {"member": ["google_service_account.a.email", "google_service_account.a"]}
MIXED = {"members": ["google_service_account.a", "var.more"]}
DOCUMENT = {"policy_data": ["data.google_iam_policy.p.policy_data"]}


@pytest.mark.parametrize(
    ("kind", "written", "public"),
    [
        ("iam_binding", [{"members": ["user:a@b.eu", "allAuthenticatedUsers"]}], True),
        ("iam_binding", [{"members": [LATER]}, MIXED], None),
        ("iam_member", [{"member": LATER}, MADE], False),
        ("iam_policy", [{"policy_data": '{"bindings":[{"members":["allUsers"],"role":"roles/x"}]}'}], True),
        ("iam_policy", [{"policy_data": '{"bindings":[{"members":["user:allusers-team@b.eu"]}]}'}], False),
        ("iam_policy", [{"policy_data": LATER}, DOCUMENT], None),
        ("acl", [{"role_entity": ["READER:allUsers"]}], True),
        ("acl", [{"predefined_acl": "publicRead"}], True),
        ("acl", [{"predefined_acl": "private", "role_entity": None}], False),
        ("acl", [{"default_acl": "publicRead"}], True),
        ("acl", [{"default_acl": "publicRead", "role_entity": LATER}], True),
        ("acl", [{"predefined_acl": "private", "role_entity": LATER}], False),
    ],
)
def test_who_may_read_a_google_bucket(
    one: One, block: Block, kind: str, written: list[dict[str, Any]], public: bool | None
) -> None:
    values, references = (*written, {})[:2]
    grant = block(f"google_storage_bucket_{kind}.g", {"bucket": "models", **values}, references=references)
    found = one("google_storage_bucket.models", {"name": "models", "location": "EU"}, grant).attributes["public"]
    assert isinstance(found, Unknown) if public is None else found is public


@pytest.mark.parametrize(
    ("kind", "values", "public"),
    [
        ("acl", {"role_entity": ["OWNER:user-a@b.eu", "READER:allUsers"]}, True),
        ("acl", {"role_entity": ["OWNER:user-a@b.eu"]}, False),
        ("access_control", {"entity": "allAuthenticatedUsers", "role": "READER"}, True),
    ],
)
def test_who_may_read_what_is_put_into_a_google_bucket(
    one: One, block: Block, kind: str, values: dict[str, Any], public: bool
) -> None:
    default = block(f"google_storage_default_object_{kind}.g", {"bucket": "models", **values})
    bucket = one("google_storage_bucket.models", {"name": "models", "location": "EU"}, default)
    assert bucket.attributes["public"] is public


def test_who_may_read_a_folder_of_a_google_bucket(one: One, block: Block) -> None:
    folder = {"bucket": "models", "managed_folder": "shown/", "role": "r", "member": "allUsers"}
    grant = block("google_storage_managed_folder_iam_member.g", folder)
    assert one("google_storage_bucket.models", {"name": "models", "location": "EU"}, grant).attributes["public"] is True


@pytest.mark.parametrize(
    ("members", "references", "public"),
    [
        (["allUsers"], (), True),
        (["user:a@b.eu"], (), False),
        (LATER, ("google_service_account.a.member",), False),
        (LATER, ("var.more",), None),
    ],
)
def test_the_members_of_a_policy_are_read_where_it_is_written(
    one: One, block: Block, members: Any, references: tuple[str, ...], public: bool | None
) -> None:
    written = [{"members": {"references": list(references)} if references else {"constant_value": members}}]
    document = block(
        "data.google_iam_policy.p",
        {"binding": [{"role": "roles/storage.objectViewer", "members": members}]},
        expressions={"binding": written},
    )
    grant = block("google_storage_bucket_iam_policy.g", {"bucket": "models", "policy_data": LATER}, references=DOCUMENT)
    bucket = one("google_storage_bucket.models", {"name": "models", "location": "EU"}, grant, document)
    found = bucket.attributes["public"]
    assert isinstance(found, Unknown) if public is None else found is public
    assert public is not True or bucket.citations["attributes.public"].path == ("binding", 0, "members")


def test_an_azure_storage_account(one: One) -> None:
    account = one(
        "azurerm_storage_account.data",
        {
            "name": "data",
            "location": "West Europe",
            "tags": {"team": "ml"},
            "account_replication_type": "GRS",
            "min_tls_version": "TLS1_0",
            "enable_https_traffic_only": False,
            "allow_nested_items_to_be_public": False,
        },
    )
    assert (account.region, account.provider) == ("westeurope", "azure")
    assert account.attributes == {
        "tls_required": False,
        "minimum_tls": "1.0",
        "public": False,
        "encryption": "provider",
        "key_region": "",
        "versioned": False,
        "replica_regions": ["pair of westeurope"],
    }
    assert account.citations["attributes.minimum_tls"].path == ("min_tls_version",)


def test_a_bucket_that_holds_its_replication_itself(read: Read, block: Block) -> None:
    rules = [{"status": "Enabled", "destination": [{"bucket": "far"}]}]
    found = read(
        block("aws_s3_bucket.near", {"bucket": "near", "replication_configuration": [{"rules": rules}]}),
        block("aws_s3_bucket.far", {"bucket": "far", "region": "us-east-1"}),
    )
    assert found["aws_s3_bucket.near"].attributes["replica_regions"] == ["us-east-1"]
    assert found["aws_s3_bucket.far"].attributes["replica_regions"] == []


@pytest.mark.parametrize(
    ("listed", "references", "required"),
    [
        (1, ["data.aws_iam_policy_document.tls.json", "data.aws_iam_policy_document.tls"], True),
        (1, ["var.strict", "data.aws_iam_policy_document.tls.json", "data.aws_iam_policy_document.tls"], None),
        (2, ["data.aws_iam_policy_document.tls.json", "data.aws_iam_policy_document.tls"], None),
    ],
    ids=["named", "conditional", "one more"],
)
def test_a_document_begins_with_those_that_it_names(
    one: One, block: Block, *, listed: int, references: list[str], required: bool | None
) -> None:
    later = Unknown("known after apply")
    deny = {
        "effect": "Deny",
        "actions": ["s3:*"],
        "principals": [{"type": "*", "identifiers": ["*"]}],
        "condition": [{"test": "Bool", "variable": "aws:SecureTransport", "values": ["false"]}],
    }
    tls = block("data.aws_iam_policy_document.tls", {"statement": [deny], "json": later})
    merged = block(
        "data.aws_iam_policy_document.all",
        {"source_policy_documents": [later] * listed, "json": later},
        expressions={"source_policy_documents": {"references": references}},
    )
    policy = block(
        "aws_s3_bucket_policy.p",
        {"bucket": "b", "policy": later},
        references={"policy": ["data.aws_iam_policy_document.all.json", "data.aws_iam_policy_document.all"]},
    )
    found = one("aws_s3_bucket.b", {"bucket": "b"}, tls, merged, policy).attributes["tls_required"]
    assert (None if isinstance(found, Unknown) else found) is required
