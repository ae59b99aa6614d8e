"""The findings as the page's script reads them: a table of columns over a list of texts.

Twenty thousand findings repeat the same policies, files, lines of code and teams, so each text is stored once and
the columns hold its number. `scanner/report/templates/store.js` is the other side of this shape.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson

from scanner.model import Finding, Origin, Policy, ScanResult, address_of
from scanner.report._html_counts import NO_TEAM, SEVERAL, team
from scanner.report._visible import visible, visible_lines

_ESCAPES = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
_TEXTS = (
    "id", "verdict", "severity", "family", "policy", "message", "name", "type", "native", "provider", "region",
    "team", "source", "uri", "address", "uid", "fingerprint", "effect", "was",
)  # fmt: skip


class _Texts:
    """Gives each text a number, in the order of first use."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def __call__(self, text: str) -> int:
        return self._numbers.setdefault(visible(text), len(self._numbers))

    def listed(self) -> list[str]:
        return list(self._numbers)


def payload(result: ScanResult) -> str:
    """JSON that can stand inside a `script` element: no `<`, `>` or `&`, and no line separators."""
    texts = _Texts()
    columns: dict[str, list[int]] = {name: [] for name in _TEXTS}
    lines, details = [], []
    for finding, key in zip(result.findings, ids(result), strict=True):
        for name, text in _words(result, finding, key).items():
            columns[name].append(texts(text))
        lines.append(finding.origin.line)
        details.append(_details(finding, texts))
    data = {
        "columns": columns,
        "lines": lines,
        "details": details,
        "policies": {visible(key): _policy(policy) for key, policy in result.policies.items()},
        "texts": texts.listed(),
    }
    return _escaped(orjson.dumps(data).decode())


def ids(result: ScanResult) -> Iterator[str]:
    """For each finding the name of its permalink: its fingerprint, made unique where a scan repeats one."""
    seen: dict[str, int] = {}
    for finding in result.findings:
        key = "".join(filter(str.isalnum, finding.fingerprint.encode("ascii", "ignore").decode())) or "finding"
        seen[key] = seen.get(key, 0) + 1
        yield key if seen[key] == 1 else f"{key}.{seen[key]}"


def _words(result: ScanResult, finding: Finding, key: str) -> dict[str, str]:
    policy = result.policies[finding.policy_id]
    card = result.resources.get(finding.resource_uid)
    origin = finding.origin
    return {
        "id": key,
        "verdict": finding.verdict.value,
        "severity": policy.severity.value,
        "family": policy.family,
        "policy": policy.id,
        "message": finding.message,
        "name": card.name if card else address_of(finding.resource_uid),
        "type": card.type if card else "group",
        "native": card.native_type if card else "",
        "provider": card.provider if card else SEVERAL,
        "region": card.region if card else "",
        "team": team(finding.resource_uid, card) or NO_TEAM,
        "source": card.source if card else SEVERAL,
        "uri": origin.uri,
        "address": origin.address,
        "uid": finding.resource_uid,
        "fingerprint": finding.fingerprint,
        "effect": finding.effect.value,
        "was": finding.was,
    }


def _details(finding: Finding, texts: _Texts) -> list[Any]:
    frame, origin = finding.frame, finding.origin
    return [
        [origin.column, origin.end_line, origin.end_column],
        [[texts(e.path), texts(e.value), *(_place(e.origin, texts) if e.origin else ())] for e in finding.evidence],
        [_place(related, texts) for related in finding.related],
        [frame.first_line, *(texts(line.replace("\t", "    ")) for line in frame.lines)] if frame else [],
    ]


def _place(origin: Origin, texts: _Texts) -> list[int]:
    return [texts(origin.uri), origin.line, texts(origin.address)]


def _policy(policy: Policy) -> dict[str, Any]:
    return {
        "title": visible(policy.title),
        "pack": visible(policy.pack),
        "path": visible(policy.file),
        "rationale": visible_lines(policy.rationale),
        "remediation": visible_lines(policy.remediation),
        "controls": [visible(control) for control in policy.controls],
        "when": visible_lines(policy.when.text) if policy.when else "",
        "expressions": [visible_lines(validation.program.text) for validation in policy.validations],
    }


def _escaped(json: str) -> str:
    for character, escape in _ESCAPES.items():
        json = json.replace(character, escape)
    return json
