"""Buckets and storage accounts.

AWS facts: S3 encrypts every object since January 2023, takes nothing older than TLS 1.2, blocks public access to new
buckets since April 2023, and still answers plain HTTP unless the bucket's policy refuses it.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/default-encryption-faq.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
"""

from __future__ import annotations

import re

from scanner.model import Path, Unknown, UnknownRead
from scanner.normalize._reading import Block, Getter
from scanner.normalize._terraform_item import Item
from scanner.normalize._terraform_policy import opens_to_anyone, refuses_plaintext
from scanner.normalize._terraform_words import (
    always,
    flag,
    key_of,
    key_region,
    known_region,
    nowhere,
    other_regions,
    paired,
    renamed,
    yes,
)
from scanner.patterns import regex

_AZURE_ALLOWS_PUBLIC = renamed("allow_nested_items_to_be_public", "allow_blob_public_access", default=True)
_EVERYBODY = frozenset({"allUsers", "allAuthenticatedUsers"})
_PUBLIC_ACLS = frozenset({"public-read", "public-read-write"})
_OPEN_ACLS = frozenset({"publicRead", "publicReadWrite", "authenticatedRead"})
_ALL_USERS = "http://acs.amazonaws.com/groups/global/AllUsers"
_GRANTS = {
    "google_storage_bucket_iam_member": "member",
    "google_storage_bucket_iam_binding": "members",
    "google_storage_bucket_iam_policy": "policy_data",
    "google_storage_bucket_access_control": "entity",
    "google_storage_bucket_acl": "role_entity",
}
"""What grants access to a Google bucket, and the argument that says to whom."""
_ACCOUNT = regex(r"(data\.)?google_(?!iam_policy)\w+\.")


def _s3_refuses_plaintext(item: Item) -> bool:
    policy = _s3_policy(item)
    return policy is not None and refuses_plaintext(policy)


def _s3_policy(item: Item) -> Item | None:
    """What carries the bucket's policy: a resource of its own, or the bucket with the old inline argument."""
    found = item.satellite("aws_s3_bucket_policy", "bucket")
    return found or (item if item.setting("policy", default="") else None)


def _s3_is_public(item: Item) -> bool:
    """A policy or an access list that lets everybody in, and no block in front of it.

    A bucket without a block of its own is not public by that: only what grants access makes it so. Where nothing
    does, it does not matter which blocks there are.
    """
    if _s3_is_surely_shut(item):
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
    return (acl_counts and _s3_acl_is_public(item)) or (policy_counts and _s3_policy_is_public(item))


def _s3_is_surely_shut(item: Item) -> bool:
    try:
        return not _s3_acl_is_public(item) and not _s3_policy_is_public(item)
    except UnknownRead:
        return False


def _s3_acl_is_public(item: Item) -> bool:
    acl = item.satellite("aws_s3_bucket_acl", "bucket")
    if acl is None:
        return item.setting("acl", default="private") in _PUBLIC_ACLS
    if acl.setting("acl", default="") in _PUBLIC_ACLS:
        return True
    grants = [] if acl.left_unset("access_control_policy") else acl.blocks("access_control_policy", 0, "grant")
    return any(grant.get("grantee", 0, "uri") == _ALL_USERS for grant in grants)


def _s3_policy_is_public(item: Item) -> bool:
    policy = _s3_policy(item)
    return policy is not None and opens_to_anyone(policy)


def _s3_encryption(item: Item) -> str:
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


def _s3_versioned(item: Item) -> bool:
    found = item.satellite("aws_s3_bucket_versioning", "bucket")
    if found:
        return bool(found.get("versioning_configuration", 0, "status") == "Enabled")
    return not item.left_unset("versioning") and bool(item.get("versioning", 0, "enabled"))


def _s3_replicas(item: Item) -> list[str]:
    found = item.satellite("aws_s3_bucket_replication_configuration", "bucket")
    rules: Path = ("rule",)
    if found is None:
        if item.left_unset("replication_configuration") or not item.get("replication_configuration"):
            return []
        found, rules = item, _OLD_RULES
    places = [
        _s3_destination(found, (*rules, index)) for index, rule in enumerate(found.blocks(*rules)) if _is_enabled(rule)
    ]
    return other_regions(item, places)


def _is_enabled(rule: Block) -> bool:
    return bool(rule.get("status") != "Disabled")


_OLD_RULES = ("replication_configuration", 0, "rules")
"""Where the bucket itself holds its rules, up to provider 3."""


def _s3_destination(found: Item, rule: Path) -> str:
    """The ARN of a bucket has no region in it; only a bucket of this plan has."""
    target = found.target(*rule, "destination", 0, "bucket", kinds=("aws_s3_bucket",))
    return known_region(target) if target else ""


def _gcs_is_public(item: Item) -> bool:
    if item.setting("public_access_prevention", default="inherited") == "enforced":
        return False
    return any(item.satellites(kind, "bucket", where=_names_everybody) for kind in _GRANTS)


def _names_everybody(grant: Item) -> bool:
    """Everybody may stand alone, after a role (`READER:allUsers`) or in the JSON of a policy."""
    key = _GRANTS[grant.type]
    told = grant.peek(key)
    members = told if isinstance(told, list) else [told]
    known = [member for member in members if isinstance(member, str)]
    if any(word in _EVERYBODY for member in known for word in re.split(r"\W+", member)):
        return True
    hidden = next((member for member in members if isinstance(member, Unknown)), None)
    if hidden is not None and not _is_account(grant, key):
        raise UnknownRead(hidden)
    return grant.type == "google_storage_bucket_acl" and grant.setting("predefined_acl", default="") in _OPEN_ACLS


def _is_account(grant: Item, key: str) -> bool:
    """Whether a name that only the apply can tell is made from that of a Google resource, which is never everybody."""
    references = grant.references(key)
    return bool(references) and all(_ACCOUNT.match(f"{reference}.") for reference in references)


def _gcs_replicas(item: Item) -> list[str]:
    """The two regions of a configurable dual region; its own name is that of the whole, such as `eu`."""
    if item.left_unset("custom_placement_config"):
        return []
    return [place.lower() for place in item.get("custom_placement_config", 0, "data_locations") or ()]


def _azure_minimum_tls(item: Item) -> str:
    version: str = item.setting("min_tls_version", default="TLS1_2")
    return version.removeprefix("TLS").replace("_", ".")


def _azure_is_public(item: Item) -> bool:
    """A container opens itself; the account can only forbid it. Containers may also be made outside of the plan."""
    if not item.setting("public_network_access_enabled", default=True) or not _AZURE_ALLOWS_PUBLIC(item):
        return False
    for key in ("storage_account_id", "storage_account_name"):
        for container in item.satellites("azurerm_storage_container", key):
            if container.get("container_access_type") in {"blob", "container"}:
                return True
    item.cite("allow_nested_items_to_be_public")
    raise UnknownRead(
        Unknown("the account lets its containers be public; whether one outside the plan is cannot be seen")
    )


def _azure_encryption(item: Item) -> str:
    if not item.left_unset("customer_managed_key") and item.get("customer_managed_key"):
        return "customer"
    found = item.satellite("azurerm_storage_account_customer_managed_key", "storage_account_id")
    return "customer" if found else "provider"


def _azure_key_region(item: Item) -> str:
    """The region of the vault; an account may use a vault of any region."""
    if not item.left_unset("customer_managed_key") and item.get("customer_managed_key"):
        return key_region("customer_managed_key", 0, "key_vault_key_id")(item)
    found = item.satellite("azurerm_storage_account_customer_managed_key", "storage_account_id")
    return key_region("key_vault_id")(found) if found else ""


def _azure_replicas(item: Item) -> list[str]:
    return paired(item) if item.get("account_replication_type") in {"GRS", "RAGRS", "GZRS", "RAGZRS"} else []


GETTERS: dict[str, dict[str, Getter]] = {
    "aws_s3_bucket": {
        "tls_required": _s3_refuses_plaintext,
        "minimum_tls": always("1.2"),
        "public": _s3_is_public,
        "encryption": _s3_encryption,
        "key_region": nowhere,
        "versioned": _s3_versioned,
        "replica_regions": _s3_replicas,
    },
    "google_storage_bucket": {
        "tls_required": yes,
        "public": _gcs_is_public,
        "encryption": key_of("encryption", 0, "default_kms_key_name"),
        "key_region": key_region("encryption", 0, "default_kms_key_name"),
        "versioned": flag("versioning", 0, "enabled", default=False),
        "replica_regions": _gcs_replicas,
    },
    "azurerm_storage_account": {
        "tls_required": renamed("https_traffic_only_enabled", "enable_https_traffic_only", default=True),
        "minimum_tls": _azure_minimum_tls,
        "public": _azure_is_public,
        "encryption": _azure_encryption,
        "key_region": _azure_key_region,
        "versioned": flag("blob_properties", 0, "versioning_enabled", default=False),
        "replica_regions": _azure_replicas,
    },
}
