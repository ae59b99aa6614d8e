"""The policy room: YAML files in, checked and compiled policies out.

A pack is a folder with `pack.yaml` and one `<id>.yaml` for each policy. The packs govscan ships are checked
by its own tests, so only the packs of others are held against the schema, and compiled as a whole, on every run.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from scanner import checked_yaml
from scanner.checked_yaml import Mistake
from scanner.errors import PolicyError
from scanner.model import Policy
from scanner.policy import _settings
from scanner.policy._build import build
from scanner.policy._examine import SCHEMA, Examined, check_schema, examine
from scanner.policy._settings import Settings
from scanner.policy._variables import RESOURCE, Vocabulary
from scanner.policy.memory import Memory

__all__ = [
    "PACK_SCHEMA",
    "RESOURCE",
    "SCHEMA",
    "Examined",
    "Memory",
    "Settings",
    "Vocabulary",
    "check_schema",
    "examine",
    "files",
    "find_pack",
    "load",
    "packs",
    "shipped",
]

PACK_SCHEMA = Path(__file__).with_name("pack.schema.json")


@cache
def shipped() -> Path:
    """The folder of the packs that come with govscan, in a checkout and installed."""
    package = Path(__file__).resolve().parent.parent
    installed = package / "packs"
    return installed if installed.is_dir() else package.parent / "policies"


def find_pack(name: str, base: Path) -> Path:
    """The folder of a pack: a shipped pack's name, or a path relative to `base`."""
    candidates = (shipped() / name, base / name)
    found = next((folder for folder in candidates if (folder / "pack.yaml").is_file()), None)
    if found is None:
        known = ", ".join(folder.name for folder in packs(shipped()))
        raise PolicyError(
            f"There is no pack '{name}': neither a shipped pack nor a folder with a pack.yaml.",
            f"Shipped packs: {known}. For your own pack give its folder, relative to govscan.yaml.",
        )
    return found


def packs(folder: Path) -> list[Path]:
    """The pack folders directly in a folder, sorted; the folder itself where it is a pack."""
    if (folder / "pack.yaml").is_file():
        return [folder]
    return sorted(path.parent for path in folder.glob("*/pack.yaml"))


def files(pack: Path) -> list[Path]:
    """The policy files of a pack, sorted."""
    return sorted(path for path in pack.glob("*.yaml") if path.name != "pack.yaml" and ".test" not in path.suffixes)


def load(
    folders: Sequence[Path],
    vocabulary: Vocabulary,
    settings: Settings,
    memory: Memory | None = None,
    *,
    trust_shipped: bool = True,
) -> tuple[Policy, ...]:
    """Every policy of the packs, compiled; those of shipped packs are compiled when they are first asked.

    Those that the settings disable are among them, marked. Raises one `PolicyError` that lists every mistake of all
    packs: schema, expressions, ids, parameters. What the memory knows is neither checked nor compiled again.
    """
    memory = memory or Memory()
    mistakes: list[Mistake] = []
    loaded = [
        policy
        for folder in folders
        for path in files(folder)
        for policy in _one(
            path, vocabulary, settings, mistakes, memory, trusted=trust_shipped and folder.is_relative_to(shipped())
        )
    ]
    mistakes += _twice(loaded)
    if mistakes:
        lines = "\n".join(map(str, mistakes))
        raise PolicyError(f"The policies cannot be used:\n{lines}", "Correct each line above and run again.")
    _settings.check(loaded, settings)
    return tuple(_settings.applied(policy, settings) for policy in loaded if _settings.wanted(policy, settings))


def _one(  # noqa: PLR0913  # one file, what it may name and what is known of it, and where to complain
    path: Path, vocabulary: Vocabulary, settings: Settings, mistakes: list[Mistake], memory: Memory, *, trusted: bool
) -> Iterator[Policy]:
    body = memory.body(path)
    trusted = trusted or body is not None
    if body is None:
        body, broken = checked_yaml.read(path)
        if not broken and not trusted:
            broken = check_schema(path, body)
        if broken:
            mistakes += broken
            return
        memory.learn(path, body)
    params = _settings.of(settings.params, (body["id"], *body.get("aliases", ()))) or {}
    policy = build(path, body, vocabulary, params, mistakes, memory, trusted=trusted)
    if policy:
        yield policy


def _twice(loaded: Sequence[Policy]) -> Iterator[Mistake]:
    """An id or alias that two policies claim."""
    owner: dict[str, Policy] = {}
    for policy in loaded:
        for name in (policy.id, *policy.aliases):
            other = owner.setdefault(name, policy)
            if other is not policy:
                yield Mistake(policy.path, 1, 1, f"the id '{name}' is taken by {other.path}")
