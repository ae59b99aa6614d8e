"""Durations as Vault takes them: seconds, or as Go writes them."""

from __future__ import annotations

from typing import Any

from scanner.patterns import regex

SYSTEM = 768 * 3600
"""How long tokens and leases may live at most where nobody sets it, in seconds."""

_DURATION = regex(r"(?:\d+(?:\.\d+)?(?:s|m|h|d|))+")
_PART = regex(r"(\d+(?:\.\d+)?)(s|m|h|d|)")
_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}


def seconds(value: Any) -> int:
    """Of a number or a text; 0 for what is neither."""
    if isinstance(value, str) and _DURATION.fullmatch(value):
        return int(sum(float(number) * _UNITS[unit] for number, unit in _PART.findall(value)))
    return value if isinstance(value, int) else 0
