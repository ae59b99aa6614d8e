"""Who knows less never says the opposite: a value that becomes unknown may turn a verdict into `unknown`, no more.

Every value of every plan of the shipped policies' cases is taken away in turn.
"""

import copy
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from scanner._trial_plan import expand
from tests.shipped import Case, addresses, judged, plans

OPPOSITES = {("pass", "fail"), ("fail", "pass")}

WRITTEN_DOWN = {"inline-secret", "secret-argument-kept-in-state"}
"""About what somebody wrote. A value that is computed nobody wrote, so it says something after all."""

CANNOT_BE = {
    # A file system that is made has an id that no other resource can name in words.
    ("plaintext-file-system", "aws_efs_file_system.notebooks", "id"),
    # The configuration of the provider is there and has no default tags, whatever the plan leaves open.
    ("missing-cost-tags", "aws_s3_bucket.features", "tags_all"),
}
"""Values that are never unknown like this in a plan of Terraform."""

DECIDED = {
    ("vault-token-lives-too-long", "vault_jwt_auth_backend_role.ci", "backend"),
    ("vault-token-lives-too-long", "vault_jwt_auth_backend.forge", "path"),
    ("vault-token-lives-too-long", "vault_jwt_auth_backend.forge", "tune"),
    ("vault-token-lives-too-long", "vault_jwt_auth_backend.forge", "tune.0.max_lease_ttl"),
}
"""A limit that is too long is one, unless a mount in view cuts it short: mounts mostly belong to somebody else."""


CASES = {name: case for name, case in plans() if case.policy.stem not in WRITTEN_DOWN}


def verdicts(path: Path, given: Mapping[str, Any], target: Path) -> dict[str, str]:
    return addresses(judged(path, target, json.dumps(expand(given))))


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every key of a mapping, however deep."""
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        if isinstance(value, dict) and "." not in key:
            yield (*path, key)
        yield from places(inner, (*path, key))


def without(given: Mapping[str, Any], number: int, path: tuple[Any, ...]) -> dict[str, Any]:
    """The plan in which one value is known only after apply."""
    changed = copy.deepcopy(dict(given))
    entry = changed["resources"][number]
    holder = entry["values"]
    for key in path[:-1]:
        holder = holder[key]
    del holder[path[-1]]
    entry["unknown"] = [*entry.get("unknown", []), ".".join(map(str, path))]
    return changed


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_value_less_turns_no_verdict_into_its_opposite(case: Case, tmp_path: Path) -> None:
    path, given = case
    whole = verdicts(path, given, tmp_path / "plan.json")
    for number, entry in enumerate(given.get("resources", [])):
        if "no-op" in entry.get("actions", ()):
            continue  # what stays is known
        for place in places(entry.get("values") or {}):
            dotted = ".".join(map(str, place))
            if (path.stem, entry["address"], dotted) in CANNOT_BE | DECIDED:
                continue
            less = verdicts(path, without(given, number, place), tmp_path / "plan.json")
            turned = {one for one in whole.keys() & less.keys() if (whole[one], less[one]) in OPPOSITES}
            assert turned == set(), f"{entry['address']}: {dotted}"
