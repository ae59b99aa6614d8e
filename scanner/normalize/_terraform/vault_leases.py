"""How long the tokens and the credentials live that roles of Vault give out.

Renewals count, since a thief renews as well. What a role gives out may be renewed up to the role's own limit, or else
that of the mount, or else that of the whole Vault, 32 days unless the server's configuration says otherwise. A period
takes the limit away; only an explicit limit stands above it. Sources: Vault's documentation of tokens and of leases.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress

from scanner.model import Unknown, UnknownRead
from scanner.normalize._reading import Getter
from scanner.normalize._terraform.item import Item
from scanner.normalize._vault_durations import SYSTEM, seconds
from scanner.vault_words import AUTH_METHODS

FOREVER = -1
_SECRET_MOUNTS = (
    *("vault_mount", "vault_database_secrets_mount", "vault_aws_secret_backend", "vault_azure_secret_backend"),
    *("vault_gcp_secret_backend", "vault_consul_secret_backend", "vault_kubernetes_secret_backend"),
    *("vault_ldap_secret_backend", "vault_rabbitmq_secret_backend", "vault_terraform_cloud_secret_backend"),
)
_METHODS = {
    "vault_kubernetes_auth_backend_role": "kubernetes",
    "vault_approle_auth_backend_role": "approle",
    "vault_jwt_auth_backend_role": "jwt",
    "vault_aws_auth_backend_role": "aws",
    "vault_gcp_auth_backend_role": "gcp",
    "vault_azure_auth_backend_role": "azure",
    "vault_cert_auth_backend_role": "cert",
}
"""Roles, and the path of their auth method where they name none."""
_OWN_MOUNT = ("vault_ldap_auth_backend", "vault_github_auth_backend")
"""Auth methods that say themselves what their tokens are like."""
_LIMITS = {
    "vault_database_secret_backend_role": "max_ttl",
    "vault_azure_secret_backend_role": "max_ttl",
    "vault_consul_secret_backend_role": "max_ttl",
    "vault_kubernetes_secret_backend_role": "token_max_ttl",
    "vault_ldap_secret_backend_dynamic_role": "max_ttl",
    "vault_mongodbatlas_secret_role": "max_ttl",
    "vault_ssh_secret_backend_role": "max_ttl",
    "vault_terraform_cloud_secret_role": "max_ttl",
    "vault_rabbitmq_secret_backend_role": "",
    "vault_gcp_secret_roleset": "",
}
"""Roles that make credentials, and the argument that limits these; empty where only the mount does."""
_LONGEST_SESSION = {"assumed_role": 12 * 3600, "federation_token": 36 * 3600, "session_token": 36 * 3600}
"""What AWS allows at most."""


def _of_login(item: Item) -> int:
    return _limited(item, lambda: _mount(item, "backend", AUTH_METHODS, _METHODS[item.type]))


def _of_own_mount(item: Item) -> int:
    return _limited(item, lambda: item)


def _of_token_role(item: Item) -> int:
    """Its mount is always there, and not in Terraform's hands."""
    return _limited(item, lambda: None)


Find = Callable[[], Item | None]
"""The mount of a role; None where it is not in Terraform's hands."""


def _limited(item: Item, find: Find) -> int:
    explicit, own = _seconds(item, "token_explicit_max_ttl"), _seconds(item, "token_max_ttl", "max_ttl")
    period = _seconds(item, "token_period", "period")
    if period:
        item.cite("token_period" if _seconds(item, "token_period") else "period")
        return explicit or FOREVER
    ttl = _seconds(item, "token_ttl", "ttl")
    fixed = ttl if ttl and _are_batch(item, find) else 0
    limits = [limit for limit in (explicit, own, fixed) if limit]
    longest = _shortened(min(limits), find) if limits else 0
    item.cite("token_max_ttl")
    return longest or _most(find(), item)


def _are_batch(item: Item, find: Find) -> bool:
    """Whether its tokens cannot be renewed. Where the role leaves the type to its mount, that has to be in view."""
    own = item.setting("token_type", default="default")
    if own not in {"", "default"}:
        return bool(own == "batch")
    mount = None
    with suppress(UnknownRead):
        mount = find()
    return mount is not None and mount.setting("tune", 0, "token_type", default="") in {"batch", "default-batch"}


def _shortened(limit: int, find: Find) -> int:
    """A mount that allows less cuts it short, if it is in view and says so."""
    with suppress(UnknownRead):
        mount = find()
        return min(limit, (mount and _allowed(mount)) or limit)
    return limit


def _of_token(item: Item) -> int:
    explicit, period, ttl = (_seconds(item, key) for key in ("explicit_max_ttl", "period", "ttl"))
    if explicit or period:
        item.cite("explicit_max_ttl" if explicit else "period")
        return explicit or FOREVER
    if item.setting("role_name", default=""):
        raise UnknownRead(Unknown("its role may set a limit", "role_name"))
    item.cite("ttl")
    return ttl if ttl and item.setting("renewable", default=True) is False else SYSTEM


def _of_credential(item: Item) -> int:
    limit = _LIMITS[item.type]
    own = _seconds(item, limit) if limit else 0
    key = "mount" if item.type.startswith(("vault_ldap", "vault_mongodbatlas")) else "backend"
    return own or _most(_mount(item, key, _SECRET_MOUNTS, ""), item)


def _of_aws(item: Item) -> int:
    longest = _LONGEST_SESSION.get(item.setting("credential_type", default=""))
    if longest is None:
        return _most(_mount(item, "backend", _SECRET_MOUNTS, "aws"), item)
    return min(_seconds(item, "max_sts_ttl") or longest, longest)


def _mount(item: Item, key: str, kinds: tuple[str, ...], default: str) -> Item:
    """What the role belongs to; raises `UnknownRead` where that is not in view."""
    found = item.estate.pointed(item, (key,), kinds)
    if not found:
        path = str(item.setting(key, default=default)).strip("/")
        found = [one for kind in kinds for one in item.estate.by_type.get(kind, ()) if _path(one) == path]
    if len(found) != 1:
        raise UnknownRead(Unknown("it sets no limit, and that of its mount is set elsewhere", key))
    return found[0]


def _path(mount: Item) -> str:
    """Where it is mounted; after its type where nobody says."""
    path = mount.peek("path")
    if path is None or (isinstance(path, Unknown) and mount.left_alone("path")):
        path = mount.peek("type")
    return "" if isinstance(path, Unknown) or path is None else str(path).strip("/")


def _most(mount: Item | None, item: Item) -> int:
    """What the mount allows. Only if it says something is that the place to look at."""
    if mount is None:
        return SYSTEM
    (view,) = item.views([mount])
    place = item.last[0]
    limit = _allowed(view)
    if not limit:
        item.last[0] = place
    return limit or SYSTEM


def _allowed(mount: Item) -> int:
    return seconds(mount.setting("tune", 0, "max_lease_ttl", default=0)) or _seconds(mount, "max_lease_ttl_seconds")


def _seconds(item: Item, *keys: str) -> int:
    """The first of these arguments that is set; the later ones are former names."""
    return next((found for key in keys if (found := seconds(item.setting(key, default=0)))), 0)


GETTERS: Mapping[str, Mapping[str, Getter]] = {
    **{kind: {"longest_seconds": _of_login} for kind in _METHODS},
    **{kind: {"longest_seconds": _of_own_mount} for kind in _OWN_MOUNT},
    **{kind: {"longest_seconds": _of_credential} for kind in _LIMITS},
    "vault_aws_secret_backend_role": {"longest_seconds": _of_aws},
    "vault_token_auth_backend_role": {"longest_seconds": _of_token_role},
    "vault_token": {"longest_seconds": _of_token},
}
