"""The fact `vault_logins`: whether a role of Vault is for somebody, or for whoever an issuer or a cloud vouches for.

Bounds of several kinds all have to hold, and of one kind any entry is enough. So a role is bound by one kind that is
set and has no entry which suits everybody. Sources: the API of Vault's auth methods JWT, AWS, GCP, Azure and TLS
certificates, and what their plugins check at a login.
"""

from __future__ import annotations

import binascii
import re
from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from scanner.analyze._guard import each, guarded
from scanner.bodies import items, mapping, text
from scanner.model import Citation, Fact, FactField, Inventory, Resource, Unknown, UnknownRead, known
from scanner.patterns import regex

DOC = "Whether a role of Vault is for somebody, or for whoever an issuer or a cloud vouches for."
READS = frozenset({"vault.login"})
FIELDS = {
    "bound": FactField(
        "bool", default=True, doc="It is bound to something that tells those apart whom the issuer or the cloud knows."
    ),
}

_EVERYBODY = regex(r"\**")
_ANY_ACCOUNT = regex(r"[^*]*\*.*", re.DOTALL)
_ACCOUNT = regex(r"\d{12}")
_ANY_CLAIM = regex(
    r"(repo:|project_path:|organization:|system:serviceaccount:)?[*:/]*|(repo:|project_path:)\*.*|\*[:/].*", re.DOTALL
)
"""A glob that suits every token of the usual forges and clusters (`*`, `repo:*`, `repo:*/*:*`), or one of whoever has a
repository there, because it leaves the owner open (`repo:*:ref:refs/heads/main`)."""
_OF_ALL_TOKENS = frozenset(
    {
        *("aud", "iss", "ref", "ref_type", "ref_protected", "base_ref", "head_ref"),
        *("event_name", "runner_environment", "pipeline_source"),
    }
)
"""Claims that are the same in all tokens that come as far as this, or that whoever has a repository at the forge has as
well: a branch, an event.

https://docs.github.com/actions/reference/security/oidc
https://docs.gitlab.com/ci/secrets/id_token_authentication/
"""

_ARNS = ("bound_iam_principal_arns", "bound_iam_role_arns", "bound_iam_instance_profile_arns")
_KINDS: Mapping[str, tuple[str, ...]] = {
    "vault_aws_auth_backend_role": (
        *_ARNS,
        *("bound_account_ids", "bound_ami_ids", "bound_vpc_ids", "bound_subnet_ids", "bound_ec2_instance_ids"),
    ),
    "vault_gcp_auth_backend_role": ("bound_service_accounts", "bound_projects", "bound_instance_groups"),
    "vault_azure_auth_backend_role": (
        *("bound_service_principal_ids", "bound_group_ids", "bound_subscription_ids", "bound_resource_groups"),
        "bound_scale_sets",
    ),
    "vault_cert_auth_backend_role": (
        *("allowed_names", "allowed_common_names", "allowed_dns_sans", "allowed_email_sans", "allowed_uri_sans"),
        *("allowed_organizational_units", "allowed_organization_units", "required_extensions"),
    ),
}
"""A place is no bound (a region, a location), and neither are labels, which whoever runs a machine may write."""

_CERTIFICATE = regex(r"-----BEGIN CERTIFICATE-----(.+?)-----END CERTIFICATE-----", re.DOTALL)
_AUTHORITY = regex(rb"\x06\x03\x55\x1d\x13(?:\x01\x01\xff)?\x04.\x30.\x01\x01\xff", re.DOTALL)
"""The extension `basicConstraints` with `cA` true, in DER."""


def derive(inventory: Inventory) -> Mapping[str, Fact]:
    """A fact for every role of these auth methods."""
    return each((one for one in inventory.by_type("vault.login") if one.native_type in _JUDGES), _of_role, FIELDS)


def _of_role(role: Resource) -> Fact:
    answers = [(key, guarded(partial(binds, role.native))) for key, binds in _JUDGES[role.native_type](role.native)]
    key, bound = _first(answers)
    return Fact({"bound": bound}, {"bound": Citation(role.origin, (key,) if key else ())})


Binds = Callable[[Mapping[str, Any]], bool]
Answers = list[tuple[str, bool | Unknown]]


def _first(answers: Answers) -> tuple[str, bool | Unknown]:
    """One bound is enough, whatever is not known of the others; else the place is one that is set."""
    return (
        next((one for one in answers if one[1] is True), None)
        or next((one for one in answers if isinstance(one[1], Unknown)), None)
        or next((one for one in reversed(answers) if one[0]), ("", False))
    )


def _by_kinds(kinds: tuple[str, ...], native: Mapping[str, Any]) -> Iterator[tuple[str, Binds]]:
    for kind in kinds:
        value = native.get(kind)
        if isinstance(value, Unknown) or value:
            yield kind, partial(_binds, kind)


def _binds(kind: str, native: Mapping[str, Any]) -> bool:
    suits = _suits_any_account if kind in _ARNS else _suits_everybody
    entries = [text(one) for one in items(native[kind])]
    return bool(entries) and not any(suits(one) for one in entries)


def _suits_everybody(entry: str) -> bool:
    return _EVERYBODY.fullmatch(entry) is not None


def _suits_any_account(arn: str) -> bool:
    """An ARN counts up to its star; what comes before has to name an account."""
    return _ANY_ACCOUNT.fullmatch(arn) is not None and _ACCOUNT.search(arn.partition("*")[0]) is None


def _of_certificates(native: Mapping[str, Any]) -> Iterator[tuple[str, Binds]]:
    yield from _by_kinds(_KINDS["vault_cert_auth_backend_role"], native)
    yield "certificate", _is_of_one


def _is_of_one(native: Mapping[str, Any]) -> bool:
    """A certificate that is no authority admits itself alone."""
    found = _CERTIFICATE.search(text(native.get("certificate")))
    try:
        return _AUTHORITY.search(b64decode("".join(found[1].split()), validate=True)) is None if found else _unread()
    except binascii.Error:
        return _unread()


def _unread() -> bool:
    raise UnknownRead(Unknown("whether the certificate is an authority cannot be read", "certificate"))


def _of_tokens(native: Mapping[str, Any]) -> Iterator[tuple[str, Binds]]:
    yield "", lambda body: _is_for_people(body) and not _gives_policies(body)
    if native.get("bound_claims") is not None:
        yield "bound_claims", _claims_bind
    if native.get("bound_subject") is not None:
        yield "bound_subject", lambda body: text(body["bound_subject"]) != ""


def _is_for_people(native: Mapping[str, Any]) -> bool:
    return text(native.get("role_type"), "oidc") == "oidc"


def _gives_policies(native: Mapping[str, Any]) -> bool:
    """Beside what everybody has. A login of people mostly gives none: their groups do."""
    given = [text(one) for key in ("token_policies", "policies") for one in items(native.get(key))]
    return any(one != "default" for one in given)


def _claims_bind(native: Mapping[str, Any]) -> bool:
    globs = text(native.get("bound_claims_type")) == "glob"
    claims = {name: value for name, value in mapping(native["bound_claims"]).items() if name not in _OF_ALL_TOKENS}
    answers = [guarded(partial(_claim_binds, value, globs=globs)) for value in claims.values()]
    if any(one is True for one in answers):
        return True
    return any(known(one) for one in answers)


def _claim_binds(value: Any, *, globs: bool) -> bool:
    entries = [one.strip() for one in text(value).split(",")]
    return all(entries) and not (globs and any(_ANY_CLAIM.fullmatch(one) for one in entries))


_JUDGES: Mapping[str, Callable[[Mapping[str, Any]], Iterator[tuple[str, Binds]]]] = {
    **{kind: partial(_by_kinds, kinds) for kind, kinds in _KINDS.items()},
    "vault_cert_auth_backend_role": _of_certificates,
    "vault_jwt_auth_backend_role": _of_tokens,
}
