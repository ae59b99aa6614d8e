"""The cases of a policy, and everything that is wrong with them before one is tried."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from scanner import checked_yaml, policy
from scanner.checked_yaml import Mistake
from scanner.errors import PolicyError
from scanner.model import Path as BodyPath

SCHEMA = Path(__file__).with_name("trial.schema.json")
Case = Mapping[str, Any]


def file_of(path: Path) -> Path:
    """The test file of a policy file."""
    return path.with_suffix(".test.yaml")


def read(path: Path) -> tuple[list[Case], list[Mistake]]:
    """The cases of a policy file, or what is wrong with its test file; neither where it has none."""
    tests = file_of(path)
    if not tests.is_file():
        return [], []
    body, mistakes = checked_yaml.read(tests)
    mistakes = mistakes or [*checked_yaml.check(tests, body, SCHEMA), *_parameters(path, tests, body)]
    mistakes.sort(key=lambda one: (one.line, one.column))
    return ([], mistakes) if mistakes else (list(body), [])


def inside(pack: Path, name: str) -> Path:
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


def absent(path: Path) -> list[Mistake]:
    """Files that cases are given and that are not there, or not the pack's. Elsewhere they fail their case."""
    tests = file_of(path)
    body = checked_yaml.read(tests)[0] if tests.is_file() else None
    cases = enumerate(body) if isinstance(body, list) else ()
    named = [(number, name) for number, case in cases if isinstance(name := _map(case).get("given_file"), str)]
    told = [(number, message) for number, name in named if (message := _absent(path.parent, name))]
    return checked_yaml.mistakes(tests, [((number, "given_file"), message) for number, message in told])


def _absent(pack: Path, name: str) -> str:
    try:
        return "" if inside(pack, name).exists() else f"there is no file '{name}' in the pack's folder"
    except PolicyError as error:
        return error.message


def _parameters(path: Path, tests: Path, body: Any) -> Sequence[Mistake]:
    """Parameters of cases that the policy does not have, or not of this type."""
    told = list(_wrong_parameters(path, body)) if isinstance(body, list) else []
    return checked_yaml.mistakes(tests, told) if told else []


def _wrong_parameters(path: Path, body: Sequence[Any]) -> Iterator[tuple[BodyPath, str]]:
    given = [(number, case["params"]) for number, case in enumerate(body) if _map(_map(case).get("params"))]
    defaults = _map(_map(checked_yaml.read(path)[0]).get("params")) if given else {}
    for number, params in given:
        for name, message in policy.wrong_params(path.stem, params, defaults):
            yield (number, "params", name), message


def _map(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
