"""The controls that policies may cite: those of the frameworks that govscan ships, and of a pack's own."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from scanner import checked_yaml, policy


def controls(packs: Iterable[Path] = ()) -> dict[str, str]:
    """`framework/control` to the control's title. A pack's own frameworks stand in its folder `frameworks/`."""
    folders = [policy.shipped() / "frameworks", *(pack / "frameworks" for pack in packs)]
    found: dict[str, str] = {}
    for path in (path for folder in dict.fromkeys(folders) for path in sorted(folder.glob("*.yaml"))):
        body, _ = checked_yaml.read(path)
        if isinstance(body, dict) and isinstance(body.get("controls"), dict):
            found |= {f"{body.get('id')}/{name}": str(title) for name, title in body["controls"].items()}
    return found
