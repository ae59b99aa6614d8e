"""One scan result into bytes, in every format a user may ask for. Adding a format is adding a file here.

A format is a module that has

    EXTENSION   the ending that chooses it in `--report out.sarif`, with its dot
    DOC         one line for `--help`
    render      `ScanResult` to bytes; pure: the same result gives the same bytes

Files are written whole or not at all.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from scanner import registry
from scanner.errors import ReportError, UsageError
from scanner.model import ScanResult

STDOUT = Path("-")
SCHEMA = Path(__file__).with_name("result.schema.json")
"""Of the JSON report."""


def formats() -> tuple[str, ...]:
    """The names of all formats, without importing any of them."""
    return registry.names(__name__)


def render(name: str, result: ScanResult) -> bytes:
    """The result in one format; console without color, as for a file."""
    rendered: bytes = registry.module(__name__, name).render(result)
    return rendered


def parse(spec: str) -> tuple[str, Path]:
    """What `--report SPEC` means: a format and a file. `FORMAT=FILE` names the format, else the extension does.

    The file `-` is standard output, and needs its format named. Raises `UsageError`.
    """
    head, equals, tail = spec.partition("=")
    if equals and head in formats():
        return head, Path(_present(tail, spec))
    name = _by_extension(Path(_present(spec, spec)))
    if name is None:
        raise UsageError(f"No report format can be told from '{spec}'.", _choices())
    return name, Path(spec)


def write(reports: Iterable[tuple[str, Path]], result: ScanResult) -> None:
    """Render and write each report; a folder that is missing is made. Raises `ReportError`, leaving no half file."""
    for name, path in reports:
        content = render(name, result)
        if path == STDOUT:
            sys.stdout.buffer.write(content)
            sys.stdout.buffer.flush()
        else:
            write_file(path, content)


def _present(file: str, spec: str) -> str:
    if file:
        return file
    raise UsageError(f"The report '{spec}' names no file.", _choices())


def _choices() -> str:
    return f"Write FORMAT=FILE, where FORMAT is one of: {', '.join(formats())}."


def _by_extension(path: Path) -> str | None:
    """The format this file name asks for. The format of that very name is tried first: importing all takes longer."""
    ending = path.suffix.lower()
    likely = ending.removeprefix(".")
    for name in sorted(formats(), key=lambda name: (name != likely, name)):
        extension: str = registry.module(__name__, name).EXTENSION
        if ending and extension == ending:
            return name
    return None


def write_file(path: Path, content: bytes) -> None:
    """Write a file whole or not at all; a folder that is missing is made. Raises `ReportError`."""
    try:
        target = path.resolve()  # a link keeps being a link
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.exists() and not target.is_file():
            _write_special(target, content)
        else:
            _replace(target, content)
    except (OSError, RuntimeError) as error:  # RuntimeError: links that lead in a circle
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise ReportError(
            f"The report {path} could not be written: {reason}.", "Choose another file, or free this one."
        ) from error


def _write_special(target: Path, content: bytes) -> None:
    """Devices and pipes (`/dev/stdout`) cannot be replaced, only written to; a folder refuses by itself."""
    with target.open("wb") as stream:
        stream.write(content)


def _replace(target: Path, content: bytes) -> None:
    """Write beside the target, then move into place in one step, with the mode any new file would get."""
    import tempfile  # noqa: PLC0415  # a scan without reports needs none of what it brings along

    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        temporary.chmod(_mode(target))
        temporary.replace(target)
    except OSError:
        with suppress(OSError):
            temporary.unlink()
        raise


def _mode(target: Path) -> int:
    if target.exists():
        return target.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
