"""S3 buckets, each with the resources that hold its policy, its access list and its settings.

S3 encrypts every object since January 2023, takes nothing older than TLS 1.2, blocks public access to new buckets
since April 2023, and still answers plain HTTP unless the bucket's policy refuses it.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/default-encryption-faq.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from scanner.model import Path, known
from scanner.normalize._amazon_words import is_everybody
from scanner.normalize._reading import Block, Getter, always, read
from scanner.normalize._terraform.account_aws import blocks_buckets
from scanner.normalize._terraform.item import Item
from scanner.normalize._terraform.keys_aws import names_customers_key
from scanner.normalize._terraform.policy import opens_to_anyone, refuses_plaintext
from scanner.normalize._terraform.words import known_region, nowhere, other_regions
from scanner.three_valued import some

_PUBLIC_ACLS = frozenset({"public-read", "public-read-write", "authenticated-read"})
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
    ways = (_is_open_by_acl, _is_open_by_policy)
    return any(read(way, item)[0] is True for way in ways) or any(way(item) for way in ways)


def _is_open_by_acl(item: Item) -> bool:
    return _lets_in(item, _acl_is_public, "ignore_public_acls")


def _is_open_by_policy(item: Item) -> bool:
    return _lets_in(item, _policy_is_public, "restrict_public_buckets")


def _lets_in(item: Item, opened: Callable[[Item], bool], block: str) -> bool:
    """Whether everybody gets in one way. Where nothing opens it, or something blocks it, the rest may be unknown."""
    blocked = read(lambda one: _is_blocked(one, block), item)[0]
    return blocked is not True and opened(item) and not known(blocked)


def _is_blocked(item: Item, word: str) -> bool:
    """S3 takes the stricter of what the bucket says and its account."""
    asked = (_own_block_is_on, blocks_buckets)
    return known(some(read(partial(one, word=word), item)[0] for one in asked))


def _own_block_is_on(item: Item, word: str) -> bool:
    block = item.satellite("aws_s3_bucket_public_access_block", "bucket")
    return block is not None and bool(block.setting(word, default=False))


def _acl_is_public(item: Item) -> bool:
    """By one of the ready-made lists, or by a grant. The bucket itself has held both, up to provider 3."""
    acl = item.satellite("aws_s3_bucket_acl", "bucket")
    if (acl or item).setting("acl", default="") in _PUBLIC_ACLS:
        return True
    if acl is None:
        return any(is_everybody(grant.get("uri")) for grant in _nested(item, "grant"))
    return any(
        is_everybody(grant.get("grantee", 0, "uri"))
        for whole in _nested(acl, "access_control_policy")
        for grant in whole.blocks("grant")
    )


def _nested(item: Item, key: str) -> list[Block]:
    return [] if item.left_unset(key) else item.blocks(key)


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
        # AWS accepts a key together with its key service alone, whatever the algorithm is called.
        return "customer" if names_customers_key(found, *where, "kms_master_key_id") else "provider"
    if not str(found.get(*where, "sse_algorithm") or "").startswith("aws:kms"):
        return "provider"
    return "customer" if names_customers_key(found, *where, "kms_master_key_id") else "provider"


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
