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

from scanner import _trial_cases, load, policy
from scanner._trial_compare import compare
from scanner._trial_plan import expand
from scanner._trial_watch import answers, watched
from scanner.checked_yaml import Mistake
from scanner.errors import HOSTILE_SHAPE, GovscanError, PolicyError
from scanner.model import ScanResult
from scanner.scan import Request, policies_of, scan, vocabulary
from scanner.yaml_positions import Positions

SCHEMA = _trial_cases.SCHEMA
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
    place: str = ""
    """File and line of a case that did not go as expected."""


def outcomes(packs: Sequence[Path]) -> Iterator[Outcome]:
    """Run every case of every policy of the packs. Raises `PolicyError` for broken policies, and for test files.

    What is wrong with a pack is told once, before any of its cases runs, not by each of them.
    """
    read = [(path, *_trial_cases.read(path)) for pack in packs for path in policy.files(pack)]
    _refuse([*_broken(packs), *(mistake for _, _, mistakes in read for mistake in mistakes)])
    for path, found, _ in read:
        for number, case in enumerate(found):
            yield _run(path, number, case)


def mistakes(path: Path) -> list[Mistake]:
    """What is wrong with the test file of a policy file."""
    return _trial_cases.read(path)[1] + _trial_cases.absent(path)


def cases(path: Path) -> list[Mapping[str, Any]]:
    """The cases of a policy file; empty where there is no test file. Raises `PolicyError` for a broken one."""
    found, mistakes = _trial_cases.read(path)
    _refuse(mistakes)
    return found


def _broken(packs: Sequence[Path]) -> Iterator[Mistake]:
    """What is wrong with the policies of each pack, which is a world of its own: two may use the same id."""
    for pack in packs:
        yield from policy.mistakes((pack,), vocabulary())


def _refuse(mistakes: Sequence[Mistake]) -> None:
    if mistakes:
        lines = "\n".join(map(str, mistakes))
        raise PolicyError(f"The packs cannot be tested:\n{lines}", "Correct each line above and run again.")


def _run(path: Path, number: int, case: Mapping[str, Any]) -> Outcome:
    seen: tuple[frozenset[bool], ...] = ()
    with tempfile.TemporaryDirectory() as folder:
        try:
            result, seen = _scan(path, case, Path(folder))
            wrong = compare(path.stem, case, result)
        except GovscanError as error:
            wrong = error.message
    place = _place(path, number) if wrong else ""
    return Outcome(path.parent.name, path.stem, case["name"], case["expect"], wrong, seen, place)


def _place(path: Path, number: int) -> str:
    """Where a case stands."""
    tests = _trial_cases.file_of(path)
    line, _ = Positions(tests).of((number,))
    return f"{tests}:{line}"


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
        return _trial_cases.inside(pack, case["given_file"])
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
