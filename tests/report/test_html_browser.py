"""What a person does with the HTML report, in headless Chromium."""

import re
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from scanner.model import ScanResult
from scanner.report import html
from tests.report import samples
from tests.report.chromium import Chromium, Page

pytestmark = pytest.mark.browser

Opener = Callable[..., Page]
FIRST = samples.FINDINGS[0]


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("no Chromium on this machine")
    browser = Chromium(program, tmp_path_factory.mktemp("profile"))
    yield browser
    browser.close()


@pytest.fixture
def show(chromium: Chromium, tmp_path: Path) -> Iterator[Opener]:
    """Opens a result in a new tab; at the end, none may have complained."""
    pages: list[Page] = []

    def opener(result: ScanResult, fragment: str = "", **options: int) -> Page:
        file = tmp_path / f"report-{len(pages)}.html"
        file.write_bytes(html.render(result))
        pages.append(Page(chromium, **options))
        pages[-1].open(file, fragment)
        return pages[-1]

    yield opener
    assert [complaint for page in pages for complaint in page.complaints()] == []
    for page in pages:
        page.close()


def resources(page: Page) -> list[str]:
    return page.ask("[...document.querySelectorAll('.row .resource > :first-child')].map(e => e.textContent)")


def opened(page: Page) -> str:
    return page.ask("document.getElementById('panel').open ? document.getElementById('panel').innerText : ''")


def test_search_keeps_the_findings_that_hold_all_words(show: Opener) -> None:
    page = show(samples.small())
    assert len(resources(page)) == 11
    page.press("/", *"MLFLOW tags")
    page.until("document.querySelectorAll('.row').length === 1")
    assert resources(page) == ["mlflow"]
    assert page.ask("document.getElementById('count').textContent") == "1 of 11 findings"
    assert page.ask("location.hash") == "#search=MLFLOW+tags"


def test_a_search_without_a_match_says_so_and_can_be_cleared(show: Opener) -> None:
    page = show(samples.small(), "#search=nowhere")
    page.until("!document.getElementById('none').hidden")
    page.click("#reset-none")
    page.until("document.querySelectorAll('.row').length === 11")


def test_a_name_in_the_summary_leads_to_its_findings(show: Opener) -> None:
    page = show(samples.small())
    page.click("#summary a[href='#family=residency']")
    page.until("document.querySelectorAll('.row').length === 3")
    assert page.ask("document.getElementById('facet-family').value") == "residency"
    assert page.ask("document.getElementById('findings').getBoundingClientRect().top < 400")


@pytest.mark.parametrize(
    ("facet", "value", "count"),
    [("severity", "low", 2), ("family", "cost", 3), ("policy", "data-outside-eu", 2), ("team", "research", 3),
     ("provider", "gcp", 4), ("source", "kubernetes_manifest", 3), ("verdict", "unknown", 1)],
)  # fmt: skip
def test_each_facet_filters(show: Opener, facet: str, value: str, count: int) -> None:
    page = show(samples.small())
    page.ask(
        f"(menu => {{ menu.value = '{value}'; menu.dispatchEvent(new Event('change')); }})"
        f"(document.getElementById('facet-{facet}'))"
    )
    assert len(resources(page)) == count
    assert page.ask("location.hash") == f"#{facet}={value}"


def test_effects_are_marked_and_filtered_where_a_change_is_described(show: Opener) -> None:
    page = show(samples.changed())
    marks = page.ask("[...document.querySelectorAll('.row .effect')].map(e => e.textContent)")
    assert sorted(marks) == ["introduced", "introduced", "left", "left", "unclear"]
    page.ask(
        "(menu => { menu.value = 'introduced'; menu.dispatchEvent(new Event('change')); })"
        "(document.getElementById('facet-effect'))"
    )
    assert len(resources(page)) == 2
    fixed = page.ask("document.getElementById('fixed').innerText")
    assert all(words in fixed for words in ("it was wrong", "gone", "team=fraud #7,model=h100"))
    assert not show(samples.small()).ask("Boolean(document.getElementById('facet-effect'))")


def test_each_column_sorts_up_then_down_then_as_scanned(show: Opener) -> None:
    page = show(samples.small())
    scanned = resources(page)
    for column in range(1, 7):
        page.click(f"#header > :nth-child({column}) button")
        up = page.ask(f"document.querySelector('#header > :nth-child({column})').getAttribute('aria-sort')")
        ascending = resources(page)
        page.click(f"#header > :nth-child({column}) button")
        assert (up, sorted(ascending)) == ("ascending", sorted(scanned))
        assert resources(page) != ascending
        page.click(f"#header > :nth-child({column}) button")
        assert resources(page) == scanned
    page.click("#header > :nth-child(3) button")
    assert resources(page) == sorted(scanned)


def test_the_keyboard_alone_finds_opens_steps_and_closes(show: Opener) -> None:
    page = show(samples.small())
    page.press("/")
    assert page.ask("document.activeElement.id") == "search"
    page.press("ArrowDown", "ArrowDown", "Enter")
    page.until("document.getElementById('panel').open")
    assert "Stored in us, jurisdiction US; allowed: EU" in opened(page)
    assert page.ask("document.activeElement.id") == "panel-title"
    page.press("j")
    page.until("document.getElementById('panel').innerText.includes('us-east-1')")
    page.press("Escape")
    page.until("!document.getElementById('panel').open && document.activeElement.id === 'list'")
    assert page.ask("location.hash") == "#findings"
    page.press("End")
    assert (
        page.ask("document.getElementById(document.activeElement.getAttribute('aria-activedescendant')).ariaRowIndex")
        == "12"
    )


def test_an_open_finding_tells_everything_an_engineer_needs(show: Opener) -> None:
    page = show(samples.small())
    page.click("#row-0")
    page.until("document.getElementById('panel').open")
    text, policy = opened(page), samples.POLICIES[FIRST.policy_id]
    for said in (policy.title, FIRST.message, policy.rationale, policy.remediation, *policy.controls, FIRST.fingerprint,
                 "deploy/mlflow.yaml:31", "facts.secret_references.inline_count", policy.file):  # fmt: skip
        assert said in text
    assert page.ask("document.querySelector('.line.hit').dataset.line") == "31"
    assert page.ask("document.querySelector('.frame mark').textContent") == '"[redacted]"'


def test_a_permalink_opens_its_finding_and_going_back_closes_it(show: Opener) -> None:
    page = show(samples.small(), f"#finding-{FIRST.fingerprint}")
    assert FIRST.message in opened(page)
    page.press("Escape")
    page.until("!document.getElementById('panel').open")
    page.click("#row-4")
    page.until("document.getElementById('panel').open")
    page.ask("void setTimeout(() => history.back())")
    page.until("!document.getElementById('panel').open && location.hash === '#findings'")


def test_hostile_names_are_shown_and_do_nothing(show: Opener) -> None:
    page = show(samples.hostile())
    assert samples.HOSTILE in resources(page)
    for position in range(len(samples.HOSTILE_NAMES)):
        page.click(f"#row-{position}")
        page.until("document.getElementById('panel').open")
        assert "Stored in" in opened(page)
        page.press("Escape")
        page.until("!document.getElementById('panel').open")
    assert page.ask("document.querySelectorAll('img, script:not(#data)').length") == 1
    assert page.ask("document.body.innerText.includes('[U+202E]')")


def test_twenty_thousand_findings_open_scroll_search_and_sort(show: Opener) -> None:
    began = time.monotonic()
    page = show(samples.many(20_000))
    page.until("shown.length === 20000 && document.querySelectorAll('.row').length > 0")
    assert time.monotonic() - began < 20
    page.ask("scrollTo(0, document.getElementById('rows').getBoundingClientRect().top + scrollY + 700000)")
    page.until("document.elementFromPoint(300, 500)?.closest('.row')?.ariaRowIndex > 5000")
    assert page.ask("document.querySelectorAll('.row').length") < 60
    page.ask("change({}, 'team-07')")
    assert 0 < page.ask("shown.length") < 2_000
    page.ask("change({}, '')")
    took = page.ask("(() => { const t = performance.now(); sortBy('place'); return performance.now() - t; })()")
    assert took < 5_000
    page.ask("list.focus()")
    page.press("End")
    page.until("document.getElementById('row-19999') !== null")


@pytest.mark.parametrize("result", [samples.small(), samples.hostile()], ids=["small", "hostile"])
@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_no_width_makes_the_page_scroll_sideways(show: Opener, result: ScanResult, width: int) -> None:
    page = show(result, width=width)
    assert page.ask("document.documentElement.scrollWidth") <= width
    page.click("#row-0")
    page.until("document.getElementById('panel').open")
    assert page.ask("panel.scrollWidth <= panel.clientWidth")
    assert page.ask("panel.querySelector('.close').getBoundingClientRect().right") <= width


def test_dark_mode_is_dark_and_paper_is_white(show: Opener) -> None:
    page = show(samples.small(), dark=True)
    background = "getComputedStyle(document.body).backgroundColor"
    assert page.ask(background) == "rgb(14, 19, 25)"
    page.media("print", dark=True)
    assert page.ask(background) == "rgb(255, 255, 255)"
    assert page.ask("getComputedStyle(document.getElementById('browse')).display") == "none"


def test_paper_holds_every_finding_up_to_a_limit_that_is_said(show: Opener) -> None:
    page = show(samples.many(1_200), "#severity=high")
    page.ask("dispatchEvent(new Event('beforeprint'))")
    assert page.ask("document.querySelectorAll('#printed tbody tr').length") == page.ask("shown.length") > 300
    assert "Filtered by severity=high" in page.ask("document.getElementById('printed').textContent")
    page.ask("change({}, '')")
    page.ask("dispatchEvent(new Event('beforeprint'))")
    assert page.ask("document.querySelectorAll('#printed tbody tr').length") == 1_000
    assert "The first 1,000 of 1,200 findings" in page.ask("document.getElementById('printed').textContent")


def test_the_printer_gets_several_pages(show: Opener) -> None:
    page = show(samples.small())
    assert len(re.findall(rb"/Type /Page\b", page.paper())) >= 3


def test_without_a_script_the_summary_and_the_findings_can_be_read(show: Opener) -> None:
    shown = show(samples.small())
    shown.call("Emulation.setScriptExecutionDisabled", value=True)
    shown.call("Page.reload")
    shown.until("document.readyState === 'complete' && document.querySelectorAll('noscript article').length === 11")
    text = shown.ask("document.body.innerText")
    assert "7 policies are broken" in text
    assert FIRST.message in text
    assert not shown.ask("document.getElementById('browse').offsetHeight")
