"""The shipped policies and the cases they are tried on, for tests that ask something else of the same cases."""

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import ryaml

from scanner import load, policy, trial
from scanner.model import Policy, ScanResult
from scanner.scan import Request, policies_of, scan

ROOT = Path(__file__).resolve().parent.parent


class Case(NamedTuple):
    policy: Path
    given: Any
    """A plan in short form, or the objects of a manifest."""


def plans() -> Iterator[tuple[str, Case]]:
    for name, path, case in _cases("terraform_plan"):
        if isinstance(case.get("given"), dict):
            yield name, Case(path, case["given"])


def manifests() -> Iterator[tuple[str, Case]]:
    for name, path, case in _cases("kubernetes_manifest"):
        if isinstance(case.get("given"), str):
            yield name, Case(path, [body for body in ryaml.loads_all(case["given"]) if isinstance(body, dict)])


def _cases(source: str) -> Iterator[tuple[str, Path, Mapping[str, Any]]]:
    for pack in policy.packs(ROOT / "policies"):
        for path in policy.files(pack):
            for case in trial.cases(path):
                if case["source"] == source:
                    yield f"{path.stem}: {case['name']}", path, case


def judged(path: Path, target: Path, text: str) -> ScanResult:
    """What the policy of a file says of a text, written to `target`."""
    target.write_text(text)
    return scan(
        Request((str(target),), (path.parent,), load.Options(base=target.parent)), [_policies(path.parent)[path.stem]]
    )


@cache
def _policies(pack: Path) -> Mapping[str, Policy]:
    return {one.id: one for one in policies_of(Request((), (pack,), load.Options(base=ROOT)))}


def addresses(result: ScanResult) -> dict[str, str]:
    """Address to its verdict, of the one policy that was asked."""
    (tally,) = result.tallies.values()
    return {uid.partition("#")[2]: verdict.value for verdict, uids in tally.items() for uid in uids if "#" in uid}
