"""What an organization chose for its packs, by policy id. A former id (an alias) is as good as the present one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from msgspec import Struct, field
from msgspec.structs import replace

from scanner import checked_yaml
from scanner.checked_yaml import Mistake
from scanner.errors import PolicyError
from scanner.model import Path as BodyPath
from scanner.model import Policy, Severity
from scanner.policy import _variables
from scanner.policy._packs import files, packs, shipped

T = TypeVar("T")


class Settings(Struct, frozen=True):
    """What an organization chose for a set of packs."""

    params: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Policy id to parameter name to value; replaces the policy's default."""
    only: tuple[str, ...] = ()
    """Ids (or aliases) of the only policies wanted; empty for all."""
    severity: Mapping[str, Severity] = field(default_factory=dict)
    """Policy id to the severity it has here."""
    disable: Mapping[str, str] = field(default_factory=dict)
    """Policy id to the reason why it is not asked here."""
    beside: tuple[Path, ...] = ()
    """Packs that this run leaves out, but whose policies the settings may speak of."""
    file: Path | None = None
    """The govscan.yaml that says so; None where no file does."""
    wrong: tuple[Mistake, ...] = ()
    """What the file says of packs that are nowhere."""


def of(choices: Mapping[str, T], names: Sequence[str]) -> T | None:
    """What was chosen for a policy, under any of its names."""
    return next((choices[name] for name in names if name in choices), None)


def applied(policy: Policy, settings: Settings) -> Policy:
    """The policy with the organization's severity, and marked where it is disabled."""
    names = (policy.id, *policy.aliases)
    severity, reason = of(settings.severity, names), of(settings.disable, names)
    if severity is None and reason is None:
        return policy
    return replace(policy, severity=severity or policy.severity, disabled=reason or "")


def wanted(policy: Policy, settings: Settings) -> bool:
    """Whether this run was asked for the policy."""
    return not settings.only or not {policy.id, *policy.aliases}.isdisjoint(settings.only)


def params(path: Path, body: Mapping[str, Any], settings: Settings, mistakes: list[Mistake]) -> dict[str, Any]:
    """The defaults of a policy file with the organization's values, which must exist and have the default's type."""
    params = dict(body.get("params", {}))
    names = (body["id"], *body.get("aliases", ()))
    policy = next((name for name in names if name in settings.params), None)
    if policy is None:
        return params
    given = settings.params[policy]
    wrong = dict(wrong_params(policy, given, params))
    places: list[tuple[BodyPath, str]] = [(("params", policy, name), message) for name, message in wrong.items()]
    mistakes += checked_yaml.mistakes(settings.file or path, places) if places else ()
    return params | {name: value for name, value in given.items() if name not in wrong}


def wrong_params(policy: str, given: Mapping[str, Any], defaults: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Each parameter that the policy does not have, or not of this type, and a sentence about it."""
    for name, value in given.items():
        told = _wrong_with(name, value, defaults)
        if told:
            yield name, f"the policy {policy} {told}"


def _wrong_with(name: str, value: Any, defaults: Mapping[str, Any]) -> str:
    """What is wrong with a parameter, for a sentence that begins with the policy; empty where nothing is."""
    if name not in defaults:
        guess = checked_yaml.nearest(str(name), defaults) or f"; it has: {', '.join(defaults) or 'none'}"
        return f"has no parameter '{name}'{guess}"
    given, wanted = _variables.cel_type(value), _variables.cel_type(defaults[name])
    return "" if given == wanted or value == [] else f"needs {wanted} as parameter '{name}', not {given}"


def mistakes(loaded: Sequence[Policy], paths: Sequence[Path], settings: Settings) -> list[Mistake]:
    """Packs and ids that the organization wrote must exist. `paths` are the policy files, broken ones among them."""
    known = {name for policy in loaded for name in (policy.id, *policy.aliases)}
    missing = [where for where in _named(settings) if where[1] not in known]
    if missing:
        known |= {*_names_in(paths), *_names_in(path for pack in settings.beside for path in files(pack))}
    told = [
        (where, f"there is no policy '{where[1]}'{_guess(where[1], known)}")
        for where in missing
        if where[1] not in known
    ]
    told += _twice(loaded, settings)
    return [*settings.wrong, *checked_yaml.mistakes(settings.file or Path("settings"), told)]


def _twice(loaded: Sequence[Policy], settings: Settings) -> Iterator[tuple[tuple[str, str], str]]:
    """Choices for a policy under two of its names, of which only one could count."""
    ids = {name: policy.id for policy in loaded for name in (policy.id, *policy.aliases)}
    first: dict[tuple[str, str], str] = {}
    for key, name in _named(settings):
        other = first.setdefault((key, ids.get(name, name)), name)
        if other != name:
            yield (key, name), f"'{name}' is the same policy as '{other}', which stands here already"


def _guess(name: str, known: Collection[str]) -> str:
    """Where a policy is that is not in the chosen packs, or which of those was perhaps meant."""
    owner = next((pack.name for pack in packs(shipped()) for path in files(pack) if path.stem == name), None)
    return (
        f" in the chosen packs; it is in the pack '{owner}'"
        if owner
        else f" in the chosen packs{checked_yaml.nearest(name, known)}"
    )


def check_wanted(loaded: Sequence[Policy], settings: Settings) -> None:
    """The only policies wanted must exist. Raises `PolicyError`."""
    known = {name for policy in loaded for name in (policy.id, *policy.aliases)}
    strange = [name for name in dict.fromkeys(settings.only) if name not in known]
    if strange:
        told = [f"There is no policy '{name}'{_guess(name, known)}" for name in strange]
        raise PolicyError(
            "\n".join(f"{one}{'' if one.endswith('?') else '.'}" for one in told),
            "See all of them with: govscan policy list",
        )


def _named(settings: Settings) -> Iterator[tuple[str, str]]:
    """Where the file names a policy."""
    for key, choices in (("params", settings.params), ("severity", settings.severity), ("disable", settings.disable)):
        yield from ((key, name) for name in choices)


def _names_in(paths: Iterable[Path]) -> Iterator[str]:
    """Every id and alias in policy files that are not loaded. What is wrong with the files is no matter here."""
    for path in paths:
        body, _ = checked_yaml.read(path)
        yield path.stem
        if isinstance(body, Mapping) and isinstance(body.get("aliases"), list):
            yield from map(str, body["aliases"])
