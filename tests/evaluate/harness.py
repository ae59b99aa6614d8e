"""Policies from a few words, resources by hand, and the judge over them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from scanner import evaluate, policy
from scanner.model import Citation, Inventory, Origin, Policy, Resource

VOCABULARY = policy.Vocabulary(
    facts={"accelerators.count": "int", "accelerators.model": "string", "owner.team": "string"},
    types={"storage.bucket": {"tls_required": "bool", "regions": "list(string)"}, "workload": {"spot": "bool"}},
)


class Facts:
    """The same facts for every resource, unless said otherwise for one."""

    def __init__(self, of: Mapping[str, dict[str, dict[str, Any]]] | None = None) -> None:
        self._of = of or {}
        self.common: Mapping[str, dict[str, Any]] = {}

    def values_for(self, uid: str) -> dict[str, dict[str, Any]]:
        return self._of.get(uid, {"owner": {"team": "fraud"}, "accelerators": {"count": 0, "model": ""}})

    def citation(self, uid: str, path: str) -> Citation | None:
        return None

    def sensitive(self, uid: str) -> tuple[tuple[str | int, ...], ...]:
        return ()


def a_policy(folder: Path, **parts: Any) -> Policy:
    body = {
        "id": "bad-thing",
        "title": "Something is bad",
        "severity": "high",
        "family": "tests",
        "match": {"types": ["storage.bucket"]},
        "validations": [{"expression": "resource.attributes.tls_required", "message": "plain HTTP is accepted"}],
        "rationale": "Because the test says that it matters.",
        "remediation": "Make it good.",
        "controls": [],
        **parts,
    }
    folder.mkdir(exist_ok=True)
    (folder / f"{body['id']}.yaml").write_bytes(orjson.dumps(body))
    return policy.load([folder], VOCABULARY, policy.Settings(only=(body["id"],)))[0]


def a_resource(name: str = "b", **parts: Any) -> Resource:
    body = {
        "uid": f"plan.json#aws_s3_bucket.{name}",
        "type": "storage.bucket",
        "native_type": "aws_s3_bucket",
        "provider": "aws",
        "name": name,
        "region": "eu-west-1",
        "tags": {},
        "attributes": {"tls_required": True, "regions": []},
        "native": {},
        "origin": Origin("plan.json", "terraform_plan", (), f"aws_s3_bucket.{name}"),
        **parts,
    }
    return Resource(**body)


def verdicts(policy_: Policy, *resources: Resource, facts: Facts | None = None) -> dict[str, str]:
    """Resource name, or group, to verdict; all judgements finished, so that explaining runs as well."""
    judge = evaluate.Judge([policy_])
    list(judge.partition(Inventory(resources), facts or Facts()))
    list(judge.totals())
    return {
        uid.rpartition(".")[2] if "#" in uid else uid: str(verdict)
        for verdict, uids in judge.tallies[policy_.id].items()
        for uid in uids
    }
