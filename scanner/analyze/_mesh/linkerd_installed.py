"""How Linkerd is installed: what its own config map holds, or else what a release of its chart asks for.

Source: the values of the chart `linkerd-control-plane`, which it keeps in the config map `linkerd-config`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from scanner.analyze._guard import guarded
from scanner.bodies import at, text
from scanner.chart_values import as_mapping, values_of
from scanner.model import Inventory, Path, Resource, Unknown

_CONFIGURATION = "linkerd-config"
_CHARTS = frozenset({"linkerd-control-plane", "linkerd2"})
_OWN_DEFAULT = "all-unauthenticated"
_POLICY: Path = ("proxy", "defaultInboundPolicy")
_FORMER_POLICY: Path = ("policyController", "defaultAllowPolicy")


class Installation(Struct, frozen=True):
    """One installation."""

    resource: Resource
    path: Path
    """Where its values stand."""
    values: Mapping[Any, Any]

    @property
    def policy(self) -> str:
        """Whom pods let in that say nothing themselves."""
        return text(at(self.values, *_POLICY)) or text(at(self.values, *_FORMER_POLICY)) or _OWN_DEFAULT

    @property
    def ignored(self) -> str:
        """Inbound ports past the proxies of such pods, as they are written."""
        return text(at(self.values, "proxyInit", "ignoreInboundPorts"))


def installation(inventory: Inventory) -> Installation | None:
    """The installation in view, if there is one."""
    maps = [one for one in inventory.by_type("kubernetes.config_map") if one.name == _CONFIGURATION]
    found = [Installation(one, ("data", "values"), _values(one, ("data", "values"))) for one in maps]
    found += [
        Installation(one, path, _values(one, path)) for one in inventory.by_type("other") for path in _places(one)
    ]
    return next(iter(found), None)


def _values(one: Resource, path: Path) -> Mapping[Any, Any]:
    found = guarded(lambda: as_mapping(at(one.native, *path)))
    return {} if isinstance(found, Unknown) else found


def _places(one: Resource) -> list[Path]:
    found = guarded(lambda: list(values_of(one.native_type, one.native, _CHARTS)))
    return [] if isinstance(found, Unknown) else found
