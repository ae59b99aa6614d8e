"""Keys of AWS as Terraform names them: whether the customer manages the key, or AWS does."""

from __future__ import annotations

from scanner.model import Path, Unknown, UnknownRead
from scanner.normalize._amazon_words import is_amazons_alias
from scanner.normalize._reading import Getter
from scanner.normalize._terraform.item import Item

_KEYS = ("aws_kms_key", "aws_kms_replica_key", "aws_kms_external_key", "aws_kms_alias")
"""Resources that a customer's key is, and data sources that look one up."""


def names_customers_key(item: Item, *path: str | int) -> bool:
    """Whether a key is named under the path, and none of those that AWS keeps for its services."""
    if not item.is_set(*path):
        return False
    value = item.peek(*path)
    return not (isinstance(value, str) and is_amazons_alias(value)) and not _is_looked_up_from_aws(item, path)


def _is_looked_up_from_aws(item: Item, path: Path) -> bool:
    """Whether a data source has looked up one of AWS's own; raises `UnknownRead` where it depends on what is chosen."""
    found = item.estate.meant(item, path, _KEYS).items
    amazons = [one for one in found if _is_amazons(one)]
    value = item.peek(*path)
    if not isinstance(value, Unknown):
        return any(value in _texts(one) for one in amazons)
    if amazons and len(amazons) < len(found):
        raise UnknownRead(value)
    return bool(amazons)


def _is_amazons(key: Item) -> bool:
    """A data source finds it by its alias, or says afterwards who manages it."""
    manager = key.body.get("key_manager")
    return (isinstance(manager, str) and manager == "AWS") or any(map(is_amazons_alias, _texts(key)))


def _texts(key: Item) -> list[str]:
    return [value for value in key.body.values() if isinstance(value, str)]


def customer_key(item: Item, key: str = "kms_key_id") -> bool:
    """Whether the customer chose the key, where AWS fills in one of its own otherwise.

    A key that the configuration does not name, but the state behind a plan does, is AWS's choice. A state by itself
    does not say whose choice it was, unless the key is among its resources: raises `UnknownRead`.
    """
    if not names_customers_key(item, key):
        return False
    if not item.stands:
        return item.configured(key) or not item.expressions
    if len(item.estate.pointed(item, (key,), _KEYS)) == 1:
        return True
    raise UnknownRead(Unknown("the state does not say whether the customer chose the key or AWS did", key))


def whose_key(key: str = "kms_key_id") -> Getter:
    """A getter for `encryption` of what AWS always encrypts."""
    return lambda item: "customer" if customer_key(item, key) else "provider"


def switched(switch: str, *, default: bool | None) -> Getter:
    """A getter for `encryption`: `none` where a switch is off.

    A default of None differs from version to version of the provider. What is made from a snapshot is encrypted if
    that is, whatever the switch says.
    """

    def getter(item: Item) -> str:
        chosen = item.setting(switch, default=default)
        if chosen is None:
            raise UnknownRead(Unknown("its default differs from version to version of the provider", switch))
        if chosen:
            return "customer" if customer_key(item) else "provider"
        if item.setting("snapshot_id", default=""):
            raise UnknownRead(Unknown("it is encrypted if its snapshot is, which is not in the plan", "snapshot_id"))
        item.cite(switch)
        return "none"

    return getter
