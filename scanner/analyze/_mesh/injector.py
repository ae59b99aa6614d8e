"""How Istio's injector is set up: whom its webhooks select, and its own configuration.

The configuration counts where the injector reads it, in its config map; else where an IstioOperator, a release of Flux
or an application of Argo CD asks for it.
Source: istio `pkg/kube/inject/inject.go` (`Config`), and the values and templates of the `istio-discovery` chart.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct, field

from scanner.bodies import at, items, mapping, text, written
from scanner.chart_values import as_mapping, parsed
from scanner.istio_settings import chart_values
from scanner.model import Citation, Path, Resource, Unknown, UnknownRead
from scanner.selectors import selects

DEFAULT_REVISION = "default"
REVISION_LABEL = "istio.io/rev"
TAG_LABEL = "istio.io/tag"
NEVER, ALWAYS, POLICY, BY_DEFAULT = (
    "neverInjectSelector",
    "alwaysInjectSelector",
    "policy",
    "enableNamespacesByDefault",
)
"""What decides, if it is the configuration."""

EVERY_PORT = "*"

_MAP = "istio-sidecar-injector"
_WEBHOOK = "sidecarInjectorWebhook"
PORTS = ("includeInboundPorts", "excludeInboundPorts")
_POLICY_IN_VALUES = ("global", "proxy", "autoInject")
_UNREADABLE = Unknown("the injector's configuration cannot be read")


class Injector(Struct, frozen=True):
    """A MutatingWebhookConfiguration that injects."""

    revision: str
    """Of the control plane that it asks, whose name or tag it serves."""
    live: bool
    """A cluster was asked rather than files read."""
    selectors: tuple[tuple[Any, Any], ...]
    """Of namespaces and of pods, for each of its webhooks; none where it shows no webhook."""

    def calls(self, namespace: Mapping[str, Any], pod: Mapping[str, Any]) -> bool:
        """Whether a pod is handed to it."""
        return any(selects(spaces, namespace) and selects(pods, pod) for spaces, pods in self.selectors)


class Redirected(Struct, frozen=True):
    """Which inbound ports are led to the sidecars of pods that do not say so themselves, as they are written."""

    included: str = EVERY_PORT
    excluded: str = ""


class Setup(Struct, frozen=True):
    """The configuration of one injector."""

    never: tuple[Any, ...] = ()
    always: tuple[Any, ...] = ()
    policy: str = "enabled"
    by_default: bool = False
    """Namespaces that say nothing are injected."""
    redirected: Redirected = Redirected()
    read: bool = False
    """It stands where the injector reads it."""
    broken: bool = False
    places: dict[str, Citation] = field(default_factory=dict)

    def same(self, other: Setup) -> bool:
        """Whether both lead to the same."""
        mine, theirs = ((one.never, one.always, one.policy, one.by_default, one.redirected) for one in (self, other))
        return mine == theirs

    def choice(self, pod: Mapping[str, Any]) -> tuple[bool, str]:
        """Whether a pod that says nothing of itself is injected, and what decides."""
        if self.broken:
            raise UnknownRead(_UNREADABLE)
        for name, selectors, injects in ((NEVER, self.never, False), (ALWAYS, self.always, True)):
            if any(mapping(one) and selects(one, pod) for one in selectors):
                return injects, name
        return self.policy == "enabled", POLICY


def injector(resource: Resource) -> tuple[str, Injector] | None:
    """The name that an injector serves, and the injector. `istioctl tag` makes one of its own for a tag."""
    labels = {} if isinstance(resource.tags, Unknown) else resource.tags
    known = {key: text(labels[key]) for key in (TAG_LABEL, REVISION_LABEL) if not isinstance(labels.get(key), Unknown)
             and key in labels}  # fmt: skip
    if not known:
        return None
    webhooks = [mapping(one) for one in items(at(resource.native, "webhooks"))]
    selectors = tuple((one.get("namespaceSelector"), one.get("objectSelector")) for one in webhooks)
    live = bool(text(at(resource.native, "metadata", "creationTimestamp")))
    served = known.get(TAG_LABEL) or known[REVISION_LABEL]
    return served, Injector(known.get(REVISION_LABEL, served), live, selectors)


def setups(resource: Resource) -> Iterator[tuple[str, Setup]]:
    """The revision of every injector that an object configures, and its configuration."""
    if resource.type == "kubernetes.config_map" and resource.name.startswith(_MAP):
        yield resource.name.removeprefix(_MAP).lstrip("-") or DEFAULT_REVISION, _of_map(resource)
    for path, revision in chart_values(resource.native_type, resource.native):
        values = as_mapping(at(resource.native, *path))
        yield revision or text(values.get("revision")) or DEFAULT_REVISION, _of_values(values, resource, path)


def _of_map(resource: Resource) -> Setup:
    config = parsed(text(at(resource.native, "data", "config")))
    values = as_mapping(text(at(resource.native, "data", "values")))
    if not isinstance(config, Mapping):
        return Setup(read=True, broken=True)
    config_place, values_place = (Citation(resource.origin, ("data", key)) for key in ("config", "values"))
    return Setup(
        tuple(items(config.get(NEVER))),
        tuple(items(config.get(ALWAYS))),
        text(config.get(POLICY)) or "enabled",
        at(values, _WEBHOOK, BY_DEFAULT) is True,
        _redirected(values),
        read=True,
        places={
            **dict.fromkeys((NEVER, ALWAYS, POLICY), config_place),
            **dict.fromkeys((BY_DEFAULT, *PORTS), values_place),
        },
    )


def _of_values(values: Mapping[Any, Any], resource: Resource, path: Path) -> Setup:
    webhook = mapping(values.get(_WEBHOOK))
    inner = {key: (_WEBHOOK, key) for key in (NEVER, ALWAYS, BY_DEFAULT)} | {POLICY: _POLICY_IN_VALUES}
    inner |= {key: ("global", "proxy", key) for key in PORTS}
    return Setup(
        tuple(items(webhook.get(NEVER))),
        tuple(items(webhook.get(ALWAYS))),
        text(at(values, *_POLICY_IN_VALUES)) or "enabled",
        webhook.get(BY_DEFAULT) is True,
        _redirected(values),
        places={
            key: Citation(resource.origin, written(resource.native, (*path, *rest))) for key, rest in inner.items()
        },
    )


def _redirected(values: Mapping[Any, Any]) -> Redirected:
    proxy = mapping(at(values, "global", "proxy"))
    included, excluded = (text(proxy.get(key)) for key in PORTS)
    return Redirected(included if PORTS[0] in proxy else EVERY_PORT, excluded)


def chosen(found: list[Setup], revision: str) -> Setup:
    """The configuration that counts among those of one revision."""
    read = [one for one in found if one.read] or found or [Setup()]
    if not all(read[0].same(other) for other in read):
        reason = f"{len(read)} objects configure the injector of revision '{revision}', each differently"
        raise UnknownRead(Unknown(reason))
    return read[0]
