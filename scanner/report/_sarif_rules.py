"""Policies as SARIF rules. A rule says the same in every scan: nothing of what was found is in it."""

from __future__ import annotations

from typing import Any

from scanner.model import Policy, Severity
from scanner.report._sarif_words import clipped, sentence
from scanner.report._visible import visible_lines

_LEVELS = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
    Severity.INFO: "note",
}
_SCORES = {Severity.CRITICAL: "9.5", Severity.HIGH: "8.0", Severity.MEDIUM: "5.5", Severity.LOW: "3.0"}
"""GitHub calls a score above 9.0 critical, from 7.0 high, from 4.0 medium, above 0.0 low, and accepts no other.

`info` has none, and GitHub shows it as a note.
"""
_MOST_TAGS = 10
_LONGEST = 1024
"""Characters that GitHub takes for a description."""


def level(severity: Severity) -> str:
    """SARIF's own, coarser word for the severity."""
    return _LEVELS[severity]


def rule(policy: Policy) -> dict[str, Any]:
    """The policy as a `reportingDescriptor`."""
    return {
        "id": policy.id,
        "name": _pascal(policy.id),
        "shortDescription": {"text": clipped(sentence(policy.title), _LONGEST)},
        "fullDescription": {"text": clipped(sentence(policy.rationale or policy.title), _LONGEST)},
        "help": {"text": _help(policy), "markdown": _help_markdown(policy)},
        "defaultConfiguration": {"level": level(policy.severity)},
        "properties": _properties(policy),
    }


def _pascal(policy_id: str) -> str:
    return "".join(word.capitalize() for word in policy_id.split("-"))


def _help(policy: Policy) -> str:
    parts = (
        policy.rationale,
        policy.remediation and f"How to fix it: {policy.remediation}",
        policy.controls and f"Controls: {', '.join(policy.controls)}.",
    )
    return visible_lines("\n\n".join(part.strip() for part in parts if part)) or sentence(policy.title)


def _help_markdown(policy: Policy) -> str:
    controls = "\n".join(f"- `{control}`" for control in policy.controls)
    parts = (
        ("Why it matters", policy.rationale),
        ("How to fix it", policy.remediation),
        ("Controls", controls),
    )
    text = "\n\n".join(f"## {title}\n\n{body.strip()}" for title, body in parts if body)
    return visible_lines(text) or sentence(policy.title)


def _properties(policy: Policy) -> dict[str, Any]:
    score = _SCORES.get(policy.severity)
    tags = [policy.family, policy.pack, *policy.controls]
    if score is None:
        return {"precision": "high", "tags": _tags(tags)}
    return {"precision": "high", "security-severity": score, "tags": _tags(["security", *tags])}


def _tags(words: list[str]) -> list[str]:
    """GitHub reads a `security-severity` only beside the tag `security`, and shows ten tags."""
    return list(dict.fromkeys(word for word in words if word))[:_MOST_TAGS]
