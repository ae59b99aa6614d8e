"""The twins law: the same estate seen from two sources may differ by `unknown`, never by pass against fail."""

from collections.abc import Mapping
from itertools import combinations
from pathlib import Path

import pytest
import ryaml

from scanner import load, policy
from scanner.model import ScanResult, Verdict
from scanner.scan import Request, scan

ROOT = Path(__file__).resolve().parent.parent
CASES = sorted(path.parent for path in (ROOT / "fixtures" / "twins").glob("*/verdicts.yaml"))
SOURCES = ("plan.json", "assets.json", "manifests.yaml", "cluster.json")

NOT_IN_A_STATE = {"inline-secret", "provider-managed-encryption-key", "terraform-secret-outside-vault"}
"""Policies about who wrote or chose a value, which a state does not tell."""

Verdicts = Mapping[tuple[str, str, str], Verdict]
"""Canonical type, resource name and policy to the verdict."""


@pytest.fixture(scope="module", params=CASES, ids=lambda case: case.name)
def case(request: pytest.FixtureRequest) -> Path:
    return Path(request.param)


@pytest.fixture(scope="module")
def seen(case: Path) -> Mapping[str, Verdicts]:
    """What each source of the estate leads to, by file name without its suffix."""
    files = [case / name for name in SOURCES if (case / name).is_file()]
    return {file.stem: _verdicts(_scan(file)) for file in files}


def test_a_case_has_at_least_two_sources(seen: Mapping[str, Verdicts]) -> None:
    assert len(seen) > 1


def test_no_resource_passes_in_one_source_and_fails_in_another(seen: Mapping[str, Verdicts]) -> None:
    opposite = {Verdict.PASS, Verdict.FAIL}
    broken = [
        f"{key}: {here}={seen[here][key]}, {there}={seen[there][key]}"
        for here, there in combinations(seen, 2)
        for key in seen[here].keys() & seen[there].keys()
        if {seen[here][key], seen[there][key]} == opposite
    ]
    assert broken == []


def test_every_resource_is_seen_by_every_source(seen: Mapping[str, Verdicts]) -> None:
    names = [{(kind, name) for kind, name, _ in verdicts} for verdicts in seen.values()]
    assert all(found == names[0] for found in names)


def test_verdicts_are_the_expected_ones(case: Path, seen: Mapping[str, Verdicts]) -> None:
    expected = ryaml.loads((case / "verdicts.yaml").read_text(encoding="utf-8"))
    wanted = {
        (source, name, policy_id): verdict
        for name, policies in expected.items()
        for policy_id, verdicts in policies.items()
        for source, verdict in verdicts.items()
    }
    got = {
        (source, name, policy_id): verdict.value
        for source, verdicts in seen.items()
        for (_, name, policy_id), verdict in verdicts.items()
        if (source, name, policy_id) in wanted and verdict is not Verdict.NOT_APPLICABLE
    }
    assert got == wanted


def _scan(file: Path) -> ScanResult:
    packs = tuple(policy.packs(policy.shipped()))
    return scan(Request((str(file),), packs, load.Options(base=file.parent)))


def _verdicts(result: ScanResult) -> Verdicts:
    """Aggregate policies judge groups, not resources, and are left out."""
    return {
        (result.resources[uid].type, result.resources[uid].name, policy_id): verdict
        for policy_id, tally in result.tallies.items()
        for verdict, uids in tally.items()
        for uid in uids
        if uid in result.resources
    }


@pytest.mark.parametrize("folder", sorted((ROOT / "fixtures" / "terraform").iterdir()), ids=lambda folder: folder.name)
def test_a_configuration_and_its_plan_never_contradict_each_other(folder: Path) -> None:
    planned, written = (_by_address(_scan_all(folder, suffix)) for suffix in ("json", "tf"))
    assert {address for address, _ in planned} == {address for address, _ in written}
    opposite = {Verdict.PASS, Verdict.FAIL}
    broken = [
        f"{key}: plan={planned[key]}, configuration={written[key]}"
        for key in planned.keys() & written.keys()
        if {planned[key], written[key]} == opposite
    ]
    assert broken == []
    failing = [key for key, verdict in planned.items() if verdict is Verdict.FAIL]
    assert len(failing) > 10
    assert [key for key in failing if written[key] is not Verdict.FAIL] == []


@pytest.mark.parametrize("state", ["state.json", "terraform.tfstate"])
@pytest.mark.parametrize("folder", sorted((ROOT / "fixtures" / "state").iterdir()), ids=lambda folder: folder.name)
def test_what_stands_never_contradicts_its_plan_and_its_configuration(folder: Path, state: str) -> None:
    """Both were applied as they are. A state cannot tell who chose a value, so it leaves more open."""
    standing = _by_address(_scan(folder / state))
    opposite = {Verdict.PASS, Verdict.FAIL}
    for other in (_by_address(_scan(folder / "plan.json")), _by_address(_scan_all(folder, "tf"))):
        resources = {address for address, _ in other if not address.startswith(("var.", "output.", "provider."))}
        assert {address for address, _ in standing} == resources
        shared = standing.keys() & other.keys()
        assert [(key, standing[key]) for key in shared if {standing[key], other[key]} == opposite] == []
        failing = [key for key in shared if other[key] is Verdict.FAIL]
        assert len(failing) > 10
        assert {
            policy_id for address, policy_id in failing if standing[address, policy_id] is not Verdict.FAIL
        } <= NOT_IN_A_STATE


@pytest.mark.parametrize("folder", sorted((ROOT / "fixtures" / "forms").iterdir()), ids=lambda folder: folder.name)
def test_one_estate_in_json_and_in_native_files_is_judged_alike_and_as_its_plan(folder: Path) -> None:
    """Both were planned as they are, with these choices: variables from four places, and a workspace."""
    values = (folder / "prod.tfvars", ("trainers", "4"), ("password", "quartz-Meadow-93-saddle"))
    choices = load.Terraform("prod", values)
    native, in_json = (
        _by_address(_scan_all(folder / form, "tf", "tf.json", choices=choices)) for form in ("native", "json")
    )
    assert native == in_json
    for planned in (_by_address(_scan(folder / form / "plan.json")) for form in ("native", "json")):
        assert planned.keys() == native.keys()
        opposite = {Verdict.PASS, Verdict.FAIL}
        assert [(key, planned[key]) for key in planned if {planned[key], native[key]} == opposite] == []
        failing = [key for key, verdict in planned.items() if verdict is Verdict.FAIL]
        assert len(failing) > 5
        assert [key for key in failing if native[key] is not Verdict.FAIL] == []


@pytest.mark.parametrize("folder", sorted((ROOT / "fixtures" / "forms").iterdir()), ids=lambda folder: folder.name)
def test_a_plan_of_a_part_never_contradicts_the_plan_of_the_whole(folder: Path) -> None:
    """`target.json` was planned with -target: what depends on the targets is left out of it."""
    result = _scan(folder / "native" / "target.json")
    part, whole = _by_address(result), _by_address(_scan(folder / "native" / "plan.json"))
    assert [problem.incomplete for problem in result.problems] == [False]
    assert len(part) > 10
    opposite = {Verdict.PASS, Verdict.FAIL}
    assert [(key, part[key]) for key in part if {part[key], whole[key]} == opposite] == []
    left_open = ("module.models.aws_s3_bucket.this", "provider-managed-encryption-key")
    assert (part[left_open], whole[left_open]) == (Verdict.UNKNOWN, Verdict.PASS)


@pytest.mark.parametrize("name", ["plan.json", "state.json", "terraform.tfstate"])
def test_what_opentofu_writes_is_judged_as_what_terraform_writes(name: str, tmp_path: Path) -> None:
    """Their files differ in where providers come from."""
    folder = ROOT / "fixtures" / "state" / "fraud-serving-aws"
    (tmp_path / name).write_text((folder / name).read_text().replace("registry.terraform.io", "registry.opentofu.org"))
    assert "registry.opentofu.org" in (tmp_path / name).read_text()
    found = _by_address(_scan(tmp_path / name))
    assert len(found) > 100
    assert found == _by_address(_scan(folder / name))


def _scan_all(folder: Path, *suffixes: str, choices: load.Terraform | None = None) -> ScanResult:
    files = tuple(str(file) for suffix in suffixes for file in sorted(folder.glob(f"*.{suffix}")))
    packs = tuple(policy.packs(policy.shipped()))
    return scan(Request(files, packs, load.Options(base=folder, terraform=choices or load.Terraform())))


def _by_address(result: ScanResult) -> Mapping[tuple[str, str], Verdict]:
    """Policies about what a plan destroys are left out: nothing but a plan says that."""
    return {
        (result.resources[uid].origin.address, policy_id): verdict
        for policy_id, tally in result.tallies.items()
        if not result.policies[policy_id].match.changes
        for verdict, uids in tally.items()
        for uid in uids
        if uid in result.resources
    }
