"""What former scans understood of the same packs: bodies of policy files, syntax trees of their expressions.

One file for each set of packs, parameters and version of govscan, in the user's own cache folder. It holds data only
(`scanner.cel.stored`), and only what was free of mistakes. A file that anybody else may have written is not read; one
that is damaged or cannot be written is as good as none. See docs/decisions/0009-what-is-remembered-of-packs.md.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import orjson

from scanner import __version__, cache_files
from scanner.cel import Program
from scanner.cel.stored import restore, store
from scanner.strange_files import refused

_KIND = "packs"
_ENGINE = ("cel", "policy", "analyze", "normalize")
"""The rooms whose code or tables decide what a policy file means."""


class Memory:
    """Asked before anything is parsed, told what was parsed, and kept for the next scan where it learned something."""

    def __init__(self, name: str = "", digests: Mapping[Path, str] | None = None) -> None:
        self._name = name
        self._digests = digests or {}
        self._bodies: dict[str, Any] = {}
        self._programs: dict[str, Any] = {}
        self._learned = False

    @classmethod
    def of(cls, files: Iterable[Path], params: Mapping[str, Any]) -> Memory:
        """What is known of these policy files, with an organization's parameters."""
        folder = cache_files.folder()
        if folder is None or any(map(refused, files := list(files))):
            return cls()
        try:
            digests = {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
        except OSError:
            return cls()
        facts = [__version__, sys.version, _engine(), repr(params), *digests.values()]
        memory = cls(hashlib.sha256("\n".join(facts).encode()).hexdigest(), digests)
        memory._recall(cache_files.read(folder, _KIND, memory._name))
        return memory

    def body(self, path: Path) -> Any:
        """A policy file's content, which was without mistakes; None where it is not known."""
        return self._bodies.get(self._digests.get(path, ""))

    def learn(self, path: Path, body: Any) -> None:
        """Remember the content of a file."""
        if path in self._digests:
            self._bodies[self._digests[path]] = body
            self._learned = True

    def about(self, path: Path, subject: str) -> Expressions:
        """The expressions of a file that see the same variables."""
        return Expressions(self, f"{self._digests.get(path, '')} {subject} ")

    def keep(self) -> None:
        """Write down what is new; for a scan that met no mistake in the packs."""
        folder = cache_files.folder()
        if folder is None or not self._learned or not self._name:
            return
        data = {"bodies": self._bodies, "programs": self._programs}
        try:
            content = orjson.dumps(data, option=orjson.OPT_PASSTHROUGH_DATETIME)
        except (TypeError, RecursionError):  # YAML has dates and keys that are no text; JSON has not
            return
        if orjson.loads(content) == data:
            cache_files.write(folder, _KIND, self._name, content)

    def recall(self, key: str) -> Any:
        """The stored form of a program."""
        return self._programs.get(key)

    def note(self, key: str, program: Program) -> None:
        """Remember a program."""
        if self._name:
            self._programs[key] = store(program)
            self._learned = True

    def _recall(self, content: bytes) -> None:
        try:
            data = orjson.loads(content)
            self._bodies, self._programs = dict(data["bodies"]), dict(data["programs"])
        except (ValueError, TypeError, LookupError):
            self._bodies, self._programs = {}, {}


class Expressions:
    """The memory of the expressions that stand in one file and see the same variables."""

    def __init__(self, memory: Memory, prefix: str) -> None:
        self._memory = memory
        self._prefix = prefix

    def program(self, text: str, compile_now: Callable[[], Program]) -> Program:
        """The program of a text: remembered, else compiled now."""
        key = self._prefix + text
        known = self._memory.recall(key)
        if known is not None:
            try:
                return restore(text, known)
            except ValueError:
                pass
        program = compile_now()
        self._memory.note(key, program)
        return program


def _engine() -> str:
    """Changes when govscan's own code does, also without a new version: names, sizes and times of its files."""
    top = Path(__file__).resolve().parent.parent
    return "\n".join(cache_files.state(top / room) for room in _ENGINE)
