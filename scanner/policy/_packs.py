"""Where packs are: a folder with `pack.yaml` and one `<id>.yaml` for each policy."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path

from scanner import checked_yaml
from scanner.checked_yaml import Mistake
from scanner.errors import PolicyError

_NEITHER = "neither a shipped pack nor a folder with a pack.yaml"


@cache
def shipped() -> Path:
    """The folder of the packs that come with govscan, in a checkout and installed."""
    package = Path(__file__).resolve().parent.parent
    installed = package / "packs"
    return installed if installed.is_dir() else package.parent / "policies"


def find_packs(names: Sequence[str], base: Path) -> list[Path]:
    """The folder of each pack: a shipped pack's name, or a path relative to `base`.

    Raises one `PolicyError` for all that are nowhere.
    """
    found = {name: _folder(name, base) for name in names}
    missing = [name for name, folder in found.items() if folder is None]
    if missing:
        known = ", ".join(folder.name for folder in packs(shipped()))
        raise PolicyError(
            "\n".join(f"There is no pack '{name}': {_NEITHER}{_guess(name, base) or '.'}" for name in missing),
            f"Shipped packs: {known}. For your own pack give its folder, relative to govscan.yaml.",
        )
    return [folder for folder in found.values() if folder is not None]


def packs_of(file: Path, names: Sequence[str]) -> tuple[list[Path], list[Mistake]]:
    """The packs under `packs` in a govscan.yaml, and a mistake for each name that means none."""
    found = {number: _folder(name, file.parent) for number, name in enumerate(names)}
    wrong = (
        (("packs", number), f"there is no pack '{names[number]}': {_NEITHER}{_guess(names[number], file.parent)}")
        for number, folder in found.items()
        if folder is None
    )
    return [folder for folder in found.values() if folder is not None], checked_yaml.mistakes(file, wrong)


def packs(folder: Path) -> list[Path]:
    """The pack folders directly in a folder, sorted; the folder itself where it is a pack."""
    if (folder / "pack.yaml").is_file():
        return [folder]
    return sorted(path.parent for path in folder.glob("*/pack.yaml"))


def files(pack: Path) -> list[Path]:
    """The policy files of a pack, sorted."""
    try:
        names = os.listdir(pack)  # noqa: PTH208  # `glob` takes ten times as long, and every scan asks
    except OSError:
        return []
    chosen = (name for name in names if name.endswith(".yaml") and name != "pack.yaml" and ".test." not in name[1:])
    return sorted(pack / name for name in chosen)


def strangers(pack: Path) -> list[Mistake]:
    """Files that look like policies, and would not be read."""
    ends = (".yml", ".yaml")
    try:
        names = sorted(name for name in os.listdir(pack) if name.lower().endswith(ends) and not name.endswith(".yaml"))  # noqa: PTH208  # likewise
    except OSError:
        return []
    told = "is not read: a policy's file, its cases and pack.yaml end in .yaml; rename it"
    return [Mistake(str(pack / name), 1, 1, told) for name in names]


def _folder(name: str, base: Path) -> Path | None:
    with suppress(OSError):  # a name may be too long for a path, or lead where nobody may look
        return next((one for one in (shipped() / name, base / name) if (one / "pack.yaml").is_file()), None)
    return None


def _guess(name: str, base: Path) -> str:
    """The pack that was perhaps meant: a shipped one, or one beside the folder that is not there."""
    with suppress(OSError, ValueError):
        if (base / name).is_file():
            return "; give the folder that the file is in"
    known = {folder.name for folder in packs(shipped())}
    parent = name[: name.rstrip("/").rfind("/") + 1]
    with suppress(OSError, ValueError):
        known |= {f"{parent}{path.parent.name}" for path in (base / parent).glob("*/pack.yaml")}
    return checked_yaml.nearest(name, known)
