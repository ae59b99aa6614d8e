"""`govscan.yaml`: what an organization chose. Found upwards from the first target, so a repository needs only one."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from msgspec import Struct, field

from scanner import __version__, cache_files, checked_yaml
from scanner.checked_yaml import Mistake
from scanner.errors import ConfigError
from scanner.model import Path as BodyPath
from scanner.model import Severity

FILE_NAME = "govscan.yaml"
SCHEMA = Path(__file__).with_name("config.schema.json")

_KIND, _RIGHT = "configuration", b"right"
"""What is remembered of a configuration: that one of this digest followed the schema."""


class Config(Struct, frozen=True):
    """A checked `govscan.yaml`; the defaults are what applies without one."""

    folder: Path
    """What paths in it are relative to."""
    file: Path | None = None
    """None where there is none, and the defaults apply."""
    packs: tuple[str, ...] = ()
    """Empty for every shipped pack."""
    params: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    severity: Mapping[str, Severity] = field(default_factory=dict)
    disable: Mapping[str, str] = field(default_factory=dict)
    exclude: tuple[str, ...] = ()
    workspace: str = ""
    """What `terraform.workspace` is; empty where it is not said."""
    var_files: tuple[Path, ...] = ()
    """Variable files for every Terraform configuration that has no plan."""
    render: bool = True
    """Let the user's own `helm` and `kubectl` make manifests of charts and kustomizations."""
    charts: tuple[tuple[Path, tuple[Path, ...], str, str], ...] = ()
    """How charts are installed: the folder, values files, the namespace and the release's name, empty if not said."""
    fail_on: Severity = Severity.MEDIUM
    only: str = ""
    """`introduced` for a gate that stops only what the change of a plan introduces; empty for one that stops all."""


def find(start: Path) -> Path | None:
    """The nearest `govscan.yaml` in `start` or above it."""
    folder = start.resolve()
    return next((path for up in (folder, *folder.parents) if (path := up / FILE_NAME).is_file()), None)


def load(path: Path) -> Config:
    """Read and check a configuration. Raises `ConfigError` with one line for each mistake."""
    body, mistakes = checked_yaml.read(path, links=True)
    body = {} if body is None and not mistakes else body
    mistakes = mistakes or _against_schema(path, body)
    if mistakes:
        raise _error(mistakes)
    terraform, folder = body.get("terraform", {}), path.parent.resolve()
    mistakes = checked_yaml.mistakes(path, _absent(folder, body))
    if mistakes:
        raise _error(mistakes)
    return Config(
        folder=path.parent,
        file=path,
        packs=tuple(body.get("packs", ())),
        params=body.get("params", {}),
        severity={name: Severity(word) for name, word in body.get("severity", {}).items()},
        disable=body.get("disable", {}),
        exclude=tuple(body.get("exclude", ())),
        workspace=terraform.get("workspace", ""),
        var_files=tuple(folder / name for name in terraform.get("var_files", ())),
        render=body.get("kubernetes", {}).get("render", True),
        charts=tuple(_charts(folder, body)),
        fail_on=Severity(body.get("fail_on", Severity.MEDIUM)),
        only=body.get("only", ""),
    )


def _against_schema(path: Path, body: Mapping[str, Any]) -> list[Mistake]:
    """What does not follow the schema. That one was right is remembered: the checker alone takes 30 ms to import."""
    memory = cache_files.folder()
    facts = (__version__, sys.version, SCHEMA.read_text(encoding="utf-8"), repr(body))
    name = sha256("\n".join(facts).encode()).hexdigest()
    if memory and cache_files.read(memory, _KIND, name) == _RIGHT:
        return []
    mistakes = checked_yaml.check(path, body, SCHEMA)
    if memory and not mistakes:
        cache_files.write(memory, _KIND, name, _RIGHT)
    return mistakes


def _error(mistakes: Sequence[Mistake]) -> ConfigError:
    lines = "\n".join(map(str, mistakes))
    return ConfigError(f"The configuration cannot be used:\n{lines}", "Correct each line above and run again.")


def _absent(folder: Path, body: Mapping[str, Any]) -> Iterator[tuple[BodyPath, str]]:
    """The files it names that are not there."""
    for where, name in _files(body):
        if not (folder / name).is_file():
            yield where, f"there is no file '{name}'; paths are relative to govscan.yaml"


def _files(body: Mapping[str, Any]) -> Iterator[tuple[BodyPath, str]]:
    for number, name in enumerate(body.get("terraform", {}).get("var_files", ())):
        yield ("terraform", "var_files", number), name
    for chart, said in body.get("kubernetes", {}).get("charts", {}).items():
        place: BodyPath = ("kubernetes", "charts", chart)
        yield place, f"{chart}/Chart.yaml"
        yield from (((*place, "values", number), name) for number, name in enumerate(said.get("values", ())))


def _charts(folder: Path, body: Mapping[str, Any]) -> Iterator[tuple[Path, tuple[Path, ...], str, str]]:
    for name, said in body.get("kubernetes", {}).get("charts", {}).items():
        values = tuple(folder / file for file in said.get("values", ()))
        yield folder / name, values, said.get("namespace", ""), said.get("release", "")
