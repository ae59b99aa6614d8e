"""The canonical attributes of secrets as somebody wrote them down, and of the stores that secrets come from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from scanner.bodies import at, items, mapping, text
from scanner.errors import LoadError
from scanner.model import Path, Unknown, known
from scanner.normalize._kubernetes.reading import Reading
from scanner.normalize._kubernetes.shapes import Object, group_kind
from scanner.patterns import regex

_VALUE_FIELDS = ("data", "stringData")

_MADE_BY_CLUSTER = frozenset({"kubernetes.io/service-account-token", "bootstrap.kubernetes.io/token"})
"""Types whose values the cluster itself writes; nobody put them there."""

_STAND_IN = regex(
    r"""(?sx) \s* (?:-----BEGIN\ [A-Z ]+-----\s*)?
    (?: \$\{[^}]*\} | \{\{.*\}\} | <[^<>]*> | (?:ref\+|vault:)\S+ | ENC\[.* )
    (?:\s*-----END\ [A-Z ]+-----)? \s*"""
)
"""Values to be replaced: shell and Flux variables, templates, `<your token>`, references of vals and Bank-Vaults; and
what SOPS encrypted."""

_LAST_APPLIED = ("metadata", "annotations", "kubectl.kubernetes.io/last-applied-configuration")
"""kubectl keeps the whole object here, its secret values included."""

_BACKENDS = {"gcpsm": "gcp", "azurekv": "azure", "gcp": "gcp", "azure": "azure"}
"""The stores' own words for a cloud's secret manager; every other word is used as it stands (`vault`, `aws` ...)."""


_OF_VAULT_ALONE: Mapping[str, Path] = {
    **{
        f"secrets.hashicorp.com/{kind}": ("spec", "address")
        for kind in ("VaultConnection", "VaultAuth", "VaultAuthGlobal")
    },
    "generators.external-secrets.io/VaultDynamicSecret": ("spec", "provider", "server"),
}
"""Kinds that can mean no other backend, and where their address stands; a way to log in has none."""


def secret(body: Object) -> dict[str, Callable[[], Reading]]:
    """A reader for each canonical attribute of a Secret."""
    return {"inline_keys": lambda: _inline_keys(body)}


def _inline_keys(body: Object) -> Reading:
    if text(body.get("type")) in _MADE_BY_CLUSTER:
        return [], ("kind",)
    places = [
        (field, key)
        for field in _VALUE_FIELDS
        for key, value in mapping(body.get(field)).items()
        if text(value).strip() and not _STAND_IN.fullmatch(text(value))
    ]
    return [str(key) for _, key in places], places[0] if places else ("kind",)


def secret_values(body: Object) -> frozenset[Path]:
    """Paths of everything in a Secret that must never be shown."""
    fields = [(field, mapping(body.get(field))) for field in _VALUE_FIELDS if not isinstance(body.get(field), Unknown)]
    paths: set[Path] = {(field, key) for field, values in fields for key in values}
    return frozenset(paths | {_LAST_APPLIED})


def secret_store(body: Object) -> dict[str, Callable[[], Reading]]:
    """A reader for each canonical attribute of a store, whichever of these kinds it is."""
    kind = group_kind(body)
    if kind in _OF_VAULT_ALONE:
        address = _OF_VAULT_ALONE[kind]
        return {"backend": lambda: ("vault", ("kind",)), "address": lambda: (text(at(body, *address)), address)}
    if kind == "secrets-store.csi.x-k8s.io/SecretProviderClass":
        return {"backend": lambda: _csi_backend(body), "address": lambda: _csi_address(body)}
    return {"backend": lambda: _eso_backend(body), "address": lambda: _eso_address(body)}


def vault_role(body: Object) -> dict[str, Callable[[], Reading]]:
    """A reader for each canonical attribute of a role that the Vault Config Operator writes into Vault."""
    accounts: Path = ("spec", "targetServiceAccounts")
    namespaces: Path = ("spec", "targetNamespaces", "targetNamespaces")
    return {
        "service_accounts": lambda: ([text(one) for one in items(at(body, *accounts))], accounts),
        "namespaces": lambda: ([text(one) for one in items(at(body, *namespaces))], namespaces),
        "longest_seconds": lambda: _longest(body),
    }


def vault_policy(body: Object) -> dict[str, Callable[[], Reading]]:
    """A reader for what a policy grants that the Vault Config Operator writes into Vault."""
    return {"grants": lambda: _grants(body)}


def _grants(body: Object) -> Reading:
    from scanner import vault_policies  # noqa: PLC0415  # a reader of a language that few scans meet

    path: Path = ("spec", "policy")
    try:
        return vault_policies.grants(text(at(body, *path))), path
    except LoadError as error:
        return Unknown(f"its text {error.message}", "spec.policy"), path


def _longest(body: Object) -> Reading:
    """As in Terraform (see `_terraform/vault_leases`); what the mount allows is another object's matter."""
    explicit, longest = (_seconds(body, key) for key in ("tokenExplicitMaxTTL", "tokenMaxTTL"))
    if _seconds(body, "tokenPeriod"):
        return explicit or -1, ("spec", "tokenPeriod")
    limits = [limit for limit in (explicit, longest) if limit]
    elsewhere = Unknown("it sets no limit, and that of its mount is set elsewhere", "spec.tokenMaxTTL")
    return min(limits) if limits else elsewhere, ("spec", "tokenMaxTTL")


def _seconds(body: Object, key: str) -> int:
    value = known(at(body, "spec", key))
    return value if isinstance(value, int) else 0


def _csi_backend(body: Object) -> Reading:
    word = text(at(body, "spec", "provider"))
    return _BACKENDS.get(word, word), ("spec", "provider")


def _csi_address(body: Object) -> Reading:
    """Of the CSI providers only Vault's has an address; without the parameter the driver's own setting is used."""
    path = ("spec", "parameters", "vaultAddress")
    if _csi_backend(body)[0] != "vault":
        return "", path
    return text(at(body, *path)) or Unknown("the CSI driver's own default address is used", ".".join(path)), path


def _eso_backend(body: Object) -> Reading:
    word = _eso_word(body)
    return _BACKENDS.get(word, word), ("spec", "provider", word)


def _eso_word(body: Object) -> str:
    return next((str(key) for key in mapping(at(body, "spec", "provider"))), "")


def _eso_address(body: Object) -> Reading:
    word = _eso_word(body)
    for field in ("server", "vaultUrl", "url", "host"):
        address: Any = text(at(body, "spec", "provider", word, field))
        if address:
            return address, ("spec", "provider", word, field)
    return "", ("spec", "provider", word)
