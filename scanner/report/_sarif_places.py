"""Origins as SARIF locations. SARIF's own words (location, region, artifact) live here and nowhere else."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from scanner.model import Evidence, Finding, Frame, Origin
from scanner.redact import MARK
from scanner.report._sarif_words import plain, sentence

BASES: dict[str, Any] = {"SRCROOT": {"description": {"text": "The folder that the paths of this scan start from."}}}

_MOST_RELATED = 100
"""GitHub shows the first 100 locations of a result (and rejects more than 1,000)."""


def primary(finding: Finding) -> dict[str, Any]:
    """The line that broke the policy, with the code around it."""
    return _place(finding.origin, finding.frame)


def related(finding: Finding) -> tuple[list[dict[str, Any]], int]:
    """The other places that matter, each once, with the number of those left out."""
    told: dict[tuple[str, int, int], tuple[Origin, str]] = {}
    for origin, text in _mentions(finding):
        told.setdefault((origin.uri, origin.line, origin.column), (origin, text))
    told.pop((finding.origin.uri, finding.origin.line, finding.origin.column), None)
    shown = list(told.values())[:_MOST_RELATED]
    entries = [
        {"id": number, **_place(origin), "message": {"text": sentence(text)}}
        for number, (origin, text) in enumerate(shown, start=1)
    ]
    return entries, len(told) - len(shown)


def _mentions(finding: Finding) -> list[tuple[Origin, str]]:
    read = [(one.origin, _told(one)) for one in finding.evidence if one.origin]
    return read + [(origin, origin.address or origin.uri) for origin in finding.related]


def _told(evidence: Evidence) -> str:
    return f"{evidence.path} = {evidence.value}"


def _place(origin: Origin, frame: Frame | None = None) -> dict[str, Any]:
    physical = {"artifactLocation": _artifact(origin.uri), "region": _region(origin, frame)}
    if frame and _surrounds(frame, origin):
        physical["contextRegion"] = _context(frame)
    named = {"fullyQualifiedName": plain(origin.address), "kind": "resource"}
    return {"physicalLocation": physical, **({"logicalLocations": [named]} if origin.address else {})}


def _artifact(uri: str) -> dict[str, Any]:
    """A relative URI below SRCROOT; standard input and files outside the folder are below nothing."""
    if uri == "<stdin>":
        return {"uri": "stdin"}
    scheme, separator, rest = uri.partition("://")
    if separator and scheme.isalpha():  # what runs is in no file
        return {"uri": f"{scheme}://{quote(rest, safe='/')}"}
    encoded = quote(uri.encode("utf-8", "replace"), safe="/")
    if uri.startswith("/"):
        return {"uri": f"file://{encoded}"}
    if uri.startswith("../"):
        return {"uri": encoded}
    return {"uri": encoded, "uriBaseId": "SRCROOT"}


def _region(origin: Origin, frame: Frame | None) -> dict[str, Any]:
    """Always with all four numbers, which GitHub requires. An origin without a line stands for the whole file."""
    if not origin.line:
        return {"startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 1}
    line = _line(origin, frame)
    start = origin.column or 1 + len(line) - len(line.lstrip())
    last = max(origin.end_line, origin.line)
    end = origin.end_column or (len(line) + 1 if last == origin.line else 1)
    if last == origin.line:
        end = max(end, start)
    snippet = line[start - 1 : end - 1] if last == origin.line and MARK not in line else ""
    return {
        "startLine": origin.line,
        "startColumn": start,
        "endLine": last,
        "endColumn": end,
        **({"snippet": {"text": snippet}} if snippet.strip() else {}),
    }


def _line(origin: Origin, frame: Frame | None) -> str:
    """The line of the file; empty where no frame holds it."""
    index = origin.line - frame.first_line if frame else -1
    return frame.lines[index] if frame and 0 <= index < len(frame.lines) else ""


def _surrounds(frame: Frame, origin: Origin) -> bool:
    """Whether the frame holds the origin and more; SARIF forbids a context that adds nothing."""
    end, last = frame.first_line + len(frame.lines), max(origin.end_line, origin.line)
    return frame.first_line <= origin.line and last < end and len(frame.lines) > last - origin.line + 1


def _context(frame: Frame) -> dict[str, Any]:
    return {
        "startLine": frame.first_line,
        "endLine": frame.first_line + len(frame.lines) - 1,
        "snippet": {"text": "\n".join(frame.lines)},
    }
