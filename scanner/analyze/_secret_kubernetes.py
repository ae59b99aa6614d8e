"""Where Kubernetes objects hold secrets in the clear."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from scanner.analyze._secret_walk import secret_places
from scanner.analyze._secret_words import holds_token
from scanner.bodies import mapping
from scanner.model import Path, Resource, Unknown
from scanner.patterns import regex

_ENCRYPTED = frozenset({"bitnami.com/SealedSecret", "isindir.github.com/SopsSecret"})
_SCHEMAS = frozenset({"apiextensions.k8s.io/CustomResourceDefinition", "templates.gatekeeper.sh/ConstraintTemplate"})
"""Kinds that describe fields and hold no settings."""

_ONLY_REFERENCES = (
    "external-secrets.io/",
    "generators.external-secrets.io/",
    "secrets.hashicorp.com/",
    "secrets-store.csi.x-k8s.io/",
)
"""Groups whose objects name the keys of secrets; `secretKey: password` is no password there."""

_NO_SECRET = regex(
    r"(?i).*\.(?:crt|cert|pub)|(?:.*[_.-])?(?:user|username|host|hostname|port|db|database|dbname|endpoint|region|bucket)"
)
"""Keys of a Secret that are kept with the secret but are none: certificates, user names, addresses."""

_NOT_WRITTEN = frozenset({"status", "metadata", "apiVersion", "kind"})


def kubernetes_places(resource: Resource) -> Iterator[Path]:
    """Paths of values that are secrets in the clear."""
    native = resource.native
    if resource.native_type in _ENCRYPTED | _SCHEMAS or mapping(native.get("sops")):
        return
    if resource.type == "kubernetes.secret":
        yield from _of_secret(resource)
        return
    yield from _of_annotations(native)
    if resource.native_type.startswith(_ONLY_REFERENCES):
        return
    for key, value in native.items():
        if key not in _NOT_WRITTEN:
            yield from ((key, *path) for path in secret_places(value))


def _of_secret(resource: Resource) -> Iterator[Path]:
    keys = {key for key in resource.attributes["inline_keys"] if not _NO_SECRET.fullmatch(key)}
    for field in ("data", "stringData"):
        values = resource.native.get(field)
        if isinstance(values, Mapping):
            yield from ((field, key) for key in values if str(key) in keys)


def _of_annotations(native: Mapping[str, Any]) -> Iterator[Path]:
    """Keys of annotations speak of secrets without holding any (`checksum/secret`), so only shapes count."""
    metadata = native.get("metadata")
    annotations = metadata.get("annotations") if isinstance(metadata, Mapping) else None
    if isinstance(annotations, Mapping) and not isinstance(annotations, Unknown):
        for key, value in annotations.items():
            if isinstance(value, str) and holds_token(value):
                yield ("metadata", "annotations", key)
