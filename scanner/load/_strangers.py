"""What is said of targets that are not there, and of files that no loader knows."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from scanner.errors import LoadError, UsageError
from scanner.load._files import File

_LOOK = 8192
"""Bytes at the beginning of a file that tell whether it is text."""


def require(targets: Sequence[str]) -> None:
    """Raise `UsageError` if a target does not exist, with the nearest name that does."""
    for target in targets:
        if target != "-" and not os.path.lexists(target):
            raise UsageError(f"There is no file or folder {target!r}.", _similar(Path(target)))


def _similar(path: Path) -> str:
    folder = path.parent
    if not folder.is_dir():
        return f"There is no folder {str(folder)!r} either."
    import difflib  # noqa: PLC0415  # only a mistake needs it

    try:
        close = difflib.get_close_matches(path.name, sorted(entry.name for entry in folder.iterdir()), n=1)
    except OSError:
        close = []
    return f"Did you mean {str(folder / close[0])!r}?" if close else f"Nothing in {str(folder)!r} has a similar name."


def require_sound(file: File) -> None:
    """Raise `LoadError` for a file that is broken, rather than simply not ours."""
    if not file.data.strip():
        raise LoadError("is empty", "Check the command that wrote it.")
    if is_binary(file):
        raise LoadError("is a binary file", "Give a plan as JSON: terraform show -json PLANFILE > plan.json")
    if file.uri.endswith(".json") or file.data.lstrip()[:1] in (b"{", b"["):
        _ = file.json
    _ = file.text


def is_binary(file: File) -> bool:
    """Whether the file is no text, whatever its name says. UTF-16, which starts with a mark of its own, is text."""
    return b"\0" in file.data[:_LOOK] and not file.data.startswith((b"\xff\xfe", b"\xfe\xff"))
