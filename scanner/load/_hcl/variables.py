"""Which values the variables of a root module are given: by files, and by who runs Terraform.

https://developer.hashicorp.com/terraform/language/values/variables#variable-definition-precedence
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tree_sitter import Node  # noqa: TC002  # whoever imports this parses

from scanner.load import _files
from scanner.load._files import File, Options
from scanner.load._hcl.exponents import with_points
from scanner.load._hcl.forms import variable_files
from scanner.load._hcl.json_native import quoted
from scanner.load._hcl.layout import is_assignments
from scanner.load._hcl.modules import Module
from scanner.load._hcl.nodes import parse
from scanner.load._hcl.syntax import arguments
from scanner.patterns import regex

_WORKSPACE = regex(r"[\w.~%-]+")
_TEXTS = frozenset({"", "string", "number", "bool"})
"""Types whose values are written on a command line without quotes."""


def values(folder: Path, options: Options) -> Iterator[tuple[str, Any]]:
    """The variables that are given a value, and what is written for it; raises `LoadError` for a file not readable.

    An `Expression` in a file, what JSON makes of it in a file of JSON, a text on the command line. The last one counts.
    """
    for one in _given(folder, options):
        yield from _assignments(one, options) if isinstance(one, Path) else [one]


def are_valid(folder: Path, options: Options) -> bool:
    """Whether all variable files in the native syntax are as Terraform wants them; raises `LoadError` likewise."""
    files = (one for one in _given(folder, options) if isinstance(one, Path) and not one.name.endswith(".json"))
    return all(is_assignments(_parsed(_files.read(one, options))) for one in files)


def _given(folder: Path, options: Options) -> Iterator[Path | tuple[str, str]]:
    yield from (folder / name for name in variable_files(folder))
    yield from options.terraform.values


def _assignments(path: Path, options: Options) -> Iterator[tuple[str, Any]]:
    file = _files.read(path, options)
    if not path.name.endswith(".json"):
        yield from arguments(_parsed(file)).items()
    elif isinstance(file.json, dict):
        yield from file.json.items()


def _parsed(file: File) -> Node:
    return parse(with_points(file.data).decode(errors="replace"))


def written(module: Module, where: Path, options: Options, scratch: Path) -> list[str]:
    """The variable files for the evaluator, relative to where it sees the root module.

    There is one more in `scratch` for each variable that is given by itself.
    """
    given = [module.folder / name for name in variable_files(module.folder)]
    for number, one in enumerate(options.terraform.values):
        if isinstance(one, Path):
            given.append(one)
        elif text := _assignment(module, *one):
            given.append(scratch / f"{number}.tfvars")
            given[-1].write_text(text, encoding="utf-8")
    return [os.path.relpath(path, where) for path in given]


def _assignment(module: Module, name: str, value: str) -> str:
    """As Terraform reads `-var`: a text, or an expression where the variable's type is neither open nor simple."""
    block = module.blocks.get(("variable", name))
    if block is None:
        return ""
    kind = block.body.arguments.get("type")
    is_text = (kind.text.strip('"') if kind else "") in _TEXTS
    return f"{name} = {quoted(value).replace('${', '$${').replace('%{', '%%{') if is_text else value}\n"


def workspace(folder: Path, options: Options) -> str:
    """The workspace that is chosen, or that `terraform workspace select` wrote down; empty if nobody says."""
    try:
        chosen = (folder / ".terraform" / "environment").read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        chosen = ""
    return options.terraform.workspace or (chosen if _WORKSPACE.fullmatch(chosen) else "")
