import gzip
import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from msgspec.structs import replace

from scanner import report
from scanner.model import Finding, Frame, Origin, ScanResult, Severity, Verdict
from tests.report import samples

RESULTS = {
    "small": samples.small(),
    "changed": samples.changed(),
    "clean": samples.clean(),
    "nothing": samples.nothing(),
    "hostile": samples.hostile(),
    "many": samples.many(400),
}


def at(origin: Origin, frame: Frame | None = None, **changes: Any) -> ScanResult:
    """The small result, with one failure that stands there."""
    failure = replace(samples.small().findings[0], origin=origin, frame=frame, evidence=(), related=(), **changes)
    return replace(samples.small(), findings=(failure,))


def origin(uri: str = "a.tf", **numbers: int) -> Origin:
    return Origin(uri, "terraform_plan", address="aws_db_instance.main", **numbers)


ODD_PLACES = {
    "standard input": at(origin("<stdin>", line=3, column=1, end_line=3, end_column=4)),
    "no line": at(origin()),
    "no column": at(origin(line=2)),
    "outside the folder": at(origin("../elsewhere/a.tf", line=1)),
    "absolute": at(origin("/srv/a b.tf", line=1)),
    "signs in the name": at(origin("é dir/a#b?c%d[0].tf", line=1)),
    "one line of code": at(origin(line=5, column=1, end_line=5, end_column=6), Frame(5, ("a = 1",))),
    "code elsewhere": at(origin(line=50, column=1, end_line=50, end_column=6), Frame(5, ("a = 1", "b = 2"))),
    "several lines": at(origin(line=5, column=3, end_line=6, end_column=2), Frame(4, ("{", "  a", "}", ""))),
    "columns after a removed secret": at(origin(line=1, column=20, end_line=1, end_column=90), Frame(1, ("a", "b"))),
    "markup in the message": at(origin(line=1), message="see [this](https://example.com) and {0}"),
    "no message, no fingerprint": at(origin(line=1), message="", fingerprint=""),
}


def run(result: ScanResult) -> Any:
    document = json.loads(report.render("sarif", result))
    assert document["version"] == "2.1.0"
    (only,) = document["runs"]
    return only


def only_place(result: ScanResult) -> Any:
    (found,) = run(result)["results"]
    return found["locations"][0]["physicalLocation"]


@pytest.fixture(scope="session")
def multitool(root: Path) -> Path:
    program = root / "tests" / "tools" / "sarif-multitool"
    if not (root / "out" / "tools" / "sarif-multitool" / "node_modules").is_dir():
        pytest.skip("run `tests/tools/sarif-multitool install` first")
    return program


@pytest.fixture(scope="session")
def oasis_schema(root: Path, multitool: Path) -> Any:
    """The schema that OASIS published; it comes with the validator."""
    folder = root / "out" / "tools" / "sarif-multitool" / "node_modules"
    return json.loads(next(folder.rglob("sarif-2.1.0.json")).read_bytes())


@pytest.mark.node
@pytest.mark.parametrize("name", [*RESULTS, *ODD_PLACES])
def test_the_report_follows_the_schema_of_oasis(name: str, oasis_schema: Any) -> None:
    document = json.loads(report.render("sarif", (RESULTS | ODD_PLACES)[name]))
    jsonschema.validate(document, oasis_schema)


@pytest.mark.node
def test_microsofts_validator_finds_no_error_and_no_warning(multitool: Path, tmp_path: Path) -> None:
    for number, result in enumerate((RESULTS | ODD_PLACES).values()):
        (tmp_path / f"{number}.sarif").write_bytes(report.render("sarif", result))
    files = sorted(tmp_path.glob("*.sarif"))
    done = subprocess.run(
        [multitool, "validate", *files, "--rule-kind", "Sarif;GHAS"],
        check=False,  # it exits 1 where it finds anything; what it found is read below
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert f"{len(files)} files scanned" in done.stdout
    assert re.findall(r"^.*: (?:error|warning) .*$", done.stdout, re.MULTILINE) == []


def test_only_failures_are_results() -> None:
    failures = [one for one in samples.small().findings if one.verdict is Verdict.FAIL]
    assert [one["ruleId"] for one in run(samples.small())["results"]] == [one.policy_id for one in failures]


def test_what_could_not_be_read_or_judged_is_told_as_a_notification() -> None:
    (invocation,) = run(samples.small())["invocations"]
    texts = [note["message"]["text"] for note in invocation["toolExecutionNotifications"]]
    assert texts[0] == "deploy/broken.yaml: The YAML ends inside a quoted text at line 14. Close the quote."
    assert "could not be judged: no such key: settings.ipConfiguration.sslMode." in texts[2]
    assert run(samples.small())["properties"]["verdicts"]["unknown"] == 1


def test_every_policy_is_a_rule_even_where_nothing_failed() -> None:
    assert [one["id"] for one in run(samples.clean())["tool"]["driver"]["rules"]] == list(samples.POLICIES)
    assert run(samples.clean())["results"] == []


def test_rules_say_the_same_whatever_was_found() -> None:
    rules = [run(result)["tool"]["driver"]["rules"] for result in (samples.small(), samples.clean(), samples.many(50))]
    assert rules[0] == rules[1] == rules[2]


def test_a_rule_has_what_github_requires_within_its_limits() -> None:
    for rule in run(samples.small())["tool"]["driver"]["rules"]:
        assert rule["name"].isalnum()
        assert rule["name"][0].isupper()
        assert 0 < len(rule["shortDescription"]["text"]) <= 1024
        assert 0 < len(rule["fullDescription"]["text"]) <= 1024
        assert rule["help"]["text"]
        assert rule["help"]["markdown"].startswith("## Why it matters")
        assert len(rule["properties"]["tags"]) <= 10


def test_github_shows_the_severity_we_mean() -> None:
    rules = {one["id"]: one for one in run(samples.small())["tool"]["driver"]["rules"]}
    assert rules["inline-secret"]["properties"]["security-severity"] == "9.5"
    assert rules["inline-secret"]["defaultConfiguration"]["level"] == "error"
    assert "security" in rules["inline-secret"]["properties"]["tags"]
    assert rules["training-on-demand"]["defaultConfiguration"]["level"] == "note"
    assert "security-severity" not in rules["training-on-demand"]["properties"]


def test_a_rationale_that_is_too_long_is_cut_between_words() -> None:
    policy = replace(samples.POLICIES["inline-secret"], rationale="word " * 400)
    result = replace(samples.small(), policies={**samples.POLICIES, policy.id: policy})
    (rule,) = [one for one in run(result)["tool"]["driver"]["rules"] if one["id"] == policy.id]
    assert rule["fullDescription"]["text"].endswith("word...")
    assert len(rule["fullDescription"]["text"]) <= 1024
    assert rule["help"]["text"].startswith(policy.rationale.strip())


def test_a_result_points_at_the_columns_of_the_value() -> None:
    place = only_place(at(origin(line=2, column=5, end_line=2, end_column=8), Frame(1, ("{", "a = 你好😀", "}"))))
    assert place["region"] == {
        "startLine": 2,
        "startColumn": 5,
        "endLine": 2,
        "endColumn": 8,
        "snippet": {"text": "你好😀"},
    }
    assert place["contextRegion"] == {"startLine": 1, "endLine": 3, "snippet": {"text": "{\na = 你好😀\n}"}}
    assert run(samples.small())["columnKind"] == "unicodeCodePoints"


@pytest.mark.parametrize("name", [*RESULTS, *ODD_PLACES])
def test_all_four_numbers_of_a_region_are_there_and_in_order(name: str) -> None:
    for found in run((RESULTS | ODD_PLACES)[name])["results"]:
        region = found["locations"][0]["physicalLocation"]["region"]
        start, end = (region["startLine"], region["startColumn"]), (region["endLine"], region["endColumn"])
        assert (1, 1) <= start <= end
        assert end[1] >= 1


@pytest.mark.parametrize(
    ("uri", "artifact"),
    [
        ("a/b c.tf", {"uri": "a/b%20c.tf", "uriBaseId": "SRCROOT"}),
        ("é#?%.yaml", {"uri": "%C3%A9%23%3F%25.yaml", "uriBaseId": "SRCROOT"}),
        ("../a.tf", {"uri": "../a.tf"}),
        ("/srv/a.tf", {"uri": "file:///srv/a.tf"}),
        ("<stdin>", {"uri": "stdin"}),
    ],
)
def test_a_file_is_a_valid_uri_below_the_root_if_it_is_below_it(uri: str, artifact: dict[str, str]) -> None:
    assert only_place(at(origin(uri)))["artifactLocation"] == artifact


def test_a_finding_without_a_line_points_at_the_first() -> None:
    assert only_place(at(origin()))["region"]["startLine"] == 1


def test_a_removed_secret_is_no_snippet() -> None:
    place = only_place(at(origin(line=1, column=1, end_line=1, end_column=9), Frame(1, ("key: (redacted)", ""))))
    assert "snippet" not in place["region"]


def test_other_places_are_told_once_each() -> None:
    (found,) = [one for one in run(samples.small())["results"] if one["ruleId"] == "database-without-tls"]
    (other,) = found["relatedLocations"]
    assert other["physicalLocation"]["artifactLocation"]["uri"] == "infra/inference/parameters.tf"
    assert other["message"]["text"] == "aws_db_parameter_group.features."


def test_thousands_of_contributors_are_cut_and_counted() -> None:
    related = tuple(origin(line=number) for number in range(10, 1010))
    (found,) = run(replace(at(origin(line=1)), findings=(replace(at(origin(line=1)).findings[0], related=related),)))[
        "results"
    ]
    assert len(found["relatedLocations"]) == 100
    assert found["properties"]["relatedOmitted"] == 900


def test_the_fingerprint_travels_under_our_own_name() -> None:
    for found, finding in zip(run(samples.small())["results"], failures(samples.small()), strict=True):
        assert found["partialFingerprints"] == {"govscan/v1": finding.fingerprint}


def test_the_workflow_names_the_category() -> None:
    assert "automationDetails" not in run(samples.small())


def test_message_text_is_no_link_no_placeholder_and_hides_nothing() -> None:
    result = at(origin(line=1), message="see [this](https://example.com) and {0}\x1b[31m \u202e")
    (found,) = run(result)["results"]
    assert found["message"]["text"] == "see [this] (https://example.com) and {{0}}[U+001B][31m [U+202E]."


def test_of_too_many_failures_the_worst_are_kept_and_the_rest_is_told() -> None:
    (model,) = at(origin(line=1)).findings
    worst = [replace(model, fingerprint=f"{number:x}") for number in range(20_000)]
    mild = [replace(one, policy_id="missing-cost-tags") for one in worst[:6_000]]
    only = run(replace(samples.small(), findings=(*worst, *mild)))
    assert len(only["results"]) == 25_000
    assert [one["ruleId"] for one in only["results"]].count("inline-secret") == 20_000
    assert (
        "1000 of 26000 failures are left out"
        in only["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"]
    )


def test_20_000_failures_stay_below_githubs_size() -> None:
    assert len(gzip.compress(report.render("sarif", samples.many(24_000)))) < 10_000_000


def failures(result: ScanResult) -> Iterator[Finding]:
    return (one for one in result.findings if one.verdict is Verdict.FAIL)


def test_every_severity_has_a_level() -> None:
    for severity in Severity:
        policy = replace(samples.POLICIES["inline-secret"], severity=severity)
        result = replace(samples.small(), policies={**samples.POLICIES, policy.id: policy})
        found = run(result)["results"][0]
        assert found["level"] in {"error", "warning", "note"}


def test_the_state_of_a_result_is_its_effect_and_what_is_fixed_is_only_counted() -> None:
    told = run(samples.changed())
    states = [one.get("baselineState") for one in told["results"]]
    assert states[:5] == ["new", "unchanged", "new", "updated", None]
    assert set(states[5:]) == {None}
    assert "it was wrong" not in str(told["results"])
    assert told["properties"]["effects"]["fixed"] == 2
