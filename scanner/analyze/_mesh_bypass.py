"""Inbound ports that a sidecar does not guard, because an annotation of the pod leads their traffic around it.

A STRICT mode says nothing about such a port: whatever connects reaches the application as it is.
Sources: Istio's and Linkerd's references of resource annotations.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from scanner.bodies import at, items, text

Template = Mapping[str, Any]

EVERY_PORT = "*"

_INTERCEPTION = "sidecar.istio.io/interceptionMode"
_INCLUDE = "traffic.sidecar.istio.io/includeInboundPorts"
_EXCLUDE = "traffic.sidecar.istio.io/excludeInboundPorts"
_LINKERD_SKIP = "config.linkerd.io/skip-inbound-ports"


def bypassed_ports(template: Template) -> list[str]:
    """Ports past Istio's sidecar, in the order they are written."""
    annotations = template["annotations"]
    if text(annotations.get(_INTERCEPTION)).upper() == "NONE":
        return [EVERY_PORT]
    included = text(annotations.get(_INCLUDE)).strip() if _INCLUDE in annotations else EVERY_PORT
    if included == EVERY_PORT:  # only then Istio heeds the exceptions
        return _listed(text(annotations.get(_EXCLUDE)))
    if not included:
        return [EVERY_PORT]
    return [port for port in _declared(template["spec"]) if port not in _listed(included)]


def bypassing_annotation(template: Template) -> str:
    """The annotation that `bypassed_ports` goes by; empty where there is none."""
    return next((key for key in (_INTERCEPTION, _INCLUDE, _EXCLUDE) if key in template["annotations"]), "")


def skipped_by_linkerd(annotations: Mapping[str, Any]) -> list[str]:
    """Ports, or ranges such as `4000-4010`, past Linkerd's proxy."""
    return _listed(text(annotations.get(_LINKERD_SKIP)))


def _listed(words: str) -> list[str]:
    return [word.strip() for word in words.split(",") if word.strip()]


def _declared(spec: Any) -> Iterator[str]:
    for container in items(at(spec, "containers")):
        for port in items(at(container, "ports")):
            if number := text(at(port, "containerPort")):
                yield number
