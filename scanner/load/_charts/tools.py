"""Runs the user's own `helm` and `kubectl`, held to what a scan may do: no network, no plugins, no secrets of ours."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from scanner.errors import LoadError
from scanner.patterns import regex

SECONDS = 60
MAX_BYTES = 256 * 1024 * 1024
_MISSING = ("no such file or directory", "missing in charts/")
"""What kustomize and Helm say of files that are not there; the second of dependencies that were not downloaded."""

_PASSED = ("PATH", "SYSTEMROOT", "TMPDIR", "TEMP", "TMP", "LANG", "LC_ALL")
_NOWHERE = "http://127.0.0.1:9"
"""Port 9 discards. Whatever a tool would fetch goes there, and fails at once."""


class InputMissingError(LoadError):
    """Something that a tool needs was never part of the repository: a dependency, a file with secrets."""


def find(*names: str) -> str:
    """The first of these programs that is on the PATH; empty if none is."""
    return next((found for name in names if (found := shutil.which(name))), "")


def run(command: Sequence[str], folder: Path, given: str = "") -> str:
    """What a program prints when it is given a text; raises `LoadError` with its own complaint where it fails."""
    with TemporaryDirectory(prefix="govscan-") as home:
        try:
            done = subprocess.run(
                command,
                cwd=folder,
                env=_environment(home),
                input=given.encode(),
                capture_output=True,
                timeout=SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise LoadError(f"took {_name(command)} longer than {SECONDS} seconds", _HINT) from None
        except OSError as error:
            raise LoadError(f"cannot be rendered by {_name(command)}: {error.strerror}", _HINT) from None
    if done.returncode:
        complaint = _complaint(done.stderr)
        kind = InputMissingError if any(word in complaint for word in _MISSING) else LoadError
        raise kind(f"cannot be rendered by {_name(command)}: {complaint}", _HINT)
    if len(done.stdout) > MAX_BYTES:
        raise LoadError(f"renders to more than {MAX_BYTES // 1024 // 1024} MiB", "Exclude it from the scan.")
    return done.stdout.decode("utf-8", errors="replace")


_LONGEST = 300
_LOG = regex(r'^[EF]\d{4} .*?\berr="(.*)"$')
"""How kubectl logs a failure."""
_END_OF_LOG = ">"
"""How it ends one that takes several lines, `err=<` the first."""

_HINT = "Run the same command by hand, or scan with --no-render to judge the files as they are."


def _environment(home: str) -> dict[str, str]:
    """A home of its own, so that no plugin, repository or cluster of the user's is found; proxies that lead nowhere."""
    kept = {name: os.environ[name] for name in _PASSED if name in os.environ}
    proxies = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy"), _NOWHERE)
    return {**kept, **proxies, "HOME": home, "KUBECONFIG": os.devnull, "GIT_ALLOW_PROTOCOL": "none", "NO_PROXY": ""}


def _name(command: Sequence[str]) -> str:
    return Path(command[0]).stem


def _complaint(stderr: bytes) -> str:
    """The last thing it said, on one line: tools repeat the whole way there before they come to the point."""
    lines = [line.strip() for line in stderr.decode("utf-8", errors="replace").splitlines() if line.strip()]
    lines = [line for line in lines if line != _END_OF_LOG]
    told = [line for line in lines if line.lower().startswith("error")] or lines or ["it gave no reason"]
    plain = _LOG.sub(r"\1", " ".join(told[-1].split()))
    return plain if len(plain) <= _LONGEST else f"... {plain[-_LONGEST:]}"
