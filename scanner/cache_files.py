"""What former scans understood, in files of the user's own cache folder.

They are read only where nobody else may have written them, and written whole or not at all. There is a kind of them for
each thing that is remembered. See docs/decisions/0009-what-is-remembered-of-packs.md.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_MOST_BYTES = 16 * 1024 * 1024
_MOST_FILES = 16
_OTHERS = stat.S_IWGRP | stat.S_IWOTH
_DIGEST = 64
"""Hexadecimal digits of the SHA-256 that every file begins with."""


def folder() -> Path | None:
    """The user's cache folder; None where it is switched off, or where a file's owner cannot be told (Windows)."""
    chosen = os.environ.get("GOVSCAN_CACHE", "")
    if chosen == "off" or not hasattr(os, "getuid"):
        return None
    found = Path(chosen or Path(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")) / "govscan")  # noqa: PTH111  # pathlib raises where there is no home
    return found if found.is_absolute() else None


def read(place: Path, kind: str, name: str) -> bytes:
    """What was written under this name of a kind; empty where there is nothing that can be trusted."""
    try:
        if not _is_ours(place.lstat()):
            return b""
        handle = os.open(place / f"{kind}-{name}", os.O_RDONLY | os.O_NOFOLLOW)
        with os.fdopen(handle, "rb") as file:
            state = os.fstat(handle)
            whole = file.read() if _is_ours(state) and state.st_size <= _MOST_BYTES else b""
    except OSError:
        return b""
    digest, content = whole[:_DIGEST], whole[_DIGEST:]
    return content if hashlib.sha256(content).hexdigest().encode() == digest else b""


def write(place: Path, kind: str, name: str, content: bytes) -> None:
    """Put a file there in one move, and remove the oldest of its kind where there are many.

    What cannot be written is not.
    """
    if len(content) + _DIGEST > _MOST_BYTES:
        return
    with suppress(OSError):
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not _is_ours(place.lstat()):
            return
        import tempfile  # noqa: PLC0415  # most scans write nothing

        handle, draft = tempfile.mkstemp(prefix=".new-", dir=place)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(hashlib.sha256(content).hexdigest().encode() + content)
            os.replace(draft, place / f"{kind}-{name}")  # noqa: PTH105  # both are plain names
        except OSError:
            Path(draft).unlink(missing_ok=True)
            raise
        _trim(place, kind)


def state(folder: Path) -> str:
    """Names, sizes and times of the files of a folder and of the folders in it, as text."""
    return "\n".join(sorted(_known(os.fspath(folder))))


def _known(folder: str) -> Iterator[str]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_file():
                info = entry.stat()
                yield f"{entry.name} {info.st_size} {info.st_mtime_ns}"
            elif entry.is_dir() and entry.name != "__pycache__":
                yield from (f"{entry.name}/{line}" for line in _known(entry.path))


def _trim(place: Path, kind: str) -> None:
    files = sorted(place.glob(f"{kind}-*"), key=lambda path: path.lstat().st_mtime_ns)
    for path in files[:-_MOST_FILES]:
        path.unlink(missing_ok=True)


def _is_ours(state: os.stat_result) -> bool:
    """A folder or a plain file, no link, that belongs to this user and that nobody else may write."""
    kind = stat.S_ISDIR(state.st_mode) or stat.S_ISREG(state.st_mode)
    return kind and state.st_uid == os.getuid() and not state.st_mode & _OTHERS
