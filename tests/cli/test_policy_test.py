"""`govscan policy test`: the cases, what they leave untried, and the report for CI."""

from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import yaml

from tests.cli.command import PASSES, ROOT, govscan, write_policy

WORDS = {"message": "{resource.name} is none of {params.words}"}
SUITE = {"package", "id", "name", "timestamp", "hostname", "tests", "failures", "errors", "time"}
"""What Ant's schema requires of an aggregated suite."""


def test_a_validation_that_no_case_saw_fail_is_named(tmp_path: Path) -> None:
    validations = [
        {"expression": "resource.name in params.words", **WORDS},
        {"expression": "size(resource.name)\n > 0", "message": "it has no name at all"},
    ]
    write_policy(tmp_path / "ours", "nameless-secret", validations=validations)
    done = govscan(tmp_path, "policy", "test", "ours")
    assert done.returncode == 0
    assert done.stdout == (
        "UNTRIED nameless-secret: validation 2 was never false\n        size(resource.name) > 0\n2 passed, 0 failed\n"
    )


def test_a_policy_without_cases_is_untried_in_both_directions(tmp_path: Path) -> None:
    write_policy(tmp_path / "ours", "nameless-secret").with_suffix(".test.yaml").unlink()
    done = govscan(tmp_path, "policy", "test", "ours")
    assert done.returncode == 3
    assert "validation 1 was never true or false" in done.stdout


def test_broken_policies_are_told_once_and_not_by_each_case(tmp_path: Path) -> None:
    write_policy(tmp_path / "ours", "nameless-secret")
    write_policy(tmp_path / "ours", "first-secret", severity="huge")
    write_policy(tmp_path / "ours", "second-secret", validations=[{"expression": "resource.nam == ''", **WORDS}])
    done = govscan(tmp_path, "policy", "test", "ours")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("ours/first-secret.yaml:3:1: severity: must be") == 1
    assert done.stderr.count("there is no 'resource.nam' here; did you mean 'resource.name'?") == 1


PLAN = {"source": "terraform_plan", "given": {"resources": [{"address": "aws_s3_bucket.b", "values": {}}]}}
SECRET = {"source": "kubernetes_manifest", "given": PASSES}


@pytest.mark.parametrize(
    ("case", "said"),
    [
        ({**SECRET, "expect": "fail"}, "expected fail, got pass for Secret/db"),
        (
            {**SECRET, "expect": "pass", "resource": "Secret/bd"},
            "expected pass, got none for 'Secret/bd'; there is pass for Secret/db",
        ),
        ({**PLAN, "expect": "pass"}, "got no verdict at all; the policy matches none of aws_s3_bucket.b"),
        ({**SECRET, "given": {"kin": "Secret"}, "expect": "pass"}, "no resource was read from what is given"),
        ({**SECRET, "expect": "pass", "message": "a word"}, "expected a message with 'a word', got: none"),
    ],
)
def test_a_case_that_fails_names_its_line_and_what_is_there_instead(
    tmp_path: Path, case: dict[str, Any], said: str
) -> None:
    tests = write_policy(tmp_path / "ours", "nameless-secret").with_suffix(".test.yaml")
    tests.write_text(f"# what we tried\n{yaml.safe_dump([{'name': 'one', **SECRET, 'expect': 'pass'}])}")
    line = tests.read_text().count("\n") + 1
    tests.write_text(tests.read_text() + yaml.safe_dump([{"name": "two", **case}]))
    done = govscan(tmp_path, "policy", "test", "ours")
    assert done.returncode == 1, done.stderr
    assert f"FAILED  nameless-secret: two\n        ours/nameless-secret.test.yaml:{line}: expected" in done.stdout
    assert said in done.stdout


def test_parameters_of_a_case_are_told_with_its_lines(tmp_path: Path) -> None:
    tests = write_policy(tmp_path / "ours", "nameless-secret").with_suffix(".test.yaml")
    with tests.open("a") as cases:
        cases.write(
            "- {name: more, source: kubernetes_manifest, given: '', expect: pass, params: {word: [], words: a}}\n"
        )
    said = [
        "ours/nameless-secret.test.yaml:22:79: the policy nameless-secret has no parameter 'word'; did you mean 'words'?",
        "ours/nameless-secret.test.yaml:22:89: the policy nameless-secret needs list(string) as parameter 'words', not string",
    ]
    for command in ("test", "lint"):
        done = govscan(tmp_path, "policy", command, "ours")
        assert done.returncode == 2
        assert "\n".join(said) in done.stdout + done.stderr


def test_all_broken_test_files_are_told_at_once(tmp_path: Path) -> None:
    for name in ("first-secret", "second-secret"):
        write_policy(tmp_path / "ours", name).with_suffix(".test.yaml").write_text("")
    done = govscan(tmp_path, "policy", "test", "ours")
    assert (done.returncode, done.stdout) == (2, "")
    assert "ours/first-secret.test.yaml:1:1: is empty\nours/second-secret.test.yaml:1:1: is empty\n" in done.stderr


def test_all_broken_packs_are_told_at_once(tmp_path: Path) -> None:
    write_policy(tmp_path / "ours", "first-secret", severity="huge")
    write_policy(tmp_path / "theirs", "second-secret").with_suffix(".test.yaml").write_text("")
    write_policy(tmp_path / "others", "third-secret", title="")
    done = govscan(tmp_path, "policy", "test", "ours", "theirs", "others")
    assert (done.returncode, done.stdout) == (2, "")
    for said in ("ours/first-secret.yaml:3:1:", "theirs/second-secret.test.yaml:1:1:", "others/third-secret.yaml:2:1:"):
        assert done.stderr.count(said) == 1


def test_all_packs_that_are_nowhere_are_told_at_once(tmp_path: Path) -> None:
    write_policy(tmp_path / "ours", "first-secret")
    done = govscan(tmp_path, "policy", "test", "our", "ours", "secretz")
    assert done.returncode == 2
    assert "There is no pack 'our':" in done.stderr
    assert "; did you mean 'ours'?" in done.stderr
    assert "There is no pack 'secretz':" in done.stderr
    assert "; did you mean 'secrets'?" in done.stderr


def test_every_validation_of_the_shipped_packs_is_seen_true_and_false() -> None:
    done = govscan(ROOT, "policy", "test", "policies")
    assert done.returncode == 0
    assert "UNTRIED" not in done.stdout


def test_the_junit_report_has_a_suite_for_each_policy_and_what_the_schemas_require(tmp_path: Path) -> None:
    write_policy(tmp_path / "ours", "nameless-secret")
    broken = write_policy(tmp_path / "ours", "untitled-secret").with_suffix(".test.yaml")
    broken.write_text(
        broken.read_text().replace("expect: fail", "expect: unknown").replace("it has none", "it\\x1b <&")
    )
    done = govscan(tmp_path, "policy", "test", "ours", "--junit", "deep/out.xml")
    assert done.returncode == 1
    root = ET.fromstring((tmp_path / "deep/out.xml").read_bytes())  # noqa: S314  # our own output
    assert (root.tag, root.attrib) == ("testsuites", {})
    assert [suite.get("name") for suite in root] == ["nameless-secret", "untitled-secret"]
    for suite in root:
        assert set(suite.attrib) == SUITE
        assert [child.tag for child in suite] == ["properties", "testcase", "testcase", "system-out", "system-err"]
        assert all(set(case.attrib) == {"name", "classname", "time"} for case in suite.iter("testcase"))
    [failure] = root.iter("failure")
    assert set(failure.attrib) == {"message", "type"}
    assert failure.get("message", "").startswith("expected unknown, got fail for Secret/nobody")
    assert [suite.get("failures") for suite in root] == ["0", "1"]


def test_the_same_cases_give_the_same_bytes(tmp_path: Path) -> None:
    write_policy(tmp_path / "ours", "nameless-secret")
    for name in ("one.xml", "two.xml"):
        govscan(tmp_path, "policy", "test", "ours", "--junit", name)
    assert (tmp_path / "one.xml").read_bytes() == (tmp_path / "two.xml").read_bytes()
