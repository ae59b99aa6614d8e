"""The chain from a pod's login to the role of Vault that decides about it, over Kubernetes and Terraform."""

import json
from pathlib import Path
from typing import Any

import pytest

from scanner import analyze, load, policy
from scanner.analyze import vault_access
from scanner.model import Elsewhere, Fact, Unknown
from scanner.scan import Request, scan
from tests.analyze.test_accelerators_in_clusters import inventory

ROLE = (
    "apiVersion: redhatcop.redhat.io/v1alpha1\nkind: KubernetesAuthEngineRole\nmetadata: {name: %s, namespace: admin}\n"
    "spec:\n  targetServiceAccounts: %s\n  targetNamespaces: {targetNamespaces: %s}\n"
)
SCORER = ROLE % ("scorer", "[sa]", "[shop]")
POD = (
    "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\n  namespace: shop\n  annotations:\n"
    "    vault.hashicorp.com/agent-inject: 'true'\n    vault.hashicorp.com/role: scorer\n"
    "spec: {serviceAccountName: %s, containers: []}\n"
)
STORE = (
    "apiVersion: external-secrets.io/v1\nkind: %s\nmetadata: {name: vault%s}\n"
    "spec: {provider: {vault: {server: 'https://v', auth: %s}}}\n"
)
CLASS = (
    "apiVersion: secrets-store.csi.x-k8s.io/v1\nkind: SecretProviderClass\nmetadata: {name: db, namespace: shop}\n"
    "spec: {provider: vault, parameters: {roleName: scorer, vaultAddress: 'https://v'}}\n"
)
MOUNT = (
    "apiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: shop}\n"
    "spec: {serviceAccountName: sa, containers: [], volumes: [{name: s, csi: {driver: secrets-store.csi.k8s.io, volumeAttributes: {secretProviderClass: db}}}]}\n"
)
OPERATOR = (
    "apiVersion: secrets.hashicorp.com/v1beta1\nkind: VaultAuth\nmetadata: {name: a, namespace: shop}\nspec: %s\n"
)

GENERATOR = (
    "apiVersion: generators.external-secrets.io/v1alpha1\nkind: VaultDynamicSecret\n"
    "metadata: {name: g, namespace: shop}\nspec: {path: db/creds, provider: {server: 'https://v', auth: %s}}\n"
)
SHARED = "apiVersion: secrets.hashicorp.com/v1beta1\nkind: VaultAuthGlobal\nmetadata: {name: all, namespace: vso}\nspec: %s\n"
SHARES = "{vaultAuthGlobalRef: {name: all, namespace: vso}}"
KUBERNETES = "{defaultAuthMethod: kubernetes, kubernetes: {role: scorer, serviceAccount: sa}}"
UNSHARED = "unknown: VaultAuthGlobal all is not among the files"


def fact(first: str, *others: str) -> Fact:
    estate = inventory("---\n".join([first, *others]))
    analyze.note(estate, Elsewhere())
    return vault_access.derive(estate).get(next(iter(estate)).uid, Fact({}))


def seen(found: Fact, field: str) -> Any:
    value = found.values.get(field, vault_access.FIELDS[field].default)
    return f"unknown: {value.reason}" if isinstance(value, Unknown) else value


NOWHERE = "unknown: role scorer of Vault is in nothing that was scanned"

CASES: dict[str, tuple[list[str], list[str], Any, Any]] = {
    "agent, admitted": ([POD % "sa", SCORER], ["scorer"], True, []),
    "agent, another service account": ([POD % "other", SCORER], ["scorer"], False, []),
    "agent, another namespace": ([POD % "sa", ROLE % ("scorer", "[sa]", "[bank]")], ["scorer"], False, []),
    "agent, any service account": ([POD % "sa", ROLE % ("scorer", "['*']", "[shop]")], ["scorer"], True, ["scorer"]),
    "agent, any namespace": ([POD % "sa", ROLE % ("scorer", "[sa]", "['*']")], ["scorer"], True, ["scorer"]),
    "agent, a pattern": ([POD % "sa", ROLE % ("scorer", "['s*']", "['sh*']")], ["scorer"], True, []),
    "agent, another pattern": ([POD % "sa", ROLE % ("scorer", "['s*']", "['*-shop']")], ["scorer"], False, []),
    "agent, role out of view": ([POD % "sa"], ["scorer"], NOWHERE, NOWHERE),
    "two roles of one name that agree": ([POD % "sa", SCORER, SCORER.replace("admin", "two")], ["scorer"], True, []),
    "two roles of one name that do not": (
        [POD % "sa", SCORER, ROLE % ("scorer", "[x]", "[shop]")],
        ["scorer"], "unknown: several roles of Vault are called scorer, and not all of them admit it", [],
    ),
    "namespaces by their labels": (
        [POD % "sa", ROLE % ("scorer", "[sa]", "[]")],
        ["scorer"], "unknown: role scorer of Vault admits namespaces by their labels",
        "unknown: role scorer of Vault admits namespaces by their labels",
    ),
    "volume": ([MOUNT, CLASS, SCORER], ["scorer"], True, []),
    "store": (
        [STORE % ("SecretStore", ", namespace: shop", "{kubernetes: {role: scorer, serviceAccountRef: {name: sa}}}"), SCORER],
        ["scorer"], True, [],
    ),
    "store of the cluster with a namespace": (
        [STORE % ("ClusterSecretStore", "", "{kubernetes: {role: scorer, serviceAccountRef: {name: sa, namespace: bank}}}"), SCORER],
        ["scorer"], False, [],
    ),
    "store that logs in as its operator": (
        [STORE % ("SecretStore", ", namespace: shop", "{kubernetes: {role: scorer}}"), SCORER],
        ["scorer"], "unknown: as which service account it logs in is not written here", [],
    ),
    "operator": ([OPERATOR % "{method: kubernetes, kubernetes: {role: scorer, serviceAccount: sa}}", SCORER], ["scorer"], True, []),
    "agent, as Go reads what is true": ([(POD % "sa").replace("'true'", "'T'"), SCORER], ["scorer"], True, []),
    "generator of dynamic secrets": (
        [GENERATOR % "{kubernetes: {role: scorer, serviceAccountRef: {name: sa}}}", SCORER], ["scorer"], True, [],
    ),
    "operator, all of it shared": ([OPERATOR % SHARES, SHARED % KUBERNETES, SCORER], ["scorer"], True, []),
    "operator, its own service account": (
        [OPERATOR % (SHARES[:-1] + ", kubernetes: {serviceAccount: x}}"), SHARED % KUBERNETES, SCORER],
        ["scorer"], False, [],
    ),
    "operator, what it shares is out of view": ([OPERATOR % SHARES, SCORER], UNSHARED, UNSHARED, UNSHARED),
    "operator, what it shares does not matter": (
        [OPERATOR % (SHARES[:-1] + ", method: kubernetes, kubernetes: {role: scorer, serviceAccount: sa}}"), SCORER],
        ["scorer"], True, [],
    ),
    "operator, another way to log in beside a role": (
        [OPERATOR % "{method: appRole, appRole: {secretRef: s}, kubernetes: {role: scorer, serviceAccount: sa}}", SCORER],
        [], True, [],
    ),
    "what operators share is nobody's login": ([SHARED % KUBERNETES, SCORER], [], True, []),
    "no login": (["apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: []}\n"], [], True, []),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_logins(case: str) -> None:
    objects, roles, admitted, open_roles = CASES[case]
    found = fact(*objects)
    assert (seen(found, "roles"), seen(found, "admitted"), seen(found, "open_roles")) == (roles, admitted, open_roles)


@pytest.mark.parametrize(
    ("auth", "static"),
    [
        ("{tokenSecretRef: {name: t}}", True),
        ("{appRole: {path: a, secretRef: {name: t}}}", True),
        ("{iam: {region: eu-west-1, secretRef: {}}}", True),
        ("{iam: {region: eu-west-1, jwt: {}}}", False),
        ("{jwt: {path: j}}", False),
        ("{cert: {clientCert: {name: c}}}", False),
        ("{kubernetes: {role: r, mountPath: k}}", False),
        ("{kubernetes: {role: r, secretRef: {name: token}}}", True),
        ("{kubernetes: {role: r, secretRef: {name: token}, serviceAccountRef: {name: sa}}}", False),
        ("{jwt: {path: j, secretRef: {name: token}}}", True),
        ("{jwt: {path: j, kubernetesServiceAccountToken: {serviceAccountRef: {name: sa}}}}", False),
        ("{gcp: {role: r, secretRef: {}}}", True),
        ("{namespace: team, appRole: {path: a, secretRef: {name: t}}}", True),
    ],
)
def test_logins_with_a_credential_that_is_kept(auth: str, static: bool) -> None:
    assert seen(fact(STORE % ("SecretStore", ", namespace: shop", auth)), "static") is static


@pytest.mark.parametrize(
    ("spec", "shared", "static"),
    [
        ("{method: jwt, jwt: {role: r, serviceAccount: sa}}", "", False),
        ("{method: jwt, jwt: {role: r, secretRef: token}}", "", True),
        ("{method: aws, aws: {role: r, secretRef: keys}}", "", True),
        ("{method: kubernetes, kubernetes: {role: r}, appRole: {secretRef: s}}", "", False),
        (SHARES, "{defaultAuthMethod: appRole, appRole: {roleId: r, secretRef: s}}", True),
        (SHARES[:-1] + ", method: kubernetes}", "{defaultAuthMethod: appRole, kubernetes: {role: r}}", False),
        (SHARES, "", UNSHARED),
    ],
)
def test_logins_of_the_operator_with_a_credential_that_is_kept(spec: str, shared: str, static: Any) -> None:
    assert seen(fact(OPERATOR % spec, *([SHARED % shared] if shared else [])), "static") == static


def test_a_shared_login_with_a_credential_that_is_kept() -> None:
    assert seen(fact(SHARED % "{defaultAuthMethod: appRole, appRole: {secretRef: s}}"), "static") is True


def test_a_role_in_terraform_decides_about_a_pod_in_a_manifest(tmp_path: Path) -> None:
    """The manifest is named first, and the role is in a plan of another repository."""
    values = {"role_name": "scorer", "bound_service_account_names": ["*"], "bound_service_account_namespaces": ["shop"]}
    address = "vault_kubernetes_auth_backend_role.scorer"
    change = {"actions": ["create"], "before": None, "after": values, "after_unknown": {}}
    provider = "registry.terraform.io/hashicorp/vault"
    block = {"address": address, "mode": "managed", "type": address.partition(".")[0], "name": "scorer"}
    plan = {
        "format_version": "1.2", "terraform_version": "1.9.0",
        "planned_values": {"root_module": {"resources": [{**block, "provider_name": provider, "values": values}]}},
        "resource_changes": [{**block, "provider_name": provider, "change": change}],
        "configuration": {"root_module": {}},
    }  # fmt: skip
    (tmp_path / "plan.json").write_text(json.dumps(plan))
    (tmp_path / "pod.yaml").write_text(POD % "sa")
    targets = (str(tmp_path / "pod.yaml"), str(tmp_path / "plan.json"))
    settings = policy.Settings(only=("secret-fetched-by-open-vault-role",))
    result = scan(Request(targets, (policy.shipped() / "secrets",), load.Options(base=tmp_path), settings))
    (finding,) = result.findings
    assert (finding.verdict.value, finding.resource_uid) == ("fail", "pod.yaml#shop/Pod/web")
    assert finding.origin.line == 8
