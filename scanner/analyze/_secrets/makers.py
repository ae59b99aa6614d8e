"""What makes Kubernetes secrets in one partition: people, controllers that copy or issue them, and kustomize."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct, field

from scanner.analyze._namespaces import known_namespace
from scanner.bodies import at, items, text
from scanner.model import Inventory, Resource, UnknownRead

_ISSUERS = ("Issuer", "ClusterIssuer")
_VSO_KINDS = ("VaultStaticSecret", "VaultDynamicSecret", "VaultPKISecret")

Name = tuple[str, str]
"""Namespace (empty if none is named) and name."""


class SecretMakers(Struct):
    """What makes Kubernetes secrets in one partition, and the stores behind it."""

    makers: dict[Name, Resource] = field(default_factory=dict)
    """ExternalSecret, Vault operator object or Certificate, by the secret it makes."""
    written: set[Name] = field(default_factory=set)
    """Secrets that somebody wrote down."""
    stores: dict[tuple[str, str, str], Resource] = field(default_factory=dict)
    """Secret stores and issuers of certificates, by kind, namespace and name."""


def secret_makers(inventory: Inventory) -> SecretMakers:
    """Look over the partition once."""
    found = SecretMakers()
    for resource in inventory:
        try:
            _look_at(found, resource)
        except UnknownRead:
            continue
    return found


def _look_at(found: SecretMakers, resource: Resource) -> None:
    group, _, kind = resource.native_type.partition("/")
    native = resource.native
    if resource.type == "kubernetes.secret":
        found.written.add((known_namespace(resource), resource.name))
    elif resource.type == "secret.store" and resource.provider == "kubernetes":
        found.stores[kind, known_namespace(resource), resource.name] = resource
        for entry in items(at(native, "spec", "secretObjects")):
            found.makers[known_namespace(resource), text(at(entry, "secretName"))] = resource
    elif group == "external-secrets.io" and kind == "ExternalSecret":
        found.makers[known_namespace(resource), text(at(native, "spec", "target", "name")) or resource.name] = resource
    elif group == "secrets.hashicorp.com" and kind in _VSO_KINDS:
        found.makers[known_namespace(resource), text(at(native, "spec", "destination", "name"))] = resource
    elif group == "kustomize.config.k8s.io":
        generated = items(native.get("secretGenerator"))
        found.written |= {(_generated_in(entry, native), text(at(entry, "name"))) for entry in generated}
    elif group == "cert-manager.io" and kind == "Certificate":
        found.makers[known_namespace(resource), text(at(native, "spec", "secretName"))] = resource
    elif group == "cert-manager.io" and kind in _ISSUERS:
        found.stores[kind, known_namespace(resource), resource.name] = resource


def _generated_in(entry: Any, kustomization: Mapping[str, Any]) -> str:
    """The namespace of a secret that a kustomization makes."""
    return text(at(entry, "namespace")) or text(kustomization.get("namespace"))
