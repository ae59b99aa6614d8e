"""Files as the loaders see them: a name for people, bytes in UTF-8, and JSON parsed at most once."""

from __future__ import annotations

import codecs
import os
import stat
import sys
from collections.abc import Iterator
from enum import Enum
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import orjson
from msgspec import Struct

from scanner.errors import LoadError
from scanner.load._choices import Audit, Kubernetes, Terraform

STDIN = "<stdin>"
MAX_BYTES = 512 * 1024 * 1024
MAX_VALUES = 30_000_000
"""Values in one JSON file; empty lists cost 60 bytes each, so that is about 2 GiB at worst."""

_SMALL = 64 * 1024 * 1024
_ENCODINGS = (
    # UTF-32 first: its little-endian mark begins with UTF-16's.
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (codecs.BOM_UTF8, "utf-8-sig"),
)


class Options(Struct, frozen=True):
    """How to read. `excludes` are .gitignore patterns relative to `base`; `max_bytes` is for one file."""

    base: Path
    """Uris are relative to it, and symbolic links found in folders are not followed out of it."""
    excludes: tuple[str, ...] = ()
    max_bytes: int = MAX_BYTES
    terraform: Terraform = Terraform()
    kubernetes: Kubernetes = Kubernetes()
    audit: Audit | None = None
    """Look at what runs, and at no files."""


class Scope(Enum):
    """Which files of one source share a partition."""

    FILE = "each file is one"
    TARGET = "all files of one target"
    FOLDER = "all files of one folder target; all files named by themselves are one as well"


class Skip(Exception):  # noqa: N818  # not an error: the file is simply not ours
    """The file holds nothing that this scan is about."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class File(Struct, frozen=True, dict=True):
    """One file, read. `data` is UTF-8 without a byte-order mark if the file had a mark of any kind."""

    uri: str
    data: bytes
    path: Path | None = None
    """None for standard input."""

    @cached_property
    def json(self) -> Any:
        """The file parsed as one JSON value; raises `LoadError`."""
        return parse_json(self.data)

    @cached_property
    def text(self) -> str:
        """The file as text; raises `LoadError`."""
        try:
            return self.data.decode()
        except UnicodeDecodeError as error:
            line = self.data.count(b"\n", 0, error.start) + 1
            raise LoadError(
                f"is not UTF-8 text: line {line} holds the byte 0x{self.data[error.start]:02x}",
                "Save the file as UTF-8.",
            ) from None


def hostile(error: Exception) -> LoadError:
    """What is said of a file whose shape no tool writes, so that reading it failed with an error of Python's own."""
    message = f"has a shape that cannot be read ({type(error).__name__})"
    return LoadError(message, "Write the file again; if the tool that reads it accepts it, report it to govscan.")


def parse_json(data: bytes) -> Any:
    """One JSON value; raises `LoadError` with a sentence that names the place."""
    if len(data) > _SMALL and sum(data.count(mark) for mark in (b",", b"[", b"{")) > MAX_VALUES:
        raise LoadError(f"holds more than {MAX_VALUES} JSON values", "Split it, or exclude it from the scan.")
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError as error:
        hint = "Write the file again; its end may be missing."
        raise LoadError(f"is not valid JSON: {error.msg} (line {error.lineno}, column {error.colno})", hint) from None


def real(path: Path) -> Path:
    """The path without links. One that goes round in circles comes back as far as it leads."""
    try:
        return Path(os.path.realpath(path))
    except ValueError:  # a name that no file can have, such as one with a null character
        return path


@cache
def real_base(base: Path) -> Path:
    """The base folder of a scan without links; it is the same all along."""
    return real(base)


def boundary(folder: Path, options: Options) -> Path:
    """What files of a folder may not lead out of: the base; for a folder that lies elsewhere, the folder itself.

    The path of the folder is one without links.
    """
    base = real_base(options.base)
    return base if folder.is_relative_to(base) else folder


def uri_of(path: Path, base: Path) -> str:
    """The path relative to `base` with forward slashes; absolute if it lies elsewhere."""
    # `abspath` removes `..`, which pathlib keeps; links are looked at only where that is not enough.
    plain = os.path.abspath(path)  # noqa: PTH100  # see above
    inside = _below(plain, os.path.abspath(base))  # noqa: PTH100  # see above
    inside = inside or _below(os.path.realpath(path), os.path.realpath(base))
    return (inside or plain).replace(os.sep, "/")


def _below(file: str, folder: str) -> str:
    """The rest of the path, `.` for the folder itself, empty if it is not inside."""
    top = folder.rstrip(os.sep) + os.sep
    if file.startswith(top):
        return file[len(top) :]
    return "." if file == folder else ""


def read(path: Path, options: Options) -> File:
    """The file at `path`; raises `LoadError` for anything that is no readable, ordinary file."""
    uri = uri_of(path, options.base)
    try:
        return File(uri, _utf8(_bytes(path, options.max_bytes)), path)
    except OSError as error:
        hint = "Check that it exists, that its links lead somewhere, and that you may read it."
        raise LoadError(f"cannot be read: {error.strerror or error}", hint) from None


def read_uri(uri: str, options: Options) -> File:
    """The file that a loader gave this uri."""
    return standard_input(options.max_bytes) if uri == STDIN else read(options.base / uri, options)


@cache
def standard_input(max_bytes: int) -> File:
    """What was piped in; read once and kept, since positions are looked up in it later."""
    data = sys.stdin.buffer.read(max_bytes + 1)
    _check_size(len(data), max_bytes)
    return File(STDIN, _utf8(data))


def lines(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The lines of `data` that are not blank, with their number from 0; never all at once."""
    start = number = 0
    while start < len(data):
        end = data.find(b"\n", start)
        end = len(data) if end < 0 else end
        if line := data[start:end].strip():
            yield number, line
        start, number = end + 1, number + 1


def _bytes(path: Path, max_bytes: int) -> bytes:
    # A pipe or device could block or never end; `O_NONBLOCK` keeps the look itself from hanging.
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with open(handle, "rb") as file:  # noqa: PTH123  # a descriptor, not a path
        state = os.fstat(handle)
        if not stat.S_ISREG(state.st_mode):
            raise LoadError("is not an ordinary file", "Pipe its content in instead: govscan scan - < FILE")
        _check_size(state.st_size, max_bytes)
        # Room is made for all that is asked for, so that is the size. A file may grow, or not tell (`/proc`).
        data = file.read(state.st_size + 1)
        if len(data) > state.st_size:
            data += file.read(max_bytes)
    _check_size(len(data), max_bytes)
    return data


def _check_size(size: int, max_bytes: int) -> None:
    if size > max_bytes:
        mebibytes = max_bytes // 1024 // 1024
        raise LoadError(f"is larger than {mebibytes} MiB", "Split it, or exclude it from the scan.")


def _utf8(data: bytes) -> bytes:
    for mark, encoding in _ENCODINGS:
        if data.startswith(mark):
            try:
                data = data.decode(encoding).encode()
            except UnicodeError:
                raise LoadError(f"is not valid {encoding.upper()} text", "Save the file as UTF-8.") from None
            break
    # Files that were written one after the other into one keep their marks. One byte is looked for ten times faster.
    return data.replace(b"\n" + codecs.BOM_UTF8, b"\n") if codecs.BOM_UTF8[:1] in data else data
