import json
import re
from importlib import resources
from typing import Any

import jsonschema
import pytest
from msgspec.structs import fields, replace

from scanner import report
from scanner.model import Evidence, Finding, Origin, Policy, Problem, ResourceCard, ScanResult, Verdict
from tests.report import samples

SCHEMA = json.loads(resources.files("scanner.report").joinpath("result.schema.json").read_bytes())
RESULTS = {
    "small": samples.small(),
    "changed": samples.changed(),
    "clean": samples.clean(),
    "nothing": samples.nothing(),
    "hostile": samples.hostile(),
    "many": samples.many(60),
}


def rendered(result: ScanResult) -> Any:
    return json.loads(report.render("json", result))


@pytest.mark.parametrize("name", RESULTS)
def test_every_result_follows_the_published_schema(name: str) -> None:
    jsonschema.Draft202012Validator(SCHEMA).validate(rendered(RESULTS[name]))


def test_the_schema_is_a_valid_schema_and_allows_nothing_it_does_not_name() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    extra = rendered(samples.small())
    extra["findings"][0]["surprise"] = 1
    with pytest.raises(jsonschema.ValidationError, match="surprise"):
        jsonschema.Draft202012Validator(SCHEMA).validate(extra)


def test_the_schema_asks_for_every_field_it_names() -> None:
    named = [part for part in [SCHEMA, *SCHEMA["$defs"].values()] if "properties" in part]
    assert all(part["required"] == list(part["properties"]) for part in named)
    assert len(named) > 5


@pytest.mark.parametrize(
    ("noun", "published", "renamed"),
    [
        (ResourceCard, "resource", set()),
        (Finding, "finding", {"policy_id", "resource_uid"}),
        (Evidence, "evidence", set()),
        (Origin, "origin", set()),
        (Problem, "problem", set()),
        (Policy, "policy", {"match", "disabled"}),
    ],
)
def test_no_field_of_our_nouns_is_forgotten(noun: type, published: str, renamed: set[str]) -> None:
    ours = {one.name for one in fields(noun)} - renamed
    assert ours <= set(SCHEMA["$defs"][published]["properties"])


def test_the_summary_counts_judgements_by_verdict_and_failures_by_severity() -> None:
    summary = rendered(samples.small())["summary"]
    assert summary["files"] == 45
    assert summary["verdicts"] == {"pass": 194, "fail": 9, "unknown": 1, "not_applicable": 27, "error": 1} | {
        "not_applicable": samples.small().count(Verdict.NOT_APPLICABLE)
    }
    assert summary["failures_by_severity"] == {"critical": 1, "high": 4, "medium": 1, "low": 2, "info": 1}
    assert summary["skipped_by_reason"] == {"binary": 3, "excluded by govscan.yaml": 12, "not infrastructure": 118}
    assert summary["problems"] == 2


def test_every_judgement_is_in_the_tallies() -> None:
    document = rendered(samples.small())
    told = sum(len(uids) for tally in document["tallies"].values() for uids in tally.values())
    assert told == document["summary"]["judgements"]


def test_a_finding_keeps_its_place_its_evidence_and_its_code() -> None:
    finding = rendered(samples.small())["findings"][0]
    assert finding["policy"] == "inline-secret"
    assert finding["origin"]["uri"] == "deploy/mlflow.yaml"
    assert finding["origin"]["line"] == 31
    assert finding["evidence"][0]["value"] == "1"
    assert len(finding["frame"]["lines"]) == 5


def test_text_that_utf_8_cannot_hold_does_not_stop_the_report() -> None:
    strange = replace(samples.small(), targets=("half \ud83d of a pair",))
    assert rendered(strange)["targets"] == ["half ? of a pair"]


def test_a_long_result_is_written_in_full() -> None:
    assert len(rendered(samples.many(500))["findings"]) == 500


def test_lines_are_short_enough_to_compare_two_reports_line_by_line() -> None:
    assert re.search(rb'\n {6}"policy": "inline-secret",\n', report.render("json", samples.small()))


def test_findings_and_the_summary_say_what_the_change_does() -> None:
    document = rendered(samples.changed())
    assert document["summary"]["failures_by_effect"] == {
        "none": 4,
        "introduced": 2,
        "left": 2,
        "unclear": 1,
        "fixed": 2,
    }
    fixed, _ = document["fixed"]
    assert (fixed["effect"], fixed["message"]) == ("fixed", "it was wrong")
    assert [one["was"] for one in document["findings"] if one["was"]] == ["it was otherwise"]
