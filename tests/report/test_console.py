import re
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from scanner.model import Evidence, Frame, Origin, Problem, ScanResult, Verdict
from scanner.report import console
from tests.report import samples

ESCAPES = re.compile(r"\x1b\[[0-9;]+m")


def text(result: ScanResult, **options: Any) -> str:
    return console.render(result, **options).decode()


def failing(frame: Frame, line: int, start: int, end: int, uri: str = "a.tf") -> ScanResult:
    """A result with one failure at these columns of that line."""
    origin = Origin(uri, "terraform_plan", (), "aws_db_instance.main", line, start, line, end)
    failure = replace(samples.small().findings[0], origin=origin, frame=frame, evidence=(), related=())
    return replace(samples.small(), findings=(failure,))


def marked(result: ScanResult, **options: Any) -> tuple[str, str]:
    """The code line above the underline, and what the underline covers of it, by cells."""
    lines = text(result, **options).splitlines()
    at = next(number for number, line in enumerate(lines) if "━" in line)
    code, mark = (spread(line.partition("│ ")[2]) for line in lines[at - 1 : at + 1])
    covered = "".join(code[cell] for cell, sign in enumerate(mark) if sign == "━" and cell < len(code))
    return lines[at - 1], covered


def spread(line: str) -> list[str]:
    """One entry for each cell of a terminal: a wide character fills two, the second one empty."""
    cells: list[str] = []
    for character in line:
        cells += [character, ""] if unicodedata.east_asian_width(character) in "WF" else [character]
    return cells


def harmless(shown: str) -> bool:
    """Whether nothing in it can hide, reorder or control; spaces of any width cannot."""
    return all(one.isprintable() or one == "\n" or unicodedata.category(one) == "Zs" for one in shown)


def test_a_failure_shows_where_what_why_and_how_to_fix_it() -> None:
    shown = text(samples.small())
    block = next(part for part in shown.split("\n\n") if "Database accepts" in part)
    assert block.splitlines() == [
        "high  Database accepts connections without TLS",
        "   ╭─ infra/inference/main.tf:47:3  aws_db_instance.features",
        '45 │   engine_version = "16.3"',
        '46 │   instance_class = "db.r6g.xlarge"',
        "47 │   parameter_group_name = aws_db_parameter_group.features.name",
        "   │   ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━",
        "48 │   storage_encrypted    = true",
        "   │ Connections without TLS are accepted",
        "   │ resource.attributes.tls_required = false",
        "   │ see infra/inference/parameters.tf:5:5  aws_db_parameter_group.features",
        "   ╰─ database-without-tls: Set rds.force_ssl=1 (AWS), sslMode ENCRYPTED_ONLY (Cloud SQL) or",
        "      require_secure_transport (Azure).",
    ]


def test_failures_of_one_file_stand_together_in_the_order_of_lines() -> None:
    spots = re.findall(r"╭─ ([^:]+):(\d+)", text(samples.small()))
    files = [file for file, _ in spots]
    assert [file for number, file in enumerate(files) if file not in files[:number]] == [
        file for number, file in enumerate(files) if number == 0 or files[number - 1] != file
    ]
    assert [int(line) for file, line in spots if file == "deploy/mlflow.yaml"] == [4, 31]


@pytest.mark.parametrize(
    ("line", "start", "end", "covered"),
    [
        ("mode: PERMISSIVE", 7, 17, "PERMISSIVE"),
        ("\tmode: PERMISSIVE", 8, 18, "PERMISSIVE"),
        ('name: "模型服务" # x', 8, 12, "模型服务"),
        ("模型: off", 5, 8, "off"),
        ("a\x1b[31m: off", 9, 12, "off"),
        ("key: (redacted)", 6, 40, "(redacted)"),
        ("key: (redacted) # why", 6, 9, "(redacted)"),
        ("    whole: line", 0, 0, "whole: line"),
    ],
)
def test_the_underline_covers_exactly_the_columns(line: str, start: int, end: int, covered: str) -> None:
    assert marked(failing(Frame(1, ("first", line)), 2, start, end))[1] == covered


def test_a_very_long_line_is_cut_around_the_mark() -> None:
    line = '{"a":' + "1" * 5_000 + ',"mode":"PERMISSIVE",' + '"b":' + "2" * 5_000 + "}"
    start = line.index('"PERMISSIVE"') + 1
    code, covered = marked(failing(Frame(1, (line,)), 1, start, start + 12), width=80)
    assert covered == '"PERMISSIVE"'
    assert len(code) <= 80
    assert code.partition("│ ")[2].startswith("…")
    assert code.endswith("…")


def test_a_mark_beyond_the_frame_does_no_harm() -> None:
    assert "a.tf:9:4" in text(failing(Frame(1, ("one", "two")), 9, 4, 6))
    assert "a.tf:2:80" in text(failing(Frame(1, ("one", "two")), 2, 80, 90))


def test_many_failures_are_shown_policy_by_policy_with_the_rest_counted() -> None:
    shown = text(samples.many(2_000))
    assert shown.count("╭─") == len({one.policy_id for one in samples.many(2_000).findings if one.verdict == "fail"})
    assert "high  Database accepts connections without TLS  182 times" in shown
    assert "and 172 more in 1 file" in shown
    assert len(shown.splitlines()) < 250


def test_unknown_broken_and_unread_are_told_with_their_reasons() -> None:
    shown = text(samples.small())
    assert (
        "unknown\n   Not known: facts.region.replica_jurisdictions (known after apply)\n"
        "     replica-outside-eu, aws_db_instance.features\n"
    ) in shown
    assert "not judged\n   no such key: settings.ipConfiguration.sslMode\n     database-without-tls, //" in shown
    assert "not read\n   The YAML ends inside a quoted text at line 14.\n     deploy/broken.yaml\n" in shown
    assert "hint: Close the quote." in shown


def test_the_same_reason_is_told_once() -> None:
    problems = tuple(Problem("load", f"{number}.yaml", "Cut off.", "Send all of it.") for number in range(40))
    shown = text(replace(samples.clean(), problems=problems))
    assert shown.count("Cut off.") == 1
    assert "0.yaml and 39 more" in shown


def test_many_reasons_are_counted_in_the_end() -> None:
    problems = tuple(Problem("load", "a.yaml", f"Reason {number}.", "Wait.") for number in range(40))
    assert "and 30 more for 30 other reasons" in text(replace(samples.clean(), problems=problems))


def test_what_was_left_out_on_purpose_is_named_and_not_called_broken() -> None:
    problem = Problem("load", "live#module.net", "Calls a module that is not here.", "Run it.", incomplete=False)
    shown = text(replace(samples.clean(), problems=(problem,)))
    assert "left out\n   Calls a module that is not here.\n     live#module.net\n     hint: Run it.\n" in shown
    assert shown.splitlines()[-1] == "Broken   0; 1 left out"


def test_the_summary_leaves_nothing_out() -> None:
    assert text(samples.small()).splitlines()[-7:] == [
        "Seen     45 files (1 gcp_assets, 42 kubernetes_manifest, 2 terraform_plan), 67 resources",
        "Judged   205 times by 9 policies; 346 not applicable",
        "Passed   194",
        "Failed   9: 1 critical, 4 high, 1 medium, 2 low, 1 info",
        "Unknown  1",
        "Skipped  133 files: 3 binary, 12 excluded by govscan.yaml, 118 not infrastructure",
        "Broken   3: 2 not read, 1 not judged",
    ]


def test_nothing_to_scan_does_not_look_like_success() -> None:
    shown = text(samples.nothing())
    assert shown.startswith("Nothing to scan was found in docs.\n")
    assert "Skipped  4 files: 4 not infrastructure" in shown


@pytest.mark.parametrize("make", [samples.small, samples.hostile, samples.clean, samples.nothing])
def test_color_changes_nothing_but_color(make: Any) -> None:
    colored = text(make(), color=True)
    assert ESCAPES.sub("", colored) == text(make())
    assert colored != text(make())


def test_hostile_names_cannot_steer_the_terminal() -> None:
    shown = text(samples.hostile())
    assert harmless(shown)
    assert "[U+001B][31m red" in shown
    assert "[U+202E]" in shown


@given(st.text(alphabet=st.characters(), max_size=60), st.integers(0, 70), st.integers(0, 70), st.integers(40, 120))
def test_any_text_anywhere_is_shown_safely(odd: str, start: int, length: int, width: int) -> None:
    line = odd.replace("\n", " ")
    result = failing(Frame(1, (line, line)), 2, start, start + length, uri=f"a/{odd}")
    (failure,) = result.findings
    failure = replace(failure, message=odd, evidence=(Evidence(odd, odd),), related=(failure.origin,))
    shown = text(replace(result, findings=(failure, replace(failure, verdict=Verdict.UNKNOWN))), width=width)
    assert harmless(shown)


@pytest.mark.parametrize("width", [1, 40, 60, 100, 200])
def test_code_and_evidence_fit_the_width(width: int) -> None:
    lines = text(samples.small(), width=width).splitlines()
    inside = [line for line in lines if re.match(r" *\d* │", line)]
    assert inside
    assert max(map(len, inside)) <= max(width, 40)


def test_the_effects_are_summed_up_and_what_is_left_can_be_kept_back() -> None:
    changed = samples.changed()
    assert re.search(
        r"^Change +2 introduced, 2 left, 2 fixed, 1 unclear, 4 without a before$", text(changed), re.MULTILINE
    )
    assert re.search(
        r"^ +training-on-demand  gone\n +accelerator-quota-exceeded  team=fraud #7,model=h100$",
        text(changed),
        re.MULTILINE,
    )
    assert "Change" not in text(samples.small())
    short = text(changed, only_introduced=True)
    assert re.search(r"^Change +2 introduced, 2 left \(not shown\),", short, re.MULTILINE)
    assert short.count("╭─") == text(changed).count("╭─") - 2


def test_a_gate_on_what_is_introduced_says_that_there_is_no_before() -> None:
    short = text(samples.small(), only_introduced=True)
    assert "there is no before, and all of it counts as introduced" in short
    assert short.count("╭─") == text(samples.small()).count("╭─")
