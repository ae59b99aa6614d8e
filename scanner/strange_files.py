"""What in a stranger's folder is not even opened."""

from __future__ import annotations

import stat
from pathlib import Path

_LARGEST = 1_000_000
"""Bytes; two hundred times what anybody has written."""


def refused(path: Path, *, links: bool = False) -> str:
    """Why a file is not opened, or nothing where it is.

    A device has no end, a pipe no beginning, and what stands where a link leads to would be shown in mistakes. `links`
    says that the user chose the file, so that it may lead anywhere.
    """
    try:
        about = path.lstat()
        is_link = stat.S_ISLNK(about.st_mode)
        about = path.stat() if is_link else about
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    if not stat.S_ISREG(about.st_mode):
        return "cannot be read: it is no file"
    if is_link and not links and not path.resolve().is_relative_to(path.parent.resolve()):
        return "is a link that leads out of its folder"
    return f"is longer than {_LARGEST:,} bytes" if about.st_size > _LARGEST else ""
