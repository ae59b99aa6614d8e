"""What is wrong with admission policies is said at once, with file, line and column; never a crash."""

from pathlib import Path

import pytest

from scanner import load
from scanner.errors import PolicyError, UsageError
from scanner.scan import Request, scan

BROKEN = """
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata:
  name: broken
spec:
  failurePolicy: Perhaps
  matchConstraints:
    resourceRules:
      - {apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}
    objectSelector:
      matchExpressions:
        - {key: a, operator: Like, values: [b]}
  matchConditions:
    - name: number
      expression: size(object.spec)
    - {name: variable, expression: variables.late == 1}
  variables:
    - name: early
      expression: variables.late
    - name: late
      expression: object.spec
    - {name: a-b, expression: "1"}
  validations:
    - expression: object.spec.containers.all(c, c.image.nosuch())
    - expression: jsonpatch.escapeKey('a') == 'a'
    - expression: >-
        object.spec.a &&
        object.spec.b(
    - message: nothing to check
    - {expression: "true", messageExpression: authorizer.path('/').check('get').reason()}
    - expression: "true"
      messageExpression: size(object.spec)
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata:
  name: broken
spec:
  policyName: broken
  validationActions: [Deny, Warn]
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata:
  name: idle
spec:
  policyName: broken
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata:
  name: broken
spec: {}
"""


def complaints(folder: Path, text: str) -> list[str]:
    (folder / "policies.yaml").write_text(text.lstrip("\n"), encoding="utf-8")
    with pytest.raises(PolicyError) as caught:
        scan(_request(folder, folder / "policies.yaml"))
    return caught.value.message.splitlines()[1:]


def _request(folder: Path, admission: Path) -> Request:
    return Request(targets=(str(folder),), packs=(), options=load.Options(base=folder), admission=(str(admission),))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (6, "failurePolicy must be Fail or Ignore"),
        (10, "objectSelector must have a key in each of its matchExpressions, and as operator one of In"),
        (16, "there is no variable 'late' here"),
        (30, "a message cannot ask the authorizer"),
        (15, "is int, must be bool"),
        (19, "there is no variable 'late' here"),
        (22, "a variable cannot be called 'a-b'"),
        (24, "nosuch"),
        (25, "jsonpatch"),
        (26, "Syntax error"),
        (29, "expression must be a text"),
        (32, "is int, must be string"),
        (40, "Deny and Warn may not be used together"),
        (46, "validationActions must be some of Deny, Warn, Audit"),
        (52, "another admission policy is called broken too"),
        (53, "there must be validations or auditAnnotations"),
        (53, "matchConstraints.resourceRules must name at least one resource"),
    ],
)
def test_every_mistake_has_its_line(tmp_path: Path, line: int, said: str) -> None:
    found = complaints(tmp_path, BROKEN)
    assert [one for one in found if one.startswith(f"policies.yaml:{line}:") and said in one], found


def test_expressions_see_params_only_where_the_policy_has_a_kind_of_them(tmp_path: Path) -> None:
    text = BROKEN.replace(
        "expression: size(object.spec)\n    - {name: variable", "expression: params.on\n    - {name: variable"
    )
    told = "there are no params, because the policy has no paramKind, in: params.on"
    assert f"policies.yaml:15:7: {told}" in complaints(tmp_path, text)
    kind = "  failurePolicy: Fail\n  paramKind: {apiVersion: v1, kind: ConfigMap}"
    assert told not in "".join(complaints(tmp_path, text.replace("  failurePolicy: Perhaps", kind)))


def test_what_an_author_meant_is_told_as_in_our_own_policies(tmp_path: Path) -> None:
    text = BROKEN.replace("c.image.nosuch()", "c.image = 'a'")
    told = "Syntax error: '=' cannot stand here; write == to compare (column 39 of: object.spec.containers.all("
    assert any(told in one for one in complaints(tmp_path, text))


@pytest.mark.parametrize(
    "spec", ["{}", "3", "[]", "{validations: 3, matchConstraints: [1], variables: {a: b}}", "null"]
)
def test_any_shape_is_complained_about(tmp_path: Path, spec: str) -> None:
    head = "apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingAdmissionPolicy\nmetadata: {name: odd}\n"
    assert complaints(tmp_path, f"{head}spec: {spec}\n")


def test_files_without_a_policy_are_a_usage_error(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n", encoding="utf-8")
    with pytest.raises(UsageError, match="no ValidatingAdmissionPolicy"):
        scan(_request(tmp_path, tmp_path / "a.yaml"))


def test_a_path_that_is_not_there_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no file or folder"):
        scan(_request(tmp_path, tmp_path / "absent"))
