"""The policy room: YAML files in, checked and compiled policies out.

The packs govscan ships are checked by its own tests, so only the packs of others are held against the schema, and
compiled as a whole, on every run.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from scanner import checked_yaml
from scanner.checked_yaml import Mistake
from scanner.errors import ConfigError, PolicyError
from scanner.model import Policy
from scanner.policy import _settings
from scanner.policy._build import build
from scanner.policy._examine import SCHEMA, Examined, check_schema, examine
from scanner.policy._packs import files, find_packs, packs, packs_of, shipped, strangers
from scanner.policy._settings import Settings, wrong_params
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
    "find_packs",
    "load",
    "mistakes",
    "packs",
    "packs_of",
    "shipped",
    "strangers",
    "wrong_params",
]

PACK_SCHEMA = Path(__file__).with_name("pack.schema.json")


def load(
    folders: Sequence[Path],
    vocabulary: Vocabulary,
    settings: Settings,
    memory: Memory | None = None,
    *,
    trust_shipped: bool = True,
) -> tuple[Policy, ...]:
    """Every policy of the packs, compiled; those of shipped packs are compiled when they are first asked.

    Those that the settings disable are among them, marked. Raises one error that lists every mistake of all packs
    (schema, expressions, ids) and of the settings. What the memory knows is neither checked nor compiled again.
    """
    loaded, mistakes = _loaded(folders, vocabulary, settings, memory or Memory(), trust_shipped=trust_shipped)
    if mistakes:
        raise _error(mistakes, settings)
    _settings.check_wanted(loaded, settings)
    return tuple(_settings.applied(policy, settings) for policy in loaded if _settings.wanted(policy, settings))


def mistakes(folders: Sequence[Path], vocabulary: Vocabulary) -> list[Mistake]:
    """Everything for which `load` would raise, without settings."""
    return _loaded(folders, vocabulary, Settings(), Memory(), trust_shipped=True)[1]


def _loaded(
    folders: Sequence[Path], vocabulary: Vocabulary, settings: Settings, memory: Memory, *, trust_shipped: bool
) -> tuple[list[Policy], list[Mistake]]:
    mistakes = [one for folder in folders if not folder.is_relative_to(shipped()) for one in strangers(folder)]
    paths = [(path, folder.is_relative_to(shipped())) for folder in folders for path in files(folder)]
    loaded = [
        policy
        for path, ours in paths
        for policy in _one(path, vocabulary, settings, mistakes, memory, trusted=trust_shipped and ours)
    ]
    mistakes += _twice(loaded)
    mistakes += _settings.mistakes(loaded, [path for path, _ in paths], settings)
    return loaded, mistakes


def _error(mistakes: Sequence[Mistake], settings: Settings) -> ConfigError | PolicyError:
    """First the packs in their order, then the settings in that of their lines."""
    chosen = sorted((one for one in mistakes if one.file == str(settings.file)), key=lambda one: (one.line, one.column))
    packed = [one for one in mistakes if one.file != str(settings.file)]
    lines, hint = "\n".join(map(str, [*packed, *chosen])), "Correct each line above and run again."
    if packed:
        return PolicyError(f"The policies cannot be used:\n{lines}", hint)
    return ConfigError(f"The configuration cannot be used:\n{lines}", hint)


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
    params = _settings.params(path, body, settings, mistakes)
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
