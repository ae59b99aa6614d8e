"""Which objects a policy, and a binding, are about."""

from pathlib import Path
from typing import Any

import pytest

from tests.admission.harness import DEPLOYMENTS, EVERYTHING, a_binding, a_policy, judged

DEPLOYMENT = (
    "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a, namespace: shop, labels: {tier: web}}\nspec: {}\n"
)
OLD_DEPLOYMENT = DEPLOYMENT.replace("apps/v1", "extensions/v1beta1")
POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: shop}\nspec: {containers: []}\n"
VOLUME = "apiVersion: v1\nkind: PersistentVolume\nmetadata: {name: a}\nspec: {}\n"
NAMESPACE = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {environment: prod}}\n"
NOWHERE = POD.replace(", namespace: shop", "")
POLICY = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: a, namespace: shop}\nspec: {}\n"
CUSTOM = "apiVersion: stable.example.com/v1\nkind: Gateway\nmetadata: {name: a, namespace: shop}\n"
DEFINED = """
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: gatewaylist.stable.example.com}
spec: {group: stable.example.com, scope: Namespaced, names: {kind: Gateway, plural: gatewaylist}}
"""


def rule(**parts: Any) -> dict[str, Any]:
    return {**EVERYTHING, **parts}


def selector(key: str, operator: str, *values: str) -> dict[str, Any]:
    return {"matchExpressions": [{"key": key, "operator": operator, **({"values": list(values)} if values else {})}]}


YES, NO, OPEN = "fail", None, "unknown"

RULES = [
    (DEPLOYMENT, [DEPLOYMENTS], YES),
    (POD, [DEPLOYMENTS], NO),
    (POD, [DEPLOYMENTS, rule(apiGroups=[""], resources=["pods"])], YES),
    (POD, [rule(apiGroups=["apps"])], NO),
    (POD, [rule(operations=["UPDATE", "DELETE"])], NO),
    (POD, [rule(operations=["*"])], YES),
    (POD, [rule(resources=["pods/exec"])], NO),
    (POD, [rule(resources=["pods/*"])], YES),
    (POD, [rule(resources=["*/*"])], YES),
    (POD, [rule(resources=["*/scale"])], NO),
    (POD, [rule(resourceNames=["a"])], YES),
    (POD, [rule(resourceNames=["b"])], NO),
    (POD, [rule(scope="Namespaced")], YES),
    (POD, [rule(scope="Cluster")], NO),
    (VOLUME, [rule(scope="Namespaced")], NO),
    (VOLUME, [rule(scope="Cluster")], YES),
    (NAMESPACE, [rule(scope="Cluster")], YES),
    (NAMESPACE, [rule(scope="Namespaced")], NO),
    (POLICY, [rule(resources=["networkpolicies"])], YES),
    (CUSTOM, [rule(resources=["gateways"])], YES),
    (CUSTOM.replace(", namespace: shop", ""), [rule(scope="Cluster")], OPEN),
]


@pytest.mark.parametrize(("manifest", "rules", "verdict"), RULES)
def test_resource_rules(tmp_path: Path, manifest: str, rules: list[Any], verdict: str | None) -> None:
    policy = a_policy("false", matchConstraints={"resourceRules": rules})
    assert judged(tmp_path, manifest, policy, a_binding()).verdict == verdict


@pytest.mark.parametrize(
    ("manifest", "match", "verdict"),
    [
        (DEPLOYMENT, {"excludeResourceRules": [DEPLOYMENTS]}, NO),
        (POD, {"excludeResourceRules": [DEPLOYMENTS]}, YES),
        (DEPLOYMENT, {"resourceRules": [rule(apiVersions=["v1beta1"], resources=["deployments"])]}, YES),
        (DEPLOYMENT, {"resourceRules": [rule(apiVersions=["v1beta1"])], "matchPolicy": "Exact"}, NO),
        (OLD_DEPLOYMENT, {"resourceRules": [DEPLOYMENTS]}, YES),
        (OLD_DEPLOYMENT, {"resourceRules": [DEPLOYMENTS], "matchPolicy": "Exact"}, NO),
        (DEPLOYMENT, {"objectSelector": {"matchLabels": {"tier": "web"}}}, YES),
        (DEPLOYMENT, {"objectSelector": {"matchLabels": {"tier": "db"}}}, NO),
        (DEPLOYMENT, {"objectSelector": selector("tier", "NotIn", "web")}, NO),
        (DEPLOYMENT, {"objectSelector": selector("other", "NotIn", "web")}, YES),
        (DEPLOYMENT, {"objectSelector": selector("tier", "Exists")}, YES),
        (DEPLOYMENT, {"objectSelector": selector("tier", "DoesNotExist")}, NO),
        (DEPLOYMENT, {"objectSelector": {}}, YES),
    ],
)
def test_the_rest_of_match_constraints_and_of_match_resources(
    tmp_path: Path, manifest: str, match: Any, verdict: str | None
) -> None:
    constraints = {"resourceRules": [EVERYTHING], **match}
    (tmp_path / "policy").mkdir()
    (tmp_path / "binding").mkdir()
    in_policy = judged(tmp_path / "policy", manifest, a_policy("false", matchConstraints=constraints), a_binding())
    in_binding = judged(tmp_path / "binding", manifest, a_policy("false"), a_binding(matchResources=match))
    assert (in_policy.verdict, in_binding.verdict) == (verdict, verdict)


PROD = {"matchLabels": {"environment": "prod"}}
NAMED = "kubernetes.io/metadata.name"


@pytest.mark.parametrize(
    ("manifest", "namespaces", "verdict"),
    [
        (POD + "---\n" + NAMESPACE, PROD, YES),
        (POD + "---\n" + NAMESPACE.replace("prod", "test"), PROD, NO),
        (POD, PROD, OPEN),
        (POD, selector(NAMED, "NotIn", "kube-system"), YES),
        (POD, selector(NAMED, "In", "kube-system"), NO),
        (NOWHERE, selector(NAMED, "NotIn", "kube-system"), OPEN),
        (VOLUME, PROD, YES),
    ],
)
def test_namespace_selector(tmp_path: Path, manifest: str, namespaces: Any, verdict: str | None) -> None:
    rules = {"resourceRules": [rule(resources=["pods", "persistentvolumes"])], "namespaceSelector": namespaces}
    assert judged(tmp_path, manifest, a_policy("false", matchConstraints=rules), a_binding()).verdict == verdict


@pytest.mark.parametrize(("namespaces", "verdict"), [(PROD, YES), ({"matchLabels": {"environment": "x"}}, NO)])
def test_a_namespace_is_selected_by_its_own_labels(tmp_path: Path, namespaces: Any, verdict: str | None) -> None:
    rules = {"resourceRules": [EVERYTHING], "namespaceSelector": namespaces}
    assert judged(tmp_path, NAMESPACE, a_policy("false", matchConstraints=rules), a_binding()).verdict == verdict


def test_an_object_that_would_pass_need_not_be_matched_for_certain(tmp_path: Path) -> None:
    rules = {"resourceRules": [EVERYTHING], "namespaceSelector": PROD}
    assert judged(tmp_path, POD, a_policy("true", matchConstraints=rules), a_binding()).verdict == "pass"


def test_a_definition_among_the_files_says_what_a_kind_is_called(tmp_path: Path) -> None:
    rules = {"resourceRules": [rule(resources=["gatewaylist"])]}
    seen = judged(tmp_path, CUSTOM + DEFINED, a_policy("false", matchConstraints=rules), a_binding())
    assert seen.verdicts == {"shop/Gateway/a": "fail"}
    assert [one.path for one in seen.finding.evidence] == []


def test_a_guessed_plural_is_owned_up_to(tmp_path: Path) -> None:
    rules = {"resourceRules": [rule(resources=["gateways"])]}
    seen = judged(tmp_path, CUSTOM, a_policy("false", matchConstraints=rules), a_binding())
    (evidence,) = seen.finding.evidence
    assert evidence.path == "request.resource.resource"
    assert "CustomResourceDefinition" in evidence.value


def test_namespaces_and_definitions_may_stand_beside_the_policies(tmp_path: Path) -> None:
    rules = {"resourceRules": [rule(resources=["gatewaylist"])], "namespaceSelector": PROD}
    namespace = {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": "shop", "labels": {"environment": "prod"}},
    }
    definition = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "gatewaylist.stable.example.com"},
        "spec": {
            "group": "stable.example.com",
            "scope": "Namespaced",
            "names": {"kind": "Gateway", "plural": "gatewaylist"},
        },
    }
    policy = a_policy("false", matchConstraints=rules)
    assert judged(tmp_path, CUSTOM, policy, a_binding(), namespace, definition).verdict == "fail"


@pytest.mark.parametrize(
    ("version", "kind", "resource"),
    [
        ("v1", "Endpoints", "endpoints"),
        ("v1", "ServiceAccount", "serviceaccounts"),
        ("discovery.k8s.io/v1", "EndpointSlice", "endpointslices"),
        ("networking.k8s.io/v1", "Ingress", "ingresses"),
        ("networking.k8s.io/v1", "IngressClass", "ingressclasses"),
        ("networking.k8s.io/v1", "IPAddress", "ipaddresses"),
        ("storage.k8s.io/v1", "StorageClass", "storageclasses"),
        ("storage.k8s.io/v1", "CSIStorageCapacity", "csistoragecapacities"),
        ("policy/v1", "PodDisruptionBudget", "poddisruptionbudgets"),
        ("gateway.networking.k8s.io/v1", "Gateway", "gateways"),
        ("security.istio.io/v1", "AuthorizationPolicy", "authorizationpolicies"),
        ("example.com/v1", "Mesh", "meshes"),
        ("example.com/v1", "Proxy", "proxies"),
        ("example.com/v1", "Box", "boxes"),
    ],
)
def test_what_kinds_are_called(tmp_path: Path, version: str, kind: str, resource: str) -> None:
    manifest = f"apiVersion: {version}\nkind: {kind}\nmetadata: {{name: a, namespace: shop}}\n"
    rules = {"resourceRules": [rule(resources=[resource])]}
    assert judged(tmp_path, manifest, a_policy("false", matchConstraints=rules), a_binding()).verdict == "fail"
