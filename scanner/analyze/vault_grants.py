"""The fact `vault_grants`: what whoever has a policy of Vault can bring about, once all its paths are weighed.

A path alone says little: a more specific one, or `deny`, may take away what it gives. So each question is asked of
requests that Vault would be asked to allow: to write a policy, to read the secret of somebody else. Sources: Vault's
documentation of policies and of its API; which paths need `sudo` is in its list of root-protected endpoints.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import takewhile
from typing import Any

from scanner.analyze._guard import each, guarded
from scanner.analyze._vault_paths import Paths, Rule, example, normal
from scanner.model import Citation, Fact, FactField, Inventory, Resource, Unknown, UnknownRead, known
from scanner.patterns import regex

DOC = "What whoever has a policy of Vault can bring about, once all its paths are weighed as Vault does."
READS = frozenset({"vault.policy"})
FIELDS = {
    "sudo": FactField("list(string)", [], "Paths on which `sudo` is granted and not denied."),
    "gives_rights": FactField(
        "list(string)", [], "Paths by which rights can be given: to policies, roles, users, groups, ways to log in."
    ),
    "reads_all": FactField(
        "list(string)", [], "Paths that lead to every secret of an engine that is not named after the policy."
    ),
    "writes_all": FactField(
        "list(string)",
        [],
        "Paths that change all of Vault, of a system path, or of an engine not named after the policy.",
    ),
}

_WRITING = frozenset({"create", "update", "patch", "delete"})
_SUDO = frozenset({"sudo"})

_RIGHTS = (
    *("sys/policies/acl/+", "sys/policies/rgp/+", "sys/policies/egp/+", "sys/policy/+"),
    *("auth/+/role/+", "auth/+/roles/+", "auth/+/users/+", "auth/+/groups/+", "auth/+/certs/+", "auth/+/map/+/+"),
    *("auth/+/config", "auth/+/role/?/secret-id", "auth/+/role/?/custom-secret-id", "auth/+/users/?/password"),
    *("identity/entity", "identity/entity/id/+", "identity/entity/name/+", "identity/entity/merge"),
    *("identity/group", "identity/group/id/+", "identity/group/name/+"),
    *("identity/entity-alias", "identity/entity-alias/id/+", "identity/group-alias", "identity/group-alias/id/+"),
)
"""Who may write one of these can give himself, or somebody else, what he does not have."""
_RIGHTS_OF_SUDO = ("sys/auth/+", "auth/token/create", "auth/token/create-orphan")
"""Those that take `sudo` as well: with it, a token may be made with any policy."""
_OF_METHODS = frozenset(
    {"login", "role", "roles", "config", "users", "user", "groups", "group", "certs", "crls", "map", "tidy", "oidc"}
)
"""How what auth methods serve begins. A literal word that is none of them still belongs to the method's own path."""
_SECRETS = ("+/data/?", "+/data/?/?", "+/?", "+/?/?", "+/creds/?", "+/static-creds/?")
"""Secrets of any name: of both versions of the key-value engine, and of engines that make credentials."""
_WHOLE = ("+/data/?", "+/data/?/?", "+/metadata/?", "+/destroy/?", "+/?", "+/?/?", "auth/?/?")

_OF_SYSTEM = frozenset(
    {
        *(("sys", "policies"), ("sys", "policy"), ("sys", "auth"), ("auth", "token")),
        *(("identity", "entity"), ("identity", "group"), ("identity", "entity-alias"), ("identity", "group-alias")),
    }
)
"""How paths begin, inside of a namespace of Vault, that are about rights."""
_INSIDE_ENGINE = frozenset({"data", "metadata"})
_NO_ENGINE = frozenset({"sys", "auth", "identity"})
_OWN = frozenset({"cubbyhole"})
"""Each token has its own."""
_NOTHING_TO_READ = frozenset({"transit", "pki", "ssh"})
"""Engines by their usual names that sign and encrypt; what is read there is no secret."""
_WORD = regex(r"[a-z0-9]+")
_SAYS_NOTHING = frozenset(
    {
        *("kv", "v1", "v2", "kv1", "kv2", "secret", "secrets", "data", "database", "db", "engine", "vault", "policy"),
        *("dev", "test", "stage", "staging", "prod", "production", "team", "app", "service", "svc", "ci", "pipeline"),
        *("read", "reader", "readonly", "ro", "write", "writer", "rw", "admin", "owner", "all", "default"),
    }
)
"""Words of names that tell no team or service from another."""


def derive(inventory: Inventory) -> Mapping[str, Fact]:
    """A fact for every policy of Vault."""
    return each(inventory.by_type("vault.policy"), _of_policy, FIELDS)


def _of_policy(policy: Resource) -> Fact:
    grants = known(policy.attributes["grants"])
    paths = Paths(grants)
    called = policy.native.get("name")
    name = called if isinstance(called, Unknown) else policy.name
    found = {
        "sudo": guarded(partial(_holding, grants, _sudo(grants, paths))),
        "gives_rights": guarded(partial(_holding, grants, _rights(grants, paths))),
        "reads_all": guarded(partial(_holding, grants, _reads(grants, paths, name))),
        "writes_all": guarded(partial(_holding, grants, _writes(grants, paths, name))),
    }
    values = {
        name: one if isinstance(one, Unknown) else [grants[at]["path"] for at in one] for name, one in found.items()
    }
    return Fact(values, {name: _place(policy, one) for name, one in found.items() if not isinstance(one, Unknown)})


def _place(policy: Resource, numbers: Sequence[int]) -> Citation:
    """The first path that was found, where the source has a place for each; else the whole text."""
    cited = policy.citations
    number = numbers[0] if numbers else -1
    whole = cited["attributes.grants"]
    if whole.path == ("rule",) and numbers:  # of the data source that writes the text
        return Citation(whole.origin, ("rule", number))
    return cited.get(f"attributes.grants.{number}", whole)


Grants = Sequence[Mapping[str, Any]]
Held = Iterator[tuple[int, Rule]]
"""The number of a path, and what it allows in the place that was asked about; nothing where that does not matter."""


def _holding(grants: Grants, held: Held) -> list[int]:
    """The numbers of the paths that hold. Those that hold for some requests only leave it open, unless others do."""
    numbers: dict[int, bool] = {}
    for number, rule in held:
        numbers[number] = numbers.get(number, True) and rule.limited
    certain = [number for number, limited in numbers.items() if not limited]
    if numbers and not certain:
        number = next(iter(numbers))
        reason = f"what {grants[number]['path']} allows depends on the parameters of the request, or on an approval"
        raise UnknownRead(Unknown(reason))
    return certain


def _sudo(grants: Grants, paths: Paths) -> Held:
    for number, grant in enumerate(grants):
        pattern = normal(grant["path"])
        rule = paths.decided(pattern, example(pattern))
        if "sudo" in grant["capabilities"] and "sudo" in rule.capabilities:
            yield number, Rule(rule.capabilities)


def _rights(grants: Grants, paths: Paths) -> Held:
    areas = [(area, frozenset[str]()) for area in _RIGHTS] + [(area, _SUDO) for area in _RIGHTS_OF_SUDO]
    for number, grant in enumerate(grants):
        pattern = normal(grant["path"])
        around, inside = _namespace(pattern)
        method = _method(inside)
        for area, needed in areas:
            rule = paths.reached(pattern, around + area.replace("auth/+", method, 1))
            if rule.capabilities & _WRITING and needed <= rule.capabilities:
                yield number, rule


def _namespace(pattern: str) -> tuple[str, str]:
    """As an area, the namespaces that a path leads into (`team/sys/policies/acl/*`), and the path inside of them.

    An engine may hold secrets below such names as well, so two segments have to speak of the system.
    """
    parts = pattern.split("/")
    for at in range(1, len(parts) - 1 if _INSIDE_ENGINE.isdisjoint(parts) and parts[0] not in _NO_ENGINE else 0):
        of_method = parts[at] == "auth" and parts[at + 2 : at + 3] and parts[at + 2] in _OF_METHODS
        if of_method or tuple(parts[at : at + 2]) in _OF_SYSTEM:
            return "+/" * at, "/".join(parts[at:])
    return "", pattern


def _method(pattern: str) -> str:
    """As an area, the auth method that a path is about: it may be mounted deeper (`auth/kubernetes/serving/role/x`)."""
    parts = pattern.split("/")
    named = list(takewhile(lambda one: one not in _OF_METHODS | {"+"}, parts[1:-1])) if parts[0] == "auth" else []
    return "/".join(["auth", *["+"] * (1 if named[:1] == ["token"] else max(1, len(named)))])


def _reads(grants: Grants, paths: Paths, name: str | Unknown) -> Held:
    for number, grant in enumerate(grants):
        engine = grant["path"].partition("/")[0]
        if engine in _NO_ENGINE | _OWN | _NOTHING_TO_READ or _is_named_after(name, engine):
            continue
        if any("read" in paths.reached(normal(grant["path"]), area).capabilities for area in _SECRETS):
            yield number, Rule()


def _writes(grants: Grants, paths: Paths, name: str | Unknown) -> Held:
    for number, grant in enumerate(grants):
        engine = grant["path"].partition("/")[0]
        if engine in _OWN or (engine not in _NO_ENGINE and _is_named_after(name, engine)):
            continue
        for area in _WHOLE:
            rule = paths.reached(normal(grant["path"]), area)
            if rule.capabilities & _WRITING:
                yield number, rule


def _is_named_after(policy: str | Unknown, engine: str) -> bool:
    """Whether a policy and an engine bear the name of one team or service, at least two words of a longer one."""
    mine, its = (set(_WORD.findall(str(known(one)).lower())) - _SAYS_NOTHING for one in (policy, engine))
    return bool(mine and its) and (mine <= its or its <= mine or len(mine & its) > 1)
