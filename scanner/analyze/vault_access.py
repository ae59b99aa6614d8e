"""The fact `vault_access`: as whom a workload or a store of secrets logs in to Vault, and whether Vault lets it.

The login is written in Kubernetes, the role that decides about it in Terraform. Where one scan sees both, the chain is
followed to its end: does the role admit this service account in this namespace, and does it admit others as well?
Sources: Vault's Kubernetes auth method, the references of its agent injector, CSI provider and Secrets Operator, and of
External Secrets.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from functools import partial

from scanner.analyze._guard import each, guarded
from scanner.analyze._namespaces import known_namespace
from scanner.analyze._secrets.makers import SecretMakers, secret_makers
from scanner.analyze._secrets.workload import CSI_DRIVER, asks_for_agent
from scanner.analyze._vault_store_logins import Login, store_logins
from scanner.bodies import at, items, text
from scanner.model import Citation, Fact, FactField, Inventory, Resource, Unknown, UnknownRead

DOC = "As whom a workload or a store of secrets logs in to Vault, and whether Vault lets it."
READS = frozenset({"*"})
FIELDS = {
    "roles": FactField("list(string)", [], "Roles of Vault it logs in with."),
    "admitted": FactField(
        "bool",
        default=True,
        doc="These roles admit its service account and namespace; unknown where no scan holds them.",
    ),
    "open_roles": FactField("list(string)", [], "Those that admit any service account or any namespace."),
    "static": FactField(
        "bool",
        default=False,
        doc="It logs in with a credential that is kept somewhere: a token, a password, a secret id.",
    ),
}

ANYONE = "*"

_AGENT_ROLE = "vault.hashicorp.com/role"


def derive(inventory: Inventory) -> Mapping[str, Fact]:
    """A fact for every workload and store that logs in to Vault."""
    makers, roles = secret_makers(inventory), inventory.elsewhere.vault_roles
    found = each(inventory.by_type("workload"), partial(_of_workload, makers, roles), FIELDS)
    return found | each(inventory.by_type("secret.store"), partial(_of_store, makers, roles), FIELDS)


Roles = Mapping[str, Sequence[Resource]]


def _of_workload(makers: SecretMakers, roles: Roles, workload: Resource) -> Fact | None:
    logins = [*_by_agent(workload), *_by_volume(workload, makers)]
    return _told(logins, roles) if logins else None


def _by_agent(workload: Resource) -> Iterator[Login]:
    for template in workload.attributes["pod_templates"]:
        notes = template["annotations"]
        if asks_for_agent(notes) and text(notes.get(_AGENT_ROLE)):
            path = (*template["path"][:-1], "metadata", "annotations", _AGENT_ROLE)
            yield _login(workload, text(notes[_AGENT_ROLE]), path)


def _by_volume(workload: Resource, makers: SecretMakers) -> Iterator[Login]:
    for template in workload.attributes["pod_templates"]:
        for index, volume in enumerate(items(at(template["spec"], "volumes"))):
            csi = at(volume, "csi")
            name = text(at(csi, "volumeAttributes", "secretProviderClass"))
            store = makers.stores.get(("SecretProviderClass", known_namespace(workload), name))
            role = text(at(store.native, "spec", "parameters", "roleName")) if store else ""
            if text(at(csi, "driver")) == CSI_DRIVER and role:
                yield _login(workload, role, (*template["path"], "volumes", index, "csi"))


def _login(workload: Resource, role: str, path: Sequence[str | int]) -> Login:
    account = workload.attributes["service_account"]
    known = "" if isinstance(account, Unknown) else account
    return Login(role, known, known_namespace(workload), Citation(workload.origin, tuple(path)))


def _of_store(makers: SecretMakers, roles: Roles, store: Resource) -> Fact | None:
    found = store_logins(store, makers)
    if found is None:
        return None
    if isinstance(found.logins, Unknown):
        return Fact({**dict.fromkeys(FIELDS, found.logins), "static": found.static}, {"static": found.place})
    told = _told(found.logins, roles)
    return Fact({**told.values, "static": found.static}, {**told.citations, "static": found.place})


def _told(logins: Sequence[Login], roles: Roles) -> Fact:
    values = {
        "roles": list(dict.fromkeys(login.role for login in logins)),
        "admitted": _all([guarded(partial(_admits, login, roles)) for login in logins]),
        "open_roles": guarded(lambda: [login.role for login in logins if _is_open(login.role, roles)]),
    }
    place = logins[0].citation if logins else None
    return Fact(values, dict.fromkeys(values, place) if place else {})


def _all(answers: Sequence[bool | Unknown]) -> bool | Unknown:
    """One that is false decides, whatever is not known of the others."""
    if any(answer is False for answer in answers):
        return False
    return next((answer for answer in answers if isinstance(answer, Unknown)), True)


def _admits(login: Login, roles: Roles) -> bool:
    answers = {_admits_one(login, role) for role in _named(login.role, roles)}
    if len(answers) > 1:
        raise UnknownRead(Unknown(f"several roles of Vault are called {login.role}, and not all of them admit it"))
    return answers.pop()


def _admits_one(login: Login, role: Resource) -> bool:
    accounts, namespaces = _bound(role)
    for allowed, own, word in (
        (accounts, login.service_account, "service account"),
        (namespaces, login.namespace, "namespace"),
    ):
        if ANYONE not in allowed and not own:
            raise UnknownRead(Unknown(f"as which {word} it logs in is not written here"))
        if not any(fnmatchcase(own, text(one)) for one in allowed):
            return word == "namespace" and _by_labels(role)
    return True


def _by_labels(role: Resource) -> bool:
    """Whether it admits further namespaces by their labels, which then leaves it open: raises `UnknownRead`."""
    if role.native.get("bound_service_account_namespace_selector"):
        raise UnknownRead(Unknown(f"role {role.name} of Vault admits namespaces by their labels as well"))
    return False


def _is_open(name: str, roles: Roles) -> bool:
    return any(ANYONE in allowed for role in _named(name, roles) for allowed in _bound(role))


def _named(name: str, roles: Roles) -> Sequence[Resource]:
    if name not in roles:
        raise UnknownRead(Unknown(f"role {name} of Vault is in nothing that was scanned"))
    return roles[name]


def _bound(role: Resource) -> tuple[Sequence[str], Sequence[str]]:
    """The service accounts and namespaces that a role admits; raises `UnknownRead` where they are not known."""
    accounts, namespaces = role.attributes["service_accounts"], role.attributes["namespaces"]
    for bound in (accounts, namespaces):
        if isinstance(bound, Unknown):
            raise UnknownRead(bound)
    if not namespaces:
        raise UnknownRead(Unknown(f"role {role.name} of Vault admits namespaces by their labels"))
    return accounts, namespaces
