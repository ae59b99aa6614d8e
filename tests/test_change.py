"""What a plan's change does to each finding: introduced, left, fixed or unclear; and gates on the first alone."""

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from scanner import load, policy
from scanner.model import Effect, Ledger, Past, ScanResult, Verdict
from scanner.normalize import estates
from scanner.scan import Request, scan
from tests.test_cli import ROOT, govscan

CHANGE = ROOT / "fixtures" / "terraform" / "ledger-change-aws"
PLANS = Path("/work/shared/corpora/plans")
Values = Mapping[str, Any]
OPEN: Values = {
    "identifier": "db",
    "engine": "postgres",
    "publicly_accessible": True,
    "arn": "arn:aws:rds:eu-west-1:1:db:db",
}
CLOSED: Values = {**OPEN, "publicly_accessible": False}
STAY, MAKE, UPDATE, DELETE, REPLACE = ["no-op"], ["create"], ["update"], ["delete"], ["delete", "create"]


def change(
    address: str, actions: list[str], before: Values | None, after: Values | None, **parts: Any
) -> dict[str, Any]:
    kind, name = address.split(".")
    unknown = parts.pop("unknown", {})
    marks = parts.pop("was_sensitive", {})
    told = {"actions": actions, "before": before, "after": after, "after_unknown": unknown, "before_sensitive": marks}
    return {"address": address, "mode": "managed", "type": kind, "name": name, "change": told, **parts}


def scanned(folder: Path, *changes: Mapping[str, Any], only: str = "public-database", **parts: Any) -> ScanResult:
    body = {"format_version": "1.2", "terraform_version": "1.11.4", "resource_changes": changes, **parts}
    (folder / "plan.json").write_text(json.dumps(body))
    return _scan(folder / "plan.json", only)


def _scan(file: Path, *only: str) -> ScanResult:
    packs = tuple(policy.packs(policy.shipped()))
    return scan(Request((str(file),), packs, load.Options(base=file.parent), policy.Settings(only=only)))


def effects(result: ScanResult) -> dict[str, str]:
    """Address of each failure, and of what is fixed, to its effect."""
    found = (*(one for one in result.findings if one.verdict is Verdict.FAIL), *result.fixed)
    return {one.resource_uid.partition("#")[2]: str(one.effect) for one in found}


@pytest.mark.parametrize(
    ("actions", "before", "after", "expected"),
    [
        (MAKE, None, OPEN, "introduced"),
        (UPDATE, CLOSED, OPEN, "introduced"),
        (UPDATE, OPEN, {**OPEN, "engine": "mysql"}, "left"),
        (REPLACE, OPEN, OPEN, "left"),
        (REPLACE, CLOSED, OPEN, "introduced"),
        (["create", "delete"], OPEN, CLOSED, "fixed"),
        (STAY, OPEN, OPEN, "left"),
        (UPDATE, OPEN, CLOSED, "fixed"),
        (DELETE, OPEN, None, "fixed"),
        (UPDATE, None, OPEN, "unclear"),
        (["forget"], OPEN, None, None),
    ],
)
def test_before_against_after(
    tmp_path: Path, actions: list[str], before: Values | None, after: Values | None, expected: str | None
) -> None:
    other = change("aws_db_instance.other", UPDATE, {**CLOSED, "identifier": "x"}, {**CLOSED, "identifier": "y"})
    found = effects(scanned(tmp_path, change("aws_db_instance.db", actions, before, after), other))
    assert found == ({"aws_db_instance.db": expected} if expected else {})


def test_a_resource_that_moves_is_the_same_one(tmp_path: Path) -> None:
    moved = change("aws_db_instance.new", STAY, OPEN, OPEN, previous_address="aws_db_instance.old")
    assert effects(scanned(tmp_path, moved, change("aws_db_instance.b", MAKE, None, CLOSED))) == {
        "aws_db_instance.new": "left"
    }


def test_a_resource_under_another_name_is_another_one(tmp_path: Path) -> None:
    gone, new = change("aws_db_instance.old", DELETE, OPEN, None), change("aws_db_instance.new", MAKE, None, OPEN)
    assert effects(scanned(tmp_path, gone, new)) == {
        "aws_db_instance.old": "fixed",
        "aws_db_instance.new": "introduced",
    }


def test_what_a_former_replacement_left_behind_is_not_what_stands(tmp_path: Path) -> None:
    left_behind = change("aws_db_instance.db", DELETE, CLOSED, None, deposed="12ab34cd")
    assert effects(scanned(tmp_path, left_behind, change("aws_db_instance.db", STAY, OPEN, OPEN))) == {
        "aws_db_instance.db": "left"
    }


def test_a_satellite_changes_the_verdict_on_a_parent_that_stays(tmp_path: Path) -> None:
    bucket = {"bucket": "b", "id": "b", "arn": "arn:aws:s3:::b"}
    blocks = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")
    acl = {"bucket": "b", "acl": "public-read"}
    shut = {"bucket": "b", **dict.fromkeys(blocks, True)}
    stays = change("aws_s3_bucket.b", STAY, bucket, bucket)
    readable = change("aws_s3_bucket_acl.b", STAY, acl, acl)
    kind = "aws_s3_bucket_public_access_block.b"
    expected = [
        (change(kind, DELETE, shut, None), "introduced"),
        (change(kind, MAKE, None, shut), "fixed"),
        (change(kind, UPDATE, shut, {**shut, **dict.fromkeys(blocks, False)}), "introduced"),
    ]
    for satellite, effect in expected:
        assert effects(scanned(tmp_path, stays, readable, satellite, only="public-bucket")) == {
            "aws_s3_bucket.b": effect
        }


def test_an_unknown_value_that_was_bad_is_not_said_to_be_fixed(tmp_path: Path) -> None:
    after = {key: value for key, value in OPEN.items() if key != "publicly_accessible"}
    unknown = {"publicly_accessible": True}
    result = scanned(tmp_path, change("aws_db_instance.db", UPDATE, OPEN, after, unknown=unknown))
    assert not result.fixed
    [found] = result.findings
    assert (found.verdict, found.effect) == (Verdict.UNKNOWN, Effect.LEFT)
    assert "internet" in found.was or "public" in found.was


def test_a_plan_without_changes_claims_nothing(tmp_path: Path) -> None:
    """Some tools cut a plan down to its planned values, which do not tell what stays."""
    entry = {
        "address": "aws_db_instance.db",
        "mode": "managed",
        "type": "aws_db_instance",
        "name": "db",
        "values": OPEN,
    }
    body = {
        "format_version": "1.2",
        "terraform_version": "1",
        "planned_values": {"root_module": {"resources": [entry]}},
    }
    (tmp_path / "plan.json").write_text(json.dumps(body))
    assert effects(_scan(tmp_path / "plan.json", "public-database")) == {"aws_db_instance.db": "none"}


def test_a_secret_of_before_is_shown_nowhere(tmp_path: Path) -> None:
    before = {**OPEN, "password": "correct-horse-battery", "tags": {"note": "correct-horse-battery"}}
    gone = change("aws_db_instance.db", UPDATE, before, CLOSED, was_sensitive={"password": True})
    scanned(tmp_path, gone)
    done = govscan(tmp_path, "scan", "plan.json", "--report", "a.json", "--report", "a.html", "--report", "a.sarif")
    written = [file.read_text() for file in tmp_path.glob("a.*")]
    assert len(written) == 3
    assert not any("correct-horse" in text for text in (*written, done.stdout, done.stderr))


MACHINES: Values = {"instance_type": "p4d.24xlarge", "arn": "arn:aws:ec2:eu-west-1:1:instance/i-1"}


def group(tmp_path: Path, stays: int, added: int, removed: int, capacity: int) -> ScanResult:
    changes = [
        *(change(f"aws_instance.s{number}", STAY, MACHINES, MACHINES) for number in range(stays)),
        *(change(f"aws_instance.a{number}", MAKE, None, MACHINES) for number in range(added)),
        *(change(f"aws_instance.r{number}", DELETE, MACHINES, None) for number in range(removed)),
    ]
    (tmp_path / "plan.json").write_text(
        json.dumps({"format_version": "1.2", "resource_changes": changes, "terraform_version": "1"})
    )
    packs = tuple(policy.packs(policy.shipped()))
    name = "accelerator-capacity-exceeded"
    settings = policy.Settings(params={name: {"default_capacity": capacity}}, only=(name,))
    return scan(Request((str(tmp_path / "plan.json"),), packs, load.Options(base=tmp_path), settings))


@pytest.mark.parametrize(
    ("stays", "added", "removed", "effect", "told"),
    [
        (1, 2, 0, "introduced", "this change adds 16 to 8"),
        (3, 0, 0, "left", ""),
        (3, 1, 0, "introduced", "this change adds 8 to 24"),  # it was too much, and gets worse
        (3, 0, 2, "left", "this change takes 16 away"),
        (1, 0, 2, "fixed", ""),
        (0, 0, 3, "fixed", ""),
        (0, 3, 0, "introduced", ""),
    ],
)
def test_sums_are_compared(tmp_path: Path, stays: int, added: int, removed: int, effect: str, told: str) -> None:  # noqa: PLR0913, PLR0917  # a row of the table
    result = group(tmp_path, stays, added, removed, capacity=16)
    [found] = [*result.findings, *result.fixed]
    assert str(found.effect) == effect
    assert found.message.endswith(told)
    assert "this change" in found.message if told else "this change" not in found.message


def test_the_fixture_of_a_real_change() -> None:
    result = _scan(CHANGE / "plan.json")
    found = {
        (one.policy_id, one.resource_uid.partition("#")[2]): one.effect for one in (*result.findings, *result.fixed)
    }
    zone = 'module.zone["{}"].aws_s3_bucket.this'.format
    assert found["public-bucket", zone("entries")] is Effect.INTRODUCED
    assert found["public-bucket", zone("intake")] is Effect.INTRODUCED
    assert found["public-bucket", zone("statements")] is Effect.FIXED
    assert found["plaintext-bucket-access", zone("statements")] is Effect.LEFT
    assert found["unencrypted-data", "aws_rds_cluster.ledger"] is Effect.FIXED
    assert found["unencrypted-data", "aws_ebs_volume.spill[1]"] is Effect.LEFT
    assert found["inline-secret", "aws_rds_cluster.ledger"] is Effect.UNCLEAR


def gate(folder: Path, *changes: Mapping[str, Any], config: str = "", words: tuple[str, ...] = ()) -> int:
    scanned(folder, *changes)
    (folder / "govscan.yaml").write_text(config or "{}")
    return govscan(folder, "scan", "plan.json", "--policy", "public-database", *words).returncode


ONLY = ("--only", "introduced")


def test_a_gate_on_what_is_introduced(tmp_path: Path) -> None:
    left = change("aws_db_instance.db", STAY, OPEN, OPEN)
    assert gate(tmp_path, left) == 1
    assert gate(tmp_path, left, words=ONLY) == 0
    assert gate(tmp_path, left, config="only: introduced") == 0
    new = change("aws_db_instance.new", MAKE, None, OPEN)
    assert gate(tmp_path, left, new, words=ONLY) == 1
    assert gate(tmp_path, left, new, words=(*ONLY, "--fail-on", "critical")) == 0
    unclear = change("aws_db_instance.db", UPDATE, None, OPEN)
    assert gate(tmp_path, unclear, words=ONLY) == 1


def test_what_has_no_before_stops_a_gate_on_what_is_introduced(tmp_path: Path) -> None:
    (tmp_path / "db.yaml").write_text(
        "apiVersion: v1\nkind: Secret\nmetadata: {name: db}\nstringData: {password: correct-horse}\n"
    )
    done = govscan(tmp_path, "scan", "db.yaml", *ONLY)
    assert done.returncode == 1
    assert "secret-manifest-in-git" in done.stdout


def test_the_terminal_shows_what_is_introduced_and_counts_the_rest(tmp_path: Path) -> None:
    for words, shows_left in ((), True), (ONLY, False):
        done = govscan(tmp_path, "scan", str(CHANGE / "plan.json"), *words)
        assert "introduced" in done.stdout
        assert ("aws_ebs_volume.spill" in done.stdout) == shows_left
        [line] = [line for line in done.stdout.splitlines() if line.startswith("Change")]
        assert "introduced" in line
        assert "left" in line
        assert "fixed" in line
        assert "1 unclear" in line


def test_a_second_estate_is_built_only_where_the_two_differ(tmp_path: Path) -> None:
    made, stays = change("aws_db_instance.a", MAKE, None, OPEN), change("aws_db_instance.b", STAY, OPEN, OPEN)
    for changes, past in (([made], Past.EMPTY), ([stays], Past.SAME), ([made, stays], Past.OTHER)):
        scanned(tmp_path, *changes)
        ledger = Ledger()
        [partition] = load.partitions((str(tmp_path / "plan.json"),), load.Options(base=tmp_path), ledger)
        found = estates(partition, ledger)
        assert found.past is past
        assert (found.before is not None) == (past is Past.OTHER)


@pytest.mark.skipif(not PLANS.is_dir(), reason="the corpora are not here")
def test_plans_of_other_people() -> None:
    created = _scan(PLANS / "tam_vpc_complete.json")
    applied = _scan(PLANS / "tam_vpc_complete__after_apply.json")
    changed = _scan(PLANS / "tam_vpc_complete__update_replace_delete.json")
    assert set(effects(created).values()) == {"introduced"}
    assert set(effects(applied).values()) <= {"left"}
    assert not applied.fixed
    assert Counter(effects(changed).values())["left"] > 0


@pytest.mark.parametrize("actions", [STAY, UPDATE])
@pytest.mark.parametrize("rule", ["inline-secret", "secret-shown-by-terraform"])
def test_a_plan_does_not_tell_what_a_variable_was(tmp_path: Path, actions: list[str], rule: str) -> None:
    """A password may have been typed into its default by this very change, so a gate has to stop it."""
    written = {"variables": {"db_password": {"default": "plum-Harbor-71-lantern"}}}
    other = change(
        "aws_db_instance.db", actions, CLOSED, {**CLOSED, "engine": "mysql"} if actions == UPDATE else CLOSED
    )
    result = scanned(tmp_path, other, only=rule, configuration={"root_module": written})
    assert effects(result) == {"var.db_password": "unclear"}


def test_a_plan_does_not_tell_what_a_provider_was(tmp_path: Path) -> None:
    token = {"expressions": {"token": {"constant_value": "plum-Harbor-71-lantern"}}}
    other = change("aws_db_instance.db", UPDATE, CLOSED, {**CLOSED, "engine": "mysql"})
    result = scanned(tmp_path, other, only="inline-secret", configuration={"provider_config": {"vault": token}})
    assert effects(result) == {"provider.vault": "unclear"}


def test_a_plan_does_not_tell_what_a_write_only_argument_was(tmp_path: Path) -> None:
    """It is null before and after, whatever it is."""
    block = {"address": "aws_db_instance.db", "mode": "managed", "type": "aws_db_instance", "name": "db"}
    written = {**block, "expressions": {"password_wo": {"constant_value": "plum-Harbor-71-lantern"}}}
    was, now = {**CLOSED, "password_wo": None}, {**CLOSED, "password_wo": None, "engine": "mysql"}
    parts = {"only": "inline-secret", "configuration": {"root_module": {"resources": [written]}}}
    result = scanned(tmp_path, change("aws_db_instance.db", UPDATE, was, now), **parts)
    assert effects(result) == {"aws_db_instance.db": "unclear"}


@pytest.mark.parametrize(("version", "effect"), [(1, "unclear"), (None, "introduced")])
def test_where_a_write_only_argument_came_from_is_not_known(tmp_path: Path, version: int | None, effect: str) -> None:
    """Its version tells that there was one."""
    block = {"address": "aws_db_instance.db", "mode": "managed", "type": "aws_db_instance", "name": "db"}
    reference = "ephemeral.aws_secretsmanager_secret_version.s"
    written = {**block, "expressions": {"password_wo": {"references": [f"{reference}.secret_string", reference]}}}
    was = {**CLOSED, "password_wo": None, "password_wo_version": version}
    now = {**CLOSED, "password_wo": None, "password_wo_version": 2}
    parts = {"only": "terraform-secret-outside-vault", "configuration": {"root_module": {"resources": [written]}}}
    result = scanned(tmp_path, change("aws_db_instance.db", UPDATE, was, now), **parts)
    assert effects(result) == {"aws_db_instance.db": effect}


def test_what_a_plan_destroys_is_judged_as_it_was_and_is_its_doing() -> None:
    result = _scan(CHANGE / "plan.json")
    losing = {name for name, one in result.policies.items() if one.match.changes}
    lost = {(one.policy_id, one.resource_uid.partition("#")[2]) for one in result.findings if one.policy_id in losing}
    assert lost == {
        ("database-destroyed-without-snapshot", "aws_rds_cluster.ledger"),
        ("database-destroyed-without-snapshot", "aws_rds_cluster.reports"),
        ("encryption-key-destroyed-soon", "aws_kms_key.statements"),
        ("audit-log-destroyed", "aws_cloudwatch_log_group.audit"),
    }
    assert {one.effect for one in result.findings if one.policy_id in losing} == {Effect.INTRODUCED}
    assert result.tallies["database-destroyed-without-snapshot"][Verdict.PASS] == ["plan.json#aws_rds_cluster.archive"]
    [replaced] = [one for one in result.findings if one.policy_id in losing and "ledger is to be" in one.message]
    assert (
        replaced.origin.uri,
        replaced.frame and replaced.frame.lines[replaced.origin.line - replaced.frame.first_line],
    ) == (
        "databases.tf",
        "  skip_final_snapshot = true",
    )


def test_nothing_is_destroyed_where_nothing_is_deleted(tmp_path: Path) -> None:
    kept = {**CLOSED, "skip_final_snapshot": True}
    changes = (
        change("aws_db_instance.a", UPDATE, kept, {**kept, "engine": "mysql"}),
        change("aws_db_instance.b", MAKE, None, kept),
    )
    assert effects(scanned(tmp_path, *changes, only="database-destroyed-without-snapshot")) == {}


def test_a_policy_about_what_is_destroyed_cannot_be_an_aggregate(tmp_path: Path) -> None:
    lost = (policy.shipped() / "cost" / "budget-destroyed.yaml").read_text()
    (tmp_path / "pack.yaml").write_text("title: ours\ndescription: ours\n")
    (tmp_path / "budget-destroyed.yaml").write_text(lost + "group_by: {name: resource.name}\nmeasure: {count: true}\n")
    done = govscan(tmp_path, "policy", "lint", ".")
    assert done.returncode == 2, done.stdout
    assert "nothing that a plan destroys is in a sum" in done.stdout + done.stderr


def test_why_something_destroyed_fails_is_explained(tmp_path: Path) -> None:
    words = ("policy", "explain", "database-destroyed-without-snapshot", str(CHANGE / "plan.json"))
    done = govscan(tmp_path, *words, "--resource", "aws_rds_cluster.reports")
    assert done.returncode == 0, done.stderr
    assert "delete in delete, replace" in done.stdout


def test_a_plan_that_destroys_everything(tmp_path: Path) -> None:
    gone = [
        change("aws_db_instance.a", DELETE, {**OPEN, "skip_final_snapshot": True}, None),
        change("aws_s3_bucket.b", DELETE, {"bucket": "b", "force_destroy": True}, None),
    ]
    (tmp_path / "plan.json").write_text(
        json.dumps({"format_version": "1.2", "terraform_version": "1.11.4", "resource_changes": gone})
    )
    done = govscan(tmp_path, "scan", "plan.json", *ONLY)
    assert done.returncode == 1
    assert "database-destroyed-without-snapshot" in done.stdout
    assert "data-destroyed-with-its-store" in done.stdout
