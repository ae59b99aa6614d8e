"""Admission policies and manifests as text; what a scan says about them."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson
from msgspec import Struct

from scanner import load
from scanner.model import Finding, ScanResult
from scanner.scan import Request, scan

DEPLOYMENTS = {
    "apiGroups": ["apps"],
    "apiVersions": ["v1"],
    "operations": ["CREATE", "UPDATE"],
    "resources": ["deployments"],
}
EVERYTHING = {"apiGroups": ["*"], "apiVersions": ["*"], "operations": ["*"], "resources": ["*"]}


def a_policy(*expressions: str | dict[str, Any], name: str = "demo.example.com", **spec: Any) -> dict[str, Any]:
    validations = [{"expression": one} if isinstance(one, str) else one for one in expressions]
    body = {"matchConstraints": {"resourceRules": [EVERYTHING]}, "validations": validations, **spec}
    return {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingAdmissionPolicy",
        "metadata": {"name": name},
        "spec": body,
    }


def a_binding(policy: str = "demo.example.com", *, name: str = "demo", **spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingAdmissionPolicyBinding",
        "metadata": {"name": name},
        "spec": {"policyName": policy, "validationActions": ["Deny"], **spec},
    }


class Seen(Struct, frozen=True):
    result: ScanResult

    @property
    def verdicts(self) -> dict[str, str]:
        """`Kind/name` to verdict, over all admission policies."""
        tallies = self.result.tallies.values()
        return {
            uid.partition("#")[2]: verdict.value for tally in tallies for verdict, uids in tally.items() for uid in uids
        }

    @property
    def verdict(self) -> str | None:
        """Of the only object judged; None where no policy is about it."""
        found = list(self.verdicts.values())
        assert len(found) <= 1
        return found[0] if found else None

    @property
    def finding(self) -> Finding:
        (found,) = self.result.findings
        return found

    def place(self) -> tuple[int, list[str]]:
        return self.finding.origin.line, [one.path for one in self.finding.evidence]


def judged(folder: Path, manifests: str, *admission: dict[str, Any]) -> Seen:
    return Seen(scanned(folder, manifests, admission))


def scanned(
    folder: Path, manifests: str, admission: Sequence[dict[str, Any]], packs: Sequence[Path] = ()
) -> ScanResult:
    (folder / "admission").mkdir()
    (folder / "manifests").mkdir()
    (folder / "admission" / "policies.json").write_bytes(
        orjson.dumps({"apiVersion": "v1", "kind": "List", "items": list(admission)})
    )
    (folder / "manifests" / "all.yaml").write_text(textwrap.dedent(manifests).lstrip(), encoding="utf-8")
    return scan(
        Request(
            targets=(str(folder / "manifests"),),
            packs=tuple(packs),
            options=load.Options(base=folder),
            admission=(str(folder / "admission"),),
        )
    )
