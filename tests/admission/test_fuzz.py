"""Whatever stands in policies and manifests, there are complaints or verdicts and nothing else."""

from collections.abc import Mapping
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scanner import evaluate, normalize
from scanner.model import Document, Ledger, Origin, Partition
from scanner.policy.admission import admission

WORDS = st.sampled_from(
    ["", "*", "a", "pods", "CREATE", "v1", "Namespaced", "In", "true", "object.spec", "variables.a == 1"]
)
KEYS = st.sampled_from(
    [
        *(
            "resourceRules",
            "excludeResourceRules",
            "namespaceSelector",
            "objectSelector",
            "matchLabels",
            "matchExpressions",
        ),
        *(
            "key",
            "operator",
            "values",
            "apiGroups",
            "resources",
            "operations",
            "scope",
            "name",
            "expression",
            "namespace",
        ),
        *("labels", "selector", "messageExpression", "containers", "template", "spec", "ports", "data", "image"),
    ]
)
LEAVES = st.none() | st.booleans() | st.integers(-3, 3) | WORDS
ANYTHING = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=8
)
RULE: dict[str, Any] = {"apiGroups": ["*"], "apiVersions": ["*"], "operations": ["*"], "resources": ["*"]}
POLICY: dict[str, Any] = {
    "matchConstraints": {"resourceRules": [RULE]},
    "validations": [{"expression": "object.spec.a == params.a || variables.b.all(c, c.image == 'x')"}],
    "variables": [{"name": "b", "expression": "object.spec.template.spec.containers"}],
    "paramKind": {"apiVersion": "v1", "kind": "ConfigMap"},
}
BINDING: dict[str, Any] = {"policyName": "p", "validationActions": ["Deny"], "paramRef": {"selector": {}}}


def document(kind: str, group: str, **parts: Any) -> Document:
    body = {"apiVersion": group, "kind": kind, "metadata": {"name": "p"}, **parts}
    return Document("kubernetes", body, Origin("a.yaml", "kubernetes_manifest", (0,), f"{kind}/p"))


@given(
    st.fixed_dictionaries({}, optional=dict.fromkeys((*POLICY, "matchConditions", "failurePolicy"), ANYTHING)),
    st.fixed_dictionaries({}, optional=dict.fromkeys((*BINDING, "matchResources"), ANYTHING)),
    st.sampled_from(["Deployment", "Pod", "Service", "Namespace", "Secret", "Widget", "CronJob"]),
    st.fixed_dictionaries({}, optional=dict.fromkeys(("spec", "metadata", "data"), ANYTHING)),
    ANYTHING,
)
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_shape_breaks_anything(policy: Any, binding: Any, kind: str, thing: Any, param: Any) -> None:
    group = "admissionregistration.k8s.io/v1"
    found = admission(
        [
            document("ValidatingAdmissionPolicy", group, spec={**POLICY, **policy}),
            document("ValidatingAdmissionPolicyBinding", group, spec={**BINDING, **binding}),
            document("ConfigMap", "v1", data=param, metadata=param),
        ]
    )
    if found.complaints:
        return
    versions = {"Deployment": "apps/v1", "CronJob": "batch/v1", "Widget": "example.com/v1"}
    inventory = normalize.inventory(
        Partition("p", [document(kind, versions.get(kind, "v1"), **thing), document("Namespace", "v1")]), Ledger()
    )
    judge = evaluate.Judge(found.policies)
    for one in judge.partition(inventory, NoFacts()):
        assert one.message


class NoFacts:
    common: Mapping[str, dict[str, Any]] = {}

    def values_for(self, uid: str) -> dict[str, dict[str, Any]]:
        return {}

    def citation(self, uid: str, path: str) -> None:
        return None

    def sensitive(self, uid: str) -> tuple[()]:
        return ()
