"""Inbound ports that no proxy guards, because the pod or the installation leads their traffic around it.

A STRICT mode says nothing about such a port: whatever connects reaches the application as it is. What a pod says counts
before the installation, and of two annotations the one that is about a single setting before `proxy.istio.io/config`.
Sources: Istio's and Linkerd's references of resource annotations; the template of Istio's injector (`istio-init`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

from scanner.analyze._mesh.injector import EVERY_PORT, PORTS, Redirected
from scanner.bodies import at, items, listed, text
from scanner.chart_values import as_mapping
from scanner.model import Citation

Template = Mapping[str, Any]

INTERCEPTION = "interceptionMode"
_MODE = f"sidecar.istio.io/{INTERCEPTION}"
_PROXY = "proxy.istio.io/config"
_INCLUDE, _EXCLUDE = (f"traffic.sidecar.istio.io/{setting}" for setting in PORTS)
_INTERFACES = "traffic.sidecar.istio.io/excludeInterfaces"
_AMBIENT = "ambient.istio.io/bypass-inbound-capture"
_NOTES = (_MODE, _PROXY, _INTERFACES, _INCLUDE, _EXCLUDE)
LINKERD_SKIP = "config.linkerd.io/skip-inbound-ports"


class Defaults(Struct, frozen=True):
    """What the installation says of pods that do not say it themselves."""

    mode: str = ""
    redirected: Redirected = Redirected()
    places: Mapping[str, Citation] = {}
    """Where each setting is written."""


def bypassed_ports(template: Template, defaults: Defaults) -> list[str]:
    """Ports past Istio's sidecar, in the order they are written."""
    notes = template["annotations"]
    if _mode(notes, defaults) == "NONE" or listed(text(notes.get(_INTERFACES))):
        return [EVERY_PORT]
    included = text(notes.get(_INCLUDE, defaults.redirected.included)).strip()
    if included == EVERY_PORT:  # only then Istio heeds the exceptions
        return listed(text(notes.get(_EXCLUDE, defaults.redirected.excluded)))
    if not included:
        return [EVERY_PORT]
    return [port for port in _declared(template["spec"]) if port not in listed(included)]


def _mode(notes: Mapping[str, Any], defaults: Defaults) -> str:
    own = text(as_mapping(text(notes.get(_PROXY))).get(INTERCEPTION))
    return text(notes.get(_MODE, own or defaults.mode)).upper()


def bypassing_annotation(template: Template, *, ambient: bool) -> str:
    """The annotation that a pod's ports go past the mesh by; empty where there is none."""
    notes = template["annotations"]
    if ambient:
        return _AMBIENT if _AMBIENT in notes else ""
    return next((key for key in _NOTES if key in notes and (key != _PROXY or INTERCEPTION in text(notes[key]))), "")


def bypassing_default(defaults: Defaults) -> Citation | None:
    """Where the installation says what `bypassed_ports` goes by, if no pod does."""
    of_ports = PORTS[0] if defaults.redirected.included != EVERY_PORT else PORTS[1]
    return defaults.places.get(INTERCEPTION if defaults.mode.upper() == "NONE" else of_ports)


def past_ztunnel(template: Template) -> bool:
    """Whether connections that are not encrypted by the mesh reach a pod in ambient mode as they are."""
    return text(template["annotations"].get(_AMBIENT)) == "true"


def skipped_by_linkerd(annotations: Mapping[str, Any], spec: Any, ignored: str) -> list[str]:
    """Ports, or ranges such as `4000-4010`, past Linkerd's proxy.

    What the installation ignores for pods that say nothing is only of interest where they have such a port: Linkerd's
    own default is about a database.
    """
    if LINKERD_SKIP in annotations:
        return listed(text(annotations[LINKERD_SKIP]))
    return [port for port in _declared(spec) if any(_is_within(port, words) for words in listed(ignored))]


def _is_within(port: str, words: str) -> bool:
    first, _, last = words.partition("-")
    bounds = first.strip(), (last or first).strip()
    return all(bound.isdecimal() for bound in (port, *bounds)) and int(bounds[0]) <= int(port) <= int(bounds[1])


def _declared(spec: Any) -> Iterator[str]:
    """Of containers that run beside each other, of which a sidecar may stand among those of the start."""
    started = [one for one in items(at(spec, "initContainers")) if at(one, "restartPolicy") == "Always"]
    for container in (*items(at(spec, "containers")), *started):
        for port in items(at(container, "ports")):
            if number := text(at(port, "containerPort")):
                yield number
