"""What the API server fills in is there for expressions; what is written stays."""

from pathlib import Path

import pytest

from tests.admission.harness import a_binding, a_policy, judged

TEMPLATE = "template: {spec: {containers: [{name: c, image: 'a/b:1', ports: [{containerPort: 80}]}]}}"
POD = "template.spec.containers[0]"


def manifest(group: str, kind: str, spec: str) -> str:
    return f"apiVersion: {group}\nkind: {kind}\nmetadata: {{name: a, namespace: shop}}\n{spec}\n"


@pytest.mark.parametrize(
    ("group", "kind", "spec", "expression"),
    [
        ("apps/v1", "Deployment", f"spec: {{{TEMPLATE}}}", "object.spec.replicas == 1"),
        ("apps/v1", "Deployment", f"spec: {{replicas: 3, {TEMPLATE}}}", "object.spec.replicas == 3"),
        ("apps/v1", "Deployment", f"spec: {{replicas: null, {TEMPLATE}}}", "object.spec.replicas == 1"),
        ("apps/v1", "Deployment", f"spec: {{{TEMPLATE}}}", f"object.spec.{POD}.ports[0].protocol == 'TCP'"),
        ("apps/v1", "Deployment", f"spec: {{{TEMPLATE}}}", f"object.spec.{POD}.imagePullPolicy == 'IfNotPresent'"),
        ("apps/v1", "Deployment", f"spec: {{{TEMPLATE}}}", f"!has(object.spec.{POD}.resources.limits)"),
        ("apps/v1", "Deployment", f"spec: {{{TEMPLATE}}}", "object.spec.template.spec.restartPolicy == 'Always'"),
        ("apps/v1", "StatefulSet", f"spec: {{{TEMPLATE}}}", "object.spec.podManagementPolicy == 'OrderedReady'"),
        ("apps/v1", "DaemonSet", f"spec: {{{TEMPLATE}}}", "!has(object.spec.replicas)"),
        ("batch/v1", "Job", f"spec: {{{TEMPLATE}}}", "object.spec.backoffLimit == 6"),
        ("batch/v1", "CronJob", f"spec: {{jobTemplate: {{spec: {{{TEMPLATE}}}}}}}", f"has(object.spec.jobTemplate.spec.{POD}.resources)"),
        ("v1", "Service", "spec: {ports: [{port: 80}]}", "object.spec.type == 'ClusterIP' && object.spec.ports[0].protocol == 'TCP'"),
        ("v1", "Service", "spec: {type: LoadBalancer}", "object.spec.type == 'LoadBalancer'"),
        ("v1", "Secret", "data: {}", "object.type == 'Opaque'"),
        ("v1", "Pod", "spec: {containers: [{name: c, image: a}]}", "object.spec.containers[0].imagePullPolicy == 'Always'"),
        ("v1", "Pod", "spec: {containers: [{name: c, image: 'r:5000/a@sha256:1'}]}", "object.spec.containers[0].imagePullPolicy == 'IfNotPresent'"),
        (
            "v1",
            "Pod",
            "spec: {containers: [{name: c, resources: {limits: {cpu: 2, memory: 1Gi}, requests: {cpu: 1}}}]}",
            "object.spec.containers[0].resources.requests == {'cpu': 1, 'memory': '1Gi'}",
        ),
        ("example.com/v1", "Deployment", "spec: {}", "!has(object.spec.replicas)"),
    ],
)  # fmt: skip
def test_defaults(tmp_path: Path, group: str, kind: str, spec: str, expression: str) -> None:
    seen = judged(tmp_path, manifest(group, kind, spec), a_policy(expression), a_binding())
    assert seen.verdict == "pass", seen.finding.message


def test_a_default_that_breaks_a_policy_points_at_the_block_that_could_say_otherwise(tmp_path: Path) -> None:
    text = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a, namespace: shop}\nspec:\n  paused: false\n"
    seen = judged(tmp_path, text, a_policy("object.spec.replicas >= 2"), a_binding())
    assert (seen.finding.origin.line, seen.finding.evidence[0].value) == (4, "1")
