"""What Terraform writes into Vault beside roles of Kubernetes: policies, AppRoles and the keys of the transit engine.

Defaults are those of Vault's API, which the provider leaves in force for what nobody sets.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scanner.errors import LoadError
from scanner.model import Unknown, UnknownRead
from scanner.normalize._reading import Block, Getter
from scanner.normalize._terraform.item import Item
from scanner.normalize._terraform.vault_leases import GETTERS as LEASES


def _setting(key: str, default: bool | int) -> Getter:  # noqa: FBT001  # the default of a flag is a flag
    def get(item: Item) -> bool | int:
        found: bool | int = item.setting(key, default=default)
        return found

    return get


def _texts(key: str) -> Getter:
    return lambda item: list(item.get(key) or ())


_DOCUMENT = "data.vault_policy_document."


def _grants(item: Item) -> list[dict[str, Any]]:
    """What a policy grants. One that cannot be read, as Vault could not, leaves it open."""
    if isinstance(item.peek("policy"), Unknown) and (document := _document(item)):
        rules = [_rule(block) for block in document.blocks("rule")]
        document.cite("rule")
        return rules
    from scanner import vault_policies  # noqa: PLC0415  # a reader of a language that few scans meet

    try:
        return vault_policies.grants(item.get("policy") or "")
    except LoadError as error:
        raise UnknownRead(Unknown(f"its text {error.message}", "policy")) from None


def _document(policy: Item) -> Item | None:
    """The data source that writes the text, if the text is made from nothing else; only a plan asks it for the text."""
    names = [name for name in policy.references("policy") if not name.startswith(("each.", "count."))]
    found = policy.estate.referred(policy, "policy") if all(name.startswith(_DOCUMENT) for name in names) else []
    return policy.views(found)[0] if len(found) == 1 else None


def _rule(block: Block) -> dict[str, Any]:
    """As `vault_policies.grants` gives one."""
    return {
        "path": str(block.get("path")).removeprefix("/"),
        "capabilities": list(block.get("capabilities") or ()),
        "limited": bool(block.blocks("denied_parameter")) or any(map(_limits, block.blocks("allowed_parameter"))),
    }


def _limits(allowed: Block) -> bool:
    return allowed.get("key") != "*" or bool(allowed.get("value"))


GETTERS: Mapping[str, Mapping[str, Getter]] = {
    **LEASES,
    "vault_approle_auth_backend_role": {
        **LEASES["vault_approle_auth_backend_role"],
        "secret_id_required": _setting("bind_secret_id", default=True),
        "secret_id_uses": _setting("secret_id_num_uses", default=0),
        "secret_id_seconds": _setting("secret_id_ttl", default=0),
    },
    "vault_kubernetes_auth_backend_role": {
        **LEASES["vault_kubernetes_auth_backend_role"],
        "service_accounts": _texts("bound_service_account_names"),
        "namespaces": _texts("bound_service_account_namespaces"),
    },
    "vault_policy": {"grants": _grants},
    "vault_transit_secret_backend_key": {
        "exportable": _setting("exportable", default=False),
        "plaintext_backup": _setting("allow_plaintext_backup", default=False),
    },
}
