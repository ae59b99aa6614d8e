"""Every case of every shipped policy for manifests, judged once more as a cluster would give the same objects.

`kubectl get -o json` gives one list, with what the cluster added: ages, ids, field managers, a status. That may settle
what files leave open, and never turns a pass into a failure or back.
"""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import ryaml

from scanner import load, policy, trial
from scanner.model import Policy, Verdict
from scanner.scan import Request, policies_of, scan

ROOT = Path(__file__).resolve().parent.parent


def cases() -> Iterator[tuple[str, tuple[Path, Mapping[str, Any]]]]:
    for pack in policy.packs(ROOT / "policies"):
        for path in policy.files(pack):
            for case in trial.cases(path):
                if case["source"] == "kubernetes_manifest" and isinstance(case.get("given"), str):
                    yield f"{path.stem}: {case['name']}", (path, case)


CASES = dict(cases())


def dumped(text: str) -> str:
    objects = [_live(ryaml.loads(part), number) for number, part in enumerate(text.split("\n---\n")) if part.strip()]
    return json.dumps({"apiVersion": "v1", "kind": "List", "metadata": {"resourceVersion": ""}, "items": objects})


def _live(body: dict[str, Any], number: int) -> dict[str, Any]:
    """The object with what a cluster adds to it; later objects are younger."""
    fields = {"manager": "kubectl", "operation": "Apply", "fieldsType": "FieldsV1", "fieldsV1": {"f:spec": {}}}
    added = {
        "uid": f"00000000-0000-4000-8000-{number:012}",
        "resourceVersion": str(1000 + number),
        "generation": 1,
        "creationTimestamp": f"2026-01-{number + 1:02}T00:00:00Z",
        "managedFields": [fields],
    }
    status = {"observedGeneration": 1, "conditions": []}
    return {**body, "metadata": {**body.get("metadata", {}), **added}, "status": status}


@cache
def shipped(pack: Path) -> Mapping[str, Policy]:
    return {one.id: one for one in policies_of(Request((), (pack,), load.Options(base=ROOT)))}


def verdicts(path: Path, case: Mapping[str, Any], target: Path, text: str) -> dict[str, Verdict]:
    """Resource to its verdict."""
    target.write_text(text)
    settings = policy.Settings(params={path.stem: case["params"]} if "params" in case else {}, only=(path.stem,))
    request = Request((str(target),), (path.parent,), load.Options(base=target.parent), settings)
    chosen = policies_of(request) if "params" in case else tuple(shipped(path.parent).values())
    result = scan(request, [one for one in chosen if one.id == path.stem])
    assert result.problems == ()
    tally = result.tallies[path.stem]
    return {uid.partition("#")[2]: verdict for verdict, uids in tally.items() for uid in uids}


def test_there_are_cases_to_compare() -> None:
    assert len(CASES) > 150
    assert len({path for path, _ in CASES.values()}) >= 60


@pytest.mark.parametrize("name", CASES)
def test_a_cluster_is_judged_like_its_manifests(name: str, tmp_path: Path) -> None:
    path, case = CASES[name]
    written = verdicts(path, case, tmp_path / "manifest.yaml", case["given"])
    live = verdicts(path, case, tmp_path / "cluster.json", dumped(case["given"]))
    assert written
    assert written.keys() == live.keys()
    settled = {uid for uid, verdict in written.items() if verdict is Verdict.UNKNOWN}
    assert {uid: live[uid] for uid in live.keys() - settled} == {uid: written[uid] for uid in written.keys() - settled}
