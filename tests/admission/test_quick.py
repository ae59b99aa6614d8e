"""What the fast form of an admission policy says is what the exact one says, and most objects need no other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scanner import evaluate, normalize
from scanner.cel import interpreter
from scanner.model import Document, Ledger, Origin, Partition, ScanResult
from scanner.policy.admission import _quick, admission
from tests.admission.harness import EVERYTHING, a_binding, a_policy, scanned
from tests.admission.test_fuzz import NoFacts, document

NEVER = 10**9
EXPRESSIONS = [
    "object.spec.replicas <= 5",
    "object.spec.template.spec.containers.all(c, !c.image.endsWith(':latest'))",
    "has(object.metadata.labels) && 'team' in object.metadata.labels",
    "object.metadata.?labels.?team.orValue('none') != 'none'",
    "object.spec.replicas == 1 || object.spec.missing",
    "object.spec.missing || object.spec.replicas == 1",
    "request.userInfo.username == 'admin' || object.spec.replicas < 3",
    "object.spec.replicas < 3 && authorizer.group('').resource('pods').check('create').allowed()",
    "oldObject == null && params == null",
    "params != null",
    "variables.few || variables.tagged.exists(c, c.image == variables.first)",
    "variables.tagged.all(c, variables.images.exists(i, i == c.image))",
    "variables.images.all(c, variables.tagged.all(d, c != d.image))",
    "variables.broken || variables.few",
    "has(variables.few) && variables.few",
    "variables.count > 1 ? variables.few : variables.images[0].contains(':')",
    "request.namespace == 'shop'",
    "namespaceObject.metadata.labels.environment == 'prod'",
    "quantity(object.spec.size).isLessThan(quantity('1Gi'))",
    "size(object.metadata.name) < 4 && object.metadata.name.matches('^[a-z]+$')",
    "object.spec.replicas == 1.0 || object.spec.replicas in [2, 3]",
    "object.spec",
]
VARIABLES = [
    {"name": "few", "expression": "object.spec.replicas <= 2"},
    {"name": "images", "expression": "object.spec.template.spec.containers.map(c, c.image)"},
    {"name": "tagged", "expression": "object.spec.template.spec.containers.filter(c, c.image.contains(':'))"},
    {"name": "first", "expression": "variables.images[0]"},
    {"name": "count", "expression": "size(variables.tagged)"},
    {"name": "broken", "expression": "object.spec.nothing.here"},
]
ODD = st.sampled_from([None, True, 0, 1, 2, 3, 1.0, "1", "", "a:latest", "a:1", [], {}, ["a:1"], {"image": "b"}])
CONTAINER = st.fixed_dictionaries({}, optional={"image": ODD}) | ODD
OBJECT = st.fixed_dictionaries(
    {
        "metadata": st.fixed_dictionaries(
            {"name": st.sampled_from(["a", "b1", "long-name"])},
            optional={
                "labels": st.dictionaries(st.sampled_from(["team", "app"]), ODD) | ODD,
                "namespace": st.just("shop"),
            },
        ),
        "spec": st.fixed_dictionaries(
            {},
            optional={
                "replicas": ODD,
                "missing": ODD,
                "size": st.sampled_from(["1Mi", "2Gi", 1]),
                "template": st.just({})
                | st.fixed_dictionaries(
                    {"spec": st.fixed_dictionaries({"containers": st.lists(CONTAINER, max_size=3)})}
                ),
            },
        ),
    }
)


def told(expressions: list[str], conditions: list[str], thing: dict[str, Any], failure: str, patience: int) -> Any:
    spec = {
        "matchConstraints": {"resourceRules": [EVERYTHING]},
        "paramKind": {"apiVersion": "v1", "kind": "ConfigMap"},  # without one, `params` is not declared
        "failurePolicy": failure,
        "variables": VARIABLES,
        "matchConditions": [{"name": f"c{number}", "expression": one} for number, one in enumerate(conditions)],
        "validations": [{"expression": one} for one in expressions],
    }
    group = "admissionregistration.k8s.io/v1"
    binding = {"policyName": "p", "validationActions": ["Deny"]}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_quick, "_PATIENCE", patience)
        found = admission(
            [
                document("ValidatingAdmissionPolicy", group, spec=spec),
                document("ValidatingAdmissionPolicyBinding", group, spec=binding),
            ]
        )
        assert not found.complaints
        body = {"apiVersion": "apps/v1", "kind": "Deployment", **thing}
        one = Document("kubernetes", body, Origin("a.yaml", "kubernetes_manifest", (0,), "Deployment/p"))
        judge = evaluate.Judge(found.policies)
        said = [one.message for one in judge.partition(normalize.inventory(Partition("p", [one]), Ledger()), NoFacts())]
        return said, [dict(tally) for tally in judge.tallies.values()]


USABLE = [one for one in EXPRESSIONS if "variables" not in one]


@given(
    st.lists(st.sampled_from(EXPRESSIONS), min_size=1, max_size=2),
    st.lists(st.sampled_from(USABLE), max_size=2),
    OBJECT,
    st.sampled_from(["Fail", "Ignore"]),
)
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_both_forms_say_the_same(expressions: list[str], conditions: list[str], thing: Any, failure: str) -> None:
    arguments = (expressions, conditions, thing, failure)
    assert told(*arguments, patience=0) == told(*arguments, patience=NEVER)


def many(count: int) -> str:
    pods = (
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": f"p{number}", "namespace": "shop"},
            "spec": {"rank": number},
        }
        for number in range(count)
    )
    return yaml.safe_dump_all(pods)


def scan_of(folder: Path, *expressions: str, variables: list[dict[str, str]]) -> ScanResult:
    return scanned(folder, many(60), [a_policy(*expressions, variables=variables), a_binding()])


def test_objects_that_pass_are_not_asked_exactly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    exact = interpreter.evaluate
    monkeypatch.setattr(interpreter, "evaluate", lambda *given: asked.append(1) or exact(*given))
    limit = [{"name": "limit", "expression": "100"}, {"name": "ok", "expression": "object.spec.rank < variables.limit"}]
    result = scan_of(tmp_path, "variables.ok", variables=limit)
    assert [(verdict, len(uids)) for tally in result.tallies.values() for verdict, uids in tally.items()] == [
        ("pass", 60)
    ]
    assert 0 < len(asked) < 60


@pytest.mark.parametrize("step", ["variables.v{0} + variables.v{0}", "variables.v{0} + 1", "-(-variables.v{0})"])
def test_variables_that_grow_into_each_other_stop_nothing(tmp_path: Path, step: str) -> None:
    chain = [{"name": "v0", "expression": "object.spec.rank"}]
    chain += [{"name": f"v{number + 1}", "expression": step.format(number)} for number in range(120)]
    result = scan_of(tmp_path, "variables.v40 >= 0", "variables.v120 >= 0 || true", variables=chain)
    assert [(verdict, len(uids)) for tally in result.tallies.values() for verdict, uids in tally.items()] == [
        ("pass", 60)
    ]
