"""What ValidatingAdmissionPolicies cost against govscan's own policies that ask the same of the same Deployments.

    python benchmarks/admissions.py

Prints, as JSON, how many policies and Deployments there are, and the seconds that judging takes by the admission
policies and by ours, in one process. One in fifty Deployments breaks a policy.
"""

from __future__ import annotations

import tempfile
import timeit
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import orjson
import yaml

from scanner import admission, analyze, evaluate, load, normalize, scan
from scanner.model import Ledger, Policy

DEPLOYMENTS, RUNS = 500, 7
CONTAINERS = "spec.template.spec.containers"
NON_ROOT = "has(c.securityContext) && has(c.securityContext.runAsNonRoot) && c.securityContext.runAsNonRoot"
# What both ask; `it` is `object` there and `resource.native` here.
ASKED = {
    "replica-limit": "it.spec.replicas <= 5",
    "no-latest": f"it.{CONTAINERS}.all(c, !c.image.endsWith(':latest'))",
    "has-team": "has(it.metadata.labels) && 'team' in it.metadata.labels",
    "non-root": f"it.{CONTAINERS}.all(c, {NON_ROOT})",
    "registry": f"it.{CONTAINERS}.all(c, c.image.startsWith('registry.example.com/'))",
}
RULE = {
    "apiGroups": ["apps"],
    "apiVersions": ["v1"],
    "operations": ["CREATE", "UPDATE"],
    "resources": ["deployments"],
}


def main(folder: Path) -> None:
    """Judge the same Deployments by both."""
    (folder / "pack").mkdir()
    (folder / "pack" / "pack.yaml").write_text("title: Asked\ndescription: The same as at admission.\n")
    for name, expression in ASKED.items():
        (folder / "pack" / f"{name}.yaml").write_text(yaml.safe_dump(_ours(name, expression)))
    (folder / "admission.yaml").write_text(yaml.safe_dump_all(_theirs()))
    (folder / "deployments.yaml").write_text(yaml.safe_dump_all(map(_deployment, range(DEPLOYMENTS))))
    request = scan.Request((str(folder / "deployments.yaml"),), (folder / "pack",), load.Options(base=folder))
    theirs = admission.policies((str(folder / "admission.yaml"),), request.options, Ledger())
    seconds = [_seconds(policies, request) for policies in (theirs, scan.compiled(request))]
    print(orjson.dumps([len(ASKED), DEPLOYMENTS, *seconds]).decode())


def _seconds(policies: Sequence[Policy], request: scan.Request) -> float:
    (partition,) = load.partitions(request.targets, request.options, Ledger())
    inventory = normalize.inventory(partition, Ledger())
    facts = analyze.facts(inventory, Ledger(), scan.facts_read(policies))
    judges = iter([evaluate.Judge(policies) for _ in range(RUNS)])
    return min(timeit.repeat(lambda: list(next(judges).partition(inventory, facts)), number=1, repeat=RUNS))


def _ours(name: str, expression: str) -> dict[str, Any]:
    return {
        "id": name,
        "title": f"Asked: {name}",
        "severity": "high",
        "family": "asked",
        "match": {"types": ["workload"], "native_types": ["apps/Deployment"]},
        "validations": [{"expression": expression.replace("it.", "resource.native."), "message": f"{name} is broken"}],
        "rationale": "It is measured against the same question at admission, which is asked in another form.",
        "remediation": "Do what the message says is needed.",
        "controls": [],
    }


def _theirs() -> Iterator[dict[str, Any]]:
    for name, expression in ASKED.items():
        validation = {"expression": expression.replace("it.", "object."), "message": f"{name} is broken"}
        matched = {"matchConstraints": {"resourceRules": [RULE]}, "validations": [validation]}
        yield _document("ValidatingAdmissionPolicy", name, {"failurePolicy": "Fail", **matched})
        bound = {"policyName": name, "validationActions": ["Deny"]}
        yield _document("ValidatingAdmissionPolicyBinding", name, bound)


def _document(kind: str, name: str, spec: dict[str, Any]) -> dict[str, Any]:
    return {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": kind,
        "metadata": {"name": name},
        "spec": spec,
    }


def _deployment(number: int) -> dict[str, Any]:
    labels = {"app": f"shop-{number}", "team": "shop"}
    pod = {
        "metadata": {"labels": labels},
        "spec": {"containers": [_container(number, one) for one in ("app", "proxy")]},
    }
    spec = {"replicas": 3 if number % 50 else 9, "selector": {"matchLabels": labels}, "template": pod}
    metadata = {"name": f"shop-{number}", "namespace": "shop", "labels": labels}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": spec}


def _container(number: int, name: str) -> dict[str, Any]:
    return {
        "name": name,
        "image": f"registry.example.com/{name}:1.{number}",
        "env": [{"name": "REGION", "value": "eu-west-1"}],
        "resources": {"limits": {"cpu": "1", "memory": "1Gi"}},
        "securityContext": {"runAsNonRoot": True},
    }


with tempfile.TemporaryDirectory() as made:
    main(Path(made))
