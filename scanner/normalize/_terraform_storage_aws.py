"""S3 buckets, each with the resources that hold its policy, its access list and its settings.

S3 encrypts every object since January 2023, takes nothing older than TLS 1.2, blocks public access to new buckets
since April 2023, and still answers plain HTTP unless the bucket's policy refuses it.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/default-encryption-faq.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
"""

from __future__ import annotations

from scanner.model import Path, UnknownRead
from scanner.normalize._reading import Block, Getter, always
from scanner.normalize._terraform_item import Item
from scanner.normalize._terraform_policy import opens_to_anyone, refuses_plaintext
from scanner.normalize._terraform_words import known_region, nowhere, other_regions

_PUBLIC_ACLS = frozenset({"public-read", "public-read-write"})
_ALL_USERS = "http://acs.amazonaws.com/groups/global/AllUsers"
_OLD_RULES = ("replication_configuration", 0, "rules")
"""Where the bucket itself holds its rules, up to provider 3."""


def _refuses_plaintext(item: Item) -> bool:
    policy = _policy(item)
    return policy is not None and refuses_plaintext(policy)


def _policy(item: Item) -> Item | None:
    """What carries the bucket's policy: a resource of its own, or the bucket with the old inline argument."""
    found = item.satellite("aws_s3_bucket_policy", "bucket")
    return found or (item if item.setting("policy", default="") else None)


def _is_public(item: Item) -> bool:
    """A policy or an access list that lets everybody in, and no block in front of it.

    A bucket without a block of its own is not public by that: only what grants access makes it so. Where nothing
    does, it does not matter which blocks there are.
    """
    if _is_surely_shut(item):
        return False
    block = item.satellite("aws_s3_bucket_public_access_block", "bucket")
    if (
        block
        and block.setting("restrict_public_buckets", default=False)
        and block.setting("ignore_public_acls", default=False)
    ):
        return False
    acl_counts = block is None or not block.setting("ignore_public_acls", default=False)
    policy_counts = block is None or not block.setting("restrict_public_buckets", default=False)
    return (acl_counts and _acl_is_public(item)) or (policy_counts and _policy_is_public(item))


def _is_surely_shut(item: Item) -> bool:
    try:
        return not _acl_is_public(item) and not _policy_is_public(item)
    except UnknownRead:
        return False


def _acl_is_public(item: Item) -> bool:
    acl = item.satellite("aws_s3_bucket_acl", "bucket")
    if acl is None:
        return item.setting("acl", default="private") in _PUBLIC_ACLS
    if acl.setting("acl", default="") in _PUBLIC_ACLS:
        return True
    grants = [] if acl.left_unset("access_control_policy") else acl.blocks("access_control_policy", 0, "grant")
    return any(grant.get("grantee", 0, "uri") == _ALL_USERS for grant in grants)


def _policy_is_public(item: Item) -> bool:
    policy = _policy(item)
    return policy is not None and opens_to_anyone(policy)


def _encryption(item: Item) -> str:
    found = item.satellite("aws_s3_bucket_server_side_encryption_configuration", "bucket")
    where: tuple[str | int, ...] = ("rule", 0, "apply_server_side_encryption_by_default", 0)
    if found is None:
        found, where = item, ("server_side_encryption_configuration", 0, *where)
        if item.left_unset("server_side_encryption_configuration"):
            return "provider"
    if found.names_key(*where, "kms_master_key_id"):
        return "customer"  # which AWS accepts together with its key service alone, whatever the algorithm is called
    if not str(found.get(*where, "sse_algorithm") or "").startswith("aws:kms"):
        return "provider"
    return "customer" if found.is_set(*where, "kms_master_key_id") else "provider"


def _versioned(item: Item) -> bool:
    found = item.satellite("aws_s3_bucket_versioning", "bucket")
    if found:
        return bool(found.get("versioning_configuration", 0, "status") == "Enabled")
    return not item.left_unset("versioning") and bool(item.get("versioning", 0, "enabled"))


def _replicas(item: Item) -> list[str]:
    found = item.satellite("aws_s3_bucket_replication_configuration", "bucket")
    rules: Path = ("rule",)
    if found is None:
        if item.left_unset("replication_configuration") or not item.get("replication_configuration"):
            return []
        found, rules = item, _OLD_RULES
    places = [
        _destination(found, (*rules, index)) for index, rule in enumerate(found.blocks(*rules)) if _is_enabled(rule)
    ]
    return other_regions(item, places)


def _is_enabled(rule: Block) -> bool:
    return bool(rule.get("status") != "Disabled")


def _destination(found: Item, rule: Path) -> str:
    """The ARN of a bucket has no region in it; only a bucket of this plan has."""
    target = found.target(*rule, "destination", 0, "bucket", kinds=("aws_s3_bucket",))
    return known_region(target) if target else ""


GETTERS: dict[str, dict[str, Getter]] = {
    "aws_s3_bucket": {
        "tls_required": _refuses_plaintext,
        "minimum_tls": always("1.2"),
        "public": _is_public,
        "encryption": _encryption,
        "key_region": nowhere,
        "versioned": _versioned,
        "replica_regions": _replicas,
    },
}
