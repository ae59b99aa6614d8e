"""Whether what a controller installs is in the repository that is scanned, and where."""

from __future__ import annotations

import os
import re
from pathlib import Path

from scanner.load._charts.kustomize_graph import NAMES
from scanner.patterns import regex

_URL = regex(r"^\s*url\s*=\s*(\S+)", re.MULTILINE)
_REPOSITORY = regex(r"[/:]([^/:]+/[^/]+?)(?:\.git)?/?$")


def inside(base: Path, path: str) -> Path | None:
    """The folder that a path from the repository's root leads to; None if it leaves the repository or is not there."""
    if not path or "\0" in path:
        return None
    folder = Path(os.path.realpath(base / path.lstrip("/")))
    return folder if folder.is_dir() and folder.is_relative_to(os.path.realpath(base)) else None


def file_inside(base: Path, folder: Path, path: str) -> Path | None:
    """The file that a path from a folder, or with a slash in front from the root, leads to; None if it leaves the root.

    Source: argo-cd `util/io/path/resolved.go`, which refuses what leads out of the repository, as Flux does.
    """
    if not path or "\0" in path or "://" in path:
        return None
    file = Path(os.path.realpath((base if path.startswith("/") else folder) / path.lstrip("/")))
    return file if file.is_relative_to(os.path.realpath(base)) else None


def is_kustomization(folder: Path) -> bool:
    """Whether the folder is one."""
    return any((folder / name).is_file() for name in NAMES)


def is_repository(url: str, base: Path) -> bool:
    """Whether a URL is one that this checkout was cloned from; taken for granted where the checkout does not say."""
    try:
        known = _URL.findall((_git_folder(base) / "config").read_text(encoding="utf-8", errors="replace"))
    except OSError:
        return True
    return not known or _repository(url) in {_repository(one) for one in known}


def _git_folder(base: Path) -> Path:
    """Where git keeps its settings; a linked worktree and a submodule only point there."""
    folder = base / ".git"
    if folder.is_file():
        folder = base / folder.read_text(encoding="utf-8", errors="replace").partition("gitdir:")[2].strip()
        common = folder / "commondir"
        folder = folder / common.read_text(encoding="utf-8").strip() if common.is_file() else folder
    return folder


def _repository(url: str) -> str:
    """`owner/name`, however the URL is written (HTTPS, SSH, with `.git` or without)."""
    found = _REPOSITORY.search(url)
    return (found[1] if found else url).lower()
