"""What an admission policy means for an object; each case is a sentence of the Kubernetes documentation."""

from pathlib import Path
from typing import Any

import pytest

from tests.admission.harness import DEPLOYMENTS, EVERYTHING, a_binding, a_policy, judged

WEB = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop, labels: {app: web}}
spec:
  replicas: 7
  template:
    spec:
      containers:
        - name: web
          image: registry.example/web:1.2
        - name: proxy
          image: docker.io/proxy:latest
      initContainers:
        - name: setup
          image: docker.io/setup@sha256:aa
"""
SHOP = "\n---\napiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {environment: prod}}\n"


@pytest.mark.parametrize(
    ("expression", "verdict"),
    [
        ("object.spec.replicas <= 7", "pass"),
        ("object.spec.replicas <= 5", "fail"),
        ("object.spec.replicas <= 7.0", "pass"),
        ("oldObject == null", "pass"),
        ("request.operation == 'CREATE' && request.dryRun == false", "pass"),
        ("request.kind.kind == 'Deployment' && request.resource.resource == 'deployments'", "pass"),
        ("request.namespace == 'shop' && request.name == 'web' && request.subResource == ''", "pass"),
        ("request.userInfo.username == 'system:admin'", "unknown"),
        ("namespaceObject.metadata.labels.environment == 'prod'", "unknown"),
        ("authorizer.group('').resource('pods').check('create').allowed()", "unknown"),
        ("authorizer.requestResource.check('bypass').allowed() || object.spec.replicas < 10", "pass"),
        ("object.spec.paused", "fail"),
        ("object.spec.template.spec.containers.all(c, c.imagePullPolicy != '')", "pass"),
        ("object.spec.template.spec.containers[1].imagePullPolicy == 'Always'", "pass"),
        ("object.spec.revisionHistoryLimit == 10 && object.spec.strategy.type == 'RollingUpdate'", "pass"),
        ("!has(object.spec.template.spec.hostNetwork)", "pass"),
        ("quantity('1Gi').isGreaterThan(quantity('1G'))", "pass"),
    ],
)
def test_what_an_expression_sees(tmp_path: Path, expression: str, verdict: str) -> None:
    assert judged(tmp_path, WEB, a_policy(expression), a_binding()).verdict == verdict


@pytest.mark.parametrize(
    ("spec", "verdict"),
    [
        ({}, "fail"),
        ({"failurePolicy": "Fail"}, "fail"),
        ({"failurePolicy": "Ignore"}, "not_applicable"),
    ],
)
def test_an_error_is_a_refusal_unless_the_policy_forgives_it(tmp_path: Path, spec: Any, verdict: str) -> None:
    assert judged(tmp_path, WEB, a_policy("object.spec.nope == 1", **spec), a_binding()).verdict == verdict


def test_a_forgiven_error_leaves_other_validations_in_force(tmp_path: Path) -> None:
    policy = a_policy("object.spec.nope == 1", "object.spec.replicas < 5", failurePolicy="Ignore")
    seen = judged(tmp_path, WEB, policy, a_binding())
    assert (seen.verdict, seen.finding.message) == ("fail", "failed expression: object.spec.replicas < 5")


def test_a_refusal_by_error_says_so(tmp_path: Path) -> None:
    seen = judged(tmp_path, WEB, a_policy("object.spec.nope == 1"), a_binding())
    assert seen.finding.message.startswith("the expression fails (no such key: nope)")
    assert seen.place() == (4, ["object.spec.nope"])


@pytest.mark.parametrize(
    ("conditions", "failure", "verdict"),
    [
        (["object.spec.replicas == 7"], "Fail", "fail"),
        (["object.spec.replicas == 8"], "Fail", "not_applicable"),
        (["object.spec.nope == 1", "object.spec.replicas == 8"], "Fail", "not_applicable"),
        (["object.spec.nope == 1"], "Fail", "fail"),
        (["object.spec.nope == 1"], "Ignore", "not_applicable"),
        (["request.userInfo.username == 'a'"], "Fail", "unknown"),
        (["request.userInfo.username == 'a'", "false"], "Fail", "not_applicable"),
    ],
)
def test_match_conditions(tmp_path: Path, conditions: list[str], failure: str, verdict: str) -> None:
    entries = [{"name": f"c{number}", "expression": one} for number, one in enumerate(conditions)]
    policy = a_policy("object.spec.replicas < 5", matchConditions=entries, failurePolicy=failure)
    assert judged(tmp_path, WEB, policy, a_binding()).verdict == verdict


def test_an_open_condition_does_not_matter_to_an_object_that_passes(tmp_path: Path) -> None:
    condition = {"name": "who", "expression": "request.userInfo.username != 'admin'"}
    policy = a_policy("object.spec.replicas < 50", matchConditions=[condition])
    assert judged(tmp_path, WEB, policy, a_binding()).verdict == "pass"


def test_an_error_in_a_condition_is_named_and_placed(tmp_path: Path) -> None:
    policy = a_policy("true", matchConditions=[{"name": "c", "expression": "object.spec.replicas == object.spec.nope"}])
    seen = judged(tmp_path, WEB, policy, a_binding())
    assert "a match condition fails (no such key: nope)" in seen.finding.message
    assert "object.spec.nope" in seen.place()[1]


def test_variables_are_lazy_and_may_use_earlier_ones(tmp_path: Path) -> None:
    variables = [
        {"name": "broken", "expression": "object.spec.nope.deeper"},
        {"name": "pod", "expression": "object.spec.template.spec"},
        {"name": "containers", "expression": "variables.pod.containers + variables.pod.?initContainers.orValue([])"},
        {"name": "images", "expression": "variables.containers.map(c, c.image)"},
    ]
    rule = "variables.containers.all(c, c.image.startsWith('registry.example/') || c.name == 'setup')"
    policy = a_policy(rule, "size(variables.images) == 3 || variables.broken", variables=variables)
    seen = judged(tmp_path, WEB, policy, a_binding())
    assert seen.verdict == "fail"
    assert seen.place()[0] == 12
    assert "object.spec.template.spec.containers[1].image" in seen.place()[1]


def test_what_a_variable_computed_is_explained_by_what_it_read(tmp_path: Path) -> None:
    policy = a_policy("variables.many <= 3", variables=[{"name": "many", "expression": "object.spec.replicas * 2"}])
    assert judged(tmp_path, WEB, policy, a_binding()).place() == (5, ["object.spec.replicas"])


def test_a_list_joined_in_a_variable_leads_to_the_right_element(tmp_path: Path) -> None:
    joined = "object.spec.template.spec.containers + object.spec.template.spec.initContainers"
    variables = [{"name": "all", "expression": joined}]
    policy = a_policy("variables.all.all(c, !c.image.contains('@'))", variables=variables)
    assert judged(tmp_path, WEB, policy, a_binding()).place() == (
        15,
        ["object.spec.template.spec.initContainers[0].image"],
    )


@pytest.mark.parametrize(
    ("validation", "message"),
    [
        ({"message": "too many"}, "too many"),
        ({}, "failed expression: object.spec.replicas < 5"),
        ({"messageExpression": "'at most 5, not ' + string(object.spec.replicas)", "message": "m"}, "at most 5, not 7"),
        ({"messageExpression": "object.spec.nope", "message": "m"}, "m"),
        ({"messageExpression": "'two\\nlines'", "message": "m"}, "m"),
        ({"messageExpression": "'  '"}, "failed expression: object.spec.replicas < 5"),
        ({"messageExpression": "request.userInfo.username", "message": "m"}, "m"),
    ],
)
def test_messages(tmp_path: Path, validation: dict[str, str], message: str) -> None:
    policy = a_policy({"expression": "object.spec.replicas < 5", **validation})
    assert judged(tmp_path, WEB, policy, a_binding()).finding.message == message


@pytest.mark.parametrize(
    ("actions", "severity"),
    [
        (["Deny"], "high"),
        (["Warn"], "medium"),
        (["Audit"], "low"),
        (["Warn", "Audit"], "medium"),
        (["Audit", "Deny"], "high"),
    ],
)
def test_actions_are_severities(tmp_path: Path, actions: list[str], severity: str) -> None:
    result = judged(tmp_path, WEB, a_policy("false"), a_binding(validationActions=actions)).result
    assert [(one.severity.value, one.family) for one in result.policies.values()] == [(severity, "admission")]


def test_each_binding_is_a_policy_with_a_stable_id(tmp_path: Path) -> None:
    result = judged(tmp_path, WEB, a_policy("true"), a_binding(), a_binding(name="demo.two")).result
    assert list(result.policies) == ["vap-demo-example-com-by-demo", "vap-demo-example-com-by-demo-two"]


def test_a_policy_without_a_binding_has_no_effect_and_is_mentioned(tmp_path: Path) -> None:
    result = judged(tmp_path, WEB, a_policy("false"), a_binding("another.example.com")).result
    assert result.findings == ()
    assert result.skipped["admission policy without a binding, which has no effect in a cluster"] == 1
    assert result.skipped["binding of an admission policy that is not among the files"] == 1


def test_the_namespace_among_the_files_is_seen_with_the_label_that_kubernetes_adds(tmp_path: Path) -> None:
    rule = (
        "object.kind == 'Namespace' ? namespaceObject == null :"
        " namespaceObject.metadata.labels['kubernetes.io/metadata.name'] == 'shop'"
        " && namespaceObject.metadata.labels.environment == 'prod'"
    )
    seen = judged(tmp_path, WEB + SHOP, a_policy(rule), a_binding())
    assert seen.verdicts == {"shop/Deployment/web": "pass", "Namespace/shop": "pass"}


@pytest.mark.parametrize(
    ("manifest", "reason"),
    [
        (WEB, "namespace shop is not among the files"),
        (WEB.replace("namespace: shop, ", ""), "the file names no namespace"),
        (WEB + SHOP + SHOP.replace("prod", "test"), "in several ways"),
    ],
)
def test_a_namespace_that_is_not_known(tmp_path: Path, manifest: str, reason: str) -> None:
    rules = {"resourceRules": [DEPLOYMENTS]}
    policy = a_policy("namespaceObject.metadata.labels.environment == 'prod'", matchConstraints=rules)
    seen = judged(tmp_path, manifest, policy, a_binding())
    assert seen.verdict == "unknown"
    assert reason in seen.finding.message


PARAM_KIND = {"paramKind": {"apiVersion": "rules.example.com/v1", "kind": "ReplicaLimit"}}
LIMIT = {"apiVersion": "rules.example.com/v1", "kind": "ReplicaLimit", "maxReplicas": 3}


def limit(name: str, most: int, **metadata: Any) -> dict[str, Any]:
    return {**LIMIT, "maxReplicas": most, "metadata": {"name": name, **metadata}}


@pytest.mark.parametrize(
    ("reference", "params", "verdict"),
    [
        ({"name": "few"}, [limit("few", 3), limit("many", 100)], "fail"),
        ({"name": "many"}, [limit("few", 3), limit("many", 100)], "pass"),
        ({"name": "absent", "parameterNotFoundAction": "Deny"}, [limit("few", 3)], "unknown"),
        ({"name": "absent", "parameterNotFoundAction": "Allow"}, [limit("few", 3)], "unknown"),
        ({"name": "few", "namespace": "shop"}, [limit("few", 3, namespace="other")], "unknown"),
        ({"name": "few", "namespace": "other"}, [limit("few", 3, namespace="other")], "fail"),
        ({"name": "few"}, [limit("few", 3, namespace="other"), limit("few", 100, namespace="shop")], "pass"),
        ({"selector": {"matchLabels": {"a": "b"}}}, [limit("x", 100, labels={"a": "b"}), limit("y", 3)], "pass"),
        ({"selector": {}}, [limit("x", 100, labels={"a": "b"}), limit("y", 3)], "fail"),
        ({"selector": {"matchLabels": {"a": "c"}}}, [limit("x", 100, labels={"a": "b"})], "unknown"),
    ],
)
def test_params(tmp_path: Path, reference: Any, params: list[Any], verdict: str) -> None:
    policy = a_policy("object.spec.replicas <= params.maxReplicas", **PARAM_KIND)
    assert judged(tmp_path, WEB, policy, a_binding(paramRef=reference), *params).verdict == verdict


def test_params_that_a_policy_asks_for_and_a_binding_does_not_give_are_null(tmp_path: Path) -> None:
    message = "params missing but required"
    policy = a_policy({"expression": "params != null", "message": message}, **PARAM_KIND)
    assert judged(tmp_path, WEB, policy, a_binding()).finding.message == message


def test_the_message_is_of_the_params_that_refused(tmp_path: Path) -> None:
    said = "'at most ' + string(params.maxReplicas)"
    policy = a_policy(
        {"expression": "object.spec.replicas <= params.maxReplicas", "messageExpression": said}, **PARAM_KIND
    )
    binding = a_binding(paramRef={"selector": {}})
    seen = judged(tmp_path, WEB, policy, binding, limit("many", 100), limit("few", 3))
    assert seen.finding.message == "at most 3"
    assert seen.place() == (5, ["object.spec.replicas"])


def test_params_may_be_objects_of_the_scan_itself(tmp_path: Path) -> None:
    settings = "\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: limits, namespace: shop}\ndata: {most: '5'}\n"
    policy = a_policy(
        "object.spec.replicas <= int(params.data.most)",
        matchConstraints={"resourceRules": [DEPLOYMENTS]},
        paramKind={"apiVersion": "v1", "kind": "ConfigMap"},
    )
    seen = judged(tmp_path, WEB + settings, policy, a_binding(paramRef={"name": "limits"}))
    assert seen.verdicts == {"shop/Deployment/web": "fail"}


def test_a_namespaced_param_for_an_object_without_a_namespace_is_a_mistake_of_the_binding(tmp_path: Path) -> None:
    policy = a_policy("params.data.a == 'b'", paramKind={"apiVersion": "v1", "kind": "ConfigMap"})
    manifest = "apiVersion: v1\nkind: PersistentVolume\nmetadata: {name: disk}\nspec: {}\n"
    seen = judged(tmp_path, manifest, policy, a_binding(paramRef={"name": "limits"}))
    assert "from the object's namespace" in seen.finding.message


def test_audit_annotations_alone_refuse_nothing(tmp_path: Path) -> None:
    policy = a_policy(auditAnnotations=[{"key": "a", "valueExpression": "'b'"}])
    assert judged(tmp_path, WEB, policy, a_binding()).verdict == "pass"


def test_v1beta1_is_read_as_well(tmp_path: Path) -> None:
    objects = [
        {**one, "apiVersion": "admissionregistration.k8s.io/v1beta1"} for one in (a_policy("false"), a_binding())
    ]
    assert judged(tmp_path, WEB, *objects).verdict == "fail"


def test_policies_are_never_asked_about_policies(tmp_path: Path) -> None:
    hook = "apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingWebhookConfiguration\nmetadata: {name: a}\n"
    policy = a_policy("false", matchConstraints={"resourceRules": [EVERYTHING]})
    assert judged(tmp_path, hook, policy, a_binding()).verdict is None


def test_a_generated_name_is_not_known(tmp_path: Path) -> None:
    pod = "apiVersion: v1\nkind: Pod\nmetadata: {generateName: run-, namespace: shop}\nspec: {containers: []}\n"
    policy = a_policy("object.metadata.name.startsWith('run-') && request.name == ''")
    assert judged(tmp_path, pod, policy, a_binding()).verdict == "unknown"


def test_what_is_refused_for_certain_with_some_params_is_not_left_open_by_others(tmp_path: Path) -> None:
    condition = {"name": "c", "expression": "params.maxReplicas == 3 || request.userInfo.username == 'a'"}
    policy = a_policy("object.spec.replicas <= params.maxReplicas", matchConditions=[condition], **PARAM_KIND)
    binding = a_binding(paramRef={"selector": {}})
    assert judged(tmp_path, WEB, policy, binding, limit("two", 2), limit("three", 3)).verdict == "fail"
