"""What Terraform resources, settings and logins hold as a secret by their purpose, whatever its keys are called."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scanner.analyze._secrets.kubernetes import NO_SECRET
from scanner.analyze._secrets.text import embedded
from scanner.analyze._secrets.words import WRITE_ONLY, is_literal, names_object, names_secret
from scanner.bodies import peek
from scanner.model import Path, Resource

_WHOLE_VALUES = {
    "azurerm_key_vault_secret": "value",
    "github_actions_environment_secret": "plaintext_value",
    "github_actions_organization_secret": "plaintext_value",
    "github_actions_secret": "plaintext_value",
    "github_codespaces_secret": "plaintext_value",
    "github_dependabot_secret": "plaintext_value",
    "kubernetes_secret": "data",
    "kubernetes_secret_v1": "data",
    "vault_approle_auth_backend_role_secret_id": "secret_id",
    "vault_generic_secret": "data_json",
    "vault_kv_secret": "data_json",
    "vault_kv_secret_v2": "data_json",
}
"""Resources whose only purpose is to hold a secret, and the attribute that holds it, whatever its keys are called."""

_UNNAMED: dict[str, Path] = {
    "aws_api_gateway_api_key": ("value",),
    "aws_cloudwatch_event_connection": ("auth_parameters", 0, "api_key", 0, "value"),
    "aws_kinesis_firehose_delivery_stream": ("http_endpoint_configuration", 0, "access_key"),
}
"""Arguments that hold a secret though their names do not say so. The API key's stands beside the name of a header."""

_DOCUMENTS = {
    "aws_secretsmanager_secret_version": "secret_string",
    "google_secret_manager_secret_version": "secret_data",
}
"""Resources with one secret, which may be a document in JSON, and the attribute that holds it."""

_SETTINGS = {"terraform_variable": "default", "terraform_output": "value"}
"""What holds a secret where its own name says so, and the value is one."""


def whole_value(resource: Resource) -> str:
    """The attribute that holds a secret, whatever its keys are called; empty for none."""
    if resource.native_type == "aws_ssm_parameter":
        kind = resource.native.get("type")
        return "value" if isinstance(kind, str) and kind == "SecureString" else ""
    return _WHOLE_VALUES.get(resource.native_type) or _SETTINGS.get(resource.native_type, "")


def whole_values(resource: Resource) -> Iterator[Path]:
    """Paths of what is a secret by its purpose."""
    yield from _vaults_logins(resource)
    yield from _unnamed(resource)
    yield from _documents(resource)
    yield from _manifest(resource)
    attribute = whole_value(resource)
    if attribute and resource.native_type in _SETTINGS:
        value = resource.native.get(attribute)
        named = isinstance(value, str) and names_secret(resource.name) and is_literal(value) and not names_object(value)
        yield from ((attribute,),) if named else ()
        return
    beside = ("binary_data", f"binary_data_{WRITE_ONLY}") if attribute == "data" else ()
    for key in (attribute, f"{attribute}_{WRITE_ONLY}", *beside) if attribute else ():
        value = resource.native.get(key)
        if isinstance(value, str) and value:
            yield (key,)
        elif isinstance(value, dict):
            yield from ((key, inner) for inner, text in value.items() if _is_kept(inner, text))


def _is_kept(name: str, value: Any) -> bool:
    """Whether it is one of the secrets of a map, which has names and addresses beside them."""
    return isinstance(value, str) and value != "" and not NO_SECRET.fullmatch(name)


def _documents(resource: Resource) -> Iterator[Path]:
    """Secrets of clouds that are documents in JSON. One that is still to be filled in is none."""
    key = _DOCUMENTS.get(resource.native_type, "")
    for name in (key, f"{key}_{WRITE_ONLY}") if key else ():
        value = resource.native.get(name)
        held = embedded(value) if isinstance(value, str) else None
        if isinstance(held, dict) and any(_is_kept(inner, one) and is_literal(one) for inner, one in held.items()):
            yield (name,)


def _manifest(resource: Resource) -> Iterator[Path]:
    """What a manifest in Terraform writes into a Secret of Kubernetes."""
    manifest = resource.native.get("manifest") if resource.native_type == "kubernetes_manifest" else None
    if not isinstance(manifest, dict) or manifest.get("kind") != "Secret":
        return
    for field in ("data", "stringData"):
        values = manifest.get(field)
        for key, value in values.items() if isinstance(values, dict) else ():
            if _is_kept(key, value) and is_literal(value):
                yield ("manifest", field, key)


def _unnamed(resource: Resource) -> Iterator[Path]:
    path = _UNNAMED.get(resource.native_type)
    value = peek(resource.native, *path) if path else None
    if path and isinstance(value, str) and is_literal(value):
        yield path


def _vaults_logins(resource: Resource) -> Iterator[Path]:
    """Secret ids by which the provider of Vault logs in."""
    logins = resource.native.get("auth_login") if resource.native_type == "terraform_provider" else None
    for index, login in enumerate(logins if isinstance(logins, list) else ()):
        parameters = login.get("parameters") if isinstance(login, dict) else None
        if isinstance(parameters, dict) and isinstance(parameters.get("secret_id"), str):
            yield ("auth_login", index, "parameters", "secret_id")
