"""How stores of secrets log in to Vault: those of External Secrets, and the objects of Vault's Secrets Operator.

Sources: External Secrets' reference (`VaultAuth`, of which one way is chosen), the Secrets Operator's (`VaultAuth`,
`VaultAuthGlobal`, whose settings count where a VaultAuth that refers to it says nothing).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from scanner.analyze._namespaces import known_namespace
from scanner.analyze._secrets.makers import SecretMakers
from scanner.bodies import at, mapping, text
from scanner.model import Citation, Path, Resource, Unknown, UnknownRead

_STATIC = frozenset({"tokenSecretRef", "appRole", "userPass", "ldap"})
"""Ways to log in that need a credential; the others prove who the pod or the machine is."""

_MAY_BE_STATIC = frozenset({"kubernetes", "jwt", "iam", "gcp", "aws"})
"""Ways that prove it with a token or a key which is kept, if they are given one by `secretRef`."""

_IN_STORES: Mapping[str, Path] = {
    "generators.external-secrets.io/VaultDynamicSecret": ("spec", "provider", "auth"),
}
_IN_STORE: Path = ("spec", "provider", "vault", "auth")
"""Where objects of External Secrets say how they log in."""

_OPERATORS = "secrets.hashicorp.com/VaultAuth"
_GLOBAL = "VaultAuthGlobal"


class Login(Struct, frozen=True):
    """One login. An empty service account or namespace is one that the files do not tell."""

    role: str
    service_account: str
    namespace: str
    citation: Citation


class StoreLogins(Struct, frozen=True):
    """How a store logs in."""

    logins: Sequence[Login] | Unknown
    static: bool | Unknown
    """With a credential that is kept somewhere."""
    place: Citation


def store_logins(store: Resource, makers: SecretMakers) -> StoreLogins | None:
    """How a store logs in; None for one that does not say."""
    if store.native_type.startswith(_OPERATORS):
        return _of_operator(store, makers)
    path = _IN_STORES.get(store.native_type, _IN_STORE)
    auth = mapping(at(store.native, *path))
    ways = [way for way in auth if _is_static(way, auth)] or list(auth)
    if not ways:
        return None
    static = _is_static(ways[0], auth)
    return StoreLogins(_by_service_account(store, path, auth), static, Citation(store.origin, (*path, ways[0])))


def _is_static(way: str, auth: Mapping[str, Any]) -> bool:
    """A service account that is named counts before a token that is kept."""
    settings = mapping(auth[way]) if way in _MAY_BE_STATIC else {}
    return way in _STATIC or (settings.get("secretRef") is not None and settings.get("serviceAccountRef") is None)


def _by_service_account(store: Resource, path: Path, auth: Mapping[str, Any]) -> list[Login]:
    """Without a service account of its own a store logs in as the operator, which the files seldom tell."""
    kubernetes = mapping(auth.get("kubernetes"))
    account = mapping(kubernetes.get("serviceAccountRef"))
    role = text(kubernetes.get("role"))
    home = text(account.get("namespace")) or known_namespace(store)
    place = Citation(store.origin, (*path, "kubernetes", "role"))
    return [Login(role, text(account.get("name")), home, place)] if role else []


def _of_operator(auth: Resource, makers: SecretMakers) -> StoreLogins:
    """A VaultAuthGlobal by itself is nobody's login."""
    shared = auth if auth.native_type.endswith(_GLOBAL) else _shared(auth, makers)
    own, place = text(at(auth.native, "spec", "method")), Citation(auth.origin, ("spec", "method"))
    if not own and isinstance(shared, Resource):
        own, place = (
            text(at(shared.native, "spec", "defaultAuthMethod")),
            Citation(shared.origin, ("spec", "defaultAuthMethod")),
        )
    if not own and isinstance(shared, Unknown):
        return StoreLogins(shared, shared, place)
    static = _is_static(own, {own: _merged(own, auth, shared)})
    with_role = own in {"", "kubernetes"} and auth is not shared
    return StoreLogins(_operators_logins(auth, shared) if with_role else [], static, place)


def _shared(auth: Resource, makers: SecretMakers) -> Resource | Unknown | None:
    """The VaultAuthGlobal that it refers to, if it does."""
    reference = mapping(at(auth.native, "spec", "vaultAuthGlobalRef"))
    if not reference:
        return None
    name, home = text(reference.get("name")), text(reference.get("namespace")) or known_namespace(auth)
    return makers.stores.get((_GLOBAL, home, name)) or Unknown(f"{_GLOBAL} {name or 'default'} is not among the files")


def _merged(method: str, auth: Resource, shared: Resource | Unknown | None) -> Mapping[str, Any]:
    common = mapping(at(shared.native, "spec", method)) if isinstance(shared, Resource) else {}
    return {**common, **mapping(at(auth.native, "spec", method))}


def _operators_logins(auth: Resource, shared: Resource | Unknown | None) -> Sequence[Login] | Unknown:
    place = Citation(auth.origin, ("spec", "kubernetes", "role"))
    try:
        settings = _merged("kubernetes", auth, shared)
        role, account = text(settings.get("role")), text(settings.get("serviceAccount"))
    except UnknownRead as read:
        return read.unknown
    if not role and isinstance(shared, Unknown):
        return shared
    if isinstance(shared, Resource) and not text(at(auth.native, "spec", "kubernetes", "role")):
        place = Citation(shared.origin, ("spec", "kubernetes", "role"))
    return [Login(role, account, known_namespace(auth), place)] if role else []
