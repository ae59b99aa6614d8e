"""One HTML file for managers, auditors and engineers: no external asset, nothing loaded, nothing sent.

The page opens with a summary written by Jinja and readable without JavaScript; a script of a few hundred lines
(templates/*.js) then lets an engineer filter, sort and open the findings, which travel as JSON in the page.

Its content security policy (https://www.w3.org/TR/CSP3/) allows exactly one style and one script, by their SHA-256,
and forbids strings to become markup (https://www.w3.org/TR/trusted-types/), so a hostile name stays text.
"""

from __future__ import annotations

import base64
import hashlib
from importlib import resources
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from scanner.model import ScanResult, address_of
from scanner.report import _html_counts as counts
from scanner.report import _html_words as words
from scanner.report._html_data import ids, payload
from scanner.report._visible import visible, visible_lines

if TYPE_CHECKING:
    import jinja2

EXTENSION = ".html"
DOC = "One self-contained page: a summary for managers and auditors, and the findings to search, filter and open."

_STYLES = ("page.css", "findings.css", "panel.css", "print.css")
_SCRIPTS = ("store.js", "view.js", "panel.js", "list.js", "app.js")
_UNSCRIPTED = 50
"""Findings that can be read without JavaScript."""


def render(result: ScanResult) -> bytes:
    """The page, as UTF-8."""
    style, script, data = _joined(_STYLES), _joined(_SCRIPTS), payload(result)
    page = _environment().get_template("report.html.j2")
    return (
        page.render(
            result=result,
            style=style,
            script=script,
            data=data,
            policy=_content_policy(style, script),
            first_findings=list(zip(ids(result), result.findings[:_UNSCRIPTED], strict=False)),
            **summary(result),
        )
        .lstrip()
        .encode()
    )


def summary(result: ScanResult) -> dict[str, Any]:
    """The figures and sentences of the page, by the names its template uses."""
    cards = result.resources
    total = counts.total(result)
    return {
        "total": total,
        "mood": words.mood(result, total),
        "headline": words.headline(result, total),
        "detail": words.detail(result, total),
        "families": counts.by_family(result),
        "severities": counts.by_severity(result),
        "teams": counts.by_resource(result, lambda uid: counts.team(uid, cards.get(uid))),
        "providers": counts.by_resource(result, lambda uid: cards[uid].provider if uid in cards else counts.SEVERAL),
        "sources": counts.by_resource(result, lambda uid: cards[uid].source if uid in cards else counts.SEVERAL),
        "policies": counts.by_policy(result),
        "frameworks": counts.frameworks(result),
    }


def _environment() -> jinja2.Environment:
    import jinja2  # noqa: PLC0415  # only this format needs it

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("scanner.report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: visible_lines(value) if type(value) is str else value,
    )
    environment.filters.update(number=words.number, query=_query, visible=visible, address=address_of)
    return environment


def _query(text: str) -> str:
    """A filter's value as it stands after `#team=`."""
    return quote(visible(text), safe="")


def _joined(names: tuple[str, ...]) -> str:
    folder = resources.files("scanner.report") / "templates"
    return "\n".join((folder / name).read_text(encoding="utf-8") for name in names)


def _content_policy(style: str, script: str) -> str:
    return "; ".join(
        (
            "default-src 'none'",
            f"style-src '{_hash(style)}'",
            f"script-src '{_hash(script)}'",
            "img-src data:",  # the icon of the tab
            "base-uri 'none'",
            "form-action 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        )
    )


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
