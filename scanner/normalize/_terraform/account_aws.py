"""What Terraform sets for a whole AWS account, and what that means for the resources in it.

Only what stands in the same configuration counts. An account may have been set up elsewhere; then a plan that asks for
an open bucket still asks for it, and only an audit of the account sees what stands in front.
"""

from __future__ import annotations

from collections.abc import Iterator

from scanner.model import Unknown, UnknownRead, known
from scanner.normalize._reading import read
from scanner.normalize._terraform.item import Item
from scanner.normalize._terraform.keys_aws import names_customers_key, switched, whose_key
from scanner.normalize._terraform.region import region

_BLOCK = "aws_s3_account_public_access_block"
_ALWAYS, _KEY = "aws_ebs_encryption_by_default", "aws_ebs_default_kms_key"
_own_encryption = switched("encrypted", default=False)


def blocks_buckets(item: Item, word: str) -> bool:
    """Whether the account of a bucket blocks public access to every bucket it has.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
    """
    for block in item.views(item.estate.by_type.get(_BLOCK, ())):
        if block.setting(word, default=False):
            require_same_account(item, block)
            return True
    return False


def require_same_account(item: Item, setting: Item) -> None:
    """Raises `UnknownRead` for two provider configurations, which may sign in to one account, or to two.

    Loaders share one object for each.
    """
    if not _have_one_provider(item, setting):
        why = f"{setting.origin.address} may be of another account, as it has a provider of its own"
        raise UnknownRead(Unknown(why, "provider"))


def _have_one_provider(item: Item, other: Item) -> bool:
    return item.document.body["provider_config"] is other.document.body["provider_config"]


def volume_encryption(item: Item) -> str:
    """Whether a disk is encrypted, and under whose key: what it says itself, else what its account sets.

    The account's settings hold for disks that are made once they are there.
    https://docs.aws.amazon.com/ebs/latest/userguide/encryption-by-default.html
    """
    if not _is_made(item) or not (_is_on(item) or any(_settings(item, _ALWAYS, "enabled"))):
        return str(_own_encryption(item))
    if not item.left_unset("kms_key_id"):
        return str(whose_key()(item))
    return "customer" if any(_settings(item, _KEY, "key_arn")) else "provider"


def _is_made(item: Item) -> bool:
    """Whether it may be new. What stands already is as it was made."""
    return not item.stands and (not item.planned or "create" in item.document.body["actions"])


def _is_on(item: Item) -> bool:
    return read(lambda one: bool(one.setting("encrypted", default=False)), item)[0] is True


def _settings(item: Item, kind: str, key: str) -> Iterator[bool]:
    """What each setting of the disk's region says; raises `UnknownRead` where it may come too late for this disk."""
    for one in settings_beside(item, kind):
        on = names_customers_key(one, key) if kind == _KEY else bool(one.setting(key, default=True))
        if on:
            require_same_account(item, one)
            _require_earlier(item, one)
        yield on


def settings_beside(item: Item, kind: str) -> list[Item]:
    """What is set for all of the region of a resource."""
    return [one for one in item.views(item.estate.by_type.get(kind, ())) if are_in_one_region(item, one)]


def are_in_one_region(item: Item, other: Item) -> bool:
    """Of one provider configuration they are, unless they say so themselves, also where the region is not known."""
    own, others = region(item), region(other)
    if (isinstance(own, Unknown) or isinstance(others, Unknown)) and _have_one_provider(item, other):
        return True
    return bool(known(own) == known(others))


def _require_earlier(item: Item, setting: Item) -> None:
    if not item.planned or setting.document.body["actions"] != ("no-op",):
        why = f"it depends on whether it is made before or after {setting.origin.address}"
        raise UnknownRead(Unknown(why, "encrypted"))
