"""Where Kubernetes objects hold secrets in the clear."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator, Mapping
from typing import Any

from scanner.analyze._secrets.walk import secret_places
from scanner.analyze._secrets.words import names_secret
from scanner.bodies import mapping, peek
from scanner.model import Path, Resource
from scanner.patterns import regex

_SEALED = "bitnami.com/SealedSecret"
_CIPHERTEXT = (("spec", "encryptedData"), ("spec", "data"))
"""Where a SealedSecret keeps what is sealed, in its first version as one text. Its template is as open as any other."""

_SCHEMAS = frozenset({"apiextensions.k8s.io/CustomResourceDefinition", "templates.gatekeeper.sh/ConstraintTemplate"})
"""Kinds that describe fields and hold no settings."""

_ONLY_REFERENCES = (
    "external-secrets.io/",
    "generators.external-secrets.io/",
    "secrets.hashicorp.com/",
    "secrets-store.csi.x-k8s.io/",
)
"""Groups whose objects name the keys of secrets; `secretKey: password` is no password there."""

_WRITTEN_BESIDE: tuple[Path, ...] = (
    ("spec", "target", "template"),
    ("spec", "externalSecretSpec", "target", "template"),
    ("spec", "template"),
    ("spec", "destination", "transformation"),
    ("spec", "provider", "fake"),
)
"""Where such objects hold values all the same: templates of what they make, and a store for tests."""

NO_SECRET = regex(
    r"(?i).*\.(?:crt|cert|pub)|(?:.*[_.-])?(?:user|username|host|hostname|port|db|database|dbname|endpoint|region|bucket)"
)
"""Keys of a Secret that are kept with the secret but are none: certificates, user names, addresses."""

_NOT_WRITTEN = frozenset({"status", "metadata", "apiVersion", "kind", "sops", "binaryData"})
_LONGEST = 1_000_000
"""Characters of a file in base64 that is looked into; a ConfigMap holds no more."""


def kubernetes_places(resource: Resource) -> Iterator[Path]:
    """Paths of values that are secrets in the clear."""
    native = resource.native
    if resource.native_type in _SCHEMAS:
        return
    if resource.type == "kubernetes.secret":
        yield from _of_secret(resource)
        return
    yield from _of_annotations(native)
    yield from _of_files(native.get("binaryData"))
    if resource.native_type.startswith(_ONLY_REFERENCES):
        for place in _WRITTEN_BESIDE:
            yield from ((*place, *path) for path in secret_places(peek(native, *place)))
        return
    for key, value in native.items():
        if key not in _NOT_WRITTEN:
            found = ((key, *path) for path in secret_places(value))
            yield from (path for path in found if resource.native_type != _SEALED or path[:2] not in _CIPHERTEXT)


def _of_secret(resource: Resource) -> Iterator[Path]:
    """Where SOPS encrypted some keys, whoever chose them left the others open, so only names of secrets count there."""
    keys = {key for key in resource.attributes["inline_keys"] if not NO_SECRET.fullmatch(key)}
    if mapping(resource.native.get("sops")):
        keys = {key for key in keys if names_secret(key)}
    for field in ("data", "stringData"):
        values = resource.native.get(field)
        if isinstance(values, Mapping):
            yield from ((field, key) for key in values if str(key) in keys)


def _of_annotations(native: Mapping[str, Any]) -> Iterator[Path]:
    annotations = peek(native, "metadata", "annotations")
    if isinstance(annotations, Mapping):
        yield from (("metadata", *path) for path in secret_places({"annotations": annotations}))


def _of_files(files: Any) -> Iterator[Path]:
    """Files of a ConfigMap that are kept in base64, as far as they are text."""
    for key, value in files.items() if isinstance(files, Mapping) else ():
        words = _decoded(value) if isinstance(value, str) and len(value) <= _LONGEST else ""
        if words and next(secret_places({key: words}), None) is not None:
            yield ("binaryData", key)


def _decoded(value: str) -> str:
    try:
        return b64decode(value, validate=True).decode()
    except ValueError:
        return ""
