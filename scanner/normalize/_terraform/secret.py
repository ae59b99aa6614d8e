"""Secrets in the clouds' own secret managers, and secrets that Terraform makes."""

from __future__ import annotations

from scanner.model import Unknown, UnknownRead
from scanner.normalize._reading import Getter, always, no, yes
from scanner.normalize._terraform.item import Item
from scanner.normalize._terraform.keys_aws import whose_key
from scanner.normalize._terraform.words import known_region, none, paired, regions_in
from scanner.patterns import regex

_HOURS = regex(r"(?:(\d+)h)?(?:\d+m)?(?:\d+s)?")
_ENTRA_DEFAULT = 730
"""Days. Entra ID lets a password end after about two years if nobody says when.

https://registry.terraform.io/providers/hashicorp/azuread/latest/docs/resources/application_password
"""


def _google_copies(item: Item) -> list[str]:
    """Automatic replication lets Google choose."""
    if item.get("replication", 0, "auto") or item.get("replication", 0, "automatic"):
        return ["global"]
    replicas = item.blocks("replication", 0, "user_managed", 0, "replicas")
    return [str(replica.get("location")).lower() for replica in replicas]


def _google_key(item: Item) -> str:
    """Every copy has a key of its own."""
    path = ("customer_managed_encryption", 0, "kms_key_name")
    if item.get("replication", 0, "auto"):
        return "customer" if item.is_set("replication", 0, "auto", 0, *path) else "provider"
    copies = ("replication", 0, "user_managed", 0, "replicas")
    keyed = [item.is_set(*copies, index, *path) for index in range(len(item.blocks(*copies)))]
    return "customer" if keyed and all(keyed) else "provider"


_KEPT_AT_HOME = frozenset(
    {
        *("austriaeast", "belgiumcentral", "chilecentral", "denmarkeast", "indonesiacentral", "israelcentral"),
        *("italynorth", "malaysiawest", "mexicocentral", "newzealandnorth", "polandcentral", "qatarcentral"),
        *("spaincentral", "brazilsouth", "westus3"),
    }
)
"""Regions whose key vaults are copied to no other: those without a pair, and two that have one.

https://learn.microsoft.com/azure/key-vault/general/disaster-recovery-guidance
https://learn.microsoft.com/azure/reliability/regions-list
"""


def _vault_copies(item: Item) -> list[str]:
    return [] if known_region(item) in _KEPT_AT_HOME else paired(item)


def _is_rotated(item: Item) -> bool:
    """A schedule of its own in Secrets Manager. Before provider 5 it could be written at the secret itself."""
    if not item.left_unset("rotation_rules") and item.get("rotation_rules"):
        return True
    return item.satellite("aws_secretsmanager_secret_rotation", "secret_id") is not None


def _google_is_renewed(item: Item) -> bool:
    return any(not item.left_unset(key) and bool(item.get(key)) for key in ("ttl", "expire_time", "rotation"))


def _is_replaced(key: str) -> Getter:
    """Whether Terraform makes a new one whenever a clock says so."""
    return lambda item: any(one.startswith("time_rotating.") for one in item.references(key))


def _entra_days(item: Item) -> int:
    """Told relative to its beginning. Of two dates the first is mostly known only after apply."""
    relative = None if item.left_unset("end_date_relative") else item.get("end_date_relative")
    if relative:
        hours = _HOURS.fullmatch(str(relative))
        if hours is None:
            raise UnknownRead(Unknown("its lifetime is not written in hours", "end_date_relative"))
        return int(hours[1] or 0) // 24 or 1
    if item.left_unset("end_date") or item.get("end_date") is None:
        return _ENTRA_DEFAULT
    raise UnknownRead(Unknown("from a date alone its lifetime cannot be told", "end_date"))


def _in_state_without(key: str) -> Getter:
    """Whether the state holds it in the clear, because nobody gave a key of their own to seal or replace it."""
    return lambda item: item.left_unset(key) or not item.get(key)


def _is_on(word: str) -> Getter:
    return lambda item: bool(str(item.setting("status" if word == "Active" else "state", default=word)) == word)


def _made(kind: str) -> dict[str, Getter]:
    return {
        "kind": always(kind),
        "kept_in_state": yes,
        "lifetime_days": always(0),
        "renewed": no,
        "active": yes,
    }


_ENTRA: dict[str, Getter] = {
    **_made("cloud-key"),
    "lifetime_days": _entra_days,
    "renewed": _is_replaced("rotate_when_changed"),
}

_GOOGLE_SECRET: dict[str, Getter] = {
    "replica_regions": _google_copies,
    "encryption": _google_key,
    "renewed": _google_is_renewed,
}


def _is_hidden(item: Item) -> bool:
    return bool(item.setting("sensitive", default=False))


def _setting(kind: str) -> dict[str, Getter]:
    return {"kind": always(kind), "hidden": yes if kind in {"provider", "module"} else _is_hidden}


GETTERS: dict[str, dict[str, Getter]] = {
    "aws_secretsmanager_secret": {
        "replica_regions": regions_in("replica", "region"),
        "encryption": whose_key(),
        "renewed": _is_rotated,
    },
    "google_secret_manager_secret": _GOOGLE_SECRET,
    "google_secret_manager_regional_secret": {
        **_GOOGLE_SECRET,
        "replica_regions": none,
        "encryption": lambda item: (
            "customer" if item.is_set("customer_managed_encryption", 0, "kms_key_name") else "provider"
        ),
    },
    "azurerm_key_vault_secret": {
        "replica_regions": _vault_copies,
        "encryption": always("provider"),
        "renewed": lambda item: not item.left_unset("expiration_date") and bool(item.get("expiration_date")),
    },
    "terraform_variable": _setting("variable"),
    "terraform_output": _setting("output"),
    "terraform_provider": _setting("provider"),
    "terraform_module": _setting("module"),
    "random_password": {**_made("password"), "renewed": _is_replaced("keepers")},
    "tls_private_key": _made("private-key"),
    "aws_iam_access_key": {
        **_made("cloud-key"),
        "kept_in_state": _in_state_without("pgp_key"),
        "active": _is_on("Active"),
    },
    "aws_iam_service_specific_credential": {**_made("cloud-key"), "active": _is_on("Active")},
    "aws_iam_user_login_profile": {**_made("password"), "kept_in_state": _in_state_without("pgp_key")},
    "google_service_account_key": {
        **_made("cloud-key"),
        "kept_in_state": _in_state_without("public_key_data"),
        "renewed": _is_replaced("keepers"),
    },
    "google_storage_hmac_key": {**_made("cloud-key"), "active": _is_on("ACTIVE")},
    "azuread_application_password": _ENTRA,
    "azuread_service_principal_password": _ENTRA,
}
