"""Which files make a Terraform module, and in which of its forms each is written.

Beside plain `.tf` files there are JSON (`.tf.json`, which CDK for Terraform writes as `cdk.tf.json`), files for
OpenTofu alone (`.tofu`, `.tofu.json`; one hides the `.tf` file of the same name), and override files, which change what
the others declare. https://developer.hashicorp.com/terraform/language/files/override, https://opentofu.org/docs/language/files/
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from msgspec import Struct

from scanner.errors import LoadError
from scanner.load import _files
from scanner.load._files import Options

NATIVE = (".tf", ".tofu")
JSON = (".tf.json", ".tofu.json")
SUFFIXES = (*NATIVE, *JSON)
"""How the names of configuration files end."""

VARIABLES = (".tfvars", ".tfvars.json")


class Source(Struct, frozen=True):
    """A configuration file: its name in the module, where it really is, and what is in it."""

    name: str
    path: Path
    data: bytes


def is_configuration(name: str) -> bool:
    """Whether a file of this name is part of a module; editors' files and hidden ones are not."""
    return name.endswith(SUFFIXES) and not name.startswith((".", "#"))


def chosen(names: Iterable[str]) -> list[str]:
    """The configuration files that count, sorted, override files last: `.tofu` hides `.tf`."""
    found = {name for name in names if is_configuration(name)}
    found -= {name.replace(".tofu", ".tf") for name in found if name.endswith((".tofu", ".tofu.json"))}
    return sorted(found, key=lambda name: (is_override(name), name))


def is_override(name: str) -> bool:
    """Whether a file changes what others declare."""
    stem = _stem(name)
    return stem == "override" or stem.endswith("_override")


def is_plain(name: str) -> bool:
    """Whether the evaluator reads a file as Terraform does."""
    return name.endswith(".tf") and not is_override(name)


def files(folder: Path) -> list[Path]:
    """The configuration files of a folder, in the order of `chosen`; none of one that cannot be listed."""
    return [folder / name for name in chosen(_names(folder))]


def read(folder: Path, options: Options) -> Iterator[Source]:
    """The configuration files of a folder; without links that lead out of the boundary, and what cannot be read.

    The path of the folder itself is one without links.
    """
    from scanner.load._hcl.exponents import with_points  # noqa: PLC0415  # a parser that only configurations need

    boundary = _files.boundary(folder, options)
    for path in files(folder):
        real = _files.real(path) if path.is_symlink() else path
        if real.is_relative_to(boundary):
            with suppress(LoadError):
                data = _files.read(real, options).data
                yield Source(path.name, real, with_points(data) if path.name.endswith(NATIVE) else data)


def all_plain(folder: Path) -> bool:
    """Whether the evaluator reads a whole folder as Terraform does. It reads hidden files as well."""
    return all(is_plain(name) and is_configuration(name) for name in _names(folder) if name.endswith(SUFFIXES))


def variable_files(folder: Path) -> list[str]:
    """The variable files that Terraform reads by itself, in its order: a later one wins."""
    with os.scandir(folder) as entries:
        names = {entry.name for entry in entries if entry.name.endswith(VARIABLES) and entry.is_file()}
    own = [name for name in ("terraform.tfvars", "terraform.tfvars.json") if name in names]
    return own + sorted(name for name in names if name.endswith((".auto.tfvars", ".auto.tfvars.json")))


def _names(folder: Path) -> list[str]:
    try:
        return os.listdir(folder)  # noqa: PTH208  # pathlib makes an object of each, which takes longer
    except OSError:
        return []


def _stem(name: str) -> str:
    return name.removesuffix(".json").removesuffix(".tf").removesuffix(".tofu")
