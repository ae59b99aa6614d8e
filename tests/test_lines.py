"""Exact lines: a finding stands where the attribute is written that decided it, or where it would have to be.

What the scanner says is checked against the text of the files, by other means than its own: words and brackets.
"""

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from scanner import load, policy, report
from scanner.model import Citation, Origin, ScanResult
from scanner.scan import Request, scan

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = [
    folder
    for group in ("terraform", "state")
    for folder in sorted((ROOT / "fixtures" / group).iterdir())
    if (folder / "plan.json").is_file() and any(folder.glob("*.tf"))
]
WRITTEN_AS = {"tags_all": "tags", "effective_labels": "labels", "terraform_labels": "labels"}
"""Computed attributes, and the argument that a person writes."""

Asked = list[tuple[Citation, load.Located]]


@pytest.fixture(params=FOLDERS, ids=lambda folder: folder.name)
def folder(request: pytest.FixtureRequest) -> Path:
    return Path(request.param)


@pytest.fixture(params=["plan.json", "."])
def scanned(
    folder: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> tuple[Path, ScanResult, Asked]:
    """A scan of a fixture, with everything whose place was looked up. A folder's plan is scanned in the folder's place."""
    targets = [str(folder / "plan.json")] if request.param != "." else [str(path) for path in folder.glob("*.tf")]
    asked: Asked = []
    locate = load.locate

    def noted(citations: Sequence[Citation], options: load.Options) -> list[load.Located]:
        found = locate(citations, options)
        asked.extend(zip(citations, found, strict=True))
        return found

    monkeypatch.setattr(load, "locate", noted)
    packs = tuple(policy.packs(policy.shipped()))
    return folder, scan(Request(tuple(targets), packs, load.Options(base=folder))), asked


def test_every_line_holds_the_attribute_or_the_block_that_should(scanned: tuple[Path, ScanResult, Asked]) -> None:
    folder, result, asked = scanned
    assert len(result.findings) > 10
    text = "".join(path.read_text(encoding="utf-8") for path in folder.rglob("*.tf"))
    written = [(one, place) for one, place in asked if any(head in text for head in _header(one.origin.address))]
    gone = [place.origin.uri for one, place in asked if (one, place) not in written]
    assert set(gone) <= {"plan.json"}
    assert {located.origin.uri.rpartition(".")[2] for _, located in written} == {"tf"}
    assert [wrong for citation, located in written if (wrong := _wrong(folder, citation, located))] == []


def test_calls_lead_to_every_line_of_a_module(scanned: tuple[Path, ScanResult, Asked]) -> None:
    folder, result, _ = scanned
    for finding in result.findings:
        names = re.findall(r"(module\.\w+(?:\[[^\]]*\])?)(?=\.)", finding.origin.address)
        chain = [".".join(names[: depth + 1]) for depth in range(len(names))]
        assert [one.address for one in finding.related[: len(chain)]] == chain[::-1]
        for origin in finding.related[: len(chain)]:
            name = origin.address.rpartition("module.")[2].partition("[")[0]
            assert _line(folder, origin).startswith(f'module "{name}"')


def test_places_in_a_report_for_code_scanning_are_there(scanned: tuple[Path, ScanResult, Asked]) -> None:
    folder, result, _ = scanned
    sarif = json.loads(report.render("sarif", result))
    places = list(_physical(sarif["runs"][0]["results"]))
    assert places
    for place in places:
        lines = (folder / place["artifactLocation"]["uri"]).read_text(encoding="utf-8").split("\n")
        region = place["region"]
        assert 1 <= region["startLine"] <= region["endLine"] <= len(lines)
        first, last = lines[region["startLine"] - 1], lines[region["endLine"] - 1]
        assert 1 <= region["startColumn"] <= len(first) + 1
        assert 1 <= region["endColumn"] <= len(last) + 1
        if "snippet" in region:
            assert region["snippet"]["text"] == first[region["startColumn"] - 1 : region["endColumn"] - 1]


def _physical(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield from [node["physicalLocation"]] if "physicalLocation" in node else []
        for entry in node.values():
            yield from _physical(entry)
    elif isinstance(node, list):
        for entry in node:
            yield from _physical(entry)


def _wrong(folder: Path, citation: Citation, located: load.Located) -> str:
    """What is wrong with a place; empty for a good one."""
    line = _line(folder, located.origin)
    if citation.path and isinstance(citation.path[-1], int) and located.origin.column:
        line = _from(folder, replace(located.origin, column=1)).split("\n")[0].strip()  # an entry of a list
    here = _from(folder, located.origin)
    steps = [WRITTEN_AS.get(step, step) for step in citation.path if isinstance(step, str)]
    told = f"{citation.origin.address} {citation.path} at {located.origin.uri}:{located.origin.line} {line}"
    shown = [step for step in steps if re.search(rf"\b{re.escape(step)}\b", line)]
    if steps and steps[-1] in shown:
        return ""
    if steps == ["region"] and line.startswith("provider"):
        return ""  # whose region it is
    if not shown and not line.startswith(_header(citation.origin.address)):
        return f"neither the attribute nor its resource: {told}"
    missing = steps[len(shown) :][:1]
    depth = 1 if not shown else 2
    return f"it is written there: {told}" if missing and _holds(here, missing[0], depth) else ""


def _header(address: str) -> tuple[str, ...]:
    kind, name = re.sub(r"\[[^\]]*\]", "", address).split(".")[-2:]
    return (f'resource "{kind}" "{name}"', f'data "{kind}" "{name}"')


def _holds(text: str, name: str, depth: int) -> bool:
    """Whether an argument or a block of this name stands that many brackets deep in what begins here."""
    level = 0
    for line in text.split("\n"):
        if level == depth and re.match(rf'\s*(dynamic )?"?{re.escape(name)}"?\s*[={{]', line):
            return True
        level += len(re.findall(r"[{(\[]", line)) - len(re.findall(r"[})\]]", line))
        if level <= 0:
            return False
    return False


def _line(folder: Path, origin: Origin) -> str:
    return _from(folder, origin).split("\n")[0]


def _from(folder: Path, origin: Origin) -> str:
    """The file's text from the place on."""
    lines = (folder / origin.uri).read_text(encoding="utf-8").split("\n")[origin.line - 1 :]
    return "\n".join([lines[0][origin.column - 1 :], *lines[1:]])
