"""What an organization chose for its packs, by policy id. A former id (an alias) is as good as the present one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from msgspec import Struct, field
from msgspec.structs import replace

from scanner import checked_yaml
from scanner.errors import PolicyError
from scanner.model import Policy, Severity

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


def check(loaded: Sequence[Policy], settings: Settings) -> None:
    """Ids that the organization wrote must exist; the message offers the nearest. Raises `PolicyError`."""
    known = {name for policy in loaded for name in (policy.id, *policy.aliases)}
    missing = [name for name in _named(settings) if name not in known]
    elsewhere = set(_names_in(settings.beside)) if missing else set()
    strange = [name for name in missing if name not in elsewhere] + [one for one in settings.only if one not in known]
    if strange:
        import difflib  # noqa: PLC0415  # only a mistake needs it

        near = difflib.get_close_matches(strange[0], sorted(known | elsewhere), n=1)
        raise PolicyError(
            f"There is no policy '{strange[0]}' in the chosen packs.",
            f"Did you mean '{near[0]}'?" if near else "See all of them with: govscan policy list",
        )


def _named(settings: Settings) -> Iterator[str]:
    for choices in (settings.params, settings.severity, settings.disable):
        yield from choices


def _names_in(packs: Sequence[Path]) -> Iterator[str]:
    """Every id and alias of packs that are not loaded; what is wrong with them is not this run's concern."""
    for pack in packs:
        for path in pack.glob("*.yaml"):
            body, _ = checked_yaml.read(path)
            yield path.stem
            if isinstance(body, Mapping) and isinstance(body.get("aliases"), list):
                yield from map(str, body["aliases"])
