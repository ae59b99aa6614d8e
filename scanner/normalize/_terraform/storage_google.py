"""Google's buckets, each with what grants access to it."""

from __future__ import annotations

import re

from scanner.model import Path, Unknown, UnknownRead
from scanner.normalize._reading import Getter, yes
from scanner.normalize._terraform.item import Item
from scanner.normalize._terraform.words import flag, key_of, key_region
from scanner.patterns import regex

_EVERYBODY = frozenset({"allUsers", "allAuthenticatedUsers"})
_OPEN_ACLS = frozenset({"publicRead", "publicReadWrite", "authenticatedRead"})
_GRANTS = {
    "google_storage_bucket_iam_member": "member",
    "google_storage_bucket_iam_binding": "members",
    "google_storage_bucket_iam_policy": "policy_data",
    "google_storage_managed_folder_iam_member": "member",
    "google_storage_managed_folder_iam_binding": "members",
    "google_storage_managed_folder_iam_policy": "policy_data",
    "google_storage_bucket_access_control": "entity",
    "google_storage_bucket_acl": "role_entity",
    "google_storage_default_object_acl": "role_entity",
    "google_storage_default_object_access_control": "entity",
}
"""What grants access to a Google bucket, to a folder of it or to whatever is put into it, and who is meant."""
_DOCUMENT = "google_iam_policy"
_ACCOUNT = regex(r"(data\.)?google_(?!iam_policy)\w+\.")


def _is_public(item: Item) -> bool:
    if item.setting("public_access_prevention", default="inherited") == "enforced":
        return False
    return any(item.satellites(kind, "bucket", where=_names_everybody) for kind in _GRANTS)


def _names_everybody(grant: Item) -> bool:
    """Everybody may stand alone, after a role (`READER:allUsers`) or in the JSON of a policy."""
    if any(_is_everybody(holder, path) for holder, path in _members(grant)):
        return True
    if not grant.type.endswith("_acl"):
        return False
    return any(grant.setting(key, default="") in _OPEN_ACLS for key in ("predefined_acl", "default_acl"))


def _members(grant: Item) -> list[tuple[Item, Path]]:
    """Where the members are written: in the grant itself, or in the data source that makes the JSON of a policy."""
    key = _GRANTS[grant.type]
    sources = grant.estate.referred(grant, key) if isinstance(grant.peek(key), Unknown) else []
    if len(sources) != 1 or sources[0].type != _DOCUMENT:
        return [(grant, (key,))]
    (source,) = grant.views(sources)
    return [(source, ("binding", index, "members")) for index in range(len(source.blocks("binding")))]


def _is_everybody(holder: Item, path: Path) -> bool:
    told = holder.peek(*path)
    if isinstance(told, Unknown) and holder.left_alone(*path):
        return False
    members = told if isinstance(told, list) else [told]
    known = [member for member in members if isinstance(member, str)]
    if any(word in _EVERYBODY for member in known for word in re.split(r"\W+", member)):
        return True
    hidden = next((member for member in members if isinstance(member, Unknown)), None)
    if hidden is not None and not _is_account(holder, path):
        raise UnknownRead(hidden)
    return False


def _is_account(holder: Item, path: Path) -> bool:
    """Whether a name that only the apply can tell is made from that of a Google resource, which is never everybody."""
    references = holder.references(*path)
    return bool(references) and all(_ACCOUNT.match(f"{reference}.") for reference in references)


def _replicas(item: Item) -> list[str]:
    """The two regions of a configurable dual region; its own name is that of the whole, such as `eu`."""
    if item.left_unset("custom_placement_config"):
        return []
    return [place.lower() for place in item.get("custom_placement_config", 0, "data_locations") or ()]


GETTERS: dict[str, dict[str, Getter]] = {
    "google_storage_bucket": {
        "tls_required": yes,
        "public": _is_public,
        "encryption": key_of("encryption", 0, "default_kms_key_name"),
        "key_region": key_region("encryption", 0, "default_kms_key_name"),
        "versioned": flag("versioning", 0, "enabled", default=False),
        "replica_regions": _replicas,
    },
}
