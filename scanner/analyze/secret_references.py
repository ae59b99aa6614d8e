"""Secrets in the clear, and where secrets come from instead.

`inline` is about what somebody wrote down; a value that a variable, a generator or a store of secrets supplies is none.
Every path of a secret is given as sensitive, whoever supplied it, so that no report shows what stands there.

A Terraform state holds the password of a database in the clear whoever supplied it, because providers store what they
were given; without the configuration nobody can tell whether it was written down. There `inline` is unknown. So it is
for what runs in an account, see `_secrets/aws`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from scanner.analyze._guard import guarded
from scanner.analyze._secrets.aws import aws_places
from scanner.analyze._secrets.environment import environment_secrets
from scanner.analyze._secrets.kubernetes import kubernetes_places
from scanner.analyze._secrets.makers import SecretMakers, secret_makers
from scanner.analyze._secrets.terraform import VAULT, Sources, terraform_places, write_only_choices
from scanner.analyze._secrets.walk import Places, secret_places
from scanner.analyze._secrets.workload import Source, any_of, workload_sources
from scanner.model import Citation, Fact, FactField, Inventory, Path, Resource, Unknown

DOC = "Secrets that stand in the clear in a resource, and the places it takes secrets from instead."

READS = frozenset({"*"})

_STATE = "terraform_state"
_OF_TERRAFORM = "kubernetes_"
"""How the types of Terraform's provider for Kubernetes begin. Objects have the group of their API in front."""

FIELDS: Mapping[str, FactField] = {
    "inline": FactField("list(string)", [], "Native paths, dotted, of values that are secrets in the clear."),
    "inline_count": FactField("int", 0, "How many values are secrets in the clear."),
    "write_only": FactField("list(string)", [], "Secret arguments that the provider takes write-only as well."),
    "kept_in_state": FactField(
        "list(string)", [], "Those of `write_only` that are set in the way that the state keeps in the clear."
    ),
    "environment": FactField(
        "list(string)", [], "Variables in the environment of a function that hold a secret, whoever supplied it."
    ),
    "vault": FactField("bool", default=False, doc="It takes at least one secret from Vault."),
    "sources": FactField(
        "list(string)",
        [],
        "Where its secrets come from: `vault-agent`, `vault-csi`, `external-secrets`, `vault-secrets-operator`, "
        "`terraform-vault`, `cloud-secret-manager`, `cert-manager`, `kubernetes-secret`, `variable`, `generated`.",
    ),
}


def derive(inventory: Inventory) -> Mapping[str, Fact]:
    """What each resource says; those that have nothing to do with secrets are left to the defaults.

    A node pool inside of a cluster has the cluster's body, whose secrets are the cluster's.
    """
    makers = secret_makers(inventory)
    whole = {id(resource.native): resource.uid for resource in reversed(list(inventory))}
    first = (resource for resource in inventory if whole[id(resource.native)] == resource.uid)
    sources = Sources()
    facts = ((resource.uid, _fact(resource, makers, sources)) for resource in first)
    return {uid: fact for uid, fact in facts if fact is not None}


def _fact(resource: Resource, makers: SecretMakers, sources: Sources) -> Fact | None:
    looked = guarded(lambda: _places(resource))
    places = Places(hidden=looked) if isinstance(looked, Unknown) else looked
    if places.inline and resource.origin.source == _STATE:
        values, citations = _inline(resource, [], _stored(places.inline[0]))
    else:
        values, citations = _inline(resource, places.inline, places.hidden)
    if resource.origin.source.startswith("terraform_"):
        _add_write_only(resource, values, citations)
    _add_environment(resource, values, citations)
    if resource.type == "workload":
        _add_workload(resource, makers, values, citations)
    elif resource.references or resource.provider != "kubernetes":
        words = guarded(lambda: sources.of(resource))
        if isinstance(words, Unknown):
            values |= {"vault": words, "sources": words}
        elif words:
            values |= {"vault": VAULT in words, "sources": words}
    secrets = (*places.inline, *places.supplied)
    return Fact(values, citations, secrets) if values or secrets else None


def _places(resource: Resource) -> Places:
    if resource.provider == "kubernetes" and not resource.native_type.startswith(_OF_TERRAFORM):
        return Places(list(kubernetes_places(resource)))
    if resource.type == "vault.server":
        return Places(list(secret_places(resource.native)))
    if resource.origin.source == "aws":
        return aws_places(resource)
    if "." in resource.native_type:  # an asset's type is named after its service: `compute.googleapis.com/Instance`
        return Places(list(secret_places(resource.native)))
    return terraform_places(resource)


def _inline(
    resource: Resource, paths: Sequence[Path], hidden: Unknown | None
) -> tuple[dict[str, Any], dict[str, Citation]]:
    if not paths:
        return ({"inline": hidden, "inline_count": hidden}, {}) if hidden is not None else ({}, {})
    place = Citation(resource.origin, paths[0])
    dotted = [_dotted(path) for path in paths]
    return {"inline": dotted, "inline_count": len(dotted)}, {"inline": place, "inline_count": place}


def _add_write_only(resource: Resource, values: dict[str, Any], citations: dict[str, Citation]) -> None:
    found = guarded(lambda: write_only_choices(resource))
    if isinstance(found, Unknown):
        values |= {"write_only": found, "kept_in_state": found}
        return
    choices, kept = found
    if choices:
        values |= {"write_only": choices, "kept_in_state": kept}
        citations["kept_in_state"] = Citation(resource.origin, ((kept or choices)[0],))


def _add_environment(resource: Resource, values: dict[str, Any], citations: dict[str, Citation]) -> None:
    found = guarded(lambda: environment_secrets(resource))
    if isinstance(found, Unknown):
        values["environment"] = found
    elif found:
        values["environment"] = [str(path[-1]) for path in found]
        citations["environment"] = Citation(resource.origin, found[0])


def _stored(path: Path) -> Unknown:
    place = _dotted(path)
    return Unknown(f"{place} stands in a state, which does not say whether somebody wrote it down", place)


def _dotted(path: Path) -> str:
    return ".".join(str(key) for key in path)


def _add_workload(
    resource: Resource, makers: SecretMakers, values: dict[str, Any], citations: dict[str, Citation]
) -> None:
    sources = guarded(lambda: workload_sources(resource, makers))
    if isinstance(sources, Unknown):
        values |= {"vault": sources, "sources": sources}
    elif sources:
        values |= {"vault": any_of([source.vault for source in sources]), "sources": _words(sources)}
        decider = next((source for source in sources if source.vault is True), sources[0])
        citations |= {"vault": decider.citation, "sources": decider.citation}


def _words(sources: Sequence[Source]) -> Any:
    unknown = next((source.word for source in sources if isinstance(source.word, Unknown)), None)
    return list(dict.fromkeys(source.word for source in sources)) if unknown is None else unknown
