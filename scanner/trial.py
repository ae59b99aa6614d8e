"""Tries policies on their own cases: the spine over every case of each `<id>.test.yaml`.

The same runner serves govscan's packs and everybody else's. A case is a list entry:

    - name: bucket in Frankfurt
      source: terraform_plan            # or kubernetes_manifest, gcp_assets, vault_policy, vault_server
      given: {...}                      # or given_file: a path inside the pack's folder
      params: {...}                     # optional
      expect: pass                      # pass, fail, unknown, not_applicable
      resource: aws_s3_bucket.b         # optional: which resource's verdict
      message: part of the message      # optional, and so are:
      count: 2                          # how many resources got the verdict
      at: bucket_location               # what stands in the line that the finding points at
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson
from msgspec import Struct

from scanner import checked_yaml, load, policy
from scanner._trial_plan import expand
from scanner._trial_watch import answers, watched
from scanner.checked_yaml import Mistake
from scanner.errors import HOSTILE_SHAPE, GovscanError, PolicyError
from scanner.model import Finding, ScanResult, Verdict, address_of
from scanner.scan import Request, policies_of, scan, vocabulary

SCHEMA = Path(__file__).with_name("trial.schema.json")
_NAMES = {
    "terraform_plan": "plan.json",
    "kubernetes_manifest": "manifest.yaml",
    "gcp_assets": "assets.json",
    "vault_policy": "policy.hcl",
    "vault_server": "server.hcl",
}


class Outcome(Struct, frozen=True):
    """How one case went. `wrong` is empty where it went as expected."""

    pack: str
    policy_id: str
    case: str
    expect: str
    wrong: str
    answers: tuple[frozenset[bool], ...] = ()
    """For each validation of the policy, the truth values it was seen to have."""


def outcomes(packs: Sequence[Path]) -> Iterator[Outcome]:
    """Run every case of every policy of the packs. Raises `PolicyError` for broken policies, and for test files.

    What is wrong with a pack is told once, before any of its cases runs, not by each of them.
    """
    read = [(path, *_read(path)) for pack in packs for path in policy.files(pack)]
    _refuse([*_broken(packs), *(mistake for _, _, mistakes in read for mistake in mistakes)])
    for path, found, _ in read:
        for case in found:
            yield _run(path, case)


def cases(path: Path) -> list[Mapping[str, Any]]:
    """The cases of a policy file; empty where there is no test file. Raises `PolicyError` for a broken one."""
    found, mistakes = _read(path)
    _refuse(mistakes)
    return found


def _read(path: Path) -> tuple[list[Mapping[str, Any]], list[Mistake]]:
    """The cases of a policy file, or what is wrong with its test file."""
    tests = path.with_suffix(".test.yaml")
    if not tests.is_file():
        return [], []
    body, mistakes = checked_yaml.read(tests)
    mistakes = mistakes or checked_yaml.check(tests, body, SCHEMA)
    return ([], mistakes) if mistakes else (list(body), [])


def _broken(packs: Sequence[Path]) -> Iterator[Mistake]:
    """What is wrong with the policies of each pack, which is a world of its own: two may use the same id."""
    for pack in packs:
        yield from policy.mistakes((pack,), vocabulary())


def _refuse(mistakes: Sequence[Mistake]) -> None:
    if mistakes:
        lines = "\n".join(map(str, mistakes))
        raise PolicyError(f"The packs cannot be tested:\n{lines}", "Correct each line above and run again.")


def _run(path: Path, case: Mapping[str, Any]) -> Outcome:
    seen: tuple[frozenset[bool], ...] = ()
    with tempfile.TemporaryDirectory() as folder:
        try:
            result, seen = _scan(path, case, Path(folder))
            wrong = _compare(path.stem, case, result)
        except GovscanError as error:
            wrong = error.message
    return Outcome(path.parent.name, path.stem, case["name"], case["expect"], wrong, seen)


def _scan(path: Path, case: Mapping[str, Any], folder: Path) -> tuple[ScanResult, tuple[frozenset[bool], ...]]:
    target = _target(path.parent, case, folder)
    params = {path.stem: case["params"]} if "params" in case else {}
    settings = policy.Settings(params=params, only=(path.stem,))
    base = path.parent.resolve() if "given_file" in case else folder
    request = Request((str(target),), (path.parent,), load.Options(base=base), settings)
    one, programs = watched(next(found for found in policies_of(request) if found.id == path.stem))
    result = scan(request, [one])
    return result, answers(one, programs, result.tallies[one.id])


def _target(pack: Path, case: Mapping[str, Any], folder: Path) -> Path:
    if "given_file" in case:
        return _inside(pack, case["given_file"])
    target = folder / _NAMES[case["source"]]
    given = case["given"]
    try:
        if isinstance(given, str):
            target.write_text(given, encoding="utf-8")
        else:
            body = expand(given) if case["source"] == "terraform_plan" else given
            target.write_bytes(orjson.dumps(body, option=orjson.OPT_INDENT_2))
    except HOSTILE_SHAPE as error:
        message = f"what is given is no {case['source']} ({type(error).__name__})"
        raise PolicyError(message, "See the form of a case in CONTRIBUTING.md.") from None
    return target


def _inside(pack: Path, name: str) -> Path:
    """A file of the pack, which may be a stranger's: what lies or leads elsewhere is not looked at.

    Raises `PolicyError`, which tells nothing about that place, not even whether something is there.
    """
    top = pack.resolve()
    try:
        found = (top / name).resolve()
    except (OSError, RuntimeError, ValueError):  # links in a circle, a name that no file can have
        found = Path("/")
    if not found.is_relative_to(top):
        raise PolicyError(f"given_file '{name}' does not lie in the pack's folder", "Copy the file into the pack.")
    return found


def _compare(policy_id: str, case: Mapping[str, Any], result: ScanResult) -> str:
    """What differs from the expectation, in one sentence; empty where nothing does."""
    verdict = Verdict(case["expect"])
    got = {kind: list(uids) for kind, uids in result.tallies[policy_id].items() if uids}
    if "resource" in case:
        got = {
            kind: mine for kind, uids in got.items() if (mine := [uid for uid in uids if _is(uid, case["resource"])])
        }
    if verdict not in got:
        problems = "".join(f"; problem: {problem.message}" for problem in result.problems)
        return f"expected {verdict}, got {_told(got)}{problems}"
    if "resource" not in case and "count" not in case and len(got) > 1:
        return f"expected only {verdict}, got {_told(got)}; name the resource or the count"
    if len(got[verdict]) != case.get("count", len(got[verdict])):
        return f"expected {case['count']} times {verdict}, got {_told(got)}"
    return _compare_findings(case, [found for found in result.findings if found.resource_uid in got[verdict]])


def _compare_findings(case: Mapping[str, Any], findings: Sequence[Finding]) -> str:
    message, at = case.get("message", ""), case.get("at", "")
    if message and not any(message in found.message for found in findings):
        return f"expected a message with '{message}', got: {'; '.join(found.message for found in findings)}"
    lines = [_line(found) for found in findings]
    if at and not any(at in line for line in lines):
        return f"expected a finding at a line with '{at}', got: {'; '.join(lines)}"
    return ""


def _line(found: Finding) -> str:
    if not found.frame:
        return ""
    return found.frame.lines[found.origin.line - found.frame.first_line].strip()


def _is(uid: str, address: str) -> bool:
    return address in {uid, address_of(uid)}


def _told(got: Mapping[Verdict, Sequence[str]]) -> str:
    told = (f"{kind} for {', '.join(map(address_of, uids))}" for kind, uids in got.items())
    return "; ".join(told) or "no verdict at all"
