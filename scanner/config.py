"""`govscan.yaml`: what an organization chose. Found upwards from the first target, so a repository needs only one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct, field

from scanner import checked_yaml
from scanner.errors import ConfigError
from scanner.model import Severity

FILE_NAME = "govscan.yaml"
SCHEMA = Path(__file__).with_name("config.schema.json")


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
    mistakes = mistakes or checked_yaml.check(path, body, SCHEMA)
    if mistakes:
        lines = "\n".join(map(str, mistakes))
        raise ConfigError(f"The configuration cannot be used:\n{lines}", "Correct each line above and run again.")
    terraform = body.get("terraform", {})
    var_files = tuple(path.parent.resolve() / name for name in terraform.get("var_files", ()))
    if missing := [str(file) for file in var_files if not file.is_file()]:
        message = f"{path}: terraform.var_files names what is no file: {', '.join(missing)}"
        raise ConfigError(f"The configuration cannot be used:\n{message}", "Paths are relative to govscan.yaml.")
    return Config(
        folder=path.parent,
        file=path,
        packs=tuple(body.get("packs", ())),
        params=body.get("params", {}),
        severity={name: Severity(word) for name, word in body.get("severity", {}).items()},
        disable=body.get("disable", {}),
        exclude=tuple(body.get("exclude", ())),
        workspace=terraform.get("workspace", ""),
        var_files=var_files,
        render=body.get("kubernetes", {}).get("render", True),
        charts=tuple(_charts(path.parent.resolve(), body)),
        fail_on=Severity(body.get("fail_on", Severity.MEDIUM)),
        only=body.get("only", ""),
    )


def _charts(folder: Path, body: Mapping[str, Any]) -> Iterator[tuple[Path, tuple[Path, ...], str, str]]:
    for name, said in body.get("kubernetes", {}).get("charts", {}).items():
        values = tuple(folder / file for file in said.get("values", ()))
        missing = [str(file) for file in (folder / name / "Chart.yaml", *values) if not file.is_file()]
        if missing:
            message = f"kubernetes.charts.{name} needs what is no file: {', '.join(missing)}"
            raise ConfigError(f"The configuration cannot be used:\n{message}", "Paths are relative to govscan.yaml.")
        yield folder / name, values, said.get("namespace", ""), said.get("release", "")
