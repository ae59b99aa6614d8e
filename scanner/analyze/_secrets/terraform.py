"""Where Terraform resources hold secrets in the clear, and where they take secrets from.

A plan shows values, and what the configuration says they refer to. A value that comes from a variable, a generator or a
store of secrets is not written in the code, even where the plan shows it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

from scanner.analyze._secrets.walk import Places, secret_places
from scanner.analyze._secrets.whole import whole_value, whole_values
from scanner.analyze._secrets.words import WRITE_ONLY, is_connection_string, names_secret
from scanner.bodies import peek
from scanner.model import Path, Resource, Unknown, UnknownRead
from scanner.patterns import regex

VARIABLE, GENERATED, VAULT, CLOUD = "variable", "generated", "terraform-vault", "cloud-secret-manager"

_SOURCES = (
    (regex(r"var\."), VARIABLE),
    (regex(r"(?:ephemeral\.)?(?:random|tls)_\w+\."), GENERATED),
    (regex(r"(?:data\.|ephemeral\.)?(?:vault|hcp_vault)_\w+\."), VAULT),
    (regex(r"(?:data\.|ephemeral\.)?(?:aws_secretsmanager|aws_ssm_parameter|aws_kms_secrets)\w*\."), CLOUD),
    (regex(r"(?:data\.|ephemeral\.)?(?:google_secret_manager|google_kms_secret)\w*\."), CLOUD),
    (regex(r"(?:data\.|ephemeral\.)?azurerm_key_vault_secret\w*\."), CLOUD),
    (regex(r"(?:data\.)?kubernetes_secret\w*\."), "kubernetes-secret"),
)
"""What a reference begins with, and the word for such a source."""

_BEFORE = "before."
"""What a value is said to refer to that the change of a plan replaces."""
_HIDDEN = ("local.", "module.", "each.", "path.", "self.", _BEFORE)
"""References behind which a plan does not show what stands."""

_STORES = frozenset({VAULT, CLOUD})

_ANYTHING = frozenset({"value", "values", "output", "outputs", "result", "data", "content", "rendered", "stdout"})
"""Attributes of resources that hold whatever they are given."""

_INDEX = regex(r"\[[^\]]*\]")

_AWS_SECRET = regex(r"[A-Za-z0-9/+]{40}")
_HASH = regex(r"[0-9a-f]{40}")
_GRANTS = frozenset({"policy", "policy_data", "assume_role_policy", "inline_policy"})
"""Arguments that say who may have a secret."""

_GENERATORS = regex(r"(?:random|tls|acme|time|null)_\w+|terraform_data|aws_iam_access_key|google_service_account_key")
"""Resources that make secrets: what they show, nobody wrote down."""

_MADE_BY_PROVIDER = regex(
    r"kube_(?:admin_)?config\w*|master_auth|identity_token|\w*sas_token|"
    r"ses_smtp_password_v4|private_key_pem\w*|site_credential|instrumentation_key|hub_token|join_token"
)
"""Attributes that providers fill in; the plan shows them for resources that exist."""
_MADE_KEY = regex(r"(?:default_)?(?:primary|secondary|slave)_\w+")
"""Such attributes with one value each. People write blocks under such names: the `primary_container` of a model."""

_LINKS = "azurerm_data_factory_linked_service_"
"""Resources whose `connection_string` people write: it is how the factory gets into another service.

That of others is made by the provider, but for blocks of this name, which web apps take.
"""

_WRITTEN = "terraform_hcl"
"""The source of a configuration that has no plan."""

_WRITE_ONLY_TWINS = {
    "aws_db_instance": ("password",),
    "aws_rds_cluster": ("master_password",),
    "aws_docdb_cluster": ("master_password",),
    "aws_redshift_cluster": ("master_password",),
    "aws_redshiftserverless_namespace": ("admin_user_password",),
    "aws_secretsmanager_secret_version": ("secret_string",),
    "google_sql_user": ("password",),
    "google_secret_manager_secret_version": ("secret_data",),
    "azurerm_mssql_server": ("administrator_login_password",),
    "azurerm_mysql_flexible_server": ("administrator_password",),
    "azurerm_postgresql_flexible_server": ("administrator_password",),
}
_WHOLE_TWINS = frozenset({"aws_ssm_parameter", "azurerm_key_vault_secret", "vault_kv_secret_v2"})
"""Arguments that the clouds' providers take write-only as well, of AWS as of 5.100, of Google 7, of Azure 4.39.

https://developer.hashicorp.com/terraform/language/manage-sensitive-data/write-only
"""

_MANAGED = ("manage_master_user_password", "manage_admin_password")
"""Switches that make AWS keep the password in its own secret manager."""


def terraform_places(resource: Resource) -> Places:
    """The secrets of a resource; of one that makes secrets, nobody wrote one down."""
    found = Places()
    if _GENERATORS.fullmatch(resource.native_type):
        return found
    for path in dict.fromkeys((*secret_places(resource.native), *whole_values(resource))):
        references = references_of(resource, path)
        if _is_stand_in(resource, path):
            continue
        sources = _maybe_sources(resource, path, references)
        if not references or sources == []:
            found.inline += [] if _made_by_provider(resource, path) else [path]
            continue
        found.supplied.append(path)
        if found.hidden is None:
            found.hidden = _beside(path, sources) if sources else _hidden(path, references)
    if found.hidden is None and _is_hashed(resource):
        found.hidden = Unknown("Terraform shows only a hash of the machine's script", "user_data")
    if found.hidden is None and resource.origin.source == _WRITTEN:
        found.hidden = next(_not_worked_out(resource), None)
    return found


def _not_worked_out(resource: Resource) -> Iterator[Unknown]:
    """Secrets that refer to nothing, such as `sensitive("x")`, and are not known without a plan all the same."""
    whole = whole_value(resource)
    for key, value in resource.native.items():
        if value.__class__ is Unknown and (key == whole or names_secret(key)) and not references_of(resource, (key,)):
            yield value


def _is_hashed(resource: Resource) -> bool:
    """Whether the provider keeps a hash of a script in its place, as that of AWS does up to version 5."""
    script = resource.native.get("user_data")
    return isinstance(script, str) and bool(_HASH.fullmatch(script))


def _is_stand_in(resource: Resource, path: Path) -> bool:
    """Whether a key of AWS has not the shape of one: what people write where a stand-in answers instead of AWS."""
    if resource.native_type != "terraform_provider" or path != ("secret_key",) or not resource.name.startswith("aws"):
        return False
    value = resource.native["secret_key"]
    return isinstance(value, str) and not _AWS_SECRET.fullmatch(value)


class Sources:
    """Where resources take secrets from. Instances of one block refer to the same, which is looked at once."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, str], tuple[list[str], Unknown | None]] = {}
        """By the identity of what a block refers to, which its resources hold on to."""

    def of(self, resource: Resource) -> list[str]:
        """Stores wherever they are referred to, other sources where a secret belongs.

        Raises `UnknownRead` if none is found, and a plan does not show where a secret came from before a change.
        """
        block = id(resource.references), resource.native_type
        if block not in self._known:
            found = list(dict.fromkeys(_referred_to(resource)))
            self._known[block] = found, None if found else next(_untold(resource), None)
        words, untold = self._known[block]
        if any(resource.native.get(key) is True for key in _MANAGED):
            return list(dict.fromkeys((*words, CLOUD)))
        if untold:
            raise UnknownRead(untold)
        return words


def _referred_to(resource: Resource) -> Iterator[str]:
    """The sources that a block refers to.

    What belongs to a store itself, such as the version of a secret, takes nothing from it, and a policy that is about
    a secret only grants something.
    """
    own = source_word(f"{resource.native_type}.")
    for path, references in resource.references.items():
        if (path[-1:] and path[-1] in _GRANTS) or any(path[:end] in resource.references for end in range(len(path))):
            continue  # entries refer to what the whole refers to
        sources = [word for reference in references if (word := source_word(reference))]
        if sources:
            about_secret = any(names_secret(str(key)) for key in path) or path[-1:] == ("value",)
            yield from (word for word in sources if word != own and (about_secret or word in _STORES))


def _untold(resource: Resource) -> Iterator[Unknown]:
    """Why it is not known where its secrets came from before a change."""
    for path, references in resource.references.items():
        if references and references[0].startswith(_BEFORE) and any(names_secret(str(key)) for key in path):
            yield from filter(None, [_hidden(path, references)])


def write_only_choices(resource: Resource) -> tuple[list[str], list[str]]:
    """Secret arguments that a provider takes write-only as well, and those of them that are set nevertheless.

    A plan shows every argument of a type, so it tells what the provider in use can do beyond the table. What a
    configuration does not mention was filled in by the provider; a state does not tell, and holds it anyway. What is
    not even known in a state may not be there at all, which raises `UnknownRead`.
    """
    listed, named = _WRITE_ONLY_TWINS.get(resource.native_type, ()), _named_twins(tuple(resource.native))
    choices = list(dict.fromkeys((*listed, *named, *_whole_twin(resource))))
    return choices, [key for key in choices if _is_kept(resource, key)]


@lru_cache(maxsize=1024)
def _named_twins(keys: tuple[str, ...]) -> list[str]:
    """Of all arguments of a resource, the secret ones that have a write-only twin; most of a type have the same."""
    suffix = f"_{WRITE_ONLY}"
    twins = [key.removesuffix(suffix) for key in keys if key.endswith(suffix)]
    return [key for key in twins if names_secret(key)]


def _is_kept(resource: Resource, key: str) -> bool:
    value = resource.native.get(key)
    if value is None or (isinstance(value, str) and not value):
        return False
    if isinstance(value, Unknown) and resource.origin.source == "terraform_state":
        raise UnknownRead(value)
    return not resource.references or (key,) in resource.references


def _whole_twin(resource: Resource) -> list[str]:
    key = whole_value(resource)
    return [key] if resource.native_type in _WHOLE_TWINS and key else []


@lru_cache(maxsize=8192)
def source_word(reference: str) -> str:
    """The word for a source of secrets; empty for every other reference."""
    return next((word for pattern, word in _SOURCES if pattern.match(reference)), "")


def references_of(resource: Resource, path: Path) -> Sequence[str]:
    """What the value, or the nearest block or map around it, refers to."""
    known = resource.references
    return next((known[path[:end]] for end in range(len(path), 0, -1) if path[:end] in known), ())


def _made_by_provider(resource: Resource, path: Path) -> bool:
    """Whether nobody wrote it: it is no argument of the configuration, or it has the name of what providers add."""
    if len(path) == 1 and resource.references and path not in resource.references:
        return True
    if path == ("connection_string",):
        return not resource.native_type.startswith(_LINKS)
    if len(path) == 1 and isinstance(path[0], str) and _MADE_KEY.fullmatch(path[0]):
        return True
    return any(isinstance(key, str) and _MADE_BY_PROVIDER.fullmatch(key) for key in path[:1])


def _maybe_sources(resource: Resource, path: Path, references: Sequence[str]) -> list[str] | None:
    """Of what a map refers to as a whole, what may be the source of one entry; a plan does not tell which is.

    None where that is no question, and for a text that may be put together from what is no secret.
    """
    if resource.origin.source != "terraform_plan" or path in resource.references or not references:
        return None
    found = [one for one in _longest(references) if _may_be_secret(one)]
    return None if not found and is_connection_string(str(peek(resource.native, *path))) else found


def _longest(references: Sequence[str]) -> Iterator[str]:
    """The references without those that only shorten another."""
    for one in references:
        if not any(other.startswith((f"{one}.", f"{one}[")) for other in references):
            yield one


def _may_be_secret(reference: str) -> bool:
    """Whether this may be a secret. Most attributes of resources are none: an id, a name, an address."""
    last = _INDEX.sub("", reference).rpartition(".")[2]
    is_attribute = reference.count(".") > 1 and not reference.startswith(("data.", *_HIDDEN))
    return not is_attribute or bool(source_word(reference)) or last in _ANYTHING or names_secret(last)


def _beside(path: Path, sources: Sequence[str]) -> Unknown:
    place = ".".join(str(key) for key in path)
    return Unknown(f"{place} may come from {sources[0]} or be written beside it, which a plan does not tell", place)


def _hidden(path: Path, references: Sequence[str]) -> Unknown | None:
    """A local value or a module's output may be a literal as well as a secret from a store."""
    if any(source_word(reference) for reference in references):
        return None
    names = [reference for reference in references if reference.startswith(_HIDDEN)]
    place = ".".join(str(key) for key in path)
    if not names:
        return None
    if names[0].startswith(_BEFORE):
        return Unknown(f"{place} changes, and the plan does not show where it came from before", place)
    return Unknown(f"{place} comes from {names[0]}, whose own source the plan does not show", place)
