"""What the HTML report says without a browser: its numbers, its safety, its bytes."""

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest

from scanner.model import ScanResult, Verdict
from scanner.report import html
from tests.report import samples

VOID = {"meta", "link", "rect", "path", "input", "br"}


class Reader(HTMLParser):
    """The page as a strict reader sees it: its elements in order, and the text outside of scripts and styles."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.embedded: dict[str, list[str]] = {"script": [], "style": []}
        self._open: list[str] = []
        self.feed(page)
        self.close()
        assert self._open == [], "an element was left open"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self._open.pop() == tag

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        inside = self._open[-1] if self._open else ""
        self.embedded.get(inside, self.words).append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def read(result: ScanResult) -> Reader:
    return Reader(html.render(result).decode())


def figures(result: ScanResult) -> Iterator[str]:
    for verdict in Verdict:
        yield f"{result.count(verdict):,}"


def test_the_same_result_gives_the_same_bytes() -> None:
    assert html.render(samples.small()) == html.render(samples.small())


@pytest.mark.parametrize(
    ("result", "sentence"),
    [
        (samples.small(), "7 policies are broken, 9 times in all."),
        (samples.clean(), "Every policy that applies is met."),
        (samples.nothing(), "Nothing was judged, so nothing is proven."),
        (samples.unsure(), "Nothing that could be judged fails, but not everything could be judged."),
    ],
)
def test_the_page_opens_with_the_verdict_in_one_sentence(result: ScanResult, sentence: str) -> None:
    assert sentence in read(result).text


def test_only_a_scan_that_saw_everything_and_met_everything_is_green() -> None:
    moods = [
        dict(next(a for tag, a in read(result).elements if tag == "body"))["class"]
        for result in (samples.clean(), samples.unsure(), samples.nothing(), samples.small())
    ]
    assert moods == ["pass", "unknown", "unknown", "fail"]


def test_the_summary_shows_every_verdict_with_its_number_and_the_rate_among_the_judged() -> None:
    text = read(samples.small()).text
    tiles = re.search(r"Pass rate (\S+ %) of 203 judgements Fail (\d+) .* Not applicable (\d+)", text)
    assert tiles is not None
    assert tiles.groups() == ("95.5 %", "9", "346")
    assert all(figure in text for figure in figures(samples.small()))


def test_the_rate_is_a_hundred_only_if_nothing_fails() -> None:
    assert "Pass rate 100 %" in read(samples.clean()).text
    tally = {Verdict.PASS: ["p"] * 99_999, Verdict.FAIL: [samples.FINDINGS[0].resource_uid]}
    assert "Pass rate 99.9 %" in read(samples.with_tally("inline-secret", tally)).text


def test_what_could_not_be_seen_is_said() -> None:
    text = read(samples.small()).text
    for said in (
        "118 not infrastructure",
        "12 excluded by govscan.yaml",
        "3 binary",
        "133 files",
        "42 kubernetes manifest",
    ):
        assert said in text
    for problem in samples.small().problems:
        assert problem.message in text
        assert problem.hint in text


def test_controls_are_counted_by_framework() -> None:
    text = read(samples.small()).text
    assert "nist-800-53-r5 3 not met" in text
    assert "SC-8 (not met) database-without-tls , plaintext-mesh-traffic" in text


def test_a_group_counts_for_its_team() -> None:
    row = next(row for row in html.summary(samples.small())["teams"] if row.key == "research")
    assert row.counts[Verdict.FAIL] == 3


def test_the_first_findings_can_be_read_without_a_script() -> None:
    page = html.render(samples.many(120)).decode()
    fallback = page.partition("<noscript>")[2].partition("</noscript>")[0]
    assert fallback.count("<article") == 50
    assert "all 120 findings" in fallback
    assert "These are the first 50." in " ".join(fallback.split())


def test_the_policy_allows_exactly_the_style_and_the_script_of_the_page() -> None:
    page = read(samples.small())
    csp = next(a["content"] for tag, a in page.elements if a.get("http-equiv") == "Content-Security-Policy")
    assert csp is not None
    assert "default-src 'none'" in csp
    assert "unsafe" not in csp
    data, script = page.embedded["script"]
    assert json.loads(data)["texts"]
    for kind, code in (("style", page.embedded["style"][0]), ("script", script)):
        digest = base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in csp


@pytest.mark.parametrize("result", [samples.small(), samples.hostile()])
def test_nothing_is_loaded_and_nothing_is_inline_that_the_policy_would_block(result: ScanResult) -> None:
    for tag, attributes in read(result).elements:
        assert tag not in {"img", "iframe", "object", "base", "form action"}
        assert "style" not in attributes
        assert "src" not in attributes
        assert not [name for name in attributes if name.startswith("on")]
        assert (attributes.get("href") or "#").startswith(("#", "data:image/svg+xml,"))


def test_hostile_names_add_no_element_and_no_hidden_character() -> None:
    page = html.render(samples.hostile()).decode()
    reader = Reader(page)
    assert [a.get("type") for tag, a in reader.elements if tag == "script"] == ["application/json", None]
    assert samples.HOSTILE in reader.text
    assert "invoice[U+202E]gpj.exe" in reader.text
    assert "{{ 7*7 }}" in reader.text
    for hidden in "\u202e\u2028\u2029\u200b\x07\x1b":
        assert hidden not in page


def test_the_data_cannot_end_its_element() -> None:
    data = read(samples.hostile()).embedded["script"][0]
    assert not set(data) & set("<>&\u2028\u2029")
    assert "</script><script>alert(2)</script>" in json.loads(data)["texts"]


def test_every_permalink_is_unique_even_if_fingerprints_are_not() -> None:
    data = json.loads(read(samples.repeated()).embedded["script"][0])
    names = [data["texts"][number] for number in data["columns"]["id"]]
    assert len(set(names)) == len(names) == 3


COLORS = re.compile(r"--([a-z_]+): (#[0-9a-f]{6})")


def luminance(color: str) -> float:
    channels = [int(color[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """WCAG 2.2, success criterion 1.4.3: the ratio of the lighter to the darker; text needs 4.5."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", [0, 1])
def test_every_text_color_has_contrast_in_both_themes(theme: int) -> None:
    themes = read(samples.nothing()).embedded["style"][0].split("@media screen and (prefers-color-scheme: dark)")
    colors = dict(COLORS.findall(themes[theme]))
    words = set(colors) - {"ground", "surface", "raised", "line", "mark"}
    assert len(words) == 13
    weak = [
        (word, ground)
        for word in sorted(words)
        for ground in ("ground", "surface", "raised")
        if contrast(colors[word], colors[ground]) < 4.5
    ]
    assert weak == []
    assert contrast(colors["ink"], colors["mark"]) > 7
