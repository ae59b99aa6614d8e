"""From the words of a command to what the rooms are asked: the configuration, the packs, what paths are relative to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from scanner.cli._terraform import Value
    from scanner.config import Config
    from scanner.scan import Request


def pack_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--pack`, the same wherever packs may be chosen."""
    help_text = "Only this pack: a name or a folder. Repeatable."
    return click.option("--pack", "packs", multiple=True, metavar="PACK", help=help_text)(command)


def packs_argument(command: Callable[..., Any]) -> Callable[..., Any]:
    """`PACK...`; see `packs_named`."""
    return click.argument("packs", nargs=-1, required=True, metavar="PACK...")(command)


def config_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--config`, the same wherever a configuration applies."""
    file = click.Path(path_type=Path)
    return click.option("--config", "config_file", type=file, help="Use this govscan.yaml.")(command)


def config_of(targets: Sequence[str], given: Path | None = None) -> Config:
    """The configuration named, or the nearest one above the first target, or the defaults."""
    from scanner import config  # noqa: PLC0415  # --help needs no room

    start = _start(targets)
    path = given or config.find(start)
    return config.load(path) if path else config.Config(folder=start)


def request_of(  # noqa: PLR0913  # everything that the words of a command may say
    targets: tuple[str, ...],
    config: Config,
    packs: Sequence[str] = (),
    only: tuple[str, ...] = (),
    *,
    workspace: str = "",
    values: tuple[Value, ...] = (),
    render: bool = True,
) -> Request:
    """Everything a scan wants to know.

    Packs and a workspace named on the command line replace those of the configuration; variables win over its own.
    """
    from scanner import load  # noqa: PLC0415  # --help needs no room
    from scanner import policy as policies  # noqa: PLC0415  # likewise
    from scanner.scan import Request  # noqa: PLC0415  # likewise

    base = _base(_start(targets))
    named, wrong = policies.packs_of(config.file, config.packs) if config.file else ([], [])
    configured = named or policies.packs(policies.shipped())
    chosen = policies.find_packs(packs, Path.cwd()) or configured
    meant = [*policies.packs(policies.shipped()), *policies.packs(config.folder)] if wrong else []
    return Request(
        targets=targets,
        packs=tuple(chosen),
        options=load.Options(
            base=base,
            excludes=_excludes(config, base),
            terraform=load.Terraform(workspace or config.workspace, (*config.var_files, *values)),
            kubernetes=load.Kubernetes(render and config.render, tuple(load.Chart(*one) for one in config.charts)),
        ),
        settings=policies.Settings(
            params=config.params,
            only=tuple(name for names in only for name in names.split(",") if name),
            severity=config.severity,
            disable=config.disable,
            beside=tuple(pack for pack in (*configured, *meant) if pack not in chosen),
            file=config.file,
            wrong=tuple(wrong),
        ),
    )


def packs_named(names: Sequence[str]) -> list[Path]:
    """The packs that the arguments `PACK...` mean: folders, folders of packs, and names of shipped packs."""
    from scanner import policy as policies  # noqa: PLC0415  # --help needs no room

    folders = {name: policies.packs(Path(name)) for name in names}
    others = [name for name, found in folders.items() if not found]
    folders |= {name: [pack] for name, pack in zip(others, policies.find_packs(others, Path.cwd()), strict=True)}
    return list(dict.fromkeys(pack for found in folders.values() for pack in found))


def _start(targets: Sequence[str]) -> Path:
    """The folder of the first target; the working folder for standard input."""
    first = Path(targets[0] if targets[0] != "-" else ".").resolve()
    return first if first.is_dir() else first.parent


def _base(start: Path) -> Path:
    """What paths in reports are relative to: the repository's root, else the working folder, else the target's."""
    root = next((folder for folder in (start, *start.parents) if (folder / ".git").exists()), None)
    here = Path.cwd().resolve()
    return root or (here if start.is_relative_to(here) else start)


def _excludes(config: Config, base: Path) -> tuple[str, ...]:
    """The configuration's patterns, made relative to `base`."""
    folder = config.folder.resolve()
    if folder == base or not folder.is_relative_to(base):
        return config.exclude
    prefix = folder.relative_to(base).as_posix()
    return tuple(f"/{prefix}/{'' if '/' in one.rstrip('/') else '**/'}{one.lstrip('/')}" for one in config.exclude)
