"""What AWS does for a whole account or keeps for itself, as Terraform's words tell it: blocks, defaults, its own keys."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from scanner.model import Document, Resource, Unknown

One = Callable[..., Resource]
Block = Callable[..., Document]
Read = Callable[..., dict[str, Resource]]

BUCKET = "aws_s3_bucket.logs"
LOGS = {"bucket": "logs"}
GROUPS = "http://acs.amazonaws.com/groups/global/"
ALLOW = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}
HOME = {"region": "eu-west-1"}
"""One provider configuration; loaders share the object between all of its resources."""
OWN = "arn:aws:kms:eu-west-1:123456789012:key/4f9b"


def acl(block: Block, **values: Any) -> Document:
    return block("aws_s3_bucket_acl.logs", {**LOGS, **values})


def test_whoever_has_an_account_of_aws_is_everybody(one: One, block: Block) -> None:
    everybody, delivery = ({"uri": f"{GROUPS}{name}"} for name in ("AuthenticatedUsers", "LogDelivery"))

    def granted(grantee: Mapping[str, str]) -> Document:
        return acl(block, access_control_policy=[{"grant": [{"grantee": [grantee], "permission": "READ"}]}])

    for lists, public in (
        (acl(block, acl="authenticated-read"), True),
        (acl(block, acl="bucket-owner-read"), False),
        (granted(everybody), True),
        (granted(delivery), False),
    ):
        assert one(BUCKET, LOGS, lists).attributes["public"] is public
    assert one(BUCKET, {**LOGS, "acl": "authenticated-read"}).attributes["public"] is True
    old = {**everybody, "type": "Group", "permissions": ["READ"]}
    assert one(BUCKET, {**LOGS, "grant": [old]}).attributes["public"] is True


def opened(block: Block) -> Document:
    return block("aws_s3_bucket_policy.logs", {**LOGS, "policy": json.dumps({"Statement": [ALLOW]})})


def account_block(block: Block, provider: Mapping[str, str] = HOME, **values: Any) -> Document:
    return block("aws_s3_account_public_access_block.all", values, provider_config=provider)


def test_a_block_of_the_account_stands_in_front_of_its_buckets(one: One, block: Block) -> None:
    def public(*others: Document) -> Any:
        return one(BUCKET, LOGS, opened(block), *others, provider_config=HOME).attributes["public"]

    assert public() is True
    assert public(account_block(block, restrict_public_buckets=True)) is False
    assert public(account_block(block, restrict_public_buckets=False, ignore_public_acls=True)) is True
    assert public(account_block(block, restrict_public_buckets=True), acl(block, acl="public-read")) is True
    strange = account_block(block, {"region": "us-east-1"}, restrict_public_buckets=True)
    assert "may be of another account" in public(strange).reason
    own = block("aws_s3_bucket_public_access_block.logs", {**LOGS, "restrict_public_buckets": True})
    assert public(strange, own) is False
    closed = one(BUCKET, LOGS, strange, provider_config=HOME)
    assert closed.attributes["public"] is False


@pytest.mark.parametrize("name", ["alias/aws/{}", "arn:aws:kms:eu-west-1:123456789012:alias/aws/{}"])
def test_a_key_that_aws_keeps_for_a_service_is_no_key_of_a_customer(one: One, block: Block, name: str) -> None:
    def encryption(address: str, values: Mapping[str, Any], *others: Document) -> Any:
        return one(address, values, *others).attributes["encryption"]

    rule = {"sse_algorithm": "aws:kms", "kms_master_key_id": name.format("s3")}
    kept = block(
        "aws_s3_bucket_server_side_encryption_configuration.logs",
        {**LOGS, "rule": [{"apply_server_side_encryption_by_default": [rule]}]},
    )
    assert encryption(BUCKET, LOGS, kept) == "provider"
    assert encryption("aws_secretsmanager_secret.s", {"kms_key_id": name.format("secretsmanager")}) == "provider"
    for kind, switch in (
        ("aws_ebs_volume", {"encrypted": True}),
        ("aws_efs_file_system", {"encrypted": True}),
        ("aws_redshift_cluster", {"encrypted": True}),
        ("aws_db_instance", {"storage_encrypted": True}),
        ("aws_docdb_cluster", {"storage_encrypted": True}),
        ("aws_fsx_lustre_file_system", {}),
    ):
        assert encryption(f"{kind}.x", {**switch, "kms_key_id": name.format("x")}) == "provider"
        assert encryption(f"{kind}.x", {**switch, "kms_key_id": name.format("x").replace("aws/", "")}) == "customer"


def looked_up(block: Block, kind: str, **values: Any) -> Document:
    return block(f"data.{kind}.k", values)


@pytest.mark.parametrize(
    ("kind", "values", "expected"),
    [
        ("aws_kms_alias", {"name": "alias/aws/rds"}, "provider"),
        ("aws_kms_key", {"key_id": "alias/aws/rds"}, "provider"),
        ("aws_kms_key", {"key_id": OWN, "key_manager": "AWS"}, "provider"),
        ("aws_kms_alias", {"name": "alias/ledger"}, "customer"),
        ("aws_kms_key", {"key_id": OWN, "key_manager": "CUSTOMER"}, "customer"),
    ],
)
def test_a_key_that_is_looked_up_is_whose_the_data_source_says(
    one: One, block: Block, kind: str, values: dict[str, Any], expected: str
) -> None:
    references = {"kms_key_id": [f"data.{kind}.k.arn", f"data.{kind}.k"]}
    for key in (OWN, Unknown("known after apply")):
        database = {"engine": "postgres", "storage_encrypted": True, "kms_key_id": key}
        source = looked_up(block, kind, **values, arn=key)
        found = one("aws_db_instance.x", database, source, references=references)
        assert found.attributes["encryption"] == expected


def test_whose_key_it_is_stays_open_while_the_choice_does(one: One, block: Block, later: Unknown) -> None:
    names = ["var.own", "aws_kms_key.own.arn", "aws_kms_key.own", "data.aws_kms_alias.k.arn", "data.aws_kms_alias.k"]
    others = (block("aws_kms_key.own", {"arn": later}), looked_up(block, "aws_kms_alias", name="alias/aws/rds"))
    database = {"engine": "postgres", "storage_encrypted": True, "kms_key_id": later}
    found = one("aws_db_instance.x", database, *others, references={"kms_key_id": names})
    assert isinstance(found.attributes["encryption"], Unknown)


VOLUME = "aws_ebs_volume.scratch"


def always(block: Block, *actions: str, provider: Mapping[str, str] = HOME, on: bool = True) -> Document:
    return block("aws_ebs_encryption_by_default.on", {"enabled": on}, actions=actions, provider_config=provider)


def default_key(block: Block, key: str, *actions: str) -> Document:
    return block("aws_ebs_default_kms_key.k", {"key_arn": key}, actions=actions, provider_config=HOME)


def disk(one: One, values: Mapping[str, Any], *others: Document, actions: tuple[str, ...] = ("create",)) -> Any:
    return one(VOLUME, values, *others, actions=actions, provider_config=HOME).attributes["encryption"]


def test_an_account_that_encrypts_every_disk_encrypts_those_that_are_made(one: One, block: Block) -> None:
    assert disk(one, {}) == "none"
    assert disk(one, {}, always(block, "no-op")) == "provider"
    assert disk(one, {"encrypted": False, "snapshot_id": "snap-1"}, always(block, "no-op")) == "provider"
    assert disk(one, {}, always(block, "no-op", on=False)) == "none"
    assert disk(one, {}, always(block, "no-op", provider={"region": "us-east-1"})) == "none"
    assert "before or after aws_ebs_encryption_by_default.on" in disk(one, {}, always(block, "create")).reason
    assert isinstance(disk(one, {}, always(block, "no-op", provider={"region": "eu-west-1"})), Unknown)
    assert disk(one, {"encrypted": False}, always(block, "no-op"), actions=("no-op",)) == "none"


def test_the_default_key_of_an_account_counts_where_a_disk_names_none(one: One, block: Block) -> None:
    chosen = default_key(block, OWN, "no-op")
    assert disk(one, {"encrypted": True}, chosen) == "customer"
    assert disk(one, {}, chosen, always(block, "no-op")) == "customer"
    assert disk(one, {}, chosen) == "none"
    assert disk(one, {"encrypted": True, "kms_key_id": "alias/aws/ebs"}, chosen) == "provider"
    assert disk(one, {"encrypted": True}, default_key(block, "alias/aws/ebs", "no-op")) == "provider"
    assert isinstance(disk(one, {"encrypted": True}, default_key(block, OWN, "create")), Unknown)
    named = disk(one, {"encrypted": True, "kms_key_id": OWN}, default_key(block, OWN, "create"))
    assert named == "customer"


@pytest.mark.parametrize(
    ("engine", "version", "required"),
    [("postgres", "16.4", True), ("postgres", "14.9", False), ("aurora-postgresql", "16.4", False)],
)
def test_a_cluster_over_several_zones_is_no_aurora(one: One, *, engine: str, version: str, required: bool) -> None:
    cluster = one("aws_rds_cluster.c", {"engine": engine, "engine_version": version})
    assert cluster.attributes["tls_required"] is required


def copied(block: Block, *filters: str, provider: Mapping[str, str] = HOME, kind: str = "PREFIX_MATCH") -> Document:
    rule = {
        "destination": [{"region": "us-east-1", "registry_id": "123456789012"}],
        "repository_filter": [{"filter": text, "filter_type": kind} for text in filters],
    }
    settings = {"replication_configuration": [{"rule": [rule]}]}
    return block("aws_ecr_replication_configuration.all", settings, provider_config=provider)


def test_a_registry_copies_the_repositories_that_its_rules_choose(one: One, block: Block) -> None:
    def copies(*others: Document) -> Any:
        repository = one("aws_ecr_repository.r", {"name": "secret/model"}, *others, provider_config=HOME)
        return repository.attributes["replica_regions"]

    assert copies() == []
    assert copies(copied(block)) == ["us-east-1"]
    assert copies(copied(block, "public/", "secret/")) == ["us-east-1"]
    assert copies(copied(block, "public/")) == []
    assert copies(copied(block, provider={"region": "eu-central-1"})) == []
    assert "may be of another account" in copies(copied(block, provider={"region": "eu-west-1"})).reason
    assert isinstance(copies(copied(block, "m", kind="GLOB")), Unknown)


def test_a_setting_of_the_same_provider_is_of_the_same_region_wherever_that_is(one: One, block: Block) -> None:
    nowhere: Mapping[str, str] = {}
    setting = copied(block, provider=nowhere)
    repository = one("aws_ecr_repository.r", {"name": "m"}, setting, provider_config=nowhere)
    assert "provider's region is not written" in repository.attributes["replica_regions"].reason
    setting = always(block, "no-op", provider=nowhere)
    assert one(VOLUME, {}, setting, provider_config=nowhere).attributes["encryption"] == "provider"


TEMPLATE = {
    "name": "gpu",
    "id": "lt-1",
    "instance_type": "g5.xlarge",
    "tag_specifications": [{"resource_type": "instance", "tags": {"team": "ml", "env": "dev"}}],
}


def test_a_machine_that_is_made_bears_the_tags_of_its_template(one: One, block: Block) -> None:
    def tags(**rest: Any) -> Any:
        values = {"launch_template": [{"id": "lt-1"}], "tags": {"env": "prod"}}
        return one("aws_instance.i", values, block("aws_launch_template.t", TEMPLATE), **rest).tags

    assert tags() == {"team": "ml", "env": "prod"}
    assert tags(actions=("no-op",)) == {"env": "prod"}
    written = tags(actions=())
    assert (written["env"], isinstance(written["team"], Unknown)) == ("prod", True)


def test_the_text_by_which_a_plan_leaves_a_template_open_is_no_id(one: One, block: Block, later: Unknown) -> None:
    template = block("aws_launch_template.t", {**TEMPLATE, "id": later})
    named = {"launch_template": [{"id": "unknown", "name": "gpu"}], "min_size": 0, "max_size": 2}
    group = one("aws_autoscaling_group.g", named, template)
    assert group.attributes["machine_type"] == "g5.xlarge"


@pytest.mark.parametrize(("ranges", "public"), [(None, True), ([], True), (["10.0.0.0/8"], False)])
def test_a_cluster_that_names_no_addresses_is_open_to_all(one: One, *, ranges: Any, public: bool) -> None:
    network = {"endpoint_public_access": True, "public_access_cidrs": ranges}
    assert one("aws_eks_cluster.c", {"vpc_config": [network]}).attributes["public_endpoint"] is public


@pytest.mark.parametrize(("kind", "passes"), [("application", False), (None, False), ("gateway", True)])
def test_a_listener_without_a_protocol_speaks_what_its_balancer_does(
    one: One, block: Block, *, kind: str | None, passes: bool
) -> None:
    balancer = block("aws_lb.a", {"name": "a", "arn": "arn:a", "load_balancer_type": kind})
    values = {"load_balancer_arn": "arn:a", "port": 80, "default_action": [{"type": "fixed-response"}]}
    found = one("aws_lb_listener.l", values, balancer)
    assert (found.attributes["passes_through"], found.attributes["tls"]) == (passes, False)
    assert isinstance(one("aws_lb_listener.l", values).attributes["passes_through"], Unknown)


def test_a_cache_of_several_regions_is_copied_to_the_others(read: Read, block: Block, later: Unknown) -> None:
    key = "multi_region_cluster_name"
    for name, references in ((later, {key: [f"aws_memorydb_multi_region_cluster.w.{key}"]}), ("virxk-m", {})):
        whole = block("aws_memorydb_multi_region_cluster.w", {key: name})
        near, far = (
            block(
                f"aws_memorydb_cluster.{place}",
                {"name": place, key: name},
                references=references,
                provider_config={"region": region},
            )
            for place, region in (("near", "eu-west-1"), ("far", "us-east-1"))
        )
        found = read(whole, near, far)["aws_memorydb_cluster.near"]
        assert found.attributes["replica_regions"] == ["us-east-1"]
    lonely = read(near)["aws_memorydb_cluster.near"].attributes["replica_regions"]
    assert "whose other regions it does not name" in lonely.reason
    alone = read(block("aws_memorydb_cluster.near", {"name": "near", key: later}))["aws_memorydb_cluster.near"]
    assert alone.attributes["replica_regions"] == []
