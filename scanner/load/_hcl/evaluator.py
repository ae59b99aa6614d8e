"""Runs the evaluator of Terraform's language in a child process, and outlives whatever happens to that."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread
from time import monotonic
from typing import TYPE_CHECKING, Any

import orjson

from scanner.errors import LoadError

if TYPE_CHECKING:
    import subprocess

SECONDS = 60.0
"""How long to wait for the evaluation of one root module; large ones take a few seconds."""

_NEVER = float("inf")
_CHILD = Path(__file__).with_name("tfparse_child.py")
Blocks = Mapping[str, Sequence[Mapping[str, Any]]]
"""Block type (`aws_s3_bucket`, `provider`, ...) to what the evaluator found, with `__tfmeta` in each block."""

_NOISE = "unable to create TerraformConverter: "
_HINT = "Scan the plan of this configuration instead, or exclude the folder."


class Evaluator:
    """One child process for all root modules of a scan; a new one after a crash."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._watch: _Watch | None = None

    def begin(self, folder: Path, variables: Sequence[str], workspace: str = "") -> None:
        """Let the child evaluate the root module in a folder with these variable files; `finish` waits for it."""
        process = self._process = self._process or _start()
        with suppress(OSError):  # it is dead, which `finish` will notice
            if process.stdin:
                process.stdin.write(json.dumps([str(folder), workspace or "default", *variables]).encode() + b"\n")
                process.stdin.flush()

    def finish(self) -> Blocks:
        """What it found; raises `LoadError`."""
        answer = self._answer()
        if "error" in answer:
            raise LoadError(f"is not valid: {_one_line(answer['error'])}", "Repair what `terraform validate` says.")
        return {kind: blocks for kind, blocks in answer["blocks"].items() if blocks}

    def close(self) -> None:
        """End the child process, if there is one, whatever it is doing."""
        if self._watch:
            self._watch.end.set()
            self._watch = None
        if self._process:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def _answer(self) -> dict[str, Any]:
        process = self._process
        if process is None or process.stdout is None:
            raise LoadError("cannot be evaluated: the evaluation was not begun", _HINT)
        watch = self._watch = self._watch or _Watch(process, self._seconds)
        watch.until = monotonic() + self._seconds
        try:
            answer: dict[str, Any] = orjson.loads(process.stdout.read(int(process.stdout.readline())))
        except (OSError, ValueError):
            self.close()
            what = f"took longer than {self._seconds:.0f} seconds" if watch.killed else "crashed the evaluator"
            raise LoadError(f"cannot be evaluated: it {what}", _HINT) from None
        watch.until = _NEVER
        return answer


class _Watch:
    """Kills a child that has not answered until a given time.

    It looks now and then, in one thread: starting a timer for each answer takes longer than most answers do.
    """

    def __init__(self, process: subprocess.Popen[bytes], seconds: float) -> None:
        self.until = _NEVER
        self.killed = False
        self.end = Event()
        self._process = process
        self._pause = min(1.0, seconds / 10)
        Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        while not self.end.wait(self._pause):
            if monotonic() > self.until:
                self.killed = True
                self._process.kill()
                return


def _start() -> subprocess.Popen[bytes]:
    import subprocess  # noqa: PLC0415  # most configurations need no child

    # Isolated, and without our environment: a configuration could read secrets there, and TF_VAR_ would change answers.
    return subprocess.Popen(
        [sys.executable, "-I", "-S", str(_CHILD), json.dumps(sys.path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=_environment(),
    )


def _environment() -> dict[str, str]:
    # Go looks for garbage whenever it holds twice as much as it needs, a fifth of its time: five times is enough.
    return {"GOGC": "400", **{name: os.environ[name] for name in ("SYSTEMROOT",) if name in os.environ}}


def _one_line(text: str) -> str:
    return " ".join(text.removeprefix(_NOISE).split())[:300]
