"""Which files make a Terraform module, and in which of its forms each is written.

Beside plain `.tf` files there are JSON (`.tf.json`, which CDK for Terraform writes as `cdk.tf.json`), files for
OpenTofu alone (`.tofu`, `.tofu.json`; one hides the `.tf` file of the same name), and override files, which change what
the others declare. https://developer.hashicorp.com/terraform/language/files/override, https://opentofu.org/docs/language/files/
"""

from __future__ import annotations

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
    try:
        names = [path.name for path in folder.iterdir()]
    except OSError:
        return []
    return [folder / name for name in chosen(names)]


def read(folder: Path, options: Options) -> Iterator[Source]:
    """The configuration files of a folder; without links that lead out of the boundary, and what cannot be read."""
    boundary = _files.boundary(folder, options)
    for path in files(folder):
        real = _files.real(path)
        if real.is_relative_to(boundary):
            with suppress(LoadError):
                yield Source(path.name, real, _files.read(real, options).data)


def all_plain(folder: Path) -> bool:
    """Whether the evaluator reads a whole folder as Terraform does. It reads hidden files as well."""
    try:
        names = [path.name for path in folder.iterdir() if path.name.endswith(SUFFIXES)]
    except OSError:
        return True
    return all(is_plain(name) and is_configuration(name) for name in names)


def variable_files(folder: Path) -> list[str]:
    """The variable files that Terraform reads by itself, in its order: a later one wins."""
    names = {path.name for path in folder.iterdir() if path.is_file()}
    own = [name for name in ("terraform.tfvars", "terraform.tfvars.json") if name in names]
    return own + sorted(name for name in names if name.endswith((".auto.tfvars", ".auto.tfvars.json")))


def _stem(name: str) -> str:
    return name.removesuffix(".json").removesuffix(".tf").removesuffix(".tofu")
